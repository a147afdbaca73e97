"""How each kind of section looks and is called. Pure.

The lexicons say it (`articles.lenses`), a community's own perspectives included. A kind that no lexicon has any more
keeps its buttons: it has a neutral face, and its own spelling as a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from babel.lists import format_list

from bot.articles.lenses import added_kinds, lens
from bot.locales import Words
from bot.messages.cutting import cut
from bot.models import PERSPECTIVES, Kind

BRAND = 0xE3A72F
"""Cheese curds, lightly browned."""

RETRACTED = 0x8A8A8A
"""Cold."""


@dataclass(frozen=True, slots=True)
class Face:
    emoji: str
    colour: int


_PLAIN = Face("💬", 0x7D6BA8)

COMPARE_EMOJI = "🔀"
ARTICLE_EMOJI = "📖"
CHANGES_EMOJI = "📝"


def face(kind: str) -> Face:
    known = lens(kind)
    if known is None:
        return _PLAIN
    return Face(known.emoji or _PLAIN.emoji, _PLAIN.colour if known.colour is None else known.colour)


def short_name(kind: str, words: Words) -> str:
    """As buttons and lists say it: "Optimiste"."""
    known = lens(kind)
    return known.short(words.language) if known else _own_name(kind, words)


def long_name(kind: str, words: Words) -> str:
    """As headings say it: "Point de vue optimiste"."""
    known = lens(kind)
    return known.name(words.language) if known else _own_name(kind, words)


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """The order of buttons, the same on every card: perspectives, the poutine, then a community's own."""
    present = dict.fromkeys(kinds)
    shipped = [kind.value for kind in (*PERSPECTIVES, Kind.ANALOGY) if kind in present]
    return (*shipped, *(kind for kind in present if kind not in shipped))


def names(kinds: Iterable[str], words: Words) -> str:
    """The kinds as a phrase: "Neutre, Optimiste et Poutine"."""
    return format_list([short_name(kind, words) for kind in in_order(kinds)], locale=words.language)


def own_perspectives() -> tuple[str, ...]:
    """Those that the community added, in the order of its files."""
    return added_kinds()


def is_perspective(kind: str) -> bool:
    """Whether it is a view of the whole matter, to be compared with others: all but the poutine and the plain text."""
    return kind not in (Kind.ANALOGY, Kind.SUMMARY, Kind.OTHER)


def _own_name(kind: str, words: Words) -> str:
    if kind == Kind.OTHER:
        return words("kind.other")
    name = cut(kind.replace("-", " "), 40)
    return name[:1].upper() + name[1:]
