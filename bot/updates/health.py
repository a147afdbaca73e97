"""When a source is given up for the time being, and when it is followed to a new address. Pure."""

from datetime import datetime, timedelta

from bot.errors import FailureReason

PATIENCE = timedelta(days=7)
"""Holidays, expired domains and dead disks are over within a week, or for long."""

FEWEST_TRIES = 10

SIGHTINGS = 5
"""Permanent redirects to one address in a row, each with a readable source behind it, before it is believed. One may
be a hotel's log-in page or somebody's mistake."""

_PERHAPS_OURS = frozenset(
    {FailureReason.DNS, FailureReason.CONNECTION, FailureReason.TIMEOUT, FailureReason.TLS, FailureReason.NO_FOLDER}
)


def is_to_be_suspended(
    reason: FailureReason, *, failing_since: datetime, now: datetime, failures: int, we_reach_others: bool
) -> bool:
    """`failures` counts this one. 410 means "gone, on purpose and for good" (RFC 9110, 15.5.11), so it is at once.

    A source that cannot be reached at all may be our own network's failure, for which nothing is suspended.
    """
    if reason is FailureReason.GONE:
        return True
    if reason in _PERHAPS_OURS and not we_reach_others:
        return False
    return now - failing_since >= PATIENCE and failures >= FEWEST_TRIES


def count_sightings(moved_to: str | None, *, last: str | None, sightings: int) -> int:
    """How often in a row a source has now said that it lives at `moved_to`; 0 when it says so no more."""
    if moved_to is None:
        return 0
    return sightings + 1 if moved_to == last else 1


def has_moved(sightings: int) -> bool:
    return sightings >= SIGHTINGS
