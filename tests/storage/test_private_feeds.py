"""Private feeds: each server's own, with credentials that nothing shows."""

from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.planner import plan_deliveries
from bot.models import Credentials, Source, SourceKind
from bot.storage import migrations
from bot.storage.engine import open_engine, reading, writing
from bot.storage.migrations import migrate
from bot.updates.update import Update
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World

URL = "https://exemple.test/prive"
STORED_BEFORE = (
    """INSERT INTO sources (id, kind, state, created_at, url, next_check_at, failures)
    VALUES (7, 'feed', 'active', '2026-11-23', 'https://exemple.test/a', '2026-11-23', 0)""",
    """INSERT INTO subscriptions (id, source_id, state, created_at, guild_id, channel_id)
    VALUES (3, 7, 'active', '2026-11-23', 1, 2)""",
    """INSERT INTO articles (id, source_id, identity, content_hash, found_at, sort_at, title_key, title, language,
    categories) VALUES (9, 7, 'a', 'h', '2026-11-23', '2026-11-23', 't', 'T', 'fr', '[]')""",
)
KEY = Credentials(header="X-Key", value=SecretStr("cheddar"))
OTHER_KEY = Credentials(header="X-Key", value=SecretStr("gouda"))


async def add(world: World, guild_id: int | None, credentials: Credentials | None) -> Source:
    return await world.register.add_source(
        URL, SourceKind.FEED, title="Privé", now=world.now, owner_guild_id=guild_id, credentials=credentials
    )


async def test_a_private_feed_is_its_servers_own(world: World) -> None:
    public = await add(world, None, None)
    mine, theirs = await add(world, CABIN, KEY), await add(world, OTHER_CABIN, OTHER_KEY)
    assert len({public.id, mine.id, theirs.id}) == 3
    assert [each.credentials for each in (public, mine, theirs)] == [None, KEY, OTHER_KEY]
    assert await world.register.source_by_url(URL, owner_guild_id=CABIN) == mine
    assert await world.register.source_by_url(URL) == public


async def test_new_credentials_replace_the_old_ones_and_nothing_else(world: World) -> None:
    before = await add(world, CABIN, KEY)
    await world.follow(before)
    await world.publish(before, "a")
    after = await add(world, CABIN, OTHER_KEY)
    assert (after.id, after.credentials) == (before.id, OTHER_KEY)
    assert set(await world.archive.known(after.id, ["a"])) == {"a"}


async def test_a_check_is_given_the_credentials_and_lists_are_not(world: World) -> None:
    source = await add(world, CABIN, KEY)
    await world.follow(source)
    world.now += 10 * MINUTE
    (due,) = await world.due_sources.lease_due(now=world.now, lease=MINUTE, limit=5)
    assert due.credentials == KEY
    shown = f"{await world.register.followed(CABIN)} {due!r} {due.model_dump_json()}"
    assert "cheddar" not in shown


async def test_a_private_feed_moves_apart_from_the_public_one(world: World) -> None:
    """Where an address is taken, a source stays where it is; another server's does not take it."""
    await add(world, None, None)
    mine = await world.register.add_source(
        f"{URL}/ancien", SourceKind.FEED, title=None, now=world.now, owner_guild_id=CABIN, credentials=KEY
    )
    progress = world.progress(url=URL)
    await world.archive.record(Update(mine.id, (), (), progress), plan_deliveries)
    assert await world.register.source_by_url(URL, owner_guild_id=CABIN) is not None


async def test_sources_with_all_that_hangs_on_them_survive_the_migration(database_url: str) -> None:
    engine = open_engine(database_url)
    try:
        await _migrate_to(engine, "0003")
        async with writing(engine) as connection:
            for statement in STORED_BEFORE:
                await connection.execute(text(statement))
        await migrate(engine)
        async with reading(engine) as connection:
            rows = await connection.execute(text("SELECT id, url, owner_guild_id, credentials FROM sources"))
            assert rows.all() == [(7, "https://exemple.test/a", 0, None)]
            joined = await connection.execute(
                text("SELECT articles.id FROM articles JOIN sources ON sources.id = articles.source_id")
            )
            assert joined.scalars().all() == [9]
            if engine.dialect.name == "sqlite":
                assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
    finally:
        await engine.dispose()


async def _migrate_to(engine: AsyncEngine, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations._FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with writing(engine) as connection:
        await connection.run_sync(upgrade)
