"""The labeller that ships with the project: whole runs of paragraphs scored by trained weights, decoded exactly.

Two sets of weights were trained (tests/bench/labeller): with an encoder of meaning, and without one, which errs more
and is therefore sure of less. A run's probability is turned into its confidence by a curve measured on voices that
the weights had not seen.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from bot.articles.decoding import Decoded, decode
from bot.articles.features import ParagraphFeatures, describe
from bot.articles.habits import SourceHabits
from bot.articles.labelling import Run
from bot.articles.meaning import Encoder, default_encoder, within_budget
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
    meaning: Matrix
    meaning_centre: Matrix
    boundary: Sequence[float]
    shape: Matrix
    first: Sequence[float]
    follows: Matrix
    ordinary_bias: Sequence[float]
    """Constant, by number of paragraphs, by number of words."""
    ordinary_cues: Matrix
    """Columns: highest, mean, mean of the last third."""
    ordinary_hashed: dict[int, float]
    ordinary_meaning: Sequence[float]
    curve: Sequence[Sequence[float]]
    """(probability, confidence) points, rising."""
    threshold: float


def weights_from(data: dict[str, object]) -> Weights:
    fields = dict(data)
    for name in ("hashed", "ordinary_hashed"):
        fields[name] = {int(bucket): value for bucket, value in data[name].items()}  # type: ignore[attr-defined]
    return Weights(**fields)  # type: ignore[arg-type]


@cache
def shipped_weights(name: str) -> Weights:
    text = resources.files("bot.articles").joinpath("weights.json").read_text("utf-8")
    return weights_from(json.loads(text)[name])


class SectionLabeller:
    def __init__(self, weights: Weights, encoder: Encoder | None) -> None:
        self._weights = weights
        self._encoder = encoder

    @property
    def threshold(self) -> float:
        """Measured: on voices not seen in training, 95 % of the sections above it were wholly right."""
        return self._weights.threshold

    def label(self, paragraphs: Sequence[str], language: str, habits: SourceHabits | None = None) -> Sequence[Run]:
        count = len(paragraphs)
        if not 2 <= count <= LONGEST:
            return [Run(Kind.OTHER, 0, count, 1.0)]
        decoded = self.decode(paragraphs, language, habits)
        if decoded.ordinary >= 0.5:
            return [Run(Kind.OTHER, 0, count, decoded.ordinary)]
        return [Run(KINDS[run.kind], run.start, run.end, self.confidence(run.probability)) for run in decoded.runs]

    def decode(self, paragraphs: Sequence[str], language: str, habits: SourceHabits | None = None) -> Decoded:
        scorer = _Scorer(self._weights, [describe(text, language) for text in paragraphs], self._vectors(paragraphs))
        first, follows = self._weights.first, self._weights.follows
        if habits is None:
            return decode(len(paragraphs), scorer.run, first, follows, scorer.ordinary())
        leaning = habits.leaning(paragraphs, KINDS, first, follows)

        def score(start: int, end: int) -> list[float]:
            return _add(scorer.run(start, end), leaning.run(start, end))

        return decode(len(paragraphs), score, leaning.first, leaning.follows, scorer.ordinary() + leaning.ordinary)

    def confidence(self, probability: float) -> float:
        """How often runs of this probability were wholly right."""
        curve = self._weights.curve
        for (low, below), (high, above) in pairwise(curve):
            if probability <= high:
                share = (probability - low) / (high - low) if high > low else 0.0
                return below + max(0.0, share) * (above - below)
        return curve[-1][1]

    def _vectors(self, paragraphs: Sequence[str]) -> list[list[float]] | None:
        return self._encoder.encode(within_budget(paragraphs)) if self._encoder is not None else None


class _Scorer:
    """Scores of one article's runs, each a sum of parts that are worked out once per paragraph."""

    def __init__(
        self, weights: Weights, features: Sequence[ParagraphFeatures], vectors: list[list[float]] | None
    ) -> None:
        self._weights = weights
        self._features = features
        self._vectors = vectors
        self._count = len(features)
        self._cues = [
            [
                max(-3.0, min(3.0, (value - mean) / scale))
                for value, mean, scale in zip(row.dense, weights.mean, weights.scale, strict=True)
            ]
            for row in features
        ]
        self._sums = self._running_sums()
        self._words = [0]
        for row in features:
            self._words.append(self._words[-1] + row.words)
        self._boundaries = [self._boundary(position) for position in range(self._count)]

    def run(self, start: int, end: int) -> list[float]:
        length = end - start
        root = math.sqrt(length)
        before, after = self._sums[start], self._sums[end]
        shape = _shape(start, end, self._count, self._words[end] - self._words[start])
        scores = [(after[kind] - before[kind]) / root + self._boundaries[start] for kind in range(len(KINDS))]
        for value, row in zip(shape, self._weights.shape, strict=True):
            if value:
                for kind, weight in enumerate(row):
                    scores[kind] += value * weight
        return scores

    def ordinary(self) -> float:
        weights, count = self._weights, self._count
        constant, by_count, by_words = weights.ordinary_bias
        total = constant + by_count * (count - 9) / 4 + by_words * math.log(max(1, self._words[-1]) / 500)
        third = self._cues[-max(1, count // 3) :]
        for column, (highest, mean, late) in enumerate(weights.ordinary_cues):
            values = [row[column] for row in self._cues]
            total += highest * max(values) + mean * sum(values) / count
            total += late * sum(row[column] for row in third) / len(third)
        for row in self._features:
            share = 1 / (count * math.sqrt(max(1, len(row.hashed))))
            total += share * sum(weights.ordinary_hashed.get(bucket, 0.0) for bucket in row.hashed)
        if self._vectors is not None:
            total += _dot(_mean(self._vectors), weights.ordinary_meaning)
        return total

    def _running_sums(self) -> list[list[float]]:
        weights = self._weights
        centre = _times(_mean(self._cues), weights.cues_centre)
        if self._vectors is not None:
            centre = _add(centre, _times(_mean(self._vectors), weights.meaning_centre))
        sums = [[0.0] * len(KINDS)]
        for position, row in enumerate(self._features):
            scores = _times(self._cues[position], weights.cues)
            if self._vectors is not None:
                scores = _add(scores, _times(self._vectors[position], weights.meaning))
            share = 1 / math.sqrt(max(1, len(row.hashed)))
            for bucket in row.hashed:
                for kind, weight in enumerate(weights.hashed.get(bucket, ())):
                    scores[kind] += share * weight
            sums.append([past + score - middle for past, score, middle in zip(sums[-1], scores, centre, strict=True)])
        return sums

    def _boundary(self, position: int) -> float:
        if position == 0:
            return 0.0
        values = boundary_values(self._features, self._vectors, position)
        return _dot(values, self._weights.boundary)


def boundary_values(
    features: Sequence[ParagraphFeatures], vectors: Sequence[Sequence[float]] | None, position: int
) -> list[float]:
    """What tells whether a new section begins at `position`, whatever its kind."""
    here, before = features[position], features[position - 1]
    values = [1.0, *here.opening, *before.opening]
    if vectors is not None:
        last = position + 1 >= len(vectors)
        likeness = _dot(vectors[position - 1], vectors[position])
        following = 0.3 if last else _dot(vectors[position], vectors[position + 1])
        around = 0.25
        if position > 1 and not last:
            around = _cosine(
                _add(vectors[position - 2], vectors[position - 1]), _add(vectors[position], vectors[position + 1])
            )
        values += [4 * likeness, 4 * (likeness - following), 4 * around]
    values += [abs(one - two) / 2 for one, two in zip(here.counts, before.counts, strict=True)]
    return values


def _shape(start: int, end: int, count: int, words: int) -> tuple[float, ...]:
    length = end - start
    return (
        1.0,
        float(length == 1),
        float(length == 2),
        float(length == 3),
        float(length == 4),
        float(length >= 5),
        float(length >= 6),
        float(start == 0),
        float(end == count),
        (start + end) / 2 / count,
        math.log(max(5, words) / 80),
        length / count,
        start / count,
    )


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


def _cosine(one: Sequence[float], two: Sequence[float]) -> float:
    return _dot(one, two) / math.sqrt(max(1e-12, _dot(one, one) * _dot(two, two)))


def load_labeller() -> SectionLabeller:
    """With meaning where its package is installed, without it elsewhere."""
    encoder = default_encoder()
    return SectionLabeller(shipped_weights("plain" if encoder is None else "meaning"), encoder)
