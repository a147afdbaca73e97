"""Every article judged by weights that never saw its voice; calibration and threshold from the same judgements."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bot.articles.decoding import Decoded
from bot.articles.habits import SourceHabits
from bot.articles.labeller import KINDS, Calibration, Network, SectionLabeller, Weights, weights_from
from bot.articles.meaning import Meaning
from tests.bench.labeller.data import Example
from tests.bench.labeller.training import train

FOLDS = 4
SEEDS = (0, 1, 2)
"""Of the network's members."""
PRECISION = 0.96
"""Of what is served. 0.95 is promised; articles of yet other hands come out a little above or below."""
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


class Known:
    """An encoder that has been asked before."""

    def __init__(self, example: Example) -> None:
        self._example = example

    def encode(self, texts: Sequence[str]) -> Meaning:
        assert self._example.meaning is not None
        return self._example.meaning


class Decode(Protocol):
    def __call__(self, example: Example, habits: SourceHabits | None = None) -> Decoded: ...


UNCALIBRATED = Calibration(curve=[[0.0, 0.0], [1.0, 1.0]], threshold=0.0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is learnt from some articles: linear weights, and where there is meaning the network's arrays."""

    weights: dict[str, Any]
    network: dict[str, Any] | None

    @classmethod
    def to(cls, examples: list[Example], seeds: Sequence[int] = SEEDS) -> "Fitted":
        if examples[0].meaning is None:
            return cls(train(examples), None)
        from tests.bench.labeller.committee import train_network

        return cls(train(examples), train_network(examples, seeds))

    def decoders(self) -> dict[str, Decode]:
        """By name of the calibration: the labellers of these weights, as the bot runs them."""
        linear = weights_from(self.weights)
        decoders: dict[str, Decode] = {"words": decoder(linear, None)}
        if self.network is not None:
            from bot.articles import network

            decoders["meaning"] = decoder(linear, network.Network(self.network))
        return decoders


def decoder(weights: Weights, network: Network | None) -> Decode:
    def judge(example: Example, habits: SourceHabits | None = None) -> Decoded:
        reader = None if network is None else (Known(example), network)
        return SectionLabeller(weights, UNCALIBRATED, reader).decode(example.texts, example.language, habits)

    return judge


def fold_of_voices(examples: Sequence[Example], seed: int = 0) -> dict[str, int]:
    voices = sorted({example.voice for example in examples})
    np.random.default_rng(seed).shuffle(voices)
    return {voice: number % FOLDS for number, voice in enumerate(voices)}


def cross_judge(examples: list[Example], seed: int = 0) -> dict[str, list[Judged]]:
    """By name of the calibration. One member stands for the network: the calibration errs on the safe side."""
    folds = fold_of_voices(examples, seed)
    judged: dict[str, list[Judged]] = {}
    for fold in range(FOLDS):
        fitted = Fitted.to([example for example in examples if folds[example.voice] != fold], SEEDS[:1])
        aside = [example for example in examples if folds[example.voice] == fold]
        for name, decode in fitted.decoders().items():
            judged.setdefault(name, []).extend(Judged(example, decode(example), fold) for example in aside)
        print(f"judged part {fold + 1} of {FOLDS}", file=sys.stderr, flush=True)
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


def paragraph_pairs(
    judged: Sequence[Judged], sure: Callable[[float], bool] = lambda probability: True
) -> list[tuple[int, int]]:
    """(true, found) kind of every paragraph of articles of the genre; what is not served is found as -1."""
    pairs: list[tuple[int, int]] = []
    for one in judged:
        if one.example.ordinary:
            continue
        true = [kind for kind, start, end in one.example.runs for _ in range(start, end)]
        found = [-1] * len(true)
        if one.decoded.ordinary < 0.5:
            for run in one.decoded.runs:
                if run.kind == SUMMARY or sure(run.probability):
                    found[run.start : run.end] = [run.kind] * (run.end - run.start)
        pairs.extend(zip(true, found, strict=True))
    return pairs


def kind_names() -> list[str]:
    return [kind.value for kind in KINDS]
