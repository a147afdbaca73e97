"""The contract between the builder and whatever recognises sections in bare paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Protocol

from bot.articles.habits import SourceHabits
from bot.models import Kind

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
    @property
    def threshold(self) -> float:
        """The confidence from which its runs are right often enough to be served, where an operator chose no other."""
        ...

    def label(self, paragraphs: Sequence[str], language: str, habits: SourceHabits | None = None) -> Sequence[Run]:
        """Runs in reading order that cover every paragraph once, each kind but `other` at most once.

        `habits` are those of the paragraphs' source, where they are known.

        A run is of the kind that it most likely is, however unsure: `served` keeps what is sure enough.
        """
        ...


def served(runs: Sequence[Run], threshold: float) -> Sequence[Run]:
    """The runs with those below `threshold` as `other`, neighbours of which become one.

    A summary stays one: nobody asks for it by name, and every article has one.
    """
    kept = [
        run
        if run.confidence >= threshold or run.kind == Kind.SUMMARY
        else Run(Kind.OTHER, run.start, run.end, run.confidence)
        for run in runs
    ]
    found: list[Run] = []
    for is_other, group in groupby(kept, key=lambda run: run.kind == Kind.OTHER):
        part = list(group)
        if is_other:
            part = [Run(Kind.OTHER, part[0].start, part[-1].end, min(run.confidence for run in part))]
        found.extend(part)
    return found


@cache
def default_labeller() -> Labeller:
    """The labeller that ships with the project, loaded when first needed and then kept."""
    from bot.articles.labeller import load_labeller

    return load_labeller()
