"""Digests: every article in exactly one, whatever dies when; and what becomes of them later."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.articles.corrections import Label, labels_of
from bot.delivery.digests import LISTED
from bot.delivery.dispatcher import Claimed, Posted
from bot.models import DeliveryState, Retraction, Subscription
from bot.postings import Publication
from bot.reading import Place, Reading
from bot.storage.engine import open_engine, reading
from bot.storage.library import Library
from bot.storage.schema import deliveries
from tests.storage.test_holds import at, choose, held
from tests.storage.test_queue_model import migrated
from tests.storage.world import CABIN, LEASE, MINUTE, World

__all__ = ("migrated",)

ONE = CABIN + 1
DAILY = {"digest": {"at": "08:00"}}
WEEKLY = {"digest": {"at": "08:00", "day": 4}}
MORNING = at(24 + 8)
"""The digest that follows upon the world's beginning, on a Monday at seven."""


async def subscribed(world: World, **preferences: object) -> Subscription:
    subscription = await world.follow(await world.source())
    await choose(world, subscription, **(preferences or DAILY))
    world.now = at(9)
    return subscription


async def publish(world: World, *identities: str) -> list[int]:
    source = await world.register.source_by_url("https://exemple.test/flux")
    assert source is not None
    return list(await world.publish(source, *identities))


async def digest_of(world: World, when: datetime = MORNING) -> Claimed:
    world.now = when
    (claimed,) = await world.claim()
    return claimed


def told(claimed: Claimed) -> list[int]:
    return [each.id for each in claimed.digest.articles] if claimed.digest else [claimed.article.id]


async def rows(world: World) -> dict[int, tuple[str, int | None]]:
    """State and message of each article."""
    async with reading(world.engine) as connection:
        found = await connection.execute(select(deliveries))
        return {row.article_id: (row.state, row.message_id) for row in found}


async def test_articles_wait_for_one_message_that_tells_of_all(world: World) -> None:
    subscription = await subscribed(world)
    article_ids = await publish(world, "a", "b")
    assert await world.claim() == []
    assert await held(world, subscription) == (MORNING, "digest")
    world.now = at(20)
    article_ids += await publish(world, "c")
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) == MORNING
    claimed = await digest_of(world)
    assert told(claimed) == article_ids
    assert claimed.digest is not None
    assert (claimed.digest.day, claimed.digest.more, claimed.digest.struck) == (date(2026, 11, 24), 0, frozenset())
    assert await world.claim() == []
    await world.send(claimed)
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) is None
    message_id = claimed.delivery.id + 5 * 10**18
    assert await rows(world) == dict.fromkeys(article_ids, (DeliveryState.SENT, message_id))


async def test_a_single_article_is_posted_as_itself_and_none_is_not_posted(world: World) -> None:
    await subscribed(world)
    world.now = MORNING
    assert await world.claim() == []
    world.now += MINUTE
    (article_id,) = await publish(world, "a")
    assert await world.claim() == []
    claimed = await digest_of(world, MORNING + timedelta(days=1))
    assert claimed.digest is None
    assert claimed.article.id == article_id


async def test_digests_that_are_posted_together_are_recorded_together(world: World) -> None:
    first = await subscribed(world)
    second = await world.follow(await world.source(), ONE + 1)
    await choose(world, second, **DAILY)
    article_ids = await publish(world, "a", "b")
    world.now = MORNING
    claimed = await world.claim()
    assert [each.subscription.id for each in claimed] == [first.id, second.id]
    await asyncio.gather(*(world.send(each) for each in claimed))
    async with reading(world.engine) as connection:
        found = (await connection.execute(select(deliveries).order_by(deliveries.c.article_id))).all()
    assert [(row.article_id, row.state) for row in found] == [
        (article_id, DeliveryState.SENT) for article_id in article_ids for _ in claimed
    ]
    assert {(row.subscription_id, row.message_id) for row in found} == {
        (each.subscription.id, each.delivery.id + 5 * 10**18) for each in claimed
    }


async def test_a_weekly_digest_comes_on_its_day(world: World) -> None:
    subscription = await subscribed(world, **WEEKLY)
    await publish(world, "a", "b")
    assert await world.claim() == []
    assert await held(world, subscription) == (at(4 * 24 + 8), "digest")
    assert len(told(await digest_of(world, at(4 * 24 + 8)))) == 2


async def test_a_bot_that_was_away_at_the_time_posts_the_digest_when_it_is_back(world: World) -> None:
    await subscribed(world)
    early = await publish(world, "a", "b")
    world.now = at(24 + 23)
    late = await publish(world, "c")
    claimed = await digest_of(world, world.now)
    assert told(claimed) == [*early, *late]


