"""Small neural networks that score runs of paragraphs; what they know beyond the linear weights is single words.

Each member of the committee looks at every piece of a word and its neighbours, keeps of each paragraph the mean and
the strongest of what it detected beside the paragraph's meaning, looks from each paragraph to its neighbours, and
judges runs by their paragraphs' mean and how that differs from the article's.
Trained by tests/bench/labeller; nothing is learnt here. Needs numpy, and so is imported only where meaning is known.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.articles.features import ParagraphFeatures
from bot.articles.labeller import Scores
from bot.articles.meaning import Meaning
from bot.articles.runs import Outside

Array = npt.NDArray[Any]

HEAD = 24
"""Pieces that count as a paragraph's beginning."""
MEAN, MAXIMUM = 1.5, 0.4
"""How strongly the mean and the strongest of what was detected speak."""
WORDS = 1.5
MEANING = 5.0


@dataclass(frozen=True, slots=True)
class _View:
    """What the members look at, as arrays: one row per paragraph, or per piece."""

    detected: Sequence[Array]
    """By member."""
    meaning: Array
    lengths: Array
    cues: Array
    boundaries: Array
    shapes: Array
    whole: Array
    features: Sequence[ParagraphFeatures]


class Network:
    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = {name: np.asarray(values, dtype=np.float32) for name, values in arrays.items()}
        self.members = len(self._arrays["first"])
        # The turn and every member's detectors are one matrix: a quarter of the work.
        detectors = np.concatenate(self._arrays["det.weight"]).T
        self._detectors = self._arrays["turn"] @ detectors
        self._detectors_bias = np.concatenate(self._arrays["det.bias"]) - self._arrays["shift"] @ self._detectors

    def scores(self, features: Sequence[ParagraphFeatures], outside: Outside, meaning: Meaning) -> Scores:
        """The mean of what the members say."""
        view = self._view(features, outside, meaning)
        runs, first, follows, ordinary = zip(*(self._member(view, at) for at in range(self.members)), strict=True)
        mean, count = np.mean(runs, axis=0), len(features)
        return Scores(
            [mean[start, start + 1 :].tolist() for start in range(count)],
            np.mean(first, axis=0).tolist(),
            np.mean(follows, axis=0).tolist(),
            float(np.mean(ordinary)),
        )

    def _view(self, features: Sequence[ParagraphFeatures], outside: Outside, meaning: Meaning) -> _View:
        arrays, count = self._arrays, len(features)
        shapes = np.zeros((count, count + 1, len(outside.shapes[0][0])), dtype=np.float32)
        for start, rows in enumerate(outside.shapes):
            shapes[start, start + 1 :] = rows
        words = sum(row.words for row in features)
        dense = np.array([row.dense for row in features], dtype=np.float32)
        return _View(
            detected=np.split(meaning.pieces @ self._detectors + self._detectors_bias, self.members, axis=1),
            meaning=np.hstack([meaning.paragraphs, meaning.paragraphs - meaning.paragraphs.mean(0)]) * MEANING,
            lengths=np.array(meaning.lengths),
            cues=np.clip((dense - arrays["mean"]) / arrays["scale"], -3, 3),
            boundaries=np.array(outside.boundaries, dtype=np.float32)[:, 1:],
            shapes=shapes,
            whole=np.array([(count - 9) / 4, math.log(max(1, words) / 500)], dtype=np.float32),
            features=features,
        )

    def _member(self, view: _View, number: int) -> tuple[Array, Array, Array, float]:
        weights = {name: values[number] for name, values in self._arrays.items() if values.ndim and name not in _SHARED}

        def layer(name: str, values: Array) -> Array:
            result: Array = values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
            return result

        rows = self._paragraphs(view, view.detected[number], weights, layer)
        count = len(rows)
        mean = rows.mean(0)
        emitted = layer("lin", rows - mean) + _bag(weights["hash.weight"], [row.hashed for row in view.features], WORDS)
        spans = np.maximum(1, np.arange(count + 1)[None, :] - np.arange(count)[:, None]).astype(np.float32)
        starts, ends = np.nonzero(np.arange(count + 1)[None, :] > np.arange(count)[:, None])
        lengths = spans[starts, ends][:, None]
        inside = (_sums(rows)[ends] - _sums(rows)[starts]) / lengths
        shapes = view.shapes[starts, ends]
        runs = (_sums(emitted)[ends] - _sums(emitted)[starts]) / np.sqrt(lengths)
        judged = np.hstack([inside, mean - inside, shapes])
        runs += layer("seg.3", np.maximum(layer("seg.0", judged), 0)) + layer("shape", shapes)
        before = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
        turning = np.hstack([rows - before, before, view.boundaries])
        begins = layer("bound.3", np.maximum(layer("bound.0", turning), 0))
        begins[0] = 0.0
        begins = begins + _bag(weights["begin.weight"], [row.begins for row in view.features], 1.0)
        runs += begins[starts]
        scores = np.zeros((count, count + 1, runs.shape[1]), dtype=np.float32)
        scores[starts, ends] = runs
        whole = np.hstack([mean, rows.max(0), view.whole])
        ordinary = layer("ordi.3", np.maximum(layer("ordi.0", whole), 0))
        return scores, weights["first"], weights["follows"], float(ordinary[0])

    def _paragraphs(self, view: _View, detected: Array, weights: Mapping[str, Array], layer: Any) -> Array:
        detected = detected + _seen_around(np.maximum(detected, 0), weights["conv.weight"], weights["conv.bias"])
        starts = np.concatenate([[0], np.cumsum(view.lengths)[:-1]])
        places = np.arange(len(detected)) - np.repeat(starts, view.lengths)
        heads = np.add.reduceat(detected * (places < HEAD)[:, None], starts)
        parts = [
            np.add.reduceat(detected, starts) / view.lengths[:, None] * MEAN,
            np.maximum.reduceat(detected, starts) * MAXIMUM,
            heads / np.minimum(HEAD, view.lengths)[:, None],
            layer("cue", view.cues),
            layer("sense", view.meaning),
        ]
        rows: Array = np.maximum(layer("par", np.hstack(parts)), 0)
        return rows + _seen_around(rows, weights["near.weight"], weights["near.bias"])


_SHARED = frozenset(("shift", "turn", "mean", "scale"))


def _seen_around(rows: Array, kernel: Array, bias: Array) -> Array:
    """Each row with the one before it and the one after it."""
    nothing = np.zeros_like(rows[:1])
    left, right = np.vstack([nothing, rows[:-1]]), np.vstack([rows[1:], nothing])
    around: Array = left @ kernel[:, :, 0].T + rows @ kernel[:, :, 1].T + right @ kernel[:, :, 2].T
    seen: Array = np.maximum(around + bias, 0)
    return seen


def _sums(rows: Array) -> Array:
    return np.vstack([np.zeros_like(rows[:1]), np.cumsum(rows, 0)])


def _bag(table: Array, buckets: Sequence[Sequence[int]], strength: float) -> Array:
    return np.array([strength * table[list(each)].sum(0) / math.sqrt(max(1, len(each))) for each in buckets])


def shipped_network() -> Network:
    with resources.files("bot.articles").joinpath("network.npz").open("rb") as file, np.load(file) as stored:
        return Network(dict(stored))
