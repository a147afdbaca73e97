"""What a button remembers, in the hundred characters that Discord gives it. Pure.

A button must work on any message ever posted, so nothing here changes meaning: a new meaning takes a new version.
"""

import re
from dataclasses import dataclass

_ARTICLE = r"(?P<article>[0-9]{1,18})"
_PAGE = r"(?P<page>[0-9]{1,4})"

SECTION = re.compile(rf"cc1:s:{_ARTICLE}:(?P<kind>[a-z0-9-]{{1,32}}):{_PAGE}")
COMPARE = re.compile(rf"cc1:c:{_ARTICLE}:{_PAGE}")
ARTICLE = re.compile(rf"cc1:a:{_ARTICLE}:{_PAGE}")

_KIND = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of an article's answer, as a button asks for it. Pages count from 0; `kind` is for sections only."""

    article_id: int
    page: int
    kind: str | None = None


def has_button(kind: str) -> bool:
    """Whether a section of this kind can have a button at all."""
    return _KIND.fullmatch(kind) is not None


def section_id(article_id: int, kind: str, page: int = 0) -> str:
    return _checked(SECTION, f"cc1:s:{article_id}:{kind}:{page}")


def compare_id(article_id: int, page: int = 0) -> str:
    return _checked(COMPARE, f"cc1:c:{article_id}:{page}")


def article_id(number: int, page: int = 0) -> str:
    return _checked(ARTICLE, f"cc1:a:{number}:{page}")


def parse(match: re.Match[str]) -> Turn:
    return Turn(int(match["article"]), int(match["page"]), match.groupdict().get("kind"))


def _checked(template: re.Pattern[str], custom_id: str) -> str:
    if template.fullmatch(custom_id) is None:
        raise ValueError(f"no button can carry {custom_id!r}")
    return custom_id
