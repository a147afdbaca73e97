"""Addresses, transactions and errors."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import ConfigurationError, StorageError
from bot.locales import words
from bot.storage import open_storage
from bot.storage.engine import open_engine, reading, translated, writing
from tests.storage.world import NOON, World


@pytest.mark.parametrize(
    "address",
    [
        "",
        "data/casse-croute.db",
        "mysql://bot:hunter2@localhost/db",
        "postgresql://bot:hunter2@localhost:port/db",
        "sqlite://",
        "sqlite:///:memory:",
        "http://bot:hunter2@localhost",
        "sqlite:////proc/nowhere/casse-croute.db",
    ],
)
def test_a_wrong_address_is_one_plain_sentence(address: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        open_engine(address)
    sentence = words("en")(refusal.value.key, **refusal.value.params)
    assert "DATABASE_URL" in sentence
    assert "\n" not in sentence
    assert "hunter2" not in sentence + str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "address", ["postgresql://bot:hunter2@127.0.0.1:1/db", "postgres://bot:hunter2@127.0.0.1:1/db?sslmode=disable"]
)
async def test_an_unreachable_postgresql_is_a_storage_error(address: str) -> None:
    pytest.importorskip("asyncpg")
    with pytest.raises(StorageError) as refusal:
        async with open_storage(address, now=lambda: NOON):
            pass
    assert "hunter2" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.__cause__ is not None


async def test_a_missing_database_is_a_storage_error(postgres: Callable[[str], str]) -> None:
    address = postgres("there").replace("/postgres?", "/nowhere?").replace("postgres:@", "postgres:hunter2@")
    with pytest.raises(StorageError, match="nowhere") as refusal:
        async with open_storage(address, now=lambda: NOON):
            pass
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"this is no database, but a text that somebody put there" * 40])
async def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notes.txt").write_bytes(content)
    with pytest.raises(StorageError, match="not a database"):
        async with open_storage(f"sqlite:///{tmp_path}/notes.txt", now=lambda: NOON):
            pass
    assert (tmp_path / "notes.txt").read_bytes() == content


async def test_a_folder_in_place_of_the_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open"):
        async with open_storage(f"sqlite:///{tmp_path}", now=lambda: NOON):
            pass


async def test_the_folder_of_a_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for address in ("sqlite:///a/b/relative.db", f"sqlite+aiosqlite:///{tmp_path}/c/absolute.db"):
        async with open_storage(address, now=lambda: NOON) as storage:
            await storage.ping()
    assert (tmp_path / "a/b/relative.db").exists()
    assert (tmp_path / "c/absolute.db").exists()


async def test_storage_opens_on_both_engines(database_url: str) -> None:
    for _ in range(2):
        async with open_storage(database_url, now=lambda: NOON) as storage:
            await storage.ping()
            await storage.notes.set("key", "value")
    async with open_storage(database_url, now=lambda: NOON) as storage:
        assert await storage.notes.get("key") == "value"


async def test_a_transaction_that_fails_leaves_nothing(world: World) -> None:
    async def half() -> None:
        async with writing(world.engine) as connection:
            await connection.execute(text("INSERT INTO notes (key, value) VALUES ('a', 'b')"))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        await half()
    assert await world.notes.get("a") is None


async def test_what_the_database_refuses_is_a_storage_error(world: World) -> None:
    with pytest.raises(StorageError) as refusal:
        async with writing(world.engine) as connection:
            await connection.execute(text("INSERT INTO notes (key) VALUES ('a')"))
    assert "\n" not in str(refusal.value)
    assert "value" in str(refusal.value)
    assert "<class" not in str(refusal.value)


async def test_reads_then_writes_of_two_processes_lose_nothing(open_one: Callable[[], Awaitable[AsyncEngine]]) -> None:
    worlds = [World(await open_one()) for _ in range(2)]
    await worlds[0].notes.set("count", "0")
    lock = " FOR UPDATE" if worlds[0].engine.dialect.name == "postgresql" else ""

    async def add(world: World) -> None:
        async with writing(world.engine) as connection:
            value = (await connection.execute(text(f"SELECT value FROM notes{lock}"))).scalar()  # noqa: S608
            await asyncio.sleep(0)
            await connection.execute(text("UPDATE notes SET value = :value"), {"value": str(int(value) + 1)})

    await asyncio.gather(*(add(world) for world in worlds for _ in range(40)))
    assert await worlds[0].notes.get("count") == "80"


async def test_a_reading_sees_one_state(open_one: Callable[[], Awaitable[AsyncEngine]]) -> None:
    one, two = World(await open_one()), World(await open_one())
    await one.notes.set("key", "before")
    async with reading(one.engine) as connection:
        query = text("SELECT value FROM notes")
        assert (await connection.execute(query)).scalar() == "before"
        await two.notes.set("key", "after")
        assert (await connection.execute(query)).scalar() == "before"
    assert await one.notes.get("key") == "after"


async def test_a_cancelled_writer_leaves_the_door_open(world: World) -> None:
    entered = asyncio.Event()

    async def write() -> None:
        async with writing(world.engine) as connection:
            await connection.execute(text("INSERT INTO notes (key, value) VALUES ('a', 'b')"))
            entered.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write())
    await entered.wait()
    waiting = asyncio.create_task(world.notes.set("b", "c"))
    await asyncio.sleep(0)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    await waiting
    assert await world.notes.get("a") is None
    assert await world.notes.get("b") == "c"


async def test_writers_cancelled_at_any_moment_leave_the_door_open(world: World) -> None:
    for steps in range(40):
        writer = asyncio.create_task(world.notes.set("key", str(steps)))
        for _ in range(steps):
            await asyncio.sleep(0)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    await world.notes.set("key", "last")
    assert await world.notes.get("key") == "last"


class TestSqlite:
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/test.db"

    async def test_readers_do_not_wait_for_a_writer(self, world: World) -> None:
        await world.notes.set("key", "before")
        async with writing(world.engine) as connection:
            await connection.execute(text("UPDATE notes SET value = 'after'"))
            assert await world.notes.get("key") == "before"
        assert await world.notes.get("key") == "after"

    async def test_a_locked_database_is_waited_for_then_a_storage_error(
        self, world: World, database_url: str, tmp_path: Path
    ) -> None:
        impatient = open_engine(database_url, busy_timeout=timedelta(milliseconds=50))
        other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                await World(impatient).notes.set("key", "value")
            patient = asyncio.create_task(world.notes.set("key", "value"))
            await World(impatient).notes.get("key")
            other.execute("COMMIT")
            await patient
            await World(impatient).notes.set("key", "other")
        finally:
            other.close()
            await impatient.dispose()

    async def test_the_file_is_set_up_for_many_readers(self, engine: AsyncEngine) -> None:
        async with reading(engine) as connection:
            pragmas = {
                name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}


async def test_bugs_are_not_called_storage_errors(engine: AsyncEngine) -> None:
    with pytest.raises(ValueError, match="a bug"), translated(engine):
        raise ValueError("a bug")
    with pytest.raises(StatementError, match="zone"):
        await World(engine).due_sources.next_due_at(datetime(2026, 1, 1))  # noqa: DTZ001


async def test_times_keep_their_microseconds_and_come_back_in_utc(world: World) -> None:
    precise = datetime(2026, 11, 23, 1, 2, 3, 456_789, tzinfo=UTC)
    world.now = precise.astimezone(datetime.fromisoformat("2026-01-01T00:00-05:00").tzinfo)
    source = await world.source()
    assert source.next_check_at == precise
    assert source.next_check_at.tzinfo is UTC


async def test_postgresql_plans_for_the_tables_as_they_are_now(postgres: Callable[[str], str]) -> None:
    engine = open_engine(postgres("plans"))
    async with reading(engine) as connection:
        assert (await connection.execute(text("SHOW plan_cache_mode"))).scalar() == "force_custom_plan"
    await engine.dispose()
