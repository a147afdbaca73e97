"""A rate limit of Discord's as discord.py keeps it, without its two mistakes.

Told to raise rather than wait for long (`max_ratelimit_timeout`), discord.py 2.7.1 refuses every further request of a
bucket whose window is long, even while some are left: of ten forum posts in ten minutes, or ten publications in an
hour, it would let one pass.

And the request that uses a window up is kept from its own answer until the window ends: the message is there, and
whoever sent it is told seconds later.

`Gate` mends a third: a request that is cancelled while it waits for the global limit to end leaves every other one
waiting for ever.
"""

import asyncio
from typing import Any

import discord.http


class Bucket(discord.http.Ratelimit):
    __slots__ = ("_refreshing",)

    def __init__(self, max_ratelimit_timeout: float | None) -> None:
        super().__init__(max_ratelimit_timeout)
        self._refreshing: asyncio.Task[None] | None = None

    async def acquire(self) -> None:
        if self.remaining <= 0 or self.is_expired():
            await super().acquire()
            return
        self._last_request = self._loop.time()
        self.remaining -= 1
        self.outgoing += 1

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self.remaining - self.outgoing + 1 > 0 or self._sleeping.locked():
            await super().__aexit__(kind, error, trace)
            return
        self.outgoing -= 1
        longest = self._max_ratelimit_timeout
        is_long = longest is not None and self.reset_after > longest  # `acquire` refuses whoever comes meanwhile
        if not is_long and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh(), name="rate limit")


class Gate(asyncio.Event):
    """Stands where discord.py lets requests through unless the global limit is used up, and opens by itself."""

    def __init__(self, longest_seconds: float) -> None:
        super().__init__()
        self._longest_seconds = longest_seconds
        self._opening: asyncio.TimerHandle | None = None
        self.set()

    def clear(self) -> None:
        super().clear()
        if self._opening is not None:
            self._opening.cancel()
        self._opening = asyncio.get_running_loop().call_later(self._longest_seconds, self.set)


def use_own_buckets() -> None:
    """For every client of this process that is made afterwards, or has not sent anything yet."""
    discord.http.Ratelimit = Bucket  # type: ignore[misc]
