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
    forward, entries, path = _forward(length, factors, steps, starts)
    backward = _backward(length, factors, steps)
    total = sum(forward[length])
    weight = math.exp(max(-600.0, min(600.0, ordinary)))
    runs = []
    for kind, start, end in path:
        factor = factors[start][end - start - 1][kind]
        states = [state for state in range(len(_STATES)) if _LAST[state] == kind]
        inside = sum(entries[start][state] * backward[end][state] for state in states)
        runs.append(DecodedRun(kind, start, end, min(1.0, factor * inside / (total + weight))))
    return Decoded(tuple(runs), weight / (total + weight))


_Table = list[list[float]]


def _forward(
    length: int, factors: list[_Table], steps: Sequence[tuple[int, int, float]], starts: Sequence[float]
) -> tuple[_Table, _Table, list[tuple[int, int, int]]]:
    """Sums and the best division at once. `entries[s]` is what reaches a state before its run at `s` is counted."""
    size = len(_STATES)
    sums = [[0.0] * size for _ in range(length + 1)]
    best = [[0.0] * size for _ in range(length + 1)]
    came: list[list[tuple[int, int]]] = [[(-1, -1)] * size for _ in range(length + 1)]
    entries: _Table = []
    for start in range(length):
        entry, top, source_of = [0.0] * size, [0.0] * size, [-1] * size
        if start == 0:
            for kind, state in enumerate(_FIRST):
                entry[state] = top[state] = starts[kind]
        else:
            for source, target, factor in steps:
                entry[target] += sums[start][source] * factor
                value = best[start][source] * factor
                if value > top[target]:
                    top[target], source_of[target] = value, source
        entries.append(entry)
        live = [state for state in range(size) if entry[state] > 0.0]
        for offset, row in enumerate(factors[start]):
            end = start + 1 + offset
            sum_row, best_row, came_row = sums[end], best[end], came[end]
            for state in live:
                factor = row[_LAST[state]]
                sum_row[state] += entry[state] * factor
                value = top[state] * factor
                if value > best_row[state]:
                    best_row[state] = value
                    came_row[state] = (start, source_of[state])
    state, end = max(range(size), key=best[length].__getitem__), length
    path: list[tuple[int, int, int]] = []
    while end > 0:
        start, source = came[end][state]
        path.append((_LAST[state], start, end))
        end, state = start, source
    return sums, entries, path[::-1]


def _backward(length: int, factors: list[_Table], steps: Sequence[tuple[int, int, float]]) -> _Table:
    size = len(_STATES)
    sums = [[0.0] * size for _ in range(length)] + [[1.0] * size]
    for start in range(length - 1, 0, -1):
        after = [0.0] * size
        for offset, row in enumerate(factors[start]):
            later = sums[start + 1 + offset]
            for state in range(size):
                after[state] += row[_LAST[state]] * later[state]
        for source, target, factor in steps:
            sums[start][source] += factor * after[target]
    return sums