async def test_every_try_tells_the_same_articles(world: World) -> None:
    await subscribed(world)
    first = await publish(world, "a", "b")
    claimed = await digest_of(world)
    await world.postpone(claimed, MINUTE)
    world.now += MINUTE
    later = await publish(world, "c")
    (again,) = await world.claim()
    assert again.delivery.id == claimed.delivery.id
    assert told(again) == first
    world.now += LEASE  # its sender dies
    (third,) = await world.claim()
    assert told(third) == first
    await world.send(third)
    assert await world.claim() == []
    assert told(await digest_of(world, MORNING + timedelta(days=1))) == later


async def test_more_than_fit_are_counted(world: World) -> None:
    await subscribed(world)
    article_ids = await publish(world, *map(str, range(LISTED + 5)))
    claimed = await digest_of(world)
    assert told(claimed) == article_ids[5:]
    assert claimed.digest is not None
    assert claimed.digest.more == 5
    await world.send(claimed)
    assert {state for state, _ in (await rows(world)).values()} == {DeliveryState.SENT}


async def test_what_cannot_be_posted_fails_as_a_whole(world: World) -> None:
    await subscribed(world)
    article_ids = await publish(world, "a", "b")
    await world.give_up(await digest_of(world))
    assert await rows(world) == dict.fromkeys(article_ids, (DeliveryState.FAILED, None))
    assert await publish(world, "c")
    claimed = await digest_of(world, MORNING + timedelta(days=1))
    await world.outbox.refuse(claimed.delivery, error="400", at=world.now)
    assert {state for state, _ in (await rows(world)).values()} == {DeliveryState.FAILED}


async def test_a_lost_channel_keeps_its_digest(world: World) -> None:
    subscription = await subscribed(world)
    article_ids = await publish(world, "a", "b")
    await world.suspend(await digest_of(world))
    world.now += timedelta(days=3, hours=1)
    later = await publish(world, "c")
    assert await world.suspensions.resume(subscription.id, at=world.now)
    (claimed,) = await world.claim()
    assert told(claimed) == article_ids
    await world.send(claimed)
    assert await world.claim() == []
    assert told(await digest_of(world, MORNING + timedelta(days=4))) == later


async def test_unfollowing_cancels_what_a_digest_carries(world: World) -> None:
    subscription = await subscribed(world)
    article_ids = await publish(world, "a", "b")
    claimed = await digest_of(world)
    await world.register.unsubscribe(CABIN, subscription.id)
    assert {state for state, _ in (await rows(world)).values()} == {DeliveryState.CANCELLED}
    again = await world.follow(await world.source())
    assert again.id == subscription.id
    assert await world.register.announce_newest(subscription.id, world.now) == 1
    (alone,) = await world.claim()
    assert told(alone) == article_ids[1:]
    await world.send(claimed)  # it was under way
    assert (await rows(world))[article_ids[0]][0] == DeliveryState.SENT


async def test_without_a_digest_what_waited_comes_by_itself(world: World) -> None:
    subscription = await subscribed(world)
    article_ids = await publish(world, "a", "b")
    assert await world.claim() == []
    await choose(world, subscription)
    assert await world.send_all() == article_ids


async def test_a_digest_under_way_stays_one_when_the_setting_goes(world: World) -> None:
    subscription = await subscribed(world)
    article_ids = await publish(world, *map(str, range(15)))
    claimed = await digest_of(world)
    await choose(world, subscription)
    world.now += LEASE
    (again,) = await world.claim()
    assert told(again) == told(claimed) == article_ids


async def test_what_was_begun_before_the_digest_was_chosen_is_finished_by_itself(world: World) -> None:
    subscription = await subscribed(world, silent=True)
    first, second, third = await publish(world, "a", "b", "c")
    (claimed,) = await world.claim()
    assert claimed.article.id == first
    await choose(world, subscription, **DAILY)
    world.now += LEASE
    assert await world.claim() == []
    again = await digest_of(world)
    assert told(again) == [first]
    assert again.delivery.tried_at == claimed.delivery.next_attempt_at
    await world.send(again)
    assert told(await digest_of(world)) == [second, third]


# ------------------------------------------------------------------------------------------------ afterwards


async def posted(world: World, *identities: str) -> tuple[list[int], Claimed]:
    await subscribed(world)
    article_ids = await publish(world, *identities)
    claimed = await digest_of(world)
    await world.send(claimed)
    return article_ids, claimed


