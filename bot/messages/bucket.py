"""A rate limit of Discord's as discord.py keeps it, without its one mistake.

Told to raise rather than wait for long (`max_ratelimit_timeout`), discord.py 2.7.1 refuses every further request of a
bucket whose window is long, even while some are left: of ten forum posts in ten minutes, or ten publications in an
hour, it would let one pass.
"""

import discord.http


class Bucket(discord.http.Ratelimit):
    __slots__ = ()

    async def acquire(self) -> None:
        if self.remaining <= 0 or self.is_expired():
            await super().acquire()
            return
        self._last_request = self._loop.time()
        self.remaining -= 1
        self.outgoing += 1


def use_own_buckets() -> None:
    """For every client of this process that is made afterwards, or has not sent anything yet."""
    discord.http.Ratelimit = Bucket  # type: ignore[misc]
