"""Articles that moderators retract or publish by hand."""

import pytest
from sqlalchemy import select, update

from bot.models import DeliveryState, Retraction, StoredArticle, SubscriptionState
from bot.postings import Publication
from bot.storage.engine import reading, writing
from bot.storage.library import Library
from bot.storage.schema import deliveries, subscriptions
from tests.storage.world import CABIN, LEASE, MINUTE, OTHER_CABIN, World, new

HERE, THERE = CABIN + 1, CABIN + 2


async def followed(world: World, *identities: str) -> list[int]:
    """One source, followed in two channels of a server and in another server."""
    source = await world.source()
    await world.follow(source, HERE)
    await world.follow(source, THERE)
    await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    return list(await world.publish(source, *(identities or ("a",))))


async def retract(world: World, article_id: int, how: Retraction = Retraction.STRIKE) -> int:
    return await world.desk.retract(CABIN, 7, article_id, how, now=world.now)


async def owed(world: World) -> dict[int, Retraction | None]:
    """By channel, what an edit is to make of the message."""
    edits = await world.edits.claim(now=world.now, lease=LEASE, limit=50)
    return {edit.claimed.delivery.channel_id: edit.retraction for edit in edits}


async def states(world: World, article_id: int) -> dict[int, str]:
    async with reading(world.engine) as connection:
        rows = await connection.execute(
            select(deliveries.c.channel_id, deliveries.c.state).where(deliveries.c.article_id == article_id)
        )
        return {row.channel_id: row.state for row in rows}


async def article(world: World, article_id: int) -> StoredArticle:
    found = await Library(world.engine, retracted_too=True).article(CABIN, article_id)
    assert found is not None
    return found


async def publish(world: World, article_id: int, *channels: int, strictly: bool = True) -> tuple[str, int | None]:
    published = await world.desk.publish(
        CABIN, await article(world, article_id), channels, strictly=strictly, now=world.now
    )
    return published.publication, published.channel_id


@pytest.mark.parametrize("how", list(Retraction))
async def test_every_message_of_the_server_is_owed_its_end_and_no_other_s(world: World, how: Retraction) -> None:
    (article_id,) = await followed(world)
    await world.send_all()
    assert await retract(world, article_id, how) == 2
    assert await owed(world) == {HERE: how, THERE: how}


async def test_what_was_still_to_be_posted_is_not(world: World) -> None:
    (article_id,) = await followed(world)
    assert await retract(world, article_id) == 0
    assert await states(world, article_id) == {
        HERE: DeliveryState.CANCELLED,
        THERE: DeliveryState.CANCELLED,
        OTHER_CABIN + 1: DeliveryState.PENDING,
    }
    assert [each.subscription.guild_id for each in await world.claim()] == [OTHER_CABIN]


async def test_a_message_that_was_being_sent_is_owed_its_end_too(world: World) -> None:
    (article_id,) = await followed(world)
    claimed = await world.claim()
    assert await retract(world, article_id) == 2
    for each in claimed:
        await world.send(each)
    assert await owed(world) == {HERE: Retraction.STRIKE, THERE: Retraction.STRIKE}


async def test_no_command_offers_it_any_more_there(world: World) -> None:
    first, second = await followed(world, "a", "b")
    await world.send_all()
    await retract(world, second)
    library = world.library
    assert await library.article(CABIN, second) is None
    assert [each.id for each in await library.titles(CABIN, "article", 10)] == [first]
    for newest in (await library.newest_in_server(CABIN), await library.newest_in_channel(CABIN, HERE)):
        assert newest is not None
        assert newest.id == first
    other = await library.newest_in_server(OTHER_CABIN)
    assert other is not None
    assert other.id == second
    assert await library.article(OTHER_CABIN, second) is not None
    whole = Library(world.engine, retracted_too=True)
    assert [each.id for each in await whole.titles(CABIN, "article", 10)] == [second, first]


async def test_nor_is_it_announced_to_a_channel_that_joins_later(world: World) -> None:
    first, second = await followed(world, "a", "b")
    await world.send_all()
    await retract(world, second)
    late = await world.follow(await world.source(), CABIN + 9)
    await world.register.announce_newest(late.id, world.now)
    assert [each.delivery.article_id for each in await world.claim()] == [first]


async def test_publishing_takes_a_retraction_back(world: World) -> None:
    (article_id,) = await followed(world)
    await world.send_all()
    await retract(world, article_id)
    await owed(world)
    assert await publish(world, article_id, HERE) == (Publication.RESTORED, HERE)
    assert await owed(world) == {HERE: None, THERE: None}
    assert await world.library.article(CABIN, article_id) is not None
    assert await publish(world, article_id, HERE) == (Publication.ALREADY, HERE)


async def test_a_message_that_was_deleted_is_posted_anew(world: World) -> None:
    (article_id,) = await followed(world)
    await world.send_all()
    await retract(world, article_id, Retraction.DELETE)
    for edit in await world.edits.claim(now=world.now, lease=LEASE, limit=50):
        await world.edits.gone(edit, at=world.now)
    world.now += MINUTE
    assert await publish(world, article_id, HERE) == (Publication.OWED, HERE)
    (claimed,) = await world.claim()
    assert claimed.delivery.channel_id == HERE
    assert claimed.delivery.tried_at is None
    await world.send(claimed)
    assert await publish(world, article_id, HERE) == (Publication.ALREADY, HERE)
    assert (await states(world, article_id))[THERE] == DeliveryState.SENT


async def test_an_archived_article_that_was_never_posted_can_be(world: World) -> None:
    source = await world.source()
    await world.follow(source, HERE)
    (article_id,) = (await world.record(source, [new("a", announce=False)])).article_ids
    assert await publish(world, article_id, HERE) == (Publication.OWED, HERE)
    assert await publish(world, article_id, HERE) == (Publication.OWED, HERE)
    assert len(await world.claim()) == 1


async def test_the_channel_that_is_meant(world: World) -> None:
    (article_id,) = await followed(world)
    elsewhere = CABIN + 50
    assert (await publish(world, article_id, elsewhere))[0] == Publication.NOWHERE
    assert (await publish(world, article_id, elsewhere, strictly=False))[0] == Publication.UNCLEAR
    assert await publish(world, article_id, elsewhere, THERE, strictly=False) == (Publication.OWED, THERE)
    async with writing(world.engine) as connection:
        await connection.execute(
            update(subscriptions).where(subscriptions.c.channel_id == THERE).values(removed_at=world.now)
        )
    assert await publish(world, article_id, elsewhere, strictly=False) == (Publication.OWED, HERE)
    async with writing(world.engine) as connection:
        await connection.execute(
            update(subscriptions).where(subscriptions.c.channel_id == HERE).values(state=SubscriptionState.PAUSED)
        )
    assert (await publish(world, article_id, HERE))[0] == Publication.PAUSED
