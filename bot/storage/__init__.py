"""What is kept: one store for each noun, opened together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import DEFAULT_TIME_ZONE
from bot.storage.archive import Archive
from bot.storage.corrections import Corrections
from bot.storage.desk import Desk
from bot.storage.due import DueSources
from bot.storage.edits import Edits
from bot.storage.engine import open_engine, reading, translated
from bot.storage.filters import Filters
from bot.storage.leases import leases_of_the_dead_ended
from bot.storage.ledger import Ledger
from bot.storage.lessons import Lessons
from bot.storage.library import Library
from bot.storage.migrations import migrate
from bot.storage.notes import Notes
from bot.storage.notices import Notices
from bot.storage.outbox import Outbox
from bot.storage.pushes import Pushes
from bot.storage.register import Register
from bot.storage.suspensions import Suspensions

__all__ = ("Storage", "open_storage")

_PING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Storage:
    engine: AsyncEngine
    archive: Archive
    library: Library
    whole_library: Library
    """Retracted articles too."""
    desk: Desk
    ledger: Ledger
    corrections: Corrections
    lessons: Lessons
    filters: Filters
    register: Register
    outbox: Outbox
    edits: Edits
    suspensions: Suspensions
    notices: Notices
    due_sources: DueSources
    pushes: Pushes
    notes: Notes

    async def ping(self) -> None:
        """Raises StorageError when the database does not answer at once."""
        with translated(self.engine):
            async with asyncio.timeout(_PING_SECONDS), reading(self.engine) as connection:
                await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_storage(
    database_url: str, *, now: Callable[[], datetime], default_time_zone: str = DEFAULT_TIME_ZONE
) -> AsyncIterator[Storage]:
    """Storage with its schema up to date, closed at the end. Servers that chose no time zone have the default one.

    Raises ConfigurationError or StorageError, each one plain sentence that never holds the password.
    """
    engine = open_engine(database_url)
    zone = ZoneInfo(default_time_zone)
    archive, outbox = Archive(engine), Outbox(engine, default_zone=zone)
    try:
        await migrate(engine)
        async with leases_of_the_dead_ended(engine):
            yield Storage(
                engine=engine,
                archive=archive,
                library=Library(engine),
                whole_library=Library(engine, retracted_too=True),
                desk=Desk(engine, default_zone=zone),
                ledger=Ledger(engine),
                corrections=Corrections(engine),
                lessons=Lessons(engine),
                filters=Filters(engine),
                register=Register(engine, now=now, default_zone=zone),
                outbox=outbox,
                edits=Edits(engine, default_zone=zone),
                suspensions=Suspensions(engine),
                notices=Notices(engine),
                due_sources=DueSources(engine),
                pushes=Pushes(engine),
                notes=Notes(engine),
            )
    finally:
        await archive.close()
        await outbox.close()
        await engine.dispose()
