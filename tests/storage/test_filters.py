"""Articles that filters keep out: stored as such, never sent, and told apart from those that are owed."""

from collections.abc import Sequence

from sqlalchemy import select, update

from bot.articles.filters import Filter, read_trace
from bot.delivery.planner import plan_deliveries
from bot.delivery.preferences import Preferences, stored
from bot.models import DeliveryState, Entry, Retraction, Source, Subscription
from bot.postings import Publication
from bot.storage.engine import reading, writing
from bot.storage.filters import Filters
from bot.storage.library import Library
from bot.storage.schema import deliveries, subscriptions
from bot.updates.sifting import Sifter, Sifting
from bot.updates.update import NewArticle
from bot.updates.updater import Updater
from tests.storage.test_histories import Page, understand
from tests.storage.test_stories import telling
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World, article, new
from tests.updates.test_sifting import Offload

NO_FRIES = Filter(mode="exclude", field="title", words="frites")
POUTINE = Filter(mode="include", words="poutine")
FRIES = Filter(mode="include", field="title", words="frites")


async def follow(
    world: World, source: Source, *filters: Filter, channel_id: int = CABIN + 1, guild_id: int = CABIN
) -> Subscription:
    subscription = await world.follow(source, channel_id, guild_id)
    await choose(world, subscription, *filters)
    return subscription


async def choose(world: World, subscription: Subscription, *filters: Filter) -> None:
    async with writing(world.engine) as connection:
        await connection.execute(
            update(subscriptions)
            .where(subscriptions.c.id == subscription.id)
            .values(preferences=stored(Preferences(filters=filters)))
        )


def titled(*titles: str) -> Sequence[NewArticle]:
    return [new(title, article(title)) for title in titles]


async def kept_out(world: World) -> dict[tuple[int, int], tuple[Filter, ...]]:
    async with reading(world.engine) as connection:
        rows = await connection.execute(select(deliveries).where(deliveries.c.state == DeliveryState.FILTERED))
        return {(row.article_id, row.channel_id): read_trace(row.held_reason) for row in rows}


async def test_what_a_filter_keeps_out_is_never_sent_and_says_which_did_and_when(world: World) -> None:
    source = await world.source()
    await follow(world, source, NO_FRIES)
    await follow(world, source, channel_id=CABIN + 2)
    recorded = await world.record(source, titled("Poutine", "Frites"))
    poutine, fries = recorded.article_ids
    assert recorded.deliveries == 3
    assert await kept_out(world) == {(fries, CABIN + 1): (NO_FRIES,)}
    assert sorted(await world.send_all()) == [poutine, poutine, fries]
    async with reading(world.engine) as connection:
        assert (
            await connection.execute(
                select(deliveries.c.created_at).where(deliveries.c.state == DeliveryState.FILTERED)
            )
        ).scalar() == world.now


async def test_changing_a_filter_announces_nothing_old(world: World) -> None:
    source = await world.source()
    subscription = await follow(world, source, NO_FRIES)
    await world.record(source, titled("Frites"))
    await choose(world, subscription)
    await world.record(source, titled("Frites"))
    assert await world.send_all() == []
    (again,) = (await world.record(source, titled("Frites encore"))).article_ids
    assert await world.send_all() == [again]


async def test_what_was_owed_before_a_filter_came_is_sent_all_the_same(world: World) -> None:
    source = await world.source()
    subscription = await follow(world, source)
    await world.record(source, titled("Frites"))
    await choose(world, subscription, NO_FRIES)
    assert len(await world.send_all()) == 1


async def test_only_what_all_filters_want_is_owed(world: World) -> None:
    source = await world.source()
    await follow(world, source, POUTINE, FRIES)
    _, fries = (await world.record(source, titled("Soupe", "Frites"))).article_ids  # both speak of poutines
    assert await world.send_all() == [fries]


