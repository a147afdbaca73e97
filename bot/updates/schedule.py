"""When to check a source again. Pure: the time now and randomness are parameters.

A source is asked as often as it publishes, within what the operator allows: a floor (`POLL_INTERVAL_SECONDS`) and a
ceiling (`POLL_INTERVAL_MAX_SECONDS`). What the source itself asks for (Cache-Control, Expires, RSS `ttl`, `skipHours`,
`skipDays`) is honoured within the same bounds, since operators count on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

FAILURE_CEILING = timedelta(hours=12)
"""However long a source has been failing, it is tried twice a day: most come back."""

RETRY_CEILING = timedelta(days=1)
"""Nobody can ask to be left alone for a year."""

REST_CEILING = timedelta(days=2)
"""The longest that `skipHours` and `skipDays` can put a check off: a weekend."""

JITTER = 0.1
"""Up to a tenth earlier, so that sources added together do not stay together."""

LOOKS_PER_GAP = 24
"""How many checks fall between two articles: what is published daily is found within the hour."""

YOUTH = timedelta(days=1)
"""How long a new source is asked as often as the floor allows: somebody who has just added it is watching."""

_DATES = 12
_FEWEST_DATES = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often a source may be asked, and how seldom. Equal ones switch every adaptation off."""

    floor: timedelta
    ceiling: timedelta


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of how a source publishes, and what it asks for. None where nothing is known or asked."""

    gap: timedelta | None = None
    """Between two articles, usually."""
    last_new_at: datetime | None = None
    """When something new was last found."""
    known_since: datetime | None = None
    max_age: timedelta | None = None
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day, UTC, in which it wants to be left alone."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, UTC, Monday 0."""


def next_success(now: datetime, bounds: Bounds, habits: Habits, *, chance: float) -> datetime:
    """After a good check. `chance` is uniform in [0, 1)."""
    wait = _pace(now, bounds, habits) * (1 - JITTER * chance)
    asked = max(habits.max_age or timedelta(), habits.ttl or timedelta())
    at = now + max(wait, min(asked, bounds.ceiling))
    return _out_of_rest(at, habits) if bounds.ceiling > bounds.floor else at


def next_failure(
    now: datetime, interval: timedelta, *, failures: int, retry_after: timedelta | None, chance: float
) -> datetime:
    """After a failed check that `failures` others preceded: doubling from the interval, never before `retry_after`."""
    wait = min(interval * (1 << min(failures, 16)), max(FAILURE_CEILING, interval))
    wait *= 1 - JITTER * chance
    if retry_after is not None:
        wait = max(wait, min(retry_after, RETRY_CEILING))
    return now + wait


def learn_gap(
    before: timedelta | None, dates: Sequence[datetime], *, now: datetime, found: int, last_new_at: datetime | None
) -> timedelta | None:
    """How far apart articles usually are, from the dates of a listing; where it has none, from when they were found.

    `found` new ones came since `last_new_at`. Dates that were all touched at once lie close together: such a source is
    asked as often as the floor allows, which is where it began.
    """
    known = sorted({date for date in dates if date <= now + timedelta(hours=1)})[-_DATES:]
    if len(known) >= _FEWEST_DATES:
        return timedelta(seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(known)))
    if not found or last_new_at is None or now <= last_new_at:
        return before
    seen = (now - last_new_at) / found
    return seen if before is None else before * 0.7 + seen * 0.3


def _pace(now: datetime, bounds: Bounds, habits: Habits) -> timedelta:
    if habits.known_since is None or now - habits.known_since < YOUTH:
        return bounds.floor
    silence = timedelta() if habits.last_new_at is None else now - habits.last_new_at
    return min(max(max(habits.gap or timedelta(), silence) / LOOKS_PER_GAP, bounds.floor), bounds.ceiling)


def _out_of_rest(at: datetime, habits: Habits) -> datetime:
    """The first hour from `at` in which the source may be asked."""
    latest = at + REST_CEILING
    while at < latest and (at.hour in habits.skip_hours or at.weekday() in habits.skip_days):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(at, latest)
