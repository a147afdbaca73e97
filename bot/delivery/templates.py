"""Text with placeholders, as moderators write it: names in braces are replaced, and nothing else happens. Pure.

No format specifiers, no attributes, no calls: a template can say what an article is, and nothing about the bot.
"""

import re
from collections.abc import Callable, Mapping

NAMES = ("title", "author", "source", "date", "language", "url")

_ALSO = {"titre": "title", "auteur": "author", "langue": "language", "adresse": "url"}
"""The same in French, where they differ."""

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


def unknown_placeholders(template: str) -> tuple[str, ...]:
    """The names in braces that mean nothing, as they were written."""
    return tuple(name for name in _PLACEHOLDER.findall(template) if _known(name) is None)


def fill(template: str, values: Mapping[str, str], room: int, size: Callable[[str], int] = len) -> str:
    """The template with its values, in at most `room` by `size`.

    A value that does not fit any more is left out whole, since the end of an escaped text may be half a link.
    """
    pieces = _PLACEHOLDER.split(template)
    left = room - sum(size(piece) for piece in pieces[::2])
    for index in range(1, len(pieces), 2):
        value = values.get(_known(pieces[index]) or "", "")
        pieces[index] = value if size(value) <= left else ""
        left -= size(pieces[index])
    return "".join(pieces).strip()


def _known(name: str) -> str | None:
    name = name.strip().casefold()
    name = _ALSO.get(name, name)
    return name if name in NAMES else None
