"""The way to the database: addresses, connections, transactions and their errors.

Stores never open a connection themselves: they say `async with reading(engine)` or `async with writing(engine)`, and
everything that the database or its driver can refuse leaves here as a StorageError.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import aiosqlite
from sqlalchemy import URL, Connection, Engine, Table, event, make_url
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConfigurationError, StorageError

BUSY_TIMEOUT = timedelta(seconds=10)
"""How long a statement waits for another process that writes to the same SQLite file."""

_PAUSE = timedelta(milliseconds=20)
_CONNECT_SECONDS = 10.0
_STATEMENT_SECONDS = 60.0
_CONNECTIONS = 5
_ASK_FOR_NO_LOCK = "reads_only"
_WRITERS_TURN = "writers_turn"


def open_engine(database_url: str, *, busy_timeout: timedelta = BUSY_TIMEOUT) -> AsyncEngine:
    """An engine for `sqlite:///path` or `postgresql://…`; nothing is connected yet.

    Raises ConfigurationError, in one sentence that names DATABASE_URL and never shows its password.
    """
    try:
        url = make_url(database_url.strip())
    except (ArgumentError, ValueError):
        raise ConfigurationError("config_error.database_url", name="DATABASE_URL") from None
    if url.drivername in ("sqlite", "sqlite+aiosqlite"):
        return _open_sqlite(url, busy_timeout)
    if url.drivername in ("postgresql", "postgres", "postgresql+asyncpg"):
        return _open_postgresql(url)
    raise ConfigurationError("config_error.database_url", name="DATABASE_URL")


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees one state of the database and takes no lock."""
    with translated(engine):
        async with _snapshots(engine).connect() as connection:
            yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that commits when its block ends well, and leaves nothing behind when it does not.

    Writers of this process take turns by themselves on SQLite, which lets in one at a time: its own way of waiting
    is to sleep and look again, unfairly and up to 100 ms at a time.
    """
    turn: asyncio.Lock | None = engine.get_execution_options().get(_WRITERS_TURN)
    with translated(engine):
        if turn is None:
            async with engine.begin() as connection:
                yield connection
            return
        async with asyncio.timeout(_STATEMENT_SECONDS):
            await turn.acquire()
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            turn.release()


@contextmanager
def translated(engine: AsyncEngine) -> Iterator[None]:
    """The one place where errors of SQLAlchemy, of the drivers and of their sockets become StorageError.

    asyncpg raises its own errors and OSError while it connects, before SQLAlchemy can wrap them. Mistakes in how
    SQLAlchemy is used are bugs, and pass through.
    """
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_sentence(engine, error.orig or error)) from error
    except _driver_errors(engine) as error:
        raise StorageError(_sentence(engine, error)) from error


def _open_sqlite(url: URL, busy_timeout: timedelta) -> AsyncEngine:
    if not url.database or ":memory:" in url.database:
        raise ConfigurationError("config_error.database_url", name="DATABASE_URL")
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError("config_error.database_folder", folder=folder, problem=error.strerror) from None
    file = Path(url.database).absolute()

    async def connect() -> aiosqlite.Connection:
        connection = aiosqlite.connect(file, timeout=busy_timeout.total_seconds(), check_same_thread=False)
        thread = connection._thread
        thread.daemon = True
        try:
            return await connection
        except BaseException:
            # It is told to stop, but nobody waits for it: it would complain of an event loop that is closed by then.
            await asyncio.to_thread(thread.join, _CONNECT_SECONDS)
            raise

    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        hide_parameters=True,  # credentials of private feeds are among them
        pool_size=_CONNECTIONS,
        max_overflow=0,
        async_creator=connect,
        execution_options={_WRITERS_TURN: asyncio.Lock()},
    )
    _prepare_connections(engine.sync_engine, busy_timeout)
    return engine


def _prepare_connections(engine: Engine, busy_timeout: timedelta) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # Python's own transaction control begins nothing before a SELECT, so that a read followed by a write would
        # silently lose what another connection wrote in between.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {int(busy_timeout.total_seconds() * 1000)}")
            _keep_a_write_ahead_log(connection, cursor, tries=1 + int(busy_timeout / _PAUSE))
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()  # SQLAlchemy would forget it, and its thread with it
            raise
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_ASK_FOR_NO_LOCK, False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _keep_a_write_ahead_log(connection: Any, cursor: Any, *, tries: int) -> None:
    """The one statement that does not wait for a lock: when two processes make the file together, one is refused."""
    for left in reversed(range(tries)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            connection.run_async(lambda _: asyncio.sleep(_PAUSE.total_seconds()))
        else:
            return


def _open_postgresql(url: URL) -> AsyncEngine:
    try:
        asyncpg = import_module("asyncpg")
    except ImportError:
        raise ConfigurationError("config_error.database_extra") from None
    # asyncpg reads the address itself, as libpq does: sslmode, host=/a/socket and the like then mean what
    # PostgreSQL's documentation says, where SQLAlchemy would hand them on as unknown arguments.
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def connect() -> Any:
        connection = await asyncpg.connect(address, timeout=_CONNECT_SECONDS, command_timeout=_STATEMENT_SECONDS)
        try:
            # A plan kept from when a queue was empty would read whole tables, row by row, once thousands wait in it.
            await connection.execute("SET plan_cache_mode = force_custom_plan")
        except BaseException:
            connection.terminate()
            raise
        return connection

    return create_async_engine(
        url.set(drivername="postgresql+asyncpg", query={}),
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=_CONNECT_SECONDS,
        pool_pre_ping=True,
        async_creator=connect,
    )


def _snapshots(engine: AsyncEngine) -> AsyncEngine:
    options: Mapping[str, Any] = {_ASK_FOR_NO_LOCK: True}
    if engine.dialect.name == "postgresql":
        # Two statements of one reading must not see two states, as they would by default.
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return engine.execution_options(**options)


def _driver_errors(engine: AsyncEngine) -> tuple[type[Exception], ...]:
    errors: tuple[type[Exception], ...] = (OSError, TimeoutError, PoolTimeout)
    if engine.dialect.name == "postgresql":
        asyncpg = import_module("asyncpg")
        errors += (asyncpg.PostgresError, asyncpg.InterfaceError)
    return errors


def _sentence(engine: AsyncEngine, error: BaseException) -> str:
    # SQLAlchemy's version of an asyncpg error begins with the name of its class; the original is a sentence.
    original = error.__cause__ if engine.dialect.name == "postgresql" and error.__cause__ else error
    reason = next(iter(str(original).splitlines()), "")
    if not reason:
        reason = "no answer in time" if isinstance(original, TimeoutError) else type(original).__name__
    if password := engine.url.password:
        reason = reason.replace(str(password), "***")
    place = engine.url.database if engine.dialect.name == "sqlite" else f"{engine.url.host}/{engine.url.database}"
    return f"{reason} ({place})"


def insert_into(connection: AsyncConnection, table: Table) -> sqlite_dialect.Insert:
    """An INSERT that can say ON CONFLICT, which SQLAlchemy keeps apart by engine although both spell it alike."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # 50 ms that a bot on SQLite can do without

        return cast("sqlite_dialect.Insert", postgresql.insert(table))
    return sqlite_dialect.insert(table)
