"""A rule that makes some requests go wrong, in every way that is known of Discord and of what stands before it."""

from __future__ import annotations

import random
from collections import Counter

from tests.fakes.discord_wire import Fault
from tests.fakes.discord_wire.requests import Request

FAULTS = {
    "reply lost": Fault(lost=True, took_effect=True),
    "reply lost late": Fault(lost=True, took_effect=True, delay_seconds=1.0),
    "reply cut": Fault(cut=True, took_effect=True),
    "request lost": Fault(lost=True),
    "502 that took effect": Fault(status=502, took_effect=True),
    "502 of Cloudflare's": Fault(status=502, html=True),
    "500": Fault(status=500),
    "503": Fault(status=503),
    "504 that took effect": Fault(status=504, took_effect=True, html=True),
    "429": Fault(status=429, retry_after=0.4),
    "429 in the body": Fault(status=429, retry_after=0.4, tells="in the body"),
    "429 in a header": Fault(status=429, retry_after=0.4, tells="in a header"),
    "429 that says nothing": Fault(status=429, tells="nowhere"),
    "global 429": Fault(status=429, retry_after=0.3, is_global=True),
    "429 of Cloudflare's": Fault(status=429, retry_after=1, html=True, tells="in a header"),
    "429 of Cloudflare's that says nothing": Fault(status=429, html=True, tells="nowhere"),
    "stall": Fault(delay_seconds=2.0),
    "long stall": Fault(delay_seconds=15.0),
}

_LOGGING_IN = ("/gateway", "/users/@me", "/oauth2", "/applications")


class Weather:
    """The same requests for the same seed and order of requests. Whoever only looks is troubled less often."""

    def __init__(self, seed: int, *, share: float = 0.15) -> None:
        self._random = random.Random(seed)
        self._share = share
        self.is_bad = True
        self.is_out = False
        """Discord answers nothing but 503."""
        self.made: Counter[str] = Counter()

    def __call__(self, request: Request) -> Fault | None:
        if not self.is_bad or request.path.startswith(_LOGGING_IN):
            return None
        if self.is_out:
            self.made["outage"] += 1
            return Fault(status=503)
        if self._random.random() >= (self._share if request.method == "POST" else self._share / 3):
            return None
        name = self._random.choice(list(FAULTS))
        self.made[name] += 1
        return FAULTS[name]
