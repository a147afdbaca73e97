"""When to check a source again. Pure: the time now and randomness are parameters."""

from datetime import datetime, timedelta

FAILURE_CEILING = timedelta(hours=12)
"""However long a source has been failing, it is tried twice a day: most come back."""

JITTER = 0.1
"""Up to a tenth earlier, so that sources added together do not stay together."""


def next_success(now: datetime, interval: timedelta, *, max_age: timedelta | None, chance: float) -> datetime:
    """After a good check. `max_age` is how long the source says its answer stays fresh; it is honoured up to an hour.

    `chance` is uniform in [0, 1). The wait is never longer than asked for, since operators count on the interval.
    """
    wait = interval
    if max_age is not None:
        wait = max(wait, min(max_age, timedelta(hours=1), interval * 4))
    return now + wait * (1 - JITTER * chance)


def next_failure(
    now: datetime, interval: timedelta, *, failures: int, retry_after: timedelta | None, chance: float
) -> datetime:
    """After the `failures`-th failed check in a row: doubling from the interval, never before `retry_after`."""
    wait = min(interval * (1 << min(failures, 16)), max(FAILURE_CEILING, interval))
    wait *= 1 - JITTER * chance
    if retry_after is not None:
        wait = max(wait, min(retry_after, timedelta(days=1)))
    return now + wait
