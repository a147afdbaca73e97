"""How far a source got, where it moved, and when it is given up."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.models import Source, SourceState
from bot.storage.engine import reading
from bot.storage.schema import notices
from bot.updates.update import Update
from tests.storage.world import CABIN, MINUTE, NOON, OTHER_CABIN, World, new

LEARNT = {
    "etag": '"2"',
    "last_modified": "Mon, 23 Nov 2026 12:00:00 GMT",
    "title": "Le Flux",
    "home_url": "https://exemple.test/",
    "language": "fr",
    "ttl_seconds": 3600,
    "skip_hours": (1, 2),
    "skip_days": (5, 6),
    "gap_seconds": 7200,
    "last_new_at": NOON,
    "moved_to": "https://ailleurs.test/flux",
    "moved_sightings": 2,
}


async def checked(world: World, source: Source, **learnt: object) -> Source:
    await world.record_update(Update(source.id, (), (), replace(world.progress(), **learnt)))
    return await world.reload(source)


async def test_what_a_check_learnt_is_kept(world: World) -> None:
    source = await checked(world, await world.source(), **LEARNT)
    assert {name: getattr(source, name) for name in LEARNT} == LEARNT


async def test_a_steady_check_writes_its_times_and_nothing_else(world: World) -> None:
    before = await checked(world, await world.source(), **LEARNT)
    world.now += MINUTE
    after = await checked(world, before, steady=True)
    times = {"last_checked_at": world.now, "last_success_at": world.now, "next_check_at": world.now + 5 * MINUTE}
    assert after == before.model_copy(update=times)


async def test_checks_that_end_together_are_stored_together(world: World) -> None:
    sources = [await world.source(f"https://exemple.test/{number}") for number in range(40)]
    for number, source in enumerate(sources):
        await world.follow(source, CABIN + 1 + number)
    plain, eventful, failing = sources[:20], sources[20:39], sources[39]
    for source in plain:
        await world.record(source)
    world.now += MINUTE
    await asyncio.gather(
        *(checked(world, source, steady=True) for source in plain),
        *(world.record(source, [new(f"of {source.id}")]) for source in eventful),
        world.archive.record_failure(failing.id, failed_at=world.now, next_check_at=world.now, reason="dns"),
    )
    assert {(await world.reload(source)).last_success_at for source in sources[:39]} == {world.now}
    assert (await world.reload(failing)).last_failure == "dns"
    assert len(await world.claim(40)) == 19


async def test_two_checks_of_one_source_are_stored_one_after_the_other(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    first, second = await asyncio.gather(world.record(source, [new("a")]), world.record(source, [new("a"), new("b")]))
    assert first.article_ids[0] == second.article_ids[0]
    assert first.deliveries + second.deliveries == 2


async def test_a_source_that_never_listed_anything_is_still_to_be_seeded(world: World) -> None:
    source = await checked(world, await world.source(), seeded=False)
    assert source.seeded_at is None
    assert (await checked(world, source)).seeded_at == NOON


async def test_a_source_that_moved_is_fetched_there(world: World) -> None:
    source = await world.source()
    await world.record_update(Update(source.id, (), (), replace(world.progress(), url="https://ailleurs.test/flux")))
    assert await world.register.source_by_url(source.url) is None
    there = await world.register.source_by_url("https://ailleurs.test/flux")
    assert there is not None
    assert there.id == source.id


async def test_a_source_does_not_move_where_another_is(world: World) -> None:
    source, other = await world.source(), await world.source("https://ailleurs.test/flux")
    assert (await checked(world, source, url=other.url)).url == source.url


async def fail(world: World, source: Source, *, suspend: bool = False) -> Source:
    await world.archive.record_failure(
        source.id, failed_at=world.now, next_check_at=world.now + MINUTE, reason="gone", suspend=suspend
    )
    return await world.reload(source)


async def test_failures_are_counted_from_the_first(world: World) -> None:
    source = await fail(world, await world.source())
    world.now += MINUTE
    source = await fail(world, source)
    assert (source.failures, source.failing_since, source.last_failure_at) == (2, NOON, NOON + MINUTE)
    source = await checked(world, source)
    assert (source.failures, source.failing_since, source.last_failure) == (0, None, "gone")


async def test_a_source_that_is_given_up_is_told_once_to_each_server(world: World) -> None:
    source = await world.source()
    for channel_id, guild_id in ((CABIN + 1, CABIN), (CABIN + 2, CABIN), (OTHER_CABIN + 1, OTHER_CABIN)):
        await world.follow(source, channel_id, guild_id)
    gone = await world.follow(source, 7, 6)
    await world.register.unsubscribe(6, gone.id)
    source = await fail(world, source, suspend=True)
    assert source.state is SourceState.SUSPENDED
    assert await world.due_sources.lease_due(now=world.now + timedelta(days=9), lease=MINUTE, limit=9) == []
    async with reading(world.engine) as connection:
        told = (await connection.execute(select(notices).order_by(notices.c.guild_id))).all()
    assert [row.guild_id for row in told] == [CABIN, OTHER_CABIN]
    assert {row.key for row in told} == {"notice.source_suspended"}
    assert json.loads(told[0].params) == {"source": "Le Flux", "reason": "failure.gone"}


async def test_a_source_that_answers_again_is_back(world: World) -> None:
    source = await fail(world, await world.source(), suspend=True)
    assert (await checked(world, source)).state is SourceState.ACTIVE


async def test_our_own_network_is_judged_by_the_other_sources(world: World) -> None:
    source = await world.source()
    since = world.now - MINUTE
    assert await world.archive.reaches_others(source.id, since=since)
    other = await world.source("https://exemple.test/autre")
    assert not await world.archive.reaches_others(source.id, since=since)
    await checked(world, other)
    assert await world.archive.reaches_others(source.id, since=since)


async def test_pausing_and_resuming(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    other = await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    await world.publish(source, "a")
    (mine,) = await world.register.followed(CABIN)
    assert not await world.register.pause(OTHER_CABIN, mine.subscription.id)
    assert await world.register.pause(CABIN, mine.subscription.id)
    await world.publish(source, "b")
    assert {each.subscription.guild_id for each in await world.claim()} == {OTHER_CABIN}
    assert await world.register.resume(CABIN, mine.subscription.id, world.now)
    assert (await world.reload(source)).seeded_at == NOON, "somebody else followed it all the time"
    for subscription, guild_id in ((mine.subscription, CABIN), (other, OTHER_CABIN)):
        await world.register.pause(guild_id, subscription.id)
    assert not await world.register.resume(OTHER_CABIN, mine.subscription.id, world.now)
    assert await world.register.resume(CABIN, mine.subscription.id, world.now)
    assert (await world.reload(source)).seeded_at is None, "nobody did"


async def test_resuming_a_source_that_was_given_up_checks_it_at_once(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await world.record(source)
    await fail(world, source, suspend=True)
    world.now += MINUTE
    await world.register.resume(CABIN, subscription.id, world.now)
    source = await world.reload(source)
    assert (source.state, source.failures, source.failing_since) == (SourceState.ACTIVE, 0, None)
    assert source.next_check_at == world.now
