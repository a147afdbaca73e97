"""Leases that a dead process left behind, ended at the next start instead of by time.

A lease says that somebody is at it. Whoever uses an SQLite file holds a lock beside it for as long as it lives, so the
first to come after a crash, or a kill, knows that it is alone and that nobody is at anything any more. On PostgreSQL,
which is there to be shared, leases run out by themselves.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import writing
from bot.storage.schema import deliveries, notices, sources

try:
    import fcntl
except ImportError:  # Windows: leases run out by themselves there
    fcntl = None  # type: ignore[assignment]

_TRIES = 100
_PAUSE_SECONDS = 0.02


@asynccontextmanager
async def leases_of_the_dead_ended(engine: AsyncEngine) -> AsyncIterator[None]:
    """To be held for as long as the database is used."""
    with contextlib.ExitStack() as stack:
        path = engine.url.database
        if engine.dialect.name == "sqlite" and path and fcntl is not None:
            with contextlib.suppress(OSError):  # a read-only folder, a file system without locks
                lock = stack.enter_context(_open(f"{path}.users"))
                if _take(lock, fcntl.LOCK_EX):
                    await _end_all(engine)
                await _share(lock)
        yield


def _open(path: str) -> IO[bytes]:
    return Path(path).open("ab")


async def _share(lock: IO[bytes]) -> None:
    """Another that has just come may be ending leases: that takes a moment."""
    for _ in range(_TRIES):
        if _take(lock, fcntl.LOCK_SH):
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def _take(lock: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _end_all(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        for table in (deliveries, sources, notices):
            await connection.execute(update(table).where(table.c.lease_until.is_not(None)).values(lease_until=None))
