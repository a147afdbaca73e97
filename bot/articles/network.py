"""Small neural networks that score runs of paragraphs; what they know beyond the linear weights is single words.

Each member of the committee looks at every piece of a word and its neighbours, keeps of each paragraph the mean and
the strongest of what it detected, and judges runs by their paragraphs' mean and how that differs from the article's.
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


@dataclass(frozen=True, slots=True)
class _View:
    """What the members look at, as arrays: one row per paragraph, or per piece."""

    pieces: Array
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
            pieces=(meaning.pieces - arrays["shift"]) @ arrays["turn"],
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

        rows = self._paragraphs(view, weights, layer)
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

    def _paragraphs(self, view: _View, weights: Mapping[str, Array], layer: Any) -> Array:
        detected = layer("det", view.pieces)
        strong = np.maximum(detected, 0)
        nothing = np.zeros_like(strong[:1])
        left, right = np.vstack([nothing, strong[:-1]]), np.vstack([strong[1:], nothing])
        kernel = weights["conv.weight"]
        context = left @ kernel[:, :, 0].T + strong @ kernel[:, :, 1].T + right @ kernel[:, :, 2].T
        detected = detected + np.maximum(context + weights["conv.bias"], 0)
        starts = np.concatenate([[0], np.cumsum(view.lengths)[:-1]])
        places = np.arange(len(detected)) - np.repeat(starts, view.lengths)
        heads = np.add.reduceat(detected * (places < HEAD)[:, None], starts)
        parts = [
            np.add.reduceat(detected, starts) / view.lengths[:, None] * MEAN,
            np.maximum.reduceat(detected, starts) * MAXIMUM,
            heads / np.minimum(HEAD, view.lengths)[:, None],
            layer("cue", view.cues),
        ]
        rows: Array = np.maximum(layer("par", np.hstack(parts)), 0)
        return rows


_SHARED = frozenset(("shift", "turn", "mean", "scale"))


def _sums(rows: Array) -> Array:
    return np.vstack([np.zeros_like(rows[:1]), np.cumsum(rows, 0)])


def _bag(table: Array, buckets: Sequence[Sequence[int]], strength: float) -> Array:
    return np.array([strength * table[list(each)].sum(0) / math.sqrt(max(1, len(each))) for each in buckets])


def shipped_network() -> Network:
    with resources.files("bot.articles").joinpath("network.npz").open("rb") as file, np.load(file) as stored:
        return Network(dict(stored))
