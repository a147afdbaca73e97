"""What a run of paragraphs looks like from outside: how long it is, where it stands, and how sharply it begins.

Training and reading share this module, as they share `features`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.articles.features import ParagraphFeatures


@dataclass(frozen=True, slots=True)
class Outside:
    boundaries: Sequence[Sequence[float]]
    """For each paragraph, what tells whether a new section begins there, whatever its kind; zeros for the first."""
    shapes: Sequence[Sequence[Sequence[float]]]
    """`shapes[start][length - 1]`: how long a run is and where it stands."""


def seen_from_outside(
    features: Sequence[ParagraphFeatures], likeness: Sequence[Sequence[float]] | None = None
) -> Outside:
    """`likeness` of each paragraph to each other in meaning, where it is known."""
    count = len(features)
    boundaries = [_boundary(features, likeness, position) for position in range(1, count)]
    width = len(boundaries[0]) if boundaries else 0
    words = [0]
    for row in features:
        words.append(words[-1] + row.words)
    shapes = [
        [_shape(start, end, count, words[end] - words[start]) for end in range(start + 1, count + 1)]
        for start in range(count)
    ]
    return Outside([[0.0] * width, *boundaries], shapes)


def _boundary(
    features: Sequence[ParagraphFeatures], likeness: Sequence[Sequence[float]] | None, position: int
) -> list[float]:
    here, before = features[position], features[position - 1]
    values = [1.0, *here.opening, *before.opening]
    if likeness is not None:
        last = position + 1 >= len(likeness)
        like = likeness[position - 1][position]
        following = 0.3 if last else likeness[position][position + 1]
        around = 0.25
        if position > 1 and not last:
            a, b, c, d = range(position - 2, position + 2)
            across = likeness[a][c] + likeness[a][d] + likeness[b][c] + likeness[b][d]
            within = (2 + 2 * likeness[a][b]) * (2 + 2 * likeness[c][d])
            around = across / math.sqrt(max(1e-12, within))
        values += [4 * like, 4 * (like - following), 4 * around]
    values += _cohesion(features, position)
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


def _cohesion(rows: Sequence[ParagraphFeatures], position: int) -> tuple[float, ...]:
    """How much the paragraph at `position` shares with the one before it, and with the one after it, in words."""
    here, before = rows[position], rows[position - 1]
    after = rows[position + 1] if position + 1 < len(rows) else None
    back = _shared(here.stems, before.stems)
    ahead = _shared(here.stems, after.stems) if after else back
    elsewhere = frozenset[str]().union(
        *(row.stems for at, row in enumerate(rows) if at not in (position, position - 1))
    )
    own = len((here.stems & before.stems) - elsewhere)
    own_ahead = 0
    if after:
        around = frozenset[str]().union(
            *(row.stems for at, row in enumerate(rows) if at not in (position, position + 1))
        )
        own_ahead = len((here.stems & after.stems) - around)
    wide = _shared(
        before.stems | (rows[position - 2].stems if position > 1 else frozenset()),
        here.stems | (after.stems if after else frozenset()),
    )
    return (
        4 * back,
        4 * (back - ahead),
        4 * wide,
        math.log1p(own),
        math.log1p(own) - math.log1p(own_ahead),
        float(bool(here.names & before.names)),
        float(bool(after and here.names & after.names)),
        math.log(max(1, here.words) / max(1, before.words)) / 2,
    )


def _shared(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / math.sqrt(max(1, len(one)) * max(1, len(two)))
