"""Which sources are due, and who checks them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import Places, Source, SourceKind, SourceState, SubscriptionState
from bot.storage.engine import writing
from bot.storage.schema import sources, subscriptions
from tests.storage.world import CABIN, LEASE, MINUTE, World


async def followed_source(world: World, number: int, *, late: timedelta = MINUTE) -> Source:
    """Checked before, and due since `late`."""
    source = await world.source(f"https://exemple.test/{number}")
    await world.follow(source, CABIN + number)
    await world.archive.record_failure(
        source.id, failed_at=world.now - MINUTE, next_check_at=world.now - late, reason="dns"
    )
    return await world.reload(source)


async def lease(world: World, limit: int = 9) -> list[Source]:
    return list(await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=limit))


async def test_the_longest_due_come_first_and_once(world: World) -> None:
    made = [await followed_source(world, number, late=number * MINUTE) for number in (1, 3, 2)]
    assert await lease(world, 2) == [made[1], made[2]]
    assert await lease(world, 2) == [made[0]]
    assert await lease(world, 2) == []


async def test_a_lease_ends_by_time_by_release_and_by_record(world: World) -> None:
    source = await followed_source(world, 1)
    assert await lease(world) == [source]
    assert await world.due_sources.next_due_at(world.now) == world.now + LEASE
    await world.due_sources.release(source.id)
    assert await lease(world) == [source]
    world.now += LEASE
    assert await lease(world) == [source]
    await world.record(source)
    assert await lease(world) == []
    assert await world.due_sources.next_due_at(world.now) == world.now + 5 * MINUTE
    world.now += 5 * MINUTE
    assert [each.id for each in await lease(world)] == [source.id]


async def test_next_due_at_is_the_earliest_of_all(world: World) -> None:
    assert await world.due_sources.next_due_at(world.now) is None
    first = await followed_source(world, 1, late=5 * MINUTE)
    assert await world.due_sources.next_due_at(world.now) == world.now - 5 * MINUTE
    second = await followed_source(world, 2, late=-LEASE * 2)
    assert await lease(world) == [first]
    assert await world.due_sources.next_due_at(world.now) == world.now + LEASE
    await world.record(first)
    assert await world.due_sources.next_due_at(world.now) == second.next_check_at


@pytest.mark.parametrize("state", SubscriptionState)
async def test_only_what_somebody_wants_is_checked(world: World, state: SubscriptionState) -> None:
    await followed_source(world, 1)
    async with writing(world.engine) as connection:
        await connection.execute(update(subscriptions).values(state=state))
    wanted = state is not SubscriptionState.PAUSED
    assert (await world.due_sources.next_due_at(world.now) is not None) == wanted
    assert bool(await lease(world)) == wanted


async def test_a_suspended_source_is_not_checked(world: World) -> None:
    await followed_source(world, 1)
    async with writing(world.engine) as connection:
        await connection.execute(update(sources).values(state=SourceState.SUSPENDED))
    assert await lease(world) == []
    assert await world.due_sources.next_due_at(world.now) is None


async def test_a_renewed_lease_lasts_and_an_ended_one_stays_ended(world: World) -> None:
    source = await followed_source(world, 1)
    assert await lease(world) == [source]
    await world.due_sources.renew([source.id], until=world.now + 2 * LEASE)
    world.now += LEASE
    assert await lease(world) == []
    await world.due_sources.release(source.id)
    await world.due_sources.renew([source.id], until=world.now + 2 * LEASE)
    assert [each.id for each in await lease(world)] == [source.id]


async def test_processes_share_the_sources(open_one: Callable[[], Awaitable[AsyncEngine]]) -> None:
    worlds = [World(await open_one()) for _ in range(3)]
    for number in range(1, 25):
        await followed_source(worlds[0], number)
    leased = await asyncio.gather(*(lease(world, 8) for world in worlds))
    rest = await lease(worlds[0], 24)
    ids = [source.id for each in (*leased, rest) for source in each]
    assert len(ids) == len(set(ids)) == 24


async def test_a_hint_makes_a_source_due_and_leaves_the_others(world: World) -> None:
    hinted, other = await world.source(), await world.source("https://exemple.test/autre")
    for source in (hinted, other):
        await world.follow(source, channel_id=CABIN + source.id)
        await world.publish(source, "a")
    assert await world.due_sources.lease_due(now=world.now, lease=MINUTE, limit=5) == []
    await world.due_sources.hasten([hinted.id], now=world.now)
    (due,) = await world.due_sources.lease_due(now=world.now, lease=MINUTE, limit=5)
    assert due.id == hinted.id


async def test_followed_folders_are_listed(world: World) -> None:
    folder = await world.register.add_source("/articles", SourceKind.FOLDER, title=None, now=world.now)
    await world.source()
    assert await world.due_sources.folders() == {}
    await world.follow(folder)
    assert await world.due_sources.folders() == {folder.id: "/articles"}


THREE = Places(per_host=3, doubtful_per_host=1, doubtful=2)


async def sources_of(world: World, host: str, numbers: range, *, failures: int = 0) -> list[Source]:
    found = []
    for number in numbers:
        source = await world.source(f"https://{host}/{number}")
        await world.follow(source, CABIN + number)
        await world.archive.record_failure(
            source.id, failed_at=world.now - MINUTE, next_check_at=world.now - number * MINUTE, reason="dns"
        )
        async with writing(world.engine) as connection:
            await connection.execute(update(sources).where(sources.c.id == source.id).values(failures=failures))
        found.append(await world.reload(source))
    return found


async def test_no_host_takes_all_the_places(world: World) -> None:
    crowd = await sources_of(world, "foule.test", range(50, 90))
    others = [*await sources_of(world, "un.test", range(1, 2)), *await sources_of(world, "deux.test", range(2, 3))]
    leased = await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=10, places=THREE)
    assert [each.id for each in leased] == [each.id for each in (*crowd[:-4:-1], *reversed(others))]
    assert await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=10, places=THREE) == []
    await world.due_sources.release(leased[0].id, leased[3].id)
    again = await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=10, places=THREE)
    assert [each.id for each in again] == [leased[0].id, leased[3].id]


async def test_those_that_failed_last_time_leave_places_to_others(world: World) -> None:
    tired = [
        await sources_of(world, f"{host}.test", range(at, at + 3), failures=2)
        for host, at in (("a", 30), ("b", 40), ("c", 50))
    ]
    well = [*await sources_of(world, "a.test", range(1, 5)), *await sources_of(world, "b.test", range(5, 6))]
    leased = await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=20, places=THREE)
    assert [each.id for each in leased] == [
        each.id for each in (tired[2][-1], tired[1][-1], well[4], *reversed(well[2:4]), well[1])
    ]
    assert await world.due_sources.lease_due(now=world.now, lease=LEASE, limit=20, places=THREE) == []


async def test_so_do_those_that_were_never_asked(world: World) -> None:
    unknown = [await world.source(f"https://nouveau{number}.test/") for number in range(3)]
    for number, source in enumerate(unknown):
        await world.follow(source, CABIN + number)
    await world.due_sources.release(*(each.id for each in unknown))
    known = await sources_of(world, "a.test", range(10, 11))
    leased = await world.due_sources.lease_due(now=world.now + MINUTE, lease=LEASE, limit=20, places=THREE)
    assert len([each for each in leased if each.doubtful]) == THREE.doubtful
    assert known[0].id in [each.id for each in leased]
