"""Whether the text that a feed gives for an item is the article, or only an invitation to read it."""

import re
from dataclasses import dataclass

from bot.models import BodyFormat
from bot.sources.markup import blocks_of, is_markup

WHOLE_TEXT_LENGTH = 1_200
"""A text this long is taken for the text itself, whatever its ending."""
TEASER_LENGTH = 400
"""One block shorter than this is taken for a teaser: a page fetched in vain costs less than half an article posted."""
_LONG_MARKUP = 20_000
_LONG_FULL_TEXT = 4_000
_LONG_START = 3_000

_TAG = re.compile(r"<[^<>]*>")
_NO_WORDS = ("<script", "<style", "<!--", "&nbsp;")
_SPACES = (" ", "\n", "\t", "\r", "\xa0")
_CUT = re.compile(r"(?:\u2026|\.\.\.|[\[(](?:\u2026|\.\.\.)[\])])\s*[»\"”]?\s*$")
_MORE = re.compile(
    r"(?:read (?:the )?(?:more|full (?:story|article|post)|rest|on)|continue reading|keep reading|learn more|"
    r"more\s*[»›→>]+|full (?:story|article)|lire (?:la suite|plus|l['’]article|davantage)|la suite\b|"
    r"en savoir (?:plus|\+)|suite de l['’]article|continuer (?:la lecture|à lire)|poursuivre la lecture|"
    r"voir l['’]article|weiterlesen|mehr lesen|leer más|lees meer)[^.!?\n]{0,120}[.\s»›→>\]]*$",
    re.IGNORECASE,
)
_SYNDICATED = re.compile(
    r"^(?:the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|(?:l['’]article|cet article|le billet) "
    r".{1,300} (?:est apparu en premier sur|est apparu d['’]abord sur) .{1,200})$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Text:
    """A text construct: what it says and what it is written in.

    `full` when its format says that it is the whole; `base` when it says what its relative addresses stand against.
    """

    value: str
    format: BodyFormat
    full: bool = False
    base: str | None = None


def text_of(value: str, kind: str | None, *, full: bool, base: str | None = None) -> Text:
    """A text by what its feed calls it ("html", "text/plain"); where it says nothing, by what it looks like."""
    kind = (kind or "").lower()
    if kind in ("text", "plain", "text/plain"):
        return Text(value, BodyFormat.TEXT, full, base)
    if "html" in kind or is_markup(value):
        return Text(value, BodyFormat.HTML, full, base)
    return Text(value, BodyFormat.TEXT, full, base)


def is_teaser(text: Text) -> bool:
    """Whether `text` is only an invitation to read on.

    A text that breaks off or ends in "read more" is one. A format's own "full content" is believed otherwise. A bare
    description may be all that a small feed gives: it is a teaser when it is one short block, and the text itself
    when it has paragraphs or length.
    """
    if len(text.value) > (_LONG_FULL_TEXT if text.full else _LONG_MARKUP) or _is_plainly_long(text.value):
        return False
    blocks = blocks_of(text.value)
    while blocks and _SYNDICATED.match(blocks[-1]):
        blocks.pop()
    length = sum(map(len, blocks))
    if not blocks:
        return "<img" not in text.value or not text.full
    ending = blocks[-1]
    if length < WHOLE_TEXT_LENGTH and (_CUT.search(ending) or _MORE.search(ending)):
        return True
    return not text.full and length < TEASER_LENGTH and len(blocks) < 3


def _is_plainly_long(value: str) -> bool:
    """Whether the beginning alone holds a whole text, which saves looking at every tag and at the ending."""
    start = value[:_LONG_START].lower()
    if len(start) < _LONG_START or any(mark in start for mark in _NO_WORDS):
        return False
    words = _TAG.sub("", start)
    return len(words) - sum(map(words.count, _SPACES)) > WHOLE_TEXT_LENGTH
