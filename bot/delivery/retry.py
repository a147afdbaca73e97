"""What to do with a delivery that Discord did not take, and whether it is to blame for that. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=0.5)
GROWTH = 1.6
LONGEST_WAIT = timedelta(hours=2)
TRIES = 32
"""Growing from half a second to two hours, this spreads the tries over about a day."""

PATIENCE = 8
"""Failed tries after which a delivery may let others of its channel pass: a third of a minute of trouble."""

LONGEST_OUTAGE = timedelta(minutes=5)
"""For which nothing is passed by in a channel. What lasts longer is waited out less often, and in less strict order."""

FIRST_SIGHT = timedelta(seconds=30)
"""After a start: one failure says nothing yet about who is to blame."""


class Outage:
    """Whether Discord as a whole takes nothing just now, as one process sees it.

    Then no delivery is to blame for its failures, and none is to be passed by: order would be lost when it ends.
    """

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._began_at: datetime | None = None
        self._failing: set[int] = set()

    def is_over(self) -> None:
        """Discord took something, or said why it does not want it."""
        self._began_at = None
        self._failing.clear()

    def explains(self, delivery_id: int, now: datetime) -> bool:
        """Whether this failure is the outage's: others fail too, and nothing got through since the first of them."""
        if self._began_at is None:
            self._began_at = now
        self._failing.add(delivery_id)
        if now - self._began_at > LONGEST_OUTAGE:
            return False
        return len(self._failing) > 1 or now - self._started_at < FIRST_SIGHT


def failed_tries(before: int, *, in_outage: bool) -> int:
    """How many count with the one that failed now. Of an outage, only as many as nobody is passed by for."""
    return min(before + 1, PATIENCE - 1) if in_outage and before < PATIENCE else before + 1


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
