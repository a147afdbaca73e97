"""Fits the labeller's weights: a semi-Markov conditional random field, each kind at most once, exact gradients.

Nothing is random and nothing but numpy is needed, so the same articles give the same weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.articles.decoding import _FIRST, _STATES, _STEPS
from bot.articles.labeller import KINDS
from tests.bench.labeller.data import (
    BEGINS,
    CUES,
    ORDINARY_CUES,
    ORDINARY_REST,
    WORDS,
    Array,
    Example,
    Tables,
    look_alikes,
    scaling,
    tabulate,
)

RIDGE = 1.0
ORDINARY_WEIGHT = 2.0
"""There are few ordinary articles among the labelled ones and many in the world."""
LOOK_ALIKES = 20
ITERATIONS = 60

_K = len(KINDS)
_SOURCE, _TARGET, _LAST, _NEXT = (np.array(column) for column in zip(*_STEPS, strict=True))
_TO_TARGET = np.eye(len(_STATES))[_TARGET]
_TO_SOURCE = np.eye(len(_STATES))[_SOURCE]
_TO_NEXT = np.eye(_K)[_NEXT]
_TO_PAIR = np.eye(_K * _K)[_LAST * _K + _NEXT]
_STARTS = np.array(_FIRST)


@dataclass(slots=True)
class Parameters:
    paragraphs: Array
    begins: Array
    shapes: Array
    boundaries: Array
    first: Array
    follows: Array
    ordinary: Array


def layout(tables: Tables) -> Callable[[Array], Parameters]:
    shapes = [
        (tables.paragraphs.shape[1], _K),
        (tables.begins.shape[1], _K),
        (tables.shapes.shape[2], _K),
        (tables.boundaries.shape[1],),
        (_K,),
        (_K, _K),
        (tables.ordinary.shape[0],),
    ]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def view(flat: Array) -> Parameters:
        pieces = np.split(flat, ends[:-1])
        return Parameters(*(piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)))

    view.size = int(ends[-1])  # type: ignore[attr-defined]
    return view


def run_scores(tables: Tables, parameters: Parameters) -> Array:
    count = len(tables.example.features)
    sums = np.vstack([np.zeros(_K), np.cumsum(tables.paragraphs @ parameters.paragraphs, 0)])
    lengths = np.maximum(1, np.arange(count + 1)[None, :] - np.arange(count)[:, None])
    scores = (sums[None] - sums[:count, None]) / np.sqrt(lengths)[..., None]
    scores = scores + (tables.boundaries @ parameters.boundaries)[:, None, None] + tables.shapes @ parameters.shapes
    scores = scores + (tables.begins @ parameters.begins)[:, None]
    return np.where(tables.valid[..., None], scores, -1e9)


def expectations(scores: Array, first: Array, follows: Array, ordinary: float) -> tuple[float, Array, Array, float]:
    """Log of the sum over all divisions; expected runs, pairs of kinds, and ordinariness under it."""
    count = scores.shape[0]
    steps = follows.reshape(-1)[_LAST * _K + _NEXT]
    forward = np.full((count + 1, len(_STATES)), -np.inf)
    for end in range(1, count + 1):
        if end > 1:
            forward[end] = _log_sum(forward[1:end][:, _SOURCE] + scores[1:end, end][:, _NEXT] + steps, _TO_TARGET)
        forward[end, _STARTS] = np.logaddexp(forward[end, _STARTS], first + scores[0, end])
    total = np.logaddexp(np.logaddexp.reduce(forward[count]), ordinary)
    backward = np.full((count + 1, len(_STATES)), -np.inf)
    backward[count] = 0.0
    for start in range(count - 1, 0, -1):
        onward = scores[start, start + 1 :][:, _NEXT] + steps + backward[start + 1 :][:, _TARGET]
        backward[start] = _log_sum(onward, _TO_SOURCE)
    runs, pairs = np.zeros_like(scores), np.zeros(_K * _K)
    for end in range(1, count + 1):
        runs[0, end] = np.exp(first + scores[0, end] + backward[end][_STARTS] - total)
        if end > 1:
            reached = forward[1:end][:, _SOURCE] + scores[1:end, end][:, _NEXT] + steps + backward[end][_TARGET]
            shares = np.exp(reached - total)
            runs[1:end, end] = shares @ _TO_NEXT
            pairs += shares.sum(0) @ _TO_PAIR
    return float(total), runs, pairs.reshape(_K, _K), float(np.exp(ordinary - total))


def _log_sum(values: Array, groups: Array) -> Array:
    highest = values.max()
    if not np.isfinite(highest):
        return np.full(groups.shape[1], -np.inf)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(values - highest).sum(0) @ groups) + highest


def objective(flat: Array, tables: list[Tables], view: Callable[[Array], Parameters]) -> tuple[float, Array]:
    parameters = view(flat)
    gradient = np.zeros_like(flat)
    slope = view(gradient)
    loss = 0.0
    for table in tables:
        loss += _add_one(table, parameters, slope)
    return loss + RIDGE * float(flat @ flat) / 2, gradient + RIDGE * flat


def _add_one(table: Tables, parameters: Parameters, slope: Parameters) -> float:
    scores = run_scores(table, parameters)
    ordinary = float(table.ordinary @ parameters.ordinary)
    total, runs, pairs, share = expectations(scores, parameters.first, parameters.follows, ordinary)
    weight, true = 1.0, ordinary
    if table.example.ordinary:
        weight, share = ORDINARY_WEIGHT, share - 1
    first = runs[0].sum(0)
    if not table.example.ordinary:
        true = 0.0
        last = None
        for kind, start, end in table.example.runs:
            true += scores[start, end, kind]
            runs[start, end, kind] -= 1
            if last is None:
                true += parameters.first[kind]
                first[kind] -= 1
            else:
                true += parameters.follows[last, kind]
                pairs[last, kind] -= 1
            last = kind
    slope.first += weight * first
    slope.follows += weight * pairs
    slope.ordinary += weight * share * table.ordinary
    slope.shapes += weight * np.einsum("sef,sek->fk", table.shapes, runs)
    slope.begins += weight * (table.begins.T @ runs.sum(1))
    slope.boundaries += weight * (table.boundaries.T @ runs.sum((1, 2)))
    count = len(table.example.features)
    lengths = np.maximum(1, np.arange(count + 1)[None, :] - np.arange(count)[:, None])
    scaled = runs / np.sqrt(lengths)[..., None]
    change = np.zeros((count + 1, _K))
    change[:count] += scaled.sum(1)
    change -= scaled.sum(0)
    slope.paragraphs += weight * (table.paragraphs.T @ np.cumsum(change, 0)[:count])
    return weight * (total - true)


def minimise(function: Callable[[Array], tuple[float, Array]], size: int, iterations: int) -> Array:
    """L-BFGS with a backtracking line search."""
    point = np.zeros(size)
    value, gradient = function(point)
    steps: list[tuple[Array, Array, float]] = []
    for _ in range(iterations):
        direction = _two_loops(gradient, steps)
        length = 1.0 if steps else 1.0 / max(1.0, float(np.abs(gradient).sum()))
        descent = float(gradient @ direction)
        for _ in range(25):
            candidate = point + length * direction
            new_value, new_gradient = function(candidate)
            if new_value <= value + 1e-4 * length * descent:
                break
            length *= 0.5
        step, change = candidate - point, new_gradient - gradient
        if float(step @ change) > 1e-10:
            steps = [*steps[-11:], (step, change, 1.0 / float(step @ change))]
        finished = abs(value - new_value) < 1e-5 * max(1.0, abs(value))
        point, value, gradient = candidate, new_value, new_gradient
        if finished:
            break
    return point


def _two_loops(gradient: Array, steps: list[tuple[Array, Array, float]]) -> Array:
    direction = -gradient
    factors = []
    for step, change, scale in reversed(steps):
        factor = scale * float(step @ direction)
        factors.append(factor)
        direction = direction - factor * change
    if steps:
        step, change, scale = steps[-1]
        direction = direction / (scale * float(change @ change))
    for (step, change, scale), factor in zip(steps, reversed(factors), strict=True):
        direction = direction + (factor - scale * float(change @ direction)) * step
    return direction


def train(examples: list[Example]) -> dict[str, Any]:
    """In the form that `bot.articles.labeller.weights_from` reads."""
    mean, scale = scaling(examples)
    tables = [tabulate(example, mean, scale) for example in examples + look_alikes(examples, LOOK_ALIKES, seed=7)]
    view = layout(tables[0])
    size = view.size  # type: ignore[attr-defined]
    flat = minimise(lambda point: objective(point, tables, view), size, ITERATIONS)
    return export(view(flat), mean, scale)


def export(parameters: Parameters, mean: Array, scale: Array) -> dict[str, Any]:
    cues = len(mean)
    rows = parameters.paragraphs
    raw, centred, words = rows[:cues] * CUES, rows[cues : 2 * cues] * CUES, rows[2 * cues :] * WORDS
    ordinary = parameters.ordinary[3:]
    highest, average, late = np.split(ordinary[: 3 * cues] * ORDINARY_CUES, 3)
    ordinary_words = ordinary[3 * cues :] * WORDS * ORDINARY_REST
    return {
        "mean": _rounded(mean),
        "scale": _rounded(scale),
        "cues": _rounded(raw + centred),
        "cues_centre": _rounded(centred),
        "hashed": {str(bucket): _rounded(row) for bucket, row in enumerate(words) if np.abs(row).max() > 5e-4},
        "begins": {
            str(bucket): _rounded(row)
            for bucket, row in enumerate(parameters.begins * BEGINS)
            if np.abs(row).max() > 5e-4
        },
        "boundary": _rounded(parameters.boundaries),
        "shape": _rounded(parameters.shapes),
        "first": _rounded(parameters.first),
        "follows": _rounded(parameters.follows),
        "ordinary_bias": _rounded(parameters.ordinary[:3]),
        "ordinary_cues": _rounded(np.stack([highest, average, late], 1)),
        "ordinary_hashed": {
            str(bucket): round(float(value), 4) for bucket, value in enumerate(ordinary_words) if abs(value) > 5e-4
        },
    }


def _rounded(values: Array) -> Any:
    return np.round(values, 4).tolist()