async def test_a_story_that_was_kept_out_may_come_from_another_source(world: World) -> None:
    one, two = await world.source("https://un.test/flux", "Un"), await world.source("https://deux.test/flux", "Deux")
    await follow(world, one, Filter(mode="exclude", field="title", words="titre a"))
    await follow(world, two)
    assert (await world.record(one, [telling("a")])).deliveries == 0
    assert (await world.record(two, [telling("b", url="https://deux.test/b")])).deliveries == 1


async def test_a_moderator_may_publish_what_a_filter_kept_out(world: World) -> None:
    source = await world.source()
    await follow(world, source, NO_FRIES)
    (article_id,) = (await world.record(source, titled("Frites"))).article_ids
    its = await Library(world.engine).article(CABIN, article_id)
    assert its is not None
    published = await world.desk.publish(CABIN, its, (CABIN + 1,), strictly=True, now=world.now)
    assert published.publication is Publication.OWED
    assert await kept_out(world) == {}
    assert await world.send_all() == [article_id]


async def test_the_newest_article_of_a_source_that_is_followed_late_is_filtered_too(world: World) -> None:
    source = await world.source()
    await follow(world, source)
    (fries,) = (await world.record(source, titled("Frites"))).article_ids
    late = await follow(world, source, NO_FRIES, channel_id=CABIN + 2)
    assert await world.register.announce_newest(late.id, world.now) == 0
    assert await kept_out(world) == {(fries, CABIN + 2): (NO_FRIES,)}
    await choose(world, late)
    assert await world.register.announce_newest(late.id, world.now) == 0
    other = await follow(world, source, POUTINE, channel_id=CABIN + 3)
    assert await world.register.announce_newest(other.id, world.now) == 1


async def test_the_filters_of_a_source_are_those_of_all_who_wait_for_it(world: World) -> None:
    source, other = await world.source(), await world.source("https://autre.test/flux")
    await follow(world, source, NO_FRIES, POUTINE)
    await follow(world, source, NO_FRIES, channel_id=OTHER_CABIN + 1, guild_id=OTHER_CABIN)
    paused = await follow(world, source, FRIES, channel_id=CABIN + 2)
    await world.register.pause(CABIN, paused.id)
    await follow(world, other, FRIES, channel_id=CABIN + 3)
    assert sorted(await Filters(world.engine).filters_of(source.id), key=lambda each: each.mode) == [NO_FRIES, POUTINE]
    assert await Filters(world.engine).filters_of(other.id) == [FRIES]


async def test_the_last_articles_of_a_source_are_those_that_stand_in_the_server(world: World) -> None:
    source = await world.source()
    await follow(world, source)
    ids = []
    for title in ("Un", "Deux", "Trois"):
        world.now += MINUTE
        ids += (await world.record(source, titled(title))).article_ids
    await world.desk.retract(CABIN, 7, ids[1], Retraction.STRIKE, now=world.now)
    library = Library(world.engine)
    assert [each.id for each in await library.newest_articles(CABIN, source.id, 2)] == [ids[2], ids[0]]
    assert [each.id for each in await library.newest_articles(OTHER_CABIN, source.id, 2)] == [ids[2], ids[1]]


async def test_a_check_looks_for_what_its_followers_want_before_it_stores(world: World) -> None:
    source = await world.source()
    await follow(world, source, NO_FRIES)
    page, offload = Page(), Offload()
    updater = Updater(
        page,
        world.archive,
        understand,
        plan_deliveries,
        sifting=Sifting(Filters(world.engine), Sifter(offload, clock=lambda: 0.0)),
        interval=5 * MINUTE,
        now=lambda: world.now,
    )
    page.entries = (Entry("a", title="Frites"),)
    assert (await updater.check(source)).deliveries == 0
    page.entries = (Entry("b", title="Poutine"), Entry("c", title="Frites"), *page.entries)
    assert (await updater.check(await world.reload(source))).deliveries == 1
    assert offload.jobs == 3
    assert len(await kept_out(world)) == 2
