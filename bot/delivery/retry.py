"""What to do with a delivery that Discord did not take. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=0.5)
GROWTH = 1.6
LONGEST_WAIT = timedelta(hours=2)
TRIES = 32
"""Growing from half a second to two hours, this spreads the tries over about a day."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    pass


def after_failure(now: datetime, *, attempts: int, retry_after: timedelta | None, chance: float) -> TryAgain | GiveUp:
    """`attempts` counts the failed tries, this one included. `chance` is uniform in [0, 1)."""
    if attempts >= TRIES:
        return GiveUp()
    wait = min(FIRST_WAIT * GROWTH ** (attempts - 1), LONGEST_WAIT) * (0.75 + chance / 2)
    return TryAgain(now + max(wait, retry_after or timedelta()))
