"""Rate limits as Discord keeps them: a fixed window per bucket and major parameter, and 50 requests a second in all."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.discord_wire.description import Operation

_OTHERS = (50, 1.0)
DEFAULT_LIMITS: dict[str, tuple[int, float]] = {
    "post /channels/{channel_id}/messages": (5, 5.0),
    "patch /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "post /channels/{channel_id}/messages/{message_id}/crosspost": (10, 3600.0),
    "post /channels/{channel_id}/threads": (10, 600.0),
    "put /applications/{application_id}/commands": (4, 20.0),
    "post /webhooks/{webhook_id}/{webhook_token}": (5, 2.0),
    "patch /webhooks/{webhook_id}/{webhook_token}/messages/@original": (5, 2.0),
}
_MAJOR = ("channel_id", "guild_id", "webhook_id", "interaction_id")


@dataclass
class _Window:
    ends_at: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    headers: dict[str, str]
    retry_after: float | None = None
    """Seconds to wait; None when the request may pass."""
    is_global: bool = False


class RateLimits:
    """`limits` maps "post /path/{template}" to (requests, seconds) and is read anew for each request."""

    def __init__(
        self, limits: dict[str, tuple[int, float]] | None = None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = DEFAULT_LIMITS | (limits or {})
        self.requests_per_second = 50
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._now = now

    def ask(self, operation: Operation, webhook_token: str = "") -> Verdict:
        now = self._now()
        name = f"{operation.method} {operation.template}"
        is_interaction = operation.template.startswith(("/interactions", "/webhooks"))
        if not is_interaction:
            overall = self._window(("global",), now, 1.0)
            if overall.used >= self.requests_per_second:
                return Verdict({"X-RateLimit-Global": "true"}, overall.ends_at - now, is_global=True)
            overall.used += 1
        limit, seconds = self.limits.get(name, _OTHERS)
        major = [operation.values[key] for key in _MAJOR if key in operation.values]
        window = self._window((name, *major, webhook_token), now, seconds)
        allowed = window.used < limit
        window.used += allowed
        left = max(window.ends_at - now, 0.001)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - window.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        }
        return Verdict(headers) if allowed else Verdict(headers, left)

    def _window(self, key: tuple[str, ...], now: float, seconds: float) -> _Window:
        window = self._windows.get(key)
        if window is None or now >= window.ends_at:
            window = self._windows[key] = _Window(now + seconds)
        return window
