"""How fast Discord may be asked, in all and in one channel. Pure: whoever asks says what time it is, and waits.

Times are seconds of any clock that never goes back.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

PEAK = 1.05
"""How much faster than the budget requests may leave while they make up for a moment in which few left."""

PEAK_LEAD = 0.02
MADE_UP = 0.25
"""Seconds of unused budget that are made up for: the stalls of a busy machine. With 45 requests a second, no second
holds more than 49, below the 50 of https://discord.com/developers/docs/topics/rate-limits#global-rate-limit"""


CROWD = 1.09
"""How many requests more than the budget may arrive within a second, 49 for 45, as far as can be told from here. Of a
small budget two more: some are always early and others late."""

UNUSUAL = 0.05
"""Seconds by which an answer is later than usual before that means anything."""

SEVERAL = 3

LOST_SECONDS = 10.0
"""A request that has not been answered for so long is not about to arrive any more."""


class Budget:
    """So many requests a second on average, little more at any moment, and no heap of them after a stall on the way.

    What counts at Discord's is when requests arrive. That is not known here; when they are answered is. Once several
    answers are later than usual, whatever is unanswered may arrive in a heap.
    """

    def __init__(self, per_second: float, now: float) -> None:
        self._average = _Rate(per_second, MADE_UP, now)
        self._peak = _Rate(per_second * PEAK, PEAK_LEAD, now)
        self._crowd = max(int(per_second * CROWD), int(per_second) + 2)
        self._answered: deque[float] = deque()
        self._left: dict[int, float] = {}
        self._last = 0
        self._usual: float | None = None
        """Seconds until an answer, lately."""
        self._troubled_until = now

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave, or until that is worth asking again."""
        wait = max(self._average.wait(now), self._peak.wait(now))
        if wait > 0:
            return wait
        return 1 / self._crowd if self._arriving(now) >= self._crowd else 0.0

    def spend(self, now: float) -> int:
        """A request leaves; its number, for `answered`."""
        self._average.spend(now)
        self._peak.spend(now)
        self._last += 1
        self._left[self._last] = now
        return self._last

    def answered(self, number: int, now: float) -> None:
        """Or given up."""
        if (left_at := self._left.pop(number, None)) is not None:
            self._answered.append(now)
            took = now - left_at
            usual = took if self._usual is None else self._usual
            self._usual = usual + (took - usual) * (0.05 if took > usual else 0.2)

    def pause(self, until: float) -> None:
        """Let none leave before this time."""
        self._average.pause(until)
        self._peak.pause(until)

    def _arriving(self, now: float) -> int:
        while self._answered and self._answered[0] <= now - 1:
            self._answered.popleft()
        while self._left and (first := next(iter(self._left))) and self._left[first] < now - LOST_SECONDS:
            del self._left[first]
        if self._usual is not None:
            late = now - self._usual - UNUSUAL
            if sum(left_at < late for left_at in islice(self._left.values(), SEVERAL)) == SEVERAL:
                self._troubled_until = now + 1
        return len(self._answered) + (len(self._left) if now < self._troubled_until else 0)


class _Rate:
    """Evenly spaced moments; of the moments that passed unused, those of the last `lead` seconds may still be used."""

    def __init__(self, per_second: float, lead: float, now: float) -> None:
        self._spacing = 1 / per_second
        self._lead = lead
        self._next_at = now

    def wait(self, now: float) -> float:
        return self._next_at - now

    def spend(self, now: float) -> None:
        self._next_at = max(self._next_at, now - self._lead) + self._spacing

    def pause(self, until: float) -> None:
        self._next_at = max(self._next_at, until)


@dataclass(slots=True)
class Windows:
    """Which rate limits are used up, as Discord's answers say, and until when. A key is a kind of request and where."""

    _closed: dict[tuple[str, ...], float] = field(default_factory=dict)

    def learn(self, key: tuple[str, ...], *, remaining: int, reset_at: float, now: float) -> None:
        if remaining > 0:
            self._closed.pop(key, None)
        else:
            self._forget_the_open(now)
            self._closed[key] = reset_at

    def wait(self, key: tuple[str, ...], now: float) -> float:
        """Seconds until a request would be let in; 0 for now."""
        return max(self._closed.get(key, now) - now, 0)

    def _forget_the_open(self, now: float) -> None:
        if len(self._closed) >= 1_000:
            self._closed = {key: until for key, until in self._closed.items() if until > now}
