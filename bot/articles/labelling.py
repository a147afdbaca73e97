"""The contract between the builder and whatever recognises sections in bare paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

MAX_PARAGRAPHS = 60
"""Longer texts are not of the genre: they are read as ordinary articles without asking a labeller."""


@dataclass(frozen=True, slots=True)
class Run:
    """Paragraphs `start` to `end` (excluded) taken for one kind. `confidence`: how often such a run is wholly right."""

    kind: str
    start: int
    end: int
    confidence: float


class Labeller(Protocol):
    def label(self, paragraphs: Sequence[str], language: str) -> Sequence[Run]:
        """Runs in reading order that cover every paragraph once, each kind but `other` at most once.

        What it is not sure enough of is already `other`.
        """
        ...


@cache
def default_labeller() -> Labeller:
    """The labeller that ships with the project, loaded when first needed and then kept."""
    from bot.articles.cue_labeller import CueLabeller

    return CueLabeller()
