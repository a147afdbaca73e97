"""Every article judged by weights that never saw its voice; calibration and threshold from the same judgements."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.articles.decoding import Decoded
from bot.articles.labeller import KINDS, SectionLabeller, weights_from
from tests.bench.labeller.data import Example
from tests.bench.labeller.training import train

FOLDS = 6
PRECISION = 0.95
SUMMARY = 0


@dataclass(frozen=True, slots=True)
class Judged:
    example: Example
    decoded: Decoded
    fold: int

    @property
    def served(self) -> list[tuple[float, bool, int, int]]:
        """(probability, wholly right, kind, paragraphs) of each run that a reader could be given."""
        if self.decoded.ordinary >= 0.5:
            return []
        true = set(self.example.runs)
        return [
            (run.probability, (run.kind, run.start, run.end) in true, run.kind, run.end - run.start)
            for run in self.decoded.runs
            if run.kind != SUMMARY
        ]


class _Vectors:
    """An encoder that has been asked before."""

    def __init__(self, example: Example) -> None:
        self._example = example

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        assert self._example.vectors is not None
        return self._example.vectors.tolist()


def fold_of_voices(examples: Sequence[Example], seed: int = 0) -> dict[str, int]:
    voices = sorted({example.voice for example in examples})
    np.random.default_rng(seed).shuffle(voices)
    return {voice: number % FOLDS for number, voice in enumerate(voices)}


def cross_judge(examples: list[Example], seed: int = 0) -> list[Judged]:
    folds = fold_of_voices(examples, seed)
    judged = []
    for fold in range(FOLDS):
        weights = weights_from(train([example for example in examples if folds[example.voice] != fold]))
        for example in examples:
            if folds[example.voice] == fold:
                encoder = _Vectors(example) if example.vectors is not None else None
                labeller = SectionLabeller(weights, encoder)
                judged.append(Judged(example, labeller.decode(example.texts, example.language), fold))
    return judged


def calibrate(judged: Sequence[Judged]) -> list[list[float]]:
    """A rising curve from probability to the share of runs wholly right, by pooling groups that would make it fall."""
    runs = sorted(run for one in judged for run in one.served)
    blocks: list[list[float]] = []
    for group in np.array_split(np.arange(len(runs)), max(1, len(runs) // 25)):
        chosen = [runs[i] for i in group]
        # One imaginary mistake per group: a group without any is not proof of certainty.
        right = sum(run[1] for run in chosen) / (len(chosen) + 1)
        blocks.append([float(np.mean([run[0] for run in chosen])), right, float(len(chosen))])
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            (p1, r1, n1), (p2, r2, n2) = blocks[-2:]
            blocks[-2:] = [[(p1 * n1 + p2 * n2) / (n1 + n2), (r1 * n1 + r2 * n2) / (n1 + n2), n1 + n2]]
    points = [[0.0, 0.0], *([p, r] for p, r, _ in blocks), [1.0, max(0.99, blocks[-1][1])]]
    return [[round(p, 4), round(r, 4)] for p, r in points]


def threshold_for(judged: Sequence[Judged], precision: float = PRECISION) -> float:
    """The lowest probability above which at least `precision` of the served runs are wholly right."""
    runs = sorted((run for one in judged for run in one.served), reverse=True)
    right, best = 0, 1.0
    for number, run in enumerate(runs, 1):
        right += run[1]
        if right >= precision * number:
            best = run[0]
    return best


def interpolate(curve: Sequence[Sequence[float]], probability: float) -> float:
    return float(np.interp(probability, [p for p, _ in curve], [r for _, r in curve]))


def paragraph_pairs(judged: Sequence[Judged], threshold: float = 0.0) -> list[tuple[int, int]]:
    """(true, found) kind of every paragraph of articles of the genre; what is not served is found as -1."""
    pairs = []
    for one in judged:
        if one.example.ordinary:
            continue
        true = [kind for kind, start, end in one.example.runs for _ in range(start, end)]
        found = [-1] * len(true)
        if one.decoded.ordinary < 0.5:
            for run in one.decoded.runs:
                if run.kind == SUMMARY or run.probability >= threshold:
                    found[run.start : run.end] = [run.kind] * (run.end - run.start)
        pairs.extend(zip(true, found, strict=True))
    return pairs


def kind_names() -> list[str]:
    return [kind.value for kind in KINDS]
