"""The best division of an article into sections, and how sure each of them is: exact, over all divisions there are.

A division is a row of contiguous runs, each of another kind. Every run has a score as a whole; so has each pair of
neighbouring kinds. Sums over all divisions are made by dynamic programming over (position, kinds used, last kind).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

KINDS = 5
_LOWEST = -100.0
"""Scores are held within 100 either way, so that products of a division's five factors stay within a float."""


@dataclass(frozen=True, slots=True)
class DecodedRun:
    kind: int
    start: int
    end: int
    probability: float
    """Of exactly this run, over all divisions and over the article being an ordinary one."""


@dataclass(frozen=True, slots=True)
class Decoded:
    runs: tuple[DecodedRun, ...]
    ordinary: float
    """Probability that the article has no sections of the genre at all."""


_STATES = [(used, last) for used in range(1, 1 << KINDS) for last in range(KINDS) if used >> last & 1]
_INDEX = {state: index for index, state in enumerate(_STATES)}
_LAST = [last for _, last in _STATES]
_STEPS = [
    (_INDEX[used, last], _INDEX[used | 1 << following, following], last, following)
    for used, last in _STATES
    for following in range(KINDS)
    if not used >> following & 1
]
_FIRST = [_INDEX[1 << kind, kind] for kind in range(KINDS)]


def decode(
    length: int,
    score: Callable[[int, int], Sequence[float]],
    first: Sequence[float],
    follows: Sequence[Sequence[float]],
    ordinary: float,
) -> Decoded:
    """`score(start, end)` gives each kind's score for that run; `first` and `follows` those of the order of kinds."""
    factors = [
        [
            [math.exp(max(_LOWEST, min(-_LOWEST, value))) for value in score(start, end)]
            for end in range(start + 1, length + 1)
        ]
        for start in range(length)
    ]
    steps = [(source, target, math.exp(follows[last][kind])) for source, target, last, kind in _STEPS]
    starts = [math.exp(value) for value in first]
    entries, total = _forward(length, factors, steps, starts)
    backward = _backward(length, factors, steps)
    weight = math.exp(max(-600.0, min(600.0, ordinary)))
    shares = _shares(length, factors, entries, backward, total + weight)
    runs = tuple(
        DecodedRun(kind, start, end, min(1.0, shares[start][end - start - 1][kind]))
        for kind, start, end in _division(length, shares)
    )
    return Decoded(runs, weight / (total + weight))


_Table = list[list[float]]


def _forward(
    length: int, factors: list[_Table], steps: Sequence[tuple[int, int, float]], starts: Sequence[float]
) -> tuple[_Table, float]:
    """What reaches each state before its run at a position is counted, and the sum over all divisions."""
    size = len(_STATES)
    sums = [[0.0] * size for _ in range(length + 1)]
    entries: _Table = []
    for start in range(length):
        entry = [0.0] * size
        if start == 0:
            for kind, state in enumerate(_FIRST):
                entry[state] = starts[kind]
        else:
            before = sums[start]
            for source, target, factor in steps:
                entry[target] += before[source] * factor
        entries.append(entry)
        live = [(state, _LAST[state], value) for state, value in enumerate(entry) if value > 0.0]
        for offset, row in enumerate(factors[start]):
            after = sums[start + 1 + offset]
            for state, last, value in live:
                after[state] += value * row[last]
    return entries, sum(sums[length])


def _backward(length: int, factors: list[_Table], steps: Sequence[tuple[int, int, float]]) -> _Table:
    size = len(_STATES)
    sums = [[0.0] * size for _ in range(length)] + [[1.0] * size]
    for start in range(length - 1, 0, -1):
        after = [0.0] * size
        for offset, row in enumerate(factors[start]):
            later = sums[start + 1 + offset]
            for state, last in enumerate(_LAST):
                after[state] += row[last] * later[state]
        before = sums[start]
        for source, target, factor in steps:
            before[source] += factor * after[target]
    return sums


def _shares(length: int, factors: list[_Table], entries: _Table, backward: _Table, whole: float) -> list[_Table]:
    """The probability of every run, by start, length and kind."""
    shares = []
    for start in range(length):
        live = [(state, _LAST[state], value / whole) for state, value in enumerate(entries[start]) if value > 0.0]
        rows = []
        for offset, row in enumerate(factors[start]):
            later = backward[start + 1 + offset]
            inside = [0.0] * KINDS
            for state, last, value in live:
                inside[last] += value * later[state]
            rows.append([factor * value for factor, value in zip(row, inside, strict=True)])
        shares.append(rows)
    return shares


_WHOLE_RUNS = 0.3
"""What a run's own probability counts beside those of its paragraphs; measured (tests/bench/labeller)."""


def _division(length: int, shares: list[_Table]) -> list[tuple[int, int, int]]:
    """The division of which most paragraphs are expected to be right: better than the likeliest one as a whole."""
    sums = _expected(length, shares)
    best: list[dict[int, tuple[float, int, int, int]]] = [{0: (0.0, 0, 0, 0)}, *({} for _ in range(length))]
    for end in range(1, length + 1):
        found = best[end]
        for start in range(end):
            whole = shares[start][end - start - 1]
            low, high = sums[start], sums[end]
            values = [high[kind] - low[kind] + _WHOLE_RUNS * whole[kind] for kind in range(KINDS)]
            for used, (value, *_) in best[start].items():
                for kind, gain in enumerate(values):
                    if used >> kind & 1:
                        continue
                    now = used | 1 << kind
                    if now not in found or value + gain > found[now][0]:
                        found[now] = (value + gain, start, used, kind)
    used, end = max(best[length], key=lambda each: best[length][each][0]), length
    path = []
    while end > 0:
        _, start, before, kind = best[end][used]
        path.append((kind, start, end))
        used, end = before, start
    return path[::-1]


def _expected(length: int, shares: list[_Table]) -> _Table:
    """Running sums, over paragraphs, of the probability that a paragraph is of a kind."""
    changes = [[0.0] * KINDS for _ in range(length + 1)]
    for start, rows in enumerate(shares):
        for offset, row in enumerate(rows):
            for kind, share in enumerate(row):
                changes[start][kind] += share
                changes[start + 1 + offset][kind] -= share
    sums, running = [[0.0] * KINDS], [0.0] * KINDS
    for change in changes[:length]:
        running = [value + step for value, step in zip(running, change, strict=True)]
        sums.append([total + value for total, value in zip(sums[-1], running, strict=True)])
    return sums
