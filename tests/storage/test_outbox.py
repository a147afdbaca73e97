"""What is owed is sent once, in order, fairly."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import DeliveryState, SubscriptionState
from bot.storage.attempts import KEPT
from bot.storage.engine import reading, writing
from bot.storage.queue import PATIENCE
from bot.storage.schema import attempts, deliveries, subscriptions
from tests.storage.world import CABIN, LEASE, MINUTE, OTHER_CABIN, World, new

ONE, TWO, THREE = CABIN + 1, CABIN + 2, CABIN + 3


async def set_state(world: World, subscription_id: int, state: SubscriptionState) -> None:
    async with writing(world.engine) as connection:
        await connection.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(state=state))


async def test_a_claim_carries_all_that_sending_needs(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await world.register.set_language(CABIN, "en")
    (article_id,) = await world.publish(source, "a")
    (claimed,) = await world.claim()
    assert claimed.subscription == subscription
    assert claimed.language == "en"
    assert claimed.article == await world.library.article(CABIN, article_id)
    assert (claimed.delivery.article_id, claimed.delivery.channel_id) == (article_id, ONE)
    assert (claimed.delivery.state, claimed.delivery.attempts) == (DeliveryState.PENDING, 0)
    assert claimed.delivery.next_attempt_at == world.now


async def test_a_server_that_chose_no_language_has_none(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    (claimed,) = await world.claim()
    assert claimed.language is None


async def test_each_channel_gives_its_oldest_only(world: World) -> None:
    source = await world.source()
    await world.follow(source, ONE)
    await world.follow(source, TWO)
    first, second = await world.publish(source, "a", "b")
    claimed = await world.claim()
    assert [(each.delivery.channel_id, each.article.id) for each in claimed] == [(ONE, first), (TWO, first)]
    assert await world.claim() == []
    await world.send(claimed[1])
    (after,) = await world.claim()
    assert (after.delivery.channel_id, after.article.id) == (TWO, second)


async def test_subscriptions_of_one_channel_take_turns_by_age(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    await world.follow(source, ONE)
    await world.follow(other, ONE)
    a, b = [*await world.publish(other, "a"), *await world.publish(source, "b")]
    (c,) = await world.publish(other, "c")
    assert await world.send_all() == [a, b, c]


async def test_an_expired_lease_can_be_claimed_again(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a", "b")
    (first,) = await world.claim()
    world.now += LEASE - timedelta(seconds=1)
    assert await world.claim() == []
    world.now += timedelta(seconds=1)
    (again,) = await world.claim()
    assert again.delivery.id == first.delivery.id


async def test_a_head_that_waits_for_another_try_holds_back_its_channel(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a", "b")
    (head,) = await world.claim()
    until = world.now + 10 * MINUTE
    await world.postpone(head, 10 * MINUTE)
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) == until
    world.now = until
    (again,) = await world.claim()
    assert (again.delivery.id, again.delivery.attempts, again.delivery.last_error) == (head.delivery.id, 1, "503")


async def test_a_head_that_failed_too_often_holds_back_nobody(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    a, b, c = await world.publish(source, "a", "b", "c")
    (head,) = await world.claim()
    until = world.now + 10 * MINUTE
    await world.postpone(head, 10 * MINUTE, attempts=PATIENCE)
    assert await world.outbox.next_due_at(world.now) == world.now
    (second,) = await world.claim()
    assert second.article.id == b
    await world.postpone(second, 11 * MINUTE)
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) == until
    world.now = until
    (retried,) = await world.claim()
    assert retried.article.id == a
    assert await world.claim() == []
    await world.send(retried)
    world.now += MINUTE
    assert await world.send_all() == [b, c]


async def test_while_the_channel_fails_nothing_is_tried_before_what_is_ahead_of_it(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    a, b = await world.publish(source, "a", "b")
    (head,) = await world.claim()
    await world.postpone(head, 10 * MINUTE, attempts=PATIENCE)
    (second,) = await world.claim()
    await world.postpone(second, MINUTE)
    world.now += 9 * MINUTE
    assert await world.claim() == []
    world.now += MINUTE
    assert await world.send_all() == [a, b]


async def test_when_a_bad_hour_ends_what_came_in_meanwhile_does_not_overtake(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (a,) = await world.publish(source, "a")
    (head,) = await world.claim()
    await world.postpone(head, 60 * MINUTE, attempts=PATIENCE)
    world.now += MINUTE
    (b,) = await world.publish(source, "b")
    assert await world.outbox.next_due_at(world.now) == world.now
    assert await world.send_all() == [a, b]


async def test_one_that_only_it_is_to_blame_for_keeps_nothing_waiting(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "bad")
    (bad,) = await world.claim()
    await world.postpone(bad, 60 * MINUTE, attempts=PATIENCE)
    world.now += MINUTE
    (b,) = await world.publish(source, "b")
    (again,) = await world.claim()
    assert again.delivery.id == bad.delivery.id
    await world.postpone(again, 60 * MINUTE, attempts=PATIENCE + 1)
    world.now += timedelta(seconds=1)
    assert await world.send_all() == [b]
    world.now += MINUTE
    c, d = await world.publish(source, "c", "d")
    (third,) = await world.claim()
    assert third.article.id == c
    await world.postpone(third, timedelta(seconds=1))
    world.now += timedelta(seconds=1)
    assert await world.send_all() == [c, d]


async def test_a_channel_that_fails_is_asked_no_more_often_for_what_comes_in(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    (head,) = await world.claim()
    await world.postpone(head, 60 * MINUTE, attempts=PATIENCE)
    tries = 0
    for identity in "bcdef":
        world.now += MINUTE
        await world.publish(source, identity)
        while claimed := await world.claim():
            tries += 1
            await world.postpone(claimed[0], 60 * MINUTE, attempts=claimed[0].delivery.attempts + 1)
    assert tries == 2


async def test_giving_up_and_releasing_let_the_next_one_go(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    a, b = await world.publish(source, "a", "b")
    (head,) = await world.claim()
    await world.outbox.release(head.delivery)
    (head,) = await world.claim()
    assert (head.article.id, head.delivery.attempts) == (a, 0)
    await world.give_up(head, "x" * 10_000)
    assert await world.send_all() == [b]


async def test_only_active_subscriptions_are_served(world: World) -> None:
    source = await world.source()
    lost = await world.follow(source, ONE)
    await world.follow(source, TWO)
    a, b = await world.publish(source, "a", "b")
    claimed = await world.claim()
    await world.suspend(claimed[0])
    await world.send(claimed[1])
    assert await world.send_all() == [b]
    (followed, _) = await world.register.followed(CABIN)
    assert followed.subscription.state is SubscriptionState.SUSPENDED
    assert followed.subscription.suspended_reason == "suspended.channel_gone"
    assert await world.outbox.next_due_at(world.now) is None
    assert await world.register.pending_deliveries(CABIN) == 2
    await set_state(world, lost.id, SubscriptionState.ACTIVE)
    assert await world.send_all() == [a, b]


async def test_suspending_leaves_a_paused_subscription_paused(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await world.publish(source, "a")
    (claimed,) = await world.claim()
    await set_state(world, subscription.id, SubscriptionState.PAUSED)
    await world.suspend(claimed)
    (followed,) = await world.register.followed(CABIN)
    assert followed.subscription.state is SubscriptionState.PAUSED


async def test_the_channel_that_waited_longest_comes_first(world: World) -> None:
    busy, quiet = await world.source(), await world.source("https://exemple.test/autre")
    for number in range(4):
        await world.follow(busy, ONE + number)
    await world.publish(busy, *map(str, range(50)))
    served: list[int] = []
    for _ in range(2):
        world.now += MINUTE
        for each in await world.claim(2):
            served.append(each.delivery.channel_id)
            await world.send(each)
    assert sorted(served) == [ONE, TWO, THREE, ONE + 3]
    await world.follow(quiet, OTHER_CABIN + 1, OTHER_CABIN)
    await world.publish(quiet, "news")
    world.now += MINUTE
    served = []
    for _ in range(3):
        world.now += MINUTE
        for each in await world.claim(2):
            served.append(each.delivery.channel_id)
            await world.send(each)
    assert OTHER_CABIN + 1 in served


async def test_what_is_settled_stays_settled(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    (claimed,) = await world.claim()
    await world.send(claimed)
    await world.postpone(claimed, timedelta())
    await world.give_up(claimed)
    await world.outbox.release(claimed.delivery)
    assert await world.claim() == []
    newest = await world.library.newest_in_channel(CABIN, ONE)
    assert newest is not None
    assert newest.id == article_id


async def test_next_due_at_waits_for_the_lease(world: World) -> None:
    assert await world.outbox.next_due_at(world.now) is None
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a", "b")
    assert await world.outbox.next_due_at(world.now) == world.now
    await world.claim()
    assert await world.outbox.next_due_at(world.now) == world.now + LEASE


async def test_servers_take_turns_however_many_channels_they_have(world: World) -> None:
    large, small = await world.source(), await world.source("https://exemple.test/autre")
    for number in range(30):
        await world.follow(large, ONE + number)
    await world.publish(large, "a", "b")
    world.now += MINUTE
    await world.follow(small, OTHER_CABIN + 1, OTHER_CABIN)
    await world.publish(small, "c")
    servers = [each.subscription.guild_id for each in await world.claim(4)]
    assert servers == [CABIN, OTHER_CABIN, CABIN, CABIN]


async def test_a_claim_says_what_earlier_claims_may_have_sent(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    began_at = world.now
    (first,) = await world.claim()
    assert first.delivery.tried_at is None
    world.now += LEASE
    (second,) = await world.claim()
    assert second.delivery.tried_at == began_at
    world.now += MINUTE
    await world.outbox.searched(second.delivery, at=world.now)
    await world.postpone(second, timedelta())
    (third,) = await world.claim()
    assert third.delivery.tried_at == world.now


async def test_a_released_delivery_was_never_tried(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    (claimed,) = await world.claim()
    await world.outbox.release(claimed.delivery)
    (again,) = await world.claim()
    assert again.delivery.tried_at is None


async def test_a_renewed_lease_lasts_longer_and_a_settled_one_is_not_brought_back(world: World) -> None:
    source = await world.source()
    await world.follow(source, ONE)
    await world.follow(source, TWO)
    await world.publish(source, "a")
    kept, sent = await world.claim()
    await world.send(sent)
    await world.outbox.renew([kept.delivery.id, sent.delivery.id], until=world.now + 2 * LEASE)
    world.now += LEASE
    assert await world.claim() == []
    assert await world.outbox.next_due_at(world.now) == world.now + LEASE


async def test_every_try_is_kept(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    (claimed,) = await world.claim()
    await world.postpone(claimed, timedelta())
    (claimed,) = await world.claim()
    world.now += MINUTE
    await world.send(claimed)
    async with reading(world.engine) as connection:
        kept = (await connection.execute(select(attempts).order_by(attempts.c.id))).all()
    assert [(each.outcome, each.detail) for each in kept] == [("postponed", "503"), ("sent", None)]
    assert kept[-1].at == world.now


async def test_the_tries_kept_of_one_delivery_are_bounded(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a")
    (claimed,) = await world.claim()
    for number in range(KEPT + 5):
        await world.outbox.postpone(claimed.delivery, until=world.now, attempts=0, error=str(number), at=world.now)
    async with reading(world.engine) as connection:
        kept = (await connection.execute(select(attempts.c.detail).order_by(attempts.c.id))).scalars().all()
    assert kept == [str(number) for number in range(5, KEPT + 5)]


async def test_a_refused_article_marks_its_subscription_and_the_next_one_is_tried(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    bad, good = await world.publish(source, "bad", "good")
    (claimed,) = await world.claim()
    assert claimed.article.id == bad
    await world.outbox.refuse(claimed.delivery, error="400", at=world.now)
    (followed,) = await world.register.followed(CABIN)
    assert followed.subscription.suspended_reason == "suspended.payload"
    (claimed,) = await world.claim()
    assert claimed.article.id == good
    await world.send(claimed)
    (followed,) = await world.register.followed(CABIN)
    assert followed.subscription.state is SubscriptionState.ACTIVE
    assert followed.subscription.suspended_reason is None


async def test_after_a_long_absence_the_newest_are_sent_and_the_rest_is_counted(world: World) -> None:
    source = await world.source()
    await world.follow(source, ONE)
    await world.follow(source, TWO)
    await world.publish(source, "before")
    await world.send_all()
    world.now += timedelta(days=3)
    ids = await world.publish(source, *map(str, range(25)))
    claimed = await world.claim()
    assert [(each.article.id, each.summed_up) for each in claimed] == [(ids[15], 15)] * 2
    for each in claimed:
        await world.send(each)
    sent = await world.send_all()
    assert [each for each in ids[16:] for _ in "12"] == sorted(sent)
    async with reading(world.engine) as connection:
        summed_up = select(deliveries).where(deliveries.c.state == DeliveryState.SUMMED_UP)
        rows = (await connection.execute(summed_up)).all()
    assert len(rows) == 30
    assert {row.held_reason for row in rows} == {"catch_up"}


async def test_a_busy_morning_is_posted_whole(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "before")
    await world.send_all()
    world.now += timedelta(hours=3)
    ids = await world.publish(source, *map(str, range(25)))
    assert await world.send_all() == list(ids)


async def test_several_processes_never_claim_the_same(open_one: Callable[[], Awaitable[AsyncEngine]]) -> None:
    worlds = [World(await open_one()) for _ in range(3)]
    source = await worlds[0].source()
    for number in range(30):
        await worlds[0].follow(source, ONE + number)
    await worlds[0].record(source, [new("a"), new("b")])

    async def drain(world: World) -> list[int]:
        claimed = []
        while each := await world.claim(4):
            claimed.extend(each)
            for one in each:
                await world.send(one)
        return [one.delivery.id for one in claimed]

    drained = await asyncio.gather(*map(drain, worlds))
    ids = [delivery_id for each in drained for delivery_id in each]
    assert len(ids) == len(set(ids))
    left = await worlds[0].send_all()
    assert len(ids) + len(left) == 60
