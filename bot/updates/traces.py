"""What is left of an entry to know it again: marks to find it by, a sketch to compare it with. Pure.

A *mark* is a 64-bit number under which an article can be looked up: of its id, its link, its words, its title. A
*sketch* is the sixteen smallest hashes of its runs of four words (bottom-k, Cohen and Kaplan 2007): the share that two
sketches have in common estimates the share of their text that is the same, and copies of one text nearly always share
a number, which an index can find. A 64-bit simhash, tried first, cannot be looked up once more than three bits differ,
and one changed word in thirty already flips nine.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from heapq import nsmallest
from html import unescape
from zlib import crc32

from bot.articles.characters import fold
from bot.models import BodyFormat, Entry
from bot.sources.urls import canonical_link, split_http

SKETCH_SIZE = 16
_SHINGLE = 4
_SKETCHED = 3_000
"""Characters of markup-free text that a sketch looks at: two copies of one story share their beginning."""
_LONG_ENOUGH = 200
"""Characters under which an equal text says little: "Listen to the six o'clock news" is there every day."""
_FEWEST_SHINGLES = 12
_ALIKE = 0.75
_WORTH_A_LOOK = 0.3
_LONGEST_TITLE = 1_000

_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")

Sketch = tuple[int, ...]


class MarkKind(IntEnum):
    """Stored with each mark; the numbers never change meaning."""

    IDENTITY = 1
    LINK = 2
    WORDS = 3
    TITLE = 4
    REFERENCE = 5
    TEXT = 6


@dataclass(frozen=True, slots=True)
class Clues:
    """What an entry shows of itself, beside its id. None where it shows nothing that would tell it from others."""

    link: int | None
    words: int | None
    """Of title and text together."""
    title: int | None
    sketch: Sketch
    """Empty where the text is too short to be nobody else's."""

    def marks(self) -> tuple[tuple[MarkKind, int], ...]:
        found = ((MarkKind.LINK, self.link), (MarkKind.WORDS, self.words), (MarkKind.TITLE, self.title))
        return tuple((kind, mark) for kind, mark in found if mark is not None)


@dataclass(frozen=True, slots=True)
class Trace:
    """What is stored of an article to know it again."""

    article_id: int
    identity: str
    content_hash: str
    title: str
    published_at: datetime | None
    clues: Clues


def clues_of(entry: Entry, *, home_url: str | None = None) -> Clues:
    text = words_of(entry)
    return Clues(
        link=link_mark(entry.url, home_url=home_url),
        words=mark_of("words", folded(entry.title or ""), text) if text else None,
        title=title_mark(entry.title),
        sketch=sketch_of(text) if len(text) >= _LONG_ENOUGH else (),
    )


def link_mark(url: str | None, *, home_url: str | None = None) -> int | None:
    """None for no link, and for one to the front page, which many items share."""
    if not url:
        return None
    link = link_key(url)
    if home_url and link == link_key(home_url):
        return None
    parts = split_http(f"https://{link}")
    if parts is None or not (parts.path.strip("/") or parts.query or parts.fragment):
        return None
    return mark_of("link", link)


def title_mark(title: str | None) -> int | None:
    words = folded(title or "")
    return mark_of("title", words) if words else None


def link_key(url: str) -> str:
    """`url` as far as it chooses the document: sites move to https, to or from `www.`, and add slashes."""
    link = canonical_link(url).partition("://")[2] or url
    head, mark, query = link.partition("?")
    return head.removeprefix("www.").rstrip("/") + mark + query


def mark_of(*parts: str) -> int:
    """A signed 64-bit number for these words, the same on every machine and for ever: it is stored."""
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def identity_mark(identity: str) -> int:
    return mark_of("identity", identity)


def words_of(entry: Entry) -> str:
    """The text without its markup, in one case and one spelling of accents, a single space between words."""
    text = entry.body
    if entry.body_format is BodyFormat.HTML:
        text = unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    return plain_words(text)


def plain_words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def sketch_of(text: str) -> Sketch:
    """`text` as `plain_words` gives it. Empty when there is too little of it to compare."""
    text = text[:_SKETCHED]
    words = _WORD.findall(text)
    if len(words) * 20 < len(text):  # scripts that put no space between words
        words = [character for character in text if character.isalnum()]
    if len(words) < _SHINGLE + _FEWEST_SHINGLES:
        return ()
    hashes = {crc32(" ".join(words[at : at + _SHINGLE]).encode()) for at in range(len(words) - _SHINGLE + 1)}
    return tuple(nsmallest(SKETCH_SIZE, hashes))


def resemblance(one: Sketch, other: Sketch) -> float | None:
    """The estimated share of text in common, 0 to 1; None when one of them has too little text, of itself or beside the
    other: of a short piece of a long text, no hash may be small enough for the sketch of the whole."""
    if not one or not other:
        return None
    whole, piece = sorted((one, other), key=lambda sketch: sketch[-1])
    if len(whole) == SKETCH_SIZE and whole[-1] < piece[0]:
        return None
    both = set(one) & set(other)
    if not both:
        return 0.0
    smallest = sorted({*one, *other})[:SKETCH_SIZE]
    return sum(each in both for each in smallest) / len(smallest)


def is_excerpt(one: Sketch, other: Sketch) -> bool:
    """Whether one of two texts may be a piece of the other: of a piece, every hash small enough for the sketch of the
    whole is in it. Those are few, so that more should speak for it."""
    return _is_piece(one, other) or _is_piece(other, one)


def _is_piece(piece: Sketch, whole: Sketch) -> bool:
    small = {each for each in piece if whole and each <= whole[-1]}
    return bool(small) and small <= set(whole)


def titles_alike(one: str, other: str) -> bool:
    """True for titles that differ by an edit. Numbers tell episodes apart, so they must be the same."""
    first, second = folded(one), folded(other)
    if first == second:
        return bool(first)
    first_words, second_words = Counter(first.split()), Counter(second.split())
    shared = (first_words & second_words).total()
    dice = 2 * shared / max(first_words.total() + second_words.total(), 1)
    if dice < _WORTH_A_LOOK or Counter(_NUMBER.findall(first)) != Counter(_NUMBER.findall(second)):
        return False
    return dice >= _ALIKE or SequenceMatcher(None, first[:300], second[:300], autojunk=False).ratio() >= _ALIKE


@lru_cache(maxsize=2_000)
def folded(title: str) -> str:
    return fold(title[:_LONGEST_TITLE])
