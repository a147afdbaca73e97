"""The labeller that ships with the project: whole runs of paragraphs scored by trained weights, decoded exactly.

Linear weights know words; where an encoder of meaning is installed, small networks have most of the say. Both were
trained by tests/bench/labeller. A run's probability is turned into its confidence by a curve measured on voices that
the weights had not seen: without the encoder the labeller errs more, and is therefore sure of less.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Protocol

from bot.articles.decoding import Decoded, decode
from bot.articles.features import ParagraphFeatures, describe
from bot.articles.habits import SourceHabits
from bot.articles.labelling import Run
from bot.articles.meaning import Encoder, Meaning, default_encoder
from bot.articles.runs import Outside, seen_from_outside
from bot.models import Kind

KINDS = (Kind.SUMMARY, Kind.NEUTRAL, Kind.ANALOGY, Kind.OPTIMISTIC, Kind.PESSIMISTIC)
LONGEST = 40
"""Paragraphs; no article of the genre has more."""

Matrix = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Weights:
    """Rows are features, columns kinds. Names of parts are those of `tests.bench.labeller.training`."""

    mean: Sequence[float]
    scale: Sequence[float]
    cues: Matrix
    cues_centre: Matrix
    hashed: dict[int, Sequence[float]]
    begins: dict[int, Sequence[float]]
    boundary: Sequence[float]
    shape: Matrix
    first: Sequence[float]
    follows: Matrix
    ordinary_bias: Sequence[float]
    """Constant, by number of paragraphs, by number of words."""
    ordinary_cues: Matrix
    """Columns: highest, mean, mean of the last third."""
    ordinary_hashed: dict[int, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What probabilities are worth: measured, on voices that the weights had not seen."""

    curve: Sequence[Sequence[float]]
    """(probability, confidence) points, rising."""
    threshold: float
    """A confidence: of the sections from it on, 96 % were wholly right."""


def weights_from(data: dict[str, object]) -> Weights:
    fields = dict(data)
    for name in ("hashed", "begins", "ordinary_hashed"):
        fields[name] = {int(bucket): value for bucket, value in data[name].items()}  # type: ignore[attr-defined]
    return Weights(**fields)  # type: ignore[arg-type]


@cache
def shipped_weights() -> Weights:
    return weights_from(_shipped()["weights"])


def shipped_calibration(*, meaning: bool) -> Calibration:
    return Calibration(**_shipped()["calibration"]["meaning" if meaning else "words"])


@cache
def _shipped() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(resources.files("bot.articles").joinpath("weights.json").read_text("utf-8"))
    return data


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one article: `runs[start][length - 1]` gives each kind's score for that run."""

    runs: Sequence[Matrix]
    first: Sequence[float]
    follows: Matrix
    ordinary: float

    def run(self, start: int, end: int) -> Sequence[float]:
        return self.runs[start][end - start - 1]


class Network(Protocol):
    def scores(self, features: Sequence[ParagraphFeatures], outside: Outside, meaning: Meaning) -> Scores: ...


class SectionLabeller:
    """`reader`, where there is one, is an encoder of meaning and the network that reads what it gives."""

    def __init__(
        self, weights: Weights, calibration: Calibration, reader: tuple[Encoder, Network] | None = None
    ) -> None:
        self._weights = weights
        self._calibration = calibration
        self._reader = reader

    @property
    def threshold(self) -> float:
        """See `Calibration`."""
        return self._calibration.threshold

    def label(self, paragraphs: Sequence[str], language: str, habits: SourceHabits | None = None) -> Sequence[Run]:
        count = len(paragraphs)
        if not 2 <= count <= LONGEST:
            return [Run(Kind.OTHER, 0, count, 1.0)]
        decoded = self.decode(paragraphs, language, habits)
        if decoded.ordinary >= 0.5:
            return [Run(Kind.OTHER, 0, count, decoded.ordinary)]
        return [Run(KINDS[run.kind], run.start, run.end, self.confidence(run.probability)) for run in decoded.runs]

    def decode(self, paragraphs: Sequence[str], language: str, habits: SourceHabits | None = None) -> Decoded:
        features = [describe(text, language) for text in paragraphs]
        scores = linear_scores(self._weights, features, seen_from_outside(features))
        if self._reader is not None:
            if habits is None and (by_words := _decoded(scores)).ordinary >= PLAINLY_ORDINARY:
                return by_words
            encoder, network = self._reader
            meaning = encoder.encode(paragraphs)
            outside = seen_from_outside(features, meaning.likeness())
            scores = _between(scores, network.scores(features, outside, meaning))
        if habits is None:
            return _decoded(scores)
        leaning = habits.leaning(paragraphs, KINDS, scores.first, scores.follows)

        def score(start: int, end: int) -> list[float]:
            return _add(scores.run(start, end), leaning.run(start, end))

        return decode(len(paragraphs), score, leaning.first, leaning.follows, scores.ordinary + leaning.ordinary)

    def confidence(self, probability: float) -> float:
        """How often runs of this probability were wholly right."""
        curve = self._calibration.curve
        for (low, below), (high, above) in pairwise(curve):
            if probability <= high:
                share = (probability - low) / (high - low) if high > low else 0.0
                return below + max(0.0, share) * (above - below)
        return curve[-1][1]


NETWORK = 1 / 2
"""The network's part in the scores; measured."""

