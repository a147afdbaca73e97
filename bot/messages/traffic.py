"""Every request that leaves for Discord passes here, whoever makes it: it waits for its turn within the one budget.

It is a trace of aiohttp's, which is awaited for each request of discord.py's, its own retries included, when the limits
of the channel let it pass and its connection stands: what waits for either uses none of the budget, and what leaves
here is at Discord's a moment later.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
from yarl import URL

from bot.delivery.pacing import Budget, Windows
from bot.errors import DeliveryPostponed

PATIENCE_SECONDS = 1.0
"""How long a request may wait for its turn before more are taken on; what waits here waits in no fair queue."""

LONGEST_PAUSE_SECONDS = 60.0
"""Who is turned away without being told for how long comes back after a second, then after twice as long each time."""

_FREE = re.compile(r".*/(interactions|webhooks)/.+")
"""Answers to people are outside the global limit, and have three seconds.
https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints"""

_LIMITED = {
    "POST": re.compile(r".*/channels/(?P<channel>\d+)/(?P<kind>messages|threads)"),
    "PATCH": re.compile(r".*/channels/(?P<channel>\d+)/messages/\d+"),
}


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
    def __init__(
        self,
        requests_per_second: float,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`clock` gives seconds and never goes back; `now` is what this machine takes for the time of day."""
        self.clock = self._clock = clock
        self._budget = Budget(requests_per_second, clock())
        self._most_waiting = max(round(requests_per_second * PATIENCE_SECONDS), 1)
        self._windows = Windows()
        self._now = now
        self.clock_ahead = timedelta()
        """How far this machine's clock is ahead of Discord's, which dates messages; as of the last answer."""
        self._refusals = 0
        """Answers in a row that turn the whole bot away without saying for how long."""
        self._turn = asyncio.Lock()
        self._waiting = 0

    def room(self) -> int:
        """How many more sends may be taken on without waiting long for their turn."""
        if self._budget.wait(self._clock()) > PATIENCE_SECONDS:
            return 0
        return max(self._most_waiting - self._waiting, 0)

    def wait_in_channel(self, channel_id: int, kind: str) -> float:
        """Seconds until Discord takes another of these "messages", "threads" or "edits" in the channel, as far as it
        said."""
        return self._windows.wait((kind, str(channel_id)), self._clock())

    def trace(self) -> aiohttp.TraceConfig:
        """For `discord.Client(http_trace=…)`."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        config.on_connection_create_end.append(self._leave)
        config.on_connection_reuseconn.append(self._leave)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._break)
        return config

    async def _begin(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        context.number = 0
        context.is_free = request.url.scheme in ("ws", "wss") or _FREE.fullmatch(request.url.path) is not None
        trip = _trip.get()
        if trip and trip.failed:
            raise DeliveryPostponed(trip.failed)

    async def _leave(self, _session: aiohttp.ClientSession, context: SimpleNamespace, _connection: object) -> None:
        if context.is_free:
            return
        self._waiting += 1
        try:
            async with self._turn:
                while (wait := self._budget.wait(self._clock())) > 0:  # noqa: ASYNC110 (only time passes here)
                    await asyncio.sleep(wait)
                context.number = self._budget.spend(self._clock())
        finally:
            self._waiting -= 1
        if trip := _trip.get():
            trip.requests += 1
            trip.status = None

    async def _end(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
    ) -> None:
        self._budget.answered(context.number, self._clock())
        if trip := _trip.get():
            trip.status = request.response.status
            trip.failed = f"Discord answered {trip.status}" if trip.status >= 500 else None
        self._learn(request.method, request.url, request.response)

    async def _break(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._budget.answered(context.number, self._clock())
        trip = _trip.get()
        if trip and trip.failed is None:
            trip.failed = f"Discord cannot be reached: {request.exception!r}"

    def _learn(self, method: str, url: URL, response: aiohttp.ClientResponse) -> None:
        now, headers = self._clock(), response.headers
        if self._now and (date := _date(headers.get("Date"))):
            self.clock_ahead = self._now() - date
        if response.status == 429 and ("X-RateLimit-Global" in headers or "Via" not in headers):
            # The whole bot is meant: its own limit, or its address (then nothing but Cloudflare answers).
            wait = _number(headers.get("Retry-After"), 0.0)
            self._refusals = 0 if wait else self._refusals + 1
            self._budget.pause(now + (wait or min(2.0 ** (self._refusals - 1), LONGEST_PAUSE_SECONDS)))
            return
        self._refusals = 0
        limited = _LIMITED.get(method)
        if limited and (place := limited.fullmatch(url.path)) and "X-RateLimit-Remaining" in headers:
            self._windows.learn(
                (place.groupdict().get("kind", "edits"), place["channel"]),
                remaining=int(_number(headers["X-RateLimit-Remaining"], 1)),
                reset_at=now + _number(headers.get("X-RateLimit-Reset-After"), 0.0),
                now=now,
            )


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return date if date and date.tzinfo else None


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text is not None else otherwise
    except ValueError:
        return otherwise
