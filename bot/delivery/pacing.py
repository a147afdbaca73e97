"""How fast Discord may be asked, in all and in one channel. Pure: whoever asks says what time it is, and waits.

Times are seconds of any clock that never goes back.
"""

from dataclasses import dataclass, field

BURST_SECONDS = 0.1
"""What was left unused in this time may be used at once. With 45 requests a second that makes at most 49 in any
second, below the 50 of https://discord.com/developers/docs/topics/rate-limits#global-rate-limit."""


class TokenBucket:
    """Hands out the moments at which requests may leave, evenly spaced, first come first served."""

    def __init__(self, per_second: float, now: float) -> None:
        self._spacing = 1 / per_second
        self._lead = max(BURST_SECONDS - self._spacing, 0)
        self._next_at = now

    def reserve(self, now: float) -> float:
        """Take the next moment; how many seconds away it is."""
        at = max(self._next_at, now - self._lead)
        self._next_at = at + self._spacing
        return max(at - now, 0)

    def room(self, now: float, seconds: float) -> int:
        """How many more requests could leave within `seconds`."""
        return max(int((now + seconds - max(self._next_at, now - self._lead)) / self._spacing + 1e-6), 0)

    def pause(self, until: float) -> None:
        """Give out no moment before this one."""
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
