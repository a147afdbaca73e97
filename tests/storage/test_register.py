"""Servers, sources and subscriptions as moderators set them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import Server, SourceKind, SourceState, SubscriptionState
from bot.storage.engine import writing
from bot.storage.schema import sources
from tests.storage.world import CABIN, LEASE, MINUTE, NOON, OTHER_CABIN, World, article, new

ONE, TWO = CABIN + 1, CABIN + 2


async def test_a_server_keeps_its_language(world: World) -> None:
    assert await world.register.server(CABIN) == Server(guild_id=CABIN)
    for language in ("fr", "en", None):
        await world.register.set_language(CABIN, language)
        assert await world.register.server(CABIN) == Server(guild_id=CABIN, language=language)


async def test_a_new_source_is_left_to_the_one_who_adds_it(world: World) -> None:
    assert await world.register.source_by_url("https://exemple.test/flux") is None
    source = await world.source()
    assert (source.title, source.kind, source.seeded_at, source.failures) == ("Le Flux", SourceKind.FEED, None, 0)
    assert await world.register.source_by_url(source.url) == source
    await world.follow(source)
    assert await world.due_sources.lease_due(now=world.now + MINUTE, lease=LEASE, limit=9) == []
    assert await world.due_sources.lease_due(now=world.now + 5 * MINUTE, lease=LEASE, limit=9) == [source]


async def test_adding_a_known_source_keeps_what_it_had(world: World) -> None:
    source = await world.source(title=None)
    await world.follow(source)
    await world.archive.record_failure(source.id, failed_at=NOON, next_check_at=NOON, reason="gone")
    async with writing(world.engine) as connection:
        await connection.execute(update(sources).values(state=SourceState.SUSPENDED, etag='"1"', seeded_at=NOON))
    again = await world.register.add_source(source.url, SourceKind.FEED, title="Trouvé", now=NOON + MINUTE)
    assert (again.id, again.title, again.state, again.etag) == (source.id, "Trouvé", SourceState.ACTIVE, '"1"')
    assert (again.seeded_at, again.failures) == (NOON, 1)
    third = await world.register.add_source(source.url, SourceKind.FEED, title="Autre", now=NOON)
    assert third.title == "Trouvé"


async def test_a_source_that_nobody_followed_any_more_begins_afresh(world: World) -> None:
    """What it published meanwhile is an archive, not news; whatever else is followed."""
    source = await world.source()
    follower = await world.follow(source)
    await world.follow(await world.source("https://exemple.test/autre"))
    await world.publish(source, "a")
    assert (await world.reload(source)).seeded_at == NOON
    await world.register.unsubscribe(CABIN, follower.id)
    assert (await world.source()).seeded_at is None


async def test_a_channel_follows_a_source_once(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    assert (subscription.guild_id, subscription.channel_id, subscription.created_by) == (CABIN, ONE, 7)
    assert (subscription.state, subscription.created_at) == (SubscriptionState.ACTIVE, NOON)
    assert (
        await world.register.subscribe(source.id, guild_id=CABIN, channel_id=ONE, created_by=8, now=world.now) is None
    )
    assert (await world.follow(source, TWO)).id != subscription.id


async def test_processes_that_subscribe_together_make_one_subscription(
    open_one: Callable[[], Awaitable[AsyncEngine]],
) -> None:
    worlds = [World(await open_one()) for _ in range(2)]

    async def add(world: World) -> bool:
        source = await world.source()
        made = await world.register.subscribe(source.id, guild_id=CABIN, channel_id=ONE, created_by=None, now=NOON)
        return made is not None

    assert sorted(await asyncio.gather(*map(add, worlds * 3))) == [False] * 5 + [True]
    assert len(await worlds[0].register.followed(CABIN)) == 1


async def test_unsubscribing_is_the_servers_own_to_do(world: World) -> None:
    subscription = await world.follow(await world.source())
    assert not await world.register.unsubscribe(OTHER_CABIN, subscription.id)
    assert await world.register.unsubscribe(CABIN, subscription.id)
    assert not await world.register.unsubscribe(CABIN, subscription.id)
    assert await world.register.followed(CABIN) == []


async def test_unsubscribing_cancels_what_is_owed_and_ends_the_checks(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await world.publish(source, "a", "b")
    (in_flight,) = await world.claim()
    assert await world.register.pending_deliveries(CABIN) == 2
    await world.register.unsubscribe(CABIN, subscription.id)
    assert await world.register.pending_deliveries(CABIN) == 0
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) is None
    assert await world.due_sources.lease_due(now=NOON + timedelta(days=1), lease=LEASE, limit=9) == []
    await world.send(in_flight)
    assert await world.library.article(CABIN, in_flight.article.id) is not None


async def test_following_again_posts_nothing_twice_and_owes_again_what_was_cancelled(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await world.publish(source, "a", "b")
    (posted,) = await world.claim()
    await world.send(posted)
    await world.register.unsubscribe(CABIN, subscription.id)
    world.now += MINUTE
    again = await world.follow(source)
    assert (again.id, again.created_at) == (subscription.id, world.now)
    assert await world.claim() == []
    assert await world.register.announce_newest(again.id, world.now) == 1
    (cancelled,) = await world.claim()
    assert cancelled.article.article.title == "Article b"
    await world.send(cancelled)
    assert await world.register.announce_newest(again.id, world.now) == 0


async def test_announce_newest_owes_the_newest_once(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    assert await world.register.announce_newest(subscription.id, world.now) == 0
    dated = article("Récent", published_at=world.now - MINUTE)
    late = article("Tardif", published_at=world.now - timedelta(days=3))
    await world.record(source, [new("a", dated, announce=False), new("b", late, announce=False)])
    assert await world.register.announce_newest(subscription.id, world.now) == 1
    assert await world.register.announce_newest(subscription.id, world.now) == 0
    (claimed,) = await world.claim()
    assert claimed.article.article == dated
    newest = await world.register.newest_of_source(source.id)
    assert newest == claimed.article


async def test_what_is_followed_comes_in_order_of_channel_then_title(world: World) -> None:
    titles = {"https://x.test/1": "Zèbre", "https://x.test/2": "abeille", "https://x.test/3": None}
    made = [await world.source(url, title) for url, title in titles.items()]
    for source in made:
        await world.follow(source, TWO)
    await world.follow(made[0], ONE)
    await world.follow(made[0], OTHER_CABIN + 1, OTHER_CABIN)
    await world.publish(made[0], "a", "b")
    followed = await world.register.followed(CABIN)
    assert [(each.subscription.channel_id, each.source.title, each.articles) for each in followed] == [
        (ONE, "Zèbre", 2),
        (TWO, "abeille", 0),
        (TWO, None, 0),
        (TWO, "Zèbre", 2),
    ]


async def test_kinds_come_most_frequent_first(world: World) -> None:
    source = await world.source()
    assert await world.register.kinds_of_source(source.id) == []
    plain = article("Simple").model_copy(update={"sections": article().sections[:1]})
    await world.record(source, [new("a"), new("b", plain)])
    assert await world.register.kinds_of_source(source.id) == ["summary", "analogy"]
    assert await world.register.newest_of_source(source.id + 1) is None


async def test_settings_are_kept_unless_somebody_else_changed_them(world: World) -> None:
    store, source = world.register, await world.source()
    followed = await store.subscribe(
        source.id, guild_id=CABIN, channel_id=ONE, created_by=None, now=NOON, preferences='{"silent":true}'
    )
    assert followed is not None
    assert followed.preferences == '{"silent":true}'
    assert not await store.set_preferences(CABIN, followed.id, before="{}", after='{"shape":"text"}')
    assert not await store.set_preferences(OTHER_CABIN, followed.id, before='{"silent":true}', after="{}")
    assert await store.set_preferences(CABIN, followed.id, before='{"silent":true}', after='{"shape":"text"}')
    (kept,) = await store.followed(CABIN)
    assert kept.subscription.preferences == '{"shape":"text"}'
    await store.unsubscribe(CABIN, followed.id)
    assert not await store.set_preferences(CABIN, followed.id, before='{"shape":"text"}', after="{}")
    again = await store.subscribe(source.id, guild_id=CABIN, channel_id=ONE, created_by=None, now=NOON)
    assert again is not None
    assert again.preferences == "{}"
