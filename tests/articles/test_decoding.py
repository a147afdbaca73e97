"""The decoder against counting every division one by one."""

import itertools
import math
import random

import pytest

from bot.articles.decoding import KINDS, decode


def divisions(length: int):
    for pieces in range(1, min(length, KINDS) + 1):
        for cuts in itertools.combinations(range(1, length), pieces - 1):
            bounds = (0, *cuts, length)
            for kinds in itertools.permutations(range(KINDS), pieces):
                yield [(kind, bounds[i], bounds[i + 1]) for i, kind in enumerate(kinds)]


@pytest.mark.parametrize("length", [1, 2, 4, 5])
def test_the_division_of_most_right_paragraphs_and_probabilities_are_exact(length: int) -> None:
    chance = random.Random(length)
    table = {
        (s, e): [chance.uniform(-3, 3) for _ in range(KINDS)] for s in range(length) for e in range(s + 1, length + 1)
    }
    first = [chance.uniform(-1, 1) for _ in range(KINDS)]
    follows = [[chance.uniform(-1, 1) for _ in range(KINDS)] for _ in range(KINDS)]
    ordinary = 1.5

    def total(division: list[tuple[int, int, int]]) -> float:
        runs = sum(table[start, end][kind] for kind, start, end in division)
        return runs + first[division[0][0]] + sum(follows[a[0]][b[0]] for a, b in itertools.pairwise(division))

    every = [(total(division), division) for division in divisions(length)]
    mass = sum(math.exp(value) for value, _ in every) + math.exp(ordinary)
    decoded = decode(length, lambda start, end: table[start, end], first, follows, ordinary)
    assert decoded.ordinary == pytest.approx(math.exp(ordinary) / mass)

    def share(holds) -> float:
        return sum(math.exp(value) for value, division in every if holds(division)) / mass

    shares = {run: share(lambda division, run=run: run in division) for _, division in every for run in division}
    of_paragraph = {
        (kind, at): share(lambda d, kind=kind, at=at: any(k == kind and s <= at < e for k, s, e in d))
        for kind in range(KINDS)
        for at in range(length)
    }

    def worth(division: list[tuple[int, int, int]]) -> float:
        right = sum(of_paragraph[kind, at] for kind, start, end in division for at in range(start, end))
        return right + 0.3 * sum(shares[run] for run in division)

    assert [(run.kind, run.start, run.end) for run in decoded.runs] == max((d for _, d in every), key=worth)
    for run in decoded.runs:
        assert run.probability == pytest.approx(shares[run.kind, run.start, run.end])


def test_extreme_scores_neither_overflow_nor_divide_by_zero() -> None:
    decoded = decode(30, lambda start, end: [900.0, -900.0, 0.0, 900.0, -900.0], [0.0] * 5, [[0.0] * 5] * 5, -2000.0)
    assert decoded.runs[0].start == 0
    assert decoded.runs[-1].end == 30
    assert all(0 <= run.probability <= 1 for run in decoded.runs)
