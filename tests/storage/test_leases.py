"""What a dead process was at is taken up at once by the next; what a living one is at is left alone."""

from datetime import UTC, datetime
from pathlib import Path

from bot.storage import open_storage
from tests.storage.world import LEASE, World

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_the_first_to_come_ends_the_leases_of_the_dead(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with open_storage(url, now=lambda: NOW) as storage:
        world = World(storage.engine)
        source = await world.source()
        await world.follow(source)
        await world.publish(source, "a")
        (claimed,) = await world.claim()
        await world.due_sources.lease_due(now=source.next_check_at + 9 * LEASE, lease=LEASE, limit=1)
    async with open_storage(url, now=lambda: NOW) as storage:
        world = World(storage.engine)
        (again,) = await world.claim()
        assert again.delivery.id == claimed.delivery.id
        assert again.delivery.tried_at == world.now
        assert (await world.reload(source)).id == source.id
        assert await world.due_sources.lease_due(now=source.next_check_at + 9 * LEASE, lease=LEASE, limit=1)


async def test_leases_of_the_living_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with open_storage(url, now=lambda: NOW) as storage:
        world = World(storage.engine)
        source = await world.source()
        await world.follow(source)
        await world.publish(source, "a")
        await world.claim()
        async with open_storage(url, now=lambda: NOW) as other:
            assert await World(other.engine).claim() == []
        assert await world.claim() == []
