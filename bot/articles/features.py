"""What a paragraph looks like to the labeller: cue classes, figures of style, and its words, hashed.

Training and reading share this module; changing anything here means training again (tests/bench/labeller).
"""

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.articles.characters import fold
from bot.articles.cues import cue_counter

HASHED = 4096
"""Buckets for words and pairs of words."""
BEGINNINGS = 2048
"""Buckets for how paragraphs begin."""
MAX_CHARACTERS = 6_000
"""Of one paragraph looked at."""

_BEGINNING_WORDS = 8
_STEM = 6
_SHORTEST_STEM = 5

_SENTENCES = re.compile(r"(?<=[.!?…])[»”\"]?\s+")
_QUOTED = re.compile(r"[«“\"]([^»”\"«“]*)[»”\"]")
_CAPITALISED = re.compile(r"(?<=[a-zà-ÿ,;] )[A-ZÀ-Þ][\wà-ÿ’-]+")
_NUMBER = re.compile(r"\d+")
_MARKS = re.compile(r"[!?…:;«“\"%$€£—]")


@dataclass(frozen=True, slots=True)
class ParagraphFeatures:
    dense: tuple[float, ...]
    hashed: tuple[int, ...]
    """Buckets, each once."""
    words: int
    counts: tuple[float, ...]
    """Of the cue classes alone, as logarithms."""
    opening: tuple[float, ...]
    """Whether it begins by going on, by turning, by conceding: what tells a boundary."""
    begins: tuple[int, ...]
    """Buckets of its first words."""
    stems: frozenset[str]
    """Beginnings of its longer words, by which paragraphs hang together."""
    names: frozenset[str]


def describe(text: str, language: str) -> ParagraphFeatures:
    counter = cue_counter(language)
    text = text[:MAX_CHARACTERS]
    words = fold(text).split()
    sentences = [sentence for sentence in _SENTENCES.split(text) if sentence.strip()] or [text]
    count = max(1, len(words))
    counts = counter.count(words)
    first = counter.count(fold(sentences[0]).split()[:60])
    last = counter.count(fold(sentences[-1]).split()[:60])
    dense: list[float] = []
    for whole, begins, ends in zip(counts, first, last, strict=True):
        dense += (math.log1p(whole), min(1.0, 10 * whole / count), math.log1p(begins), math.log1p(ends))
    dense += _style(text, sentences, count)
    at = {name: index for index, name in enumerate(counter.classes)}
    opening = tuple(
        float(counts[at[name]] > 0) if name in ("continues", "turns") else float(first[at[name]] > 0)
        for name in ("continues", "turns", "concede", "imagine", "attribution", "first")
    )
    logarithms = tuple(math.log1p(whole) for whole in counts)
    return ParagraphFeatures(
        dense=tuple(dense),
        hashed=_hash(words, text, language),
        words=count,
        counts=logarithms,
        opening=opening,
        begins=_begins(words, text, language),
        stems=frozenset(word[:_STEM] for word in words if len(word) >= _SHORTEST_STEM),
        names=frozenset(name.lower() for name in _CAPITALISED.findall(text)),
    )


def _style(text: str, sentences: Sequence[str], count: int) -> tuple[float, ...]:
    number = len(sentences)
    quoted = _QUOTED.findall(text)
    names, figures = len(_CAPITALISED.findall(text)), len(_NUMBER.findall(text))
    questions, exclamations = text.count("?"), text.count("!")
    return (
        math.log1p(names),
        10 * names / count,
        math.log1p(figures),
        10 * figures / count,
        math.log1p(len(quoted)),
        sum(len(quote.split()) for quote in quoted) / count,
        math.log1p(questions),
        math.log1p(exclamations),
        questions / number,
        exclamations / number,
        math.log(count) / 3,
        math.log(count / number) / 2,
        number / 8,
        sum(text.count(sign) for sign in "$%€£") / 3,
        text.count(";") / 2,
        text.count(":") / 2,
        (text.count("— ") + text.count("– ")) / 2,
        float(text.rstrip().endswith("?")),
        float(text.rstrip().endswith("!")),
        float(sentences[0].rstrip().endswith("?")),
        math.log(max(1, len(sentences[0].split()))) / 3,
        math.log(max(1, len(sentences[-1].split()))) / 3,
        float(text[:1] in '«“"'),
    )


def _hash(words: Sequence[str], text: str, language: str) -> tuple[int, ...]:
    tokens = set(words)
    tokens.update(f"{one} {two}" for one, two in pairwise(words))
    tokens.update(f"^{' '.join(words[:length])}" for length in (1, 2))
    tokens.update(_MARKS.findall(text))
    return tuple(sorted({zlib.crc32(f"{language}:{token}".encode()) % HASHED for token in tokens}))


def _begins(words: Sequence[str], text: str, language: str) -> tuple[int, ...]:
    tokens = {f"^{' '.join(words[:length])}" for length in (1, 2, 3)}
    tokens.update(words[:_BEGINNING_WORDS])
    tokens.add(f"^{text[:1]}" if not text[:1].isalpha() else "^a")
    return tuple(sorted({zlib.crc32(f"{language}:{token}".encode()) % BEGINNINGS for token in tokens}))
