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

_MARK = r"(?P<mark>[0-9a-f]{16}(?:\.[0-9]{1,4})?)"
PASSAGE = re.compile(rf"cc1:k:{_ARTICLE}:{_PAGE}:{_MARK}")
REVIEW = re.compile(rf"cc1:r:{_ARTICLE}:{_PAGE}")
SAVE = re.compile(rf"cc1:rs:{_ARTICLE}")
CANCEL = re.compile(rf"cc1:rc:{_ARTICLE}")
INSTEAD = re.compile(r"cc1:i:(?P<subscription>[0-9]{1,18})")
"""A choice of feeds, each the value of an option, to follow instead of this subscription's."""

SOURCES = re.compile(rf"cc1:l:{_PAGE}")
"""A page of the list of a server's sources."""

CHANGES = re.compile(rf"cc1:d:{_ARTICLE}:{_PAGE}")

OPEN_ID = "cc1:o"
OPEN = re.compile(OPEN_ID)
"""A choice of articles, each the id that is the value of an option."""

EVERY = (SECTION, COMPARE, ARTICLE, CHANGES, OPEN, PASSAGE, REVIEW, SAVE, CANCEL, INSTEAD, SOURCES)

_KIND = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of an article's answer, as a button asks for it. Pages count from 0; `kind` is for sections only, `mark`
    for passages."""

    article_id: int
    page: int
    kind: str | None = None
    mark: str | None = None


def has_button(kind: str) -> bool:
    """Whether a section of this kind can have a button at all."""
    return _KIND.fullmatch(kind) is not None


def is_known(custom_id: str) -> bool:
    """Whether there is anything that still answers it."""
    return any(template.fullmatch(custom_id) for template in EVERY)


def section_id(article_id: int, kind: str, page: int = 0) -> str:
    return _checked(SECTION, f"cc1:s:{article_id}:{kind}:{page}")


def compare_id(article_id: int, page: int = 0) -> str:
    return _checked(COMPARE, f"cc1:c:{article_id}:{page}")


def article_id(number: int, page: int = 0) -> str:
    return _checked(ARTICLE, f"cc1:a:{number}:{page}")


def passage_id(number: int, page: int, mark: str) -> str:
    return _checked(PASSAGE, f"cc1:k:{number}:{page}:{mark}")


def review_id(number: int, page: int = 0) -> str:
    return _checked(REVIEW, f"cc1:r:{number}:{page}")


def changes_id(number: int, page: int = 0) -> str:
    return _checked(CHANGES, f"cc1:d:{number}:{page}")


def save_id(number: int) -> str:
    return _checked(SAVE, f"cc1:rs:{number}")


def cancel_id(number: int) -> str:
    return _checked(CANCEL, f"cc1:rc:{number}")


def sources_id(page: int) -> str:
    return _checked(SOURCES, f"cc1:l:{page}")


def instead_id(subscription_id: int) -> str:
    return _checked(INSTEAD, f"cc1:i:{subscription_id}")


def opened(value: str) -> int:
    """The article that was chosen; 0, which none has, for a value that was never offered."""
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0


def parse(match: re.Match[str]) -> Turn:
    parts = match.groupdict()
    return Turn(int(match["article"]), int(parts.get("page") or 0), parts.get("kind"), parts.get("mark"))


def _checked(template: re.Pattern[str], custom_id: str) -> str:
    if template.fullmatch(custom_id) is None:
        raise ValueError(f"no button can carry {custom_id!r}")
    return custom_id