async def test_a_change_of_any_article_edits_the_one_message(world: World) -> None:
    article_ids, claimed = await posted(world, "a", "b", "c")
    original = await world.corrections.original(CABIN, article_ids[1])
    assert original is not None
    labels = {mark: Label("neutral") for mark in labels_of(original.article.article)}
    assert await world.corrections.save(CABIN, 7, article_ids[1], labels, now=world.now) == 1
    (edit,) = await world.edits.claim(now=world.now, lease=LEASE, limit=20)
    assert (edit.claimed.delivery.id, edit.retraction) == (claimed.delivery.id, None)
    assert told(edit.claimed) == article_ids
    assert edit.claimed.digest is not None
    assert edit.claimed.digest.articles[1].article.sections[0].kind == "neutral"
    assert claimed.digest is not None
    assert edit.claimed.digest.day == claimed.digest.day
    await world.edits.done(edit)
    await world.corrections.save(CABIN, 7, article_ids[1], labels, now=world.now)
    (again,) = await world.edits.claim(now=world.now, lease=LEASE, limit=20)
    assert again.shown == again.fingerprint


@pytest.mark.parametrize("how", list(Retraction))
async def test_a_retracted_article_is_struck_or_left_out(world: World, how: Retraction) -> None:
    article_ids, _ = await posted(world, "a", "b")
    for number, article_id in enumerate(article_ids):
        assert await world.desk.retract(CABIN, 7, article_id, how, now=world.now) == 1
        (edit,) = await world.edits.claim(now=world.now, lease=LEASE, limit=20)
        await world.edits.done(edit)
        assert edit.claimed.digest is not None
        if how is Retraction.STRIKE:
            assert told(edit.claimed) == article_ids
            assert edit.claimed.digest.struck == set(article_ids[: number + 1])
            assert edit.retraction is None
        else:
            assert told(edit.claimed) == article_ids[number + 1 :]
            assert edit.retraction is (Retraction.DELETE if number else None)


async def test_what_is_retracted_while_the_digest_is_under_way_is_left_out_of_it(world: World) -> None:
    await subscribed(world)
    first, second, third = await publish(world, "a", "b", "c")
    await digest_of(world)
    for article_id in (first, second):
        await world.desk.retract(CABIN, 7, article_id, Retraction.STRIKE, now=world.now)
    world.now += LEASE
    (again,) = await world.claim()
    assert told(again) == [third]
    await world.desk.retract(CABIN, 7, third, Retraction.STRIKE, now=world.now)
    world.now += LEASE
    assert await world.claim() == []
    assert {state for state, _ in (await rows(world)).values()} == {DeliveryState.CANCELLED}


async def test_what_is_retracted_before_is_not_in_it(world: World) -> None:
    await subscribed(world)
    first, second, third = await publish(world, "a", "b", "c")
    await world.desk.retract(CABIN, 7, first, Retraction.STRIKE, now=world.now)
    assert told(await digest_of(world)) == [second, third]


async def test_a_message_that_people_deleted_stays_deleted_for_all_of_it(world: World) -> None:
    article_ids, _ = await posted(world, "a", "b")
    await world.desk.retract(CABIN, 7, article_ids[0], Retraction.STRIKE, now=world.now)
    (edit,) = await world.edits.claim(now=world.now, lease=LEASE, limit=20)
    await world.edits.gone(edit, at=world.now)
    for article_id in article_ids:
        assert await world.desk.retract(CABIN, 7, article_id, Retraction.STRIKE, now=world.now) == 0


async def test_an_article_that_was_told_of_is_not_published_again_by_hand(world: World) -> None:
    article_ids, claimed = await posted(world, "a", "b")
    article = await world.library.article(CABIN, article_ids[1])
    assert article is not None
    published = await world.desk.publish(CABIN, article, [ONE], strictly=True, now=world.now)
    assert published.publication is Publication.ALREADY
    assert published.message_id == claimed.delivery.id + 5 * 10**18


async def test_an_article_that_a_digest_is_about_to_tell_is_not_published_beside_it(world: World) -> None:
    await subscribed(world)
    article_ids = await publish(world, "a", "b")
    claimed = await digest_of(world)
    article = await world.library.article(CABIN, article_ids[1])
    assert article is not None
    published = await world.desk.publish(CABIN, article, [ONE], strictly=True, now=world.now)
    assert published.publication is Publication.OWED
    world.now += LEASE
    (again,) = await world.claim()
    assert told(again) == told(claimed)


async def test_a_digest_that_people_deleted_is_not_repeated_for_one_article(world: World) -> None:
    article_ids, _ = await posted(world, "a", "b")
    await world.desk.retract(CABIN, 7, article_ids[0], Retraction.STRIKE, now=world.now)
    (edit,) = await world.edits.claim(now=world.now, lease=LEASE, limit=20)
    await world.edits.gone(edit, at=world.now)
    article = await Library(world.engine, retracted_too=True).article(CABIN, article_ids[0])
    assert article is not None
    world.now += MINUTE
    published = await world.desk.publish(CABIN, article, [ONE], strictly=True, now=world.now)
    assert published.waits_until == MORNING + timedelta(days=1)
    assert told(await digest_of(world, MORNING + timedelta(days=1))) == article_ids[:1]


