"""The schema, from empty to now."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import ConfigurationError
from bot.storage import migrations, open_storage
from bot.storage.engine import open_engine, reading, writing
from bot.storage.migrations import HEAD, migrate
from bot.storage.schema import metadata
from tests.storage.world import NOON


async def test_migrations_lead_to_the_schema_that_the_code_uses(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    async with reading(engine) as connection:
        assert await connection.run_sync(differences) == []


def test_the_head_that_the_code_expects_is_the_newest_migration() -> None:
    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


async def test_partial_indexes_say_the_same_in_migrations_and_schema(engine: AsyncEngine) -> None:
    """Alembic compares columns of indexes, not their WHERE."""
    query = {
        "sqlite": "SELECT name, lower(sql) FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
        "postgresql": "SELECT indexname, lower(indexdef) FROM pg_indexes"
        " WHERE schemaname = current_schema() AND indexdef LIKE '%WHERE%'",
    }[engine.dialect.name]
    async with reading(engine) as connection:
        found = {row[0]: row[1] for row in await connection.execute(text(query))}
    declared = {
        index.name: str(condition).lower()
        for table in metadata.tables.values()
        for index in table.indexes
        if (condition := index.dialect_options[engine.dialect.name]["where"]) is not None
    }
    assert found.keys() == declared.keys()
    for name, condition in declared.items():
        column, *rest = condition.split()
        assert column in found[name].split(" where ")[1]
        assert rest[-1].strip("'") in found[name].split(" where ")[1]


async def test_migrating_again_changes_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    try:
        await asyncio.gather(*map(migrate, engines))
        async with reading(engines[0]) as connection:
            assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all() == [HEAD]
    finally:
        for engine in engines:
            await engine.dispose()


async def test_a_database_from_a_newer_version_is_refused_and_left_alone(
    engine: AsyncEngine, database_url: str
) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError) as refusal:
        async with open_storage(database_url, now=lambda: NOON):
            pass
    assert refusal.value.key == "config_error.database_newer"
    assert refusal.value.params["found"] == "9999"
    async with reading(engine) as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar() == "9999"


async def test_a_migration_that_fails_leaves_nothing_behind(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(database_url)

    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE halfway (id INTEGER)"))
        raise RuntimeError("the disk caught fire")

    monkeypatch.setattr(migrations, "_upgrade", fail)
    with pytest.raises(RuntimeError):
        await migrate(engine)
    monkeypatch.undo()
    await migrate(engine)
    async with reading(engine) as connection:
        tables = await connection.run_sync(lambda sync: set(migrations.inspect(sync).get_table_names()))
    await engine.dispose()
    assert tables == {*metadata.tables, "alembic_version"}
