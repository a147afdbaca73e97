"""Bring a database to the schema of this version, at start."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import ConfigurationError
from bot.storage.engine import reading, writing

HEAD = "0008"
"""The newest migration in `versions`."""

_FOLDER = Path(__file__).parent
_ONE_AT_A_TIME = 7_267_338_911
"""Any number that no other program locks: `casse-croute` on a telephone's keys."""


async def migrate(engine: AsyncEngine) -> None:
    """Run the migrations that are missing, in one transaction; safe when two processes start together.

    Raises ConfigurationError for a database that a newer version has already changed.
    """
    async with reading(engine) as connection:
        if await connection.run_sync(_revision) == HEAD:
            return  # the usual start: Alembic need not even be imported
    async with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        await connection.run_sync(_upgrade)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigurationError("config_error.database_newer", found=revision, known=HEAD)
    command.upgrade(config, "head")
