"""Ids that may be nothing but places in a list ("3", "item-12"), which the next article pushes on. Pure."""

import re
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from bot.models import Entry
from bot.updates.announcing import REPUBLISHED
from bot.updates.likeness import SOME
from bot.updates.traces import Clues, Trace, is_excerpt, resemblance

_LONG_LIST = 10
"""Articles that a source replaces between two checks only if it publishes so many in that time."""
_ABOUT_ALL = 0.9

_PLACE = re.compile(r"(\D{0,8})(\d{1,3})")

At = tuple[Entry, Clues, Trace]
"""An entry, and the article that was first stored under its id."""


def are_places(identities: Sequence[str]) -> bool:
    """Whether the ids of a listing ("3", "item-12") may only be places in it: they count it and go no further. Those
    that count down to the first article ever are what they seem."""
    matches = [match for each in identities if (match := _PLACE.fullmatch(each))]
    if not matches or len(matches) < len(identities) or len({match[1] for match in matches}) > 1:
        return False
    numbers = [int(match[2]) for match in matches]
    low = min(numbers)
    return low <= 1 and sorted(numbers) == list(range(low, low + len(numbers))) and not _counts_down(numbers)


def _counts_down(numbers: Sequence[int]) -> bool:
    return len(numbers) > 1 and list(numbers) == sorted(numbers, reverse=True)


def are_held(
    pairs: Sequence[At],
    *,
    settled: int,
    unsettled: int,
    links: Collection[int | None],
    shared_dates: AbstractSet[datetime],
    usual: int,
) -> bool:
    """Whether ids that may only be places still say what they said: the next article pushes all of them on.

    So they do where most entries are `settled`, or where each has the date it had. Otherwise what the others say
    tells; where all titles are one, only that none of our `links` is listed, of more articles than can have been
    replaced since the last check: pushed on, all but the new one would be. `usual` is how many those may be, 0 when
    nobody knows.
    """
    if settled >= max(REPUBLISHED, 2 * unsettled):
        return True
    dates = {entry.published_at for entry, _, trace in pairs if entry.published_at == trace.published_at}
    if len(dates - shared_dates - {None}) >= max(REPUBLISHED, _ABOUT_ALL * len(pairs)):
        return True
    if len({clues.title for _, clues, _ in pairs}) > 1:
        telling = len(pairs) >= REPUBLISHED
    else:
        replaced = max(_LONG_LIST, usual + 1)
        telling = len(pairs) >= replaced and not any(clues.link in links for _, clues, _ in pairs)
    return telling and sum(_says_the_same(*pair, shared_dates) for pair in pairs) >= _ABOUT_ALL * len(pairs)


def _says_the_same(entry: Entry, clues: Clues, trace: Trace, shared_dates: AbstractSet[datetime]) -> bool:
    text = resemblance(clues.sketch, trace.clues.sketch)
    at = entry.published_at
    return (
        clues.title == trace.clues.title
        and (at in (None, trace.published_at) or at in shared_dates)
        and (text is None or text >= SOME or is_excerpt(clues.sketch, trace.clues.sketch))
    )
