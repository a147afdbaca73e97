"""How each kind of section looks and is called. Pure.

A community may add perspectives of its own: those have a neutral face, and their own name until a catalogue names them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from babel.lists import format_list

from bot.locales import Words
from bot.messages.cutting import cut
from bot.models import PERSPECTIVES, Kind

BRAND = 0xE3A72F
"""Cheese curds, lightly browned."""


@dataclass(frozen=True, slots=True)
class Face:
    emoji: str
    colour: int


_FACES = {
    Kind.SUMMARY: Face("📰", BRAND),
    Kind.NEUTRAL: Face("⚖️", 0x6B8FA8),
    Kind.ANALOGY: Face("🍟", 0xB5702A),
    Kind.OPTIMISTIC: Face("🌞", 0xF2C230),
    Kind.PESSIMISTIC: Face("🌧️", 0x55617A),
}
_OWN = Face("💬", 0x7D6BA8)

COMPARE_EMOJI = "🔀"
ARTICLE_EMOJI = "📖"


def face(kind: str) -> Face:
    return next((known for name, known in _FACES.items() if name == kind), _OWN)


def short_name(kind: str, words: Words) -> str:
    """As buttons and lists say it: "Optimiste"."""
    return words(key) if words.has(key := f"kind.{kind}.short") else _own_name(kind)


def long_name(kind: str, words: Words) -> str:
    """As headings say it: "Point de vue optimiste"."""
    return words(key) if words.has(key := f"kind.{kind}") else _own_name(kind)


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """The order of buttons, the same on every card: perspectives, the poutine, then a community's own."""
    present = dict.fromkeys(kinds)
    shipped = [kind.value for kind in (*PERSPECTIVES, Kind.ANALOGY) if kind in present]
    return (*shipped, *(kind for kind in present if kind not in shipped))


def names(kinds: Iterable[str], words: Words) -> str:
    """The kinds as a phrase: "Neutre, Optimiste et Poutine"."""
    return format_list([short_name(kind, words) for kind in in_order(kinds)], locale=words.language)


def _own_name(kind: str) -> str:
    name = cut(kind.replace("-", " "), 40)
    return name[:1].upper() + name[1:]