async def test_a_new_time_waits_for_its_own_digest(world: World) -> None:
    subscription = await subscribed(world, digest={"at": "20:00"})
    article_ids = await publish(world, "a", "b")
    world.now = at(24 + 9)
    await world.send(await digest_of(world, at(20)))
    world.now = at(24 + 9)
    later = await publish(world, "c", "d")
    await choose(world, subscription, **DAILY)
    assert await held(world, subscription) == (MORNING + timedelta(days=1), "digest")
    assert await world.claim() == []
    assert told(await digest_of(world, MORNING + timedelta(days=1))) == later
    assert len(article_ids) == 2


async def test_two_processes_make_one_digest(world: World, open_one: Callable[[], Awaitable[AsyncEngine]]) -> None:
    await subscribed(world)
    article_ids = await publish(world, *map(str, range(12)))
    others = [World(await open_one()), World(await open_one())]
    world.now = MORNING
    for each in others:
        each.now = MORNING
    claims = await asyncio.gather(*(each.claim() for each in (world, *others)))
    (claimed,) = [each for claim in claims for each in claim]
    assert told(claimed) == article_ids


async def test_the_newest_that_was_told_of_is_meant_where_none_is_named(world: World) -> None:
    article_ids, _ = await posted(world, "a", "b", "c")
    found = await Reading(world.library).find(Place(CABIN, (ONE,)), None)
    assert found.id == article_ids[-1]


async def test_a_digest_counts_as_one_post_of_an_hour(world: World) -> None:
    subscription = await subscribed(world)
    await publish(world, "a", "b", "c")
    await world.send(await digest_of(world))
    await choose(world, subscription, max_per_hour=2)
    await publish(world, "d", "e")
    assert len(await world.send_all()) == 1


# ------------------------------------------------------------------------------------------------ crashes


ROUND = st.tuples(
    st.integers(0, 3),
    st.sampled_from([0, 1, 24, 7 * 24]),
    st.sampled_from(["well", "well", "reply lost", "not sent", "postponed", "crash"]),
)
"""How many are published, how many hours pass, and how the next post goes."""


@given(st.lists(ROUND, max_size=8), st.sampled_from([DAILY, WEEKLY]))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_article_is_told_of_once_whatever_dies_when(
    migrated: Path, tmp_path: Path, rounds: Sequence[tuple[int, int, str]], preferences: dict[str, object]
) -> None:
    path = tmp_path / "test.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(migrated, path)
    asyncio.run(live(open_engine(f"sqlite:///{path}"), rounds, preferences))


async def live(engine: AsyncEngine, rounds: Sequence[tuple[int, int, str]], preferences: dict[str, object]) -> None:
    world = World(engine)
    messages: dict[int, list[int]] = {}
    """What Discord holds: the nonce lets a delivery make one message, and keeps its first words."""
    published: list[int] = []
    try:
        await subscribed(world, **preferences)
        for number, (count, hours, how) in enumerate(rounds):
            if count:
                published += await publish(world, *(f"{number}.{each}" for each in range(count)))
            world.now += timedelta(hours=hours)
            await send(world, messages, how)
            world.now += LEASE
        for _ in range(2):
            world.now += timedelta(days=7)
            while await send(world, messages, "well"):
                pass
        assert [article_id for told_of in messages.values() for article_id in told_of] == published
        for article_id, (state, message_id) in (await rows(world)).items():
            assert state == DeliveryState.SENT
            assert article_id in messages[int(message_id or 0)]
    finally:
        await engine.dispose()


async def members(world: World, delivery_id: int) -> list[int]:
    """Those that are only counted too."""
    its_own = or_(deliveries.c.id == delivery_id, deliveries.c.digest_id == delivery_id)
    async with reading(world.engine) as connection:
        found = await connection.execute(select(deliveries.c.article_id).where(its_own).order_by(deliveries.c.id))
        return list(found.scalars())


async def send(world: World, messages: dict[int, list[int]], how: str) -> bool:
    claimed = await world.claim()
    for each in claimed:
        if how in ("well", "reply lost"):
            messages.setdefault(each.delivery.id, await members(world, each.delivery.id))
        if how == "well":
            await world.outbox.mark_sent(each.delivery, posted=Posted(each.delivery.id), sent_at=world.now)
        elif how in ("postponed", "reply lost"):
            await world.postpone(each, MINUTE)
    return bool(claimed)