PLAINLY_ORDINARY = 0.99
"""What words alone are so sure of needs no reading for its meaning, which takes three times as long: most news."""


def _decoded(scores: Scores) -> Decoded:
    count = len(scores.runs)
    return decode(
        count, lambda start, end: scores.runs[start][end - start - 1], scores.first, scores.follows, scores.ordinary
    )


def _between(linear: Scores, network: Scores) -> Scores:
    def mixed(one: Sequence[float], two: Sequence[float]) -> list[float]:
        return [(1 - NETWORK) * a + NETWORK * b for a, b in zip(one, two, strict=True)]

    runs = [[mixed(*pair) for pair in zip(*rows, strict=True)] for rows in zip(linear.runs, network.runs, strict=True)]
    follows = [mixed(*pair) for pair in zip(linear.follows, network.follows, strict=True)]
    (ordinary,) = mixed([linear.ordinary], [network.ordinary])
    return Scores(runs, mixed(linear.first, network.first), follows, ordinary)


def linear_scores(weights: Weights, features: Sequence[ParagraphFeatures], outside: Outside) -> Scores:
    scorer = _Scorer(weights, features, outside)
    count = len(features)
    runs = [[scorer.run(start, end) for end in range(start + 1, count + 1)] for start in range(count)]
    return Scores(runs, weights.first, weights.follows, scorer.ordinary())


class _Scorer:
    """Scores of one article's runs, each a sum of parts that are worked out once per paragraph."""

    def __init__(self, weights: Weights, features: Sequence[ParagraphFeatures], outside: Outside) -> None:
        self._weights = weights
        self._features = features
        self._outside = outside
        self._cues = [
            [
                max(-3.0, min(3.0, (value - mean) / scale))
                for value, mean, scale in zip(row.dense, weights.mean, weights.scale, strict=True)
            ]
            for row in features
        ]
        self._sums = self._running_sums()
        self._boundaries = [_dot(values, weights.boundary) if any(values) else 0.0 for values in outside.boundaries]
        self._begins = [self._beginning(row) for row in features]

    def run(self, start: int, end: int) -> list[float]:
        length = end - start
        root = math.sqrt(length)
        before, after = self._sums[start], self._sums[end]
        shape = self._outside.shapes[start][length - 1]
        begins = self._begins[start]
        scores = [
            (after[kind] - before[kind]) / root + self._boundaries[start] + begins[kind] for kind in range(len(KINDS))
        ]
        for value, row in zip(shape, self._weights.shape, strict=True):
            if value:
                for kind, weight in enumerate(row):
                    scores[kind] += value * weight
        return scores

    def ordinary(self) -> float:
        weights, count = self._weights, len(self._features)
        words = sum(row.words for row in self._features)
        constant, by_count, by_words = weights.ordinary_bias
        total = constant + by_count * (count - 9) / 4 + by_words * math.log(max(1, words) / 500)
        third = self._cues[-max(1, count // 3) :]
        for column, (highest, mean, late) in enumerate(weights.ordinary_cues):
            values = [row[column] for row in self._cues]
            total += highest * max(values) + mean * sum(values) / count
            total += late * sum(row[column] for row in third) / len(third)
        for row in self._features:
            share = 1 / (count * math.sqrt(max(1, len(row.hashed))))
            total += share * sum(weights.ordinary_hashed.get(bucket, 0.0) for bucket in row.hashed)
        return total

    def _running_sums(self) -> list[list[float]]:
        weights = self._weights
        centre = _times(_mean(self._cues), weights.cues_centre)
        sums = [[0.0] * len(KINDS)]
        for position, row in enumerate(self._features):
            scores = _times(self._cues[position], weights.cues)
            share = 1 / math.sqrt(max(1, len(row.hashed)))
            for bucket in row.hashed:
                for kind, weight in enumerate(weights.hashed.get(bucket, ())):
                    scores[kind] += share * weight
            sums.append([past + score - middle for past, score, middle in zip(sums[-1], scores, centre, strict=True)])
        return sums

    def _beginning(self, row: ParagraphFeatures) -> list[float]:
        scores = [0.0] * len(KINDS)
        share = 1 / math.sqrt(max(1, len(row.begins)))
        for bucket in row.begins:
            for kind, weight in enumerate(self._weights.begins.get(bucket, ())):
                scores[kind] += share * weight
        return scores


def _times(row: Sequence[float], matrix: Matrix) -> list[float]:
    result = [0.0] * len(KINDS)
    for value, weights in zip(row, matrix, strict=True):
        if value:
            for kind, weight in enumerate(weights):
                result[kind] += value * weight
    return result


def _mean(rows: Sequence[Sequence[float]]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _add(one: Sequence[float], two: Sequence[float]) -> list[float]:
    return [a + b for a, b in zip(one, two, strict=True)]


def _dot(one: Sequence[float], two: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True))


def load_labeller() -> SectionLabeller:
    """With meaning where its package is installed, without it elsewhere."""
    encoder = default_encoder()
    if encoder is None:
        return labeller_of_words()
    from bot.articles.network import shipped_network

    return SectionLabeller(shipped_weights(), shipped_calibration(meaning=True), (encoder, shipped_network()))


def labeller_of_words() -> SectionLabeller:
    return SectionLabeller(shipped_weights(), shipped_calibration(meaning=False))
