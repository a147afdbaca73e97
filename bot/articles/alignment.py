"""What two sequences have in common, in order: the longest such part, whatever they hold. Pure.

`difflib` looks for long runs first, and takes minutes over a few hundred words that repeat each other, which anybody
can publish. This keeps the rows of the textbook's table as bits of one integer each (Hyyrö, "Bit-parallel LCS-length
computation revisited", 2004), so that a thousand words by a thousand take milliseconds.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Literal

Operation = tuple[Literal["equal", "replace"], int, int, int, int]
"""As `difflib` tells them: what, and from where to where in the old and in the new; either may be empty in a change."""


def operations(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Operation]:
    """How to get from one to the other, from left to right; equal parts and changes take turns."""
    one = two = 0
    for before, after, length in _runs(_common(old, new)):
        if (one, two) != (before, after):
            yield "replace", one, before, two, after
        one, two = before + length, after + length
        yield "equal", before, one, after, two
    if (one, two) != (len(old), len(new)):
        yield "replace", one, len(old), two, len(new)


def _runs(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Pairs that follow each other on both sides, as start, start and length."""
    start = 0
    for index in range(1, len(pairs) + 1):
        if index == len(pairs) or pairs[index] != (pairs[index - 1][0] + 1, pairs[index - 1][1] + 1):
            yield (*pairs[start], index - start)
            start = index


def _common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence, from left to right."""
    rows = _rows(old, new)
    pairs = []
    one, two = len(old), len(new)
    while one and two:
        if old[one - 1] == new[two - 1]:
            one, two = one - 1, two - 1
            pairs.append((one, two))
        elif rows[one - 1] >> (two - 1) & 1:
            two -= 1
        else:
            one -= 1
    pairs.reverse()
    return pairs


def _rows(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[int]:
    """For each beginning of `old`, as bits: 0 where one more of `new` makes the longest common part longer."""
    places: dict[Hashable, int] = {}
    for index, item in enumerate(new):
        places[item] = places.get(item, 0) | 1 << index
    every = (1 << len(new)) - 1
    row, rows = every, []
    for item in old:
        found = row & places.get(item, 0)
        row = (row + found | row - found) & every
        rows.append(row)
    return rows
