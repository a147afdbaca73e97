"""Every request that leaves for Discord passes here, whoever makes it: it waits for its turn within the one budget.

It is a trace of aiohttp's, which discord.py awaits right before each request, its own retries included, after it has
waited for the limits of the channel. So a request that waits for a channel uses none of the budget.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from yarl import URL

from bot.delivery.pacing import TokenBucket, Windows
from bot.errors import DeliveryPostponed

PATIENCE_SECONDS = 1.0
"""How long a request may wait for its turn before more are taken on; what waits here waits in no fair queue."""

_FREE = re.compile(r".*/(interactions|webhooks)/.+")
"""Answers to people are outside the global limit, and have three seconds.
https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints"""

_POSTING = re.compile(r".*/channels/(?P<channel>\d+)/(?P<kind>messages|threads)")


@dataclass(slots=True)
class Trip:
    """What became of the requests of one send."""

    requests: int = 0
    status: int | None = None
    """Of the last answer; None while one is awaited, and when none came."""
    failed: str | None = None
    """What went wrong with the last request, where it may have taken effect all the same."""

    @property
    def was_held_back(self) -> bool:
        """No request is on its way: the last one was told to wait, or none has left yet."""
        return not self.requests or self.status == 429


_trip: ContextVar[Trip | None] = ContextVar("trip", default=None)


@contextmanager
def single_try() -> Iterator[Trip]:
    """Requests made inside are not repeated after an error of Discord's, which may have taken effect all the same.

    discord.py would repeat them up to four times, also where nothing keeps the second from posting twice. Waits that
    Discord asks for (429) are kept: such a request had no effect.
    """
    trip = Trip()
    token = _trip.set(trip)
    try:
        yield trip
    finally:
        _trip.reset(token)


class Traffic:
    def __init__(self, requests_per_second: float, *, clock: Callable[[], float]) -> None:
        """`clock` gives seconds and never goes back."""
        self.clock = self._clock = clock
        self._bucket = TokenBucket(requests_per_second, clock())
        self._windows = Windows()
        self._paused_until = clock()

    def room(self) -> int:
        """How many more sends may be taken on without waiting long for their turn."""
        return self._bucket.room(self._clock(), PATIENCE_SECONDS)

    def wait_in_channel(self, channel_id: int, kind: str) -> float:
        """Seconds until Discord takes another of these "messages" or "threads" in the channel, as far as it said."""
        return self._windows.wait((kind, str(channel_id)), self._clock())

    def trace(self) -> aiohttp.TraceConfig:
        """For `discord.Client(http_trace=…)`."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._break)
        return config

    async def _begin(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        if request.url.scheme in ("ws", "wss") or _FREE.fullmatch(request.url.path):
            return
        trip = _trip.get()
        if trip and trip.failed:
            raise DeliveryPostponed(trip.failed)
        await self._turn()
        if trip:
            trip.requests += 1
            trip.status = None

    async def _end(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
    ) -> None:
        if trip := _trip.get():
            trip.status = request.response.status
            trip.failed = f"Discord answered {trip.status}" if trip.status >= 500 else None
        self._learn(request.method, request.url, request.response)

    async def _break(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
    ) -> None:
        trip = _trip.get()
        if trip and trip.failed is None:
            trip.failed = f"Discord cannot be reached: {request.exception!r}"

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(self._bucket.reserve(self._clock()))
            if self._clock() >= self._paused_until:
                return

    def _learn(self, method: str, url: URL, response: aiohttp.ClientResponse) -> None:
        now, headers = self._clock(), response.headers
        if response.status == 429 and ("X-RateLimit-Global" in headers or "Via" not in headers):
            # The whole bot is meant: its own limit, or its address (then nothing but Cloudflare answers).
            self._paused_until = now + _number(headers.get("Retry-After"), 1.0)
            self._bucket.pause(self._paused_until)
            return
        if method == "POST" and (place := _POSTING.fullmatch(url.path)) and "X-RateLimit-Remaining" in headers:
            self._windows.learn(
                (place["kind"], place["channel"]),
                remaining=int(_number(headers["X-RateLimit-Remaining"], 1)),
                reset_at=now + _number(headers.get("X-RateLimit-Reset-After"), 0.0),
                now=now,
            )


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text is not None else otherwise
    except ValueError:
        return otherwise
