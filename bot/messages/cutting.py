"""Where a text may be cut: after a sentence, else between words, else between two characters as a reader sees them.

Pure. Offsets are those of `str`; a cut at `n` keeps `text[:n]`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from bot.messages.limits import size

ELLIPSIS = "…"

_END = re.compile(r"[.!?…]+(?:\s?»|[”\"’')\]])*(?=\s|$)")
_WORD_END = re.compile(r"(?<=[^\s\u00a0\u202f])(?=[^\S\u00a0\u202f])|$")
"""Non-breaking spaces bind: « mot », 18 %."""

_BREAKING_SPACE = re.compile(r"[^\S\u00a0\u202f]+")

_SHORTENED = """
m mm mme mlle dr dre drs me mgr st ste sts pr prof cf p pp ex éd ed vol art al no nos env av apr boul tél hon c.-à-d
p.-d.g janv févr avr juill déc
mr mrs ms jr sr vs e.g i.e eg ie inc ltd co corp fig gen gov sen rep approx dept est u.s u.k a.m p.m
jan feb mar apr jun jul aug sept sep oct nov dec
"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
"""French, then English, without their last dot."""
_INITIAL = re.compile(r"(?:^|[\s\u00a0(«“-])([A-ZÀ-Ý]|[A-ZÀ-Ý](?:\.-?[A-ZÀ-Ý])+)\.$")
_LAST_WORD = re.compile(r"[^\s\u00a0\u202f(«“\"’']+$")

_ZWJ = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)


def sentence_ends(text: str) -> list[int]:
    """Offsets just after each sentence, closing quotes included; abbreviations and initials end none."""
    return [match.end() for match in _END.finditer(text) if _ends_sentence(text, match)]


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 40].lstrip()[:1]
    if not following:
        return True
    if following.islower() or following in ",;:%)":
        return False
    if match[0] != ".":
        return True
    before = text[max(0, match.start() - 40) : match.start()]
    if _INITIAL.search(before + "."):
        return False
    word = _LAST_WORD.search(before)
    return word is None or word[0].casefold() not in _ABBREVIATIONS


def word_ends(text: str) -> list[int]:
    """Offsets just after each word: before white space that may break."""
    return [match.end() for match in _WORD_END.finditer(text) if match.end()]


def cluster_ends(text: str) -> list[int]:
    """Offsets between characters as readers see them: accents, emoji sequences and flags stay whole (after UAX 29)."""
    return list(_cluster_ends(text))


def _cluster_ends(text: str) -> Iterator[int]:
    flags = 0
    for offset in range(1, len(text)):
        before, after = text[offset - 1], text[offset]
        flags = flags + 1 if ord(before) in _FLAGS else 0
        pair_open = flags % 2 == 1 and ord(after) in _FLAGS
        if not (pair_open or before == _ZWJ or _extends(after)):
            yield offset
    if text:
        yield len(text)


def _extends(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    code = ord(character)
    if code < 0x300:
        return False
    return (
        character == _ZWJ
        or code in _SKIN_TONES
        or code in _TAGS
        or 0x1160 <= code <= 0x11FF  # Hangul vowels and finals
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
    )


def last_fitting(offsets: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """The largest offset that fits, taking it that a shorter text fits when a longer one does.

    It is looked for from the beginning in growing steps: of a long text, the end is never even tried.
    """
    reach = 64
    while reach < len(offsets) and fits(offsets[reach - 1]):
        reach *= 2
    low = reach // 2 if reach > 64 else 0
    index = bisect_right(offsets, 0, lo=low, hi=min(reach, len(offsets)), key=lambda offset: 0 if fits(offset) else 1)
    return offsets[index - 1] if index and fits(offsets[index - 1]) else None


def cut_offset(text: str, fits: Callable[[int], bool], *, least: float = 0.0) -> int:
    """Where to cut so that `text[:offset]` fits; always at least one character.

    `least` is the part of the longest cut between words that a cut after a sentence must keep: a page does not end
    after three words only because a sentence does.
    """
    words = last_fitting(word_ends(text), fits)
    sentence = last_fitting(sentence_ends(text), fits)
    if sentence is not None and sentence >= (words or 0) * least:
        return sentence
    if words is not None:
        return words
    clusters = cluster_ends(text)
    return last_fitting(clusters, fits) or last_fitting(range(1, len(text) + 1), fits) or 1


def cut_at_sentence(text: str, limit: int) -> str:
    """The text in at most `limit` characters; where it is cut, after a sentence if there is one, it ends in …."""
    text = text.strip()
    if size(text) <= limit:
        return text
    room = limit - len(ELLIPSIS) - 1
    if room <= 0:
        return ELLIPSIS[:limit]
    offset = cut_offset(text, lambda end: size(text[:end]) <= room, least=0.3)
    kept = text[:offset].rstrip()
    if size(kept) > room:
        return ELLIPSIS
    return f"{kept} {ELLIPSIS}" if offset in sentence_ends(text) else kept.rstrip(" ,;:–—-") + ELLIPSIS


def cut(text: str, limit: int) -> str:
    """A label in at most `limit` characters: whole words where they fill half of it, … where something is missing."""
    text = _BREAKING_SPACE.sub(" ", text).strip()
    if size(text) <= limit:
        return text
    offset = last_fitting(word_ends(text), lambda end: size(text[:end]) < limit)
    if offset is None or offset < limit // 2:
        offset = last_fitting(cluster_ends(text), lambda end: size(text[:end]) < limit) or 0
    return text[:offset].rstrip(" ,;:–—-") + ELLIPSIS
