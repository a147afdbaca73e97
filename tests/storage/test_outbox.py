"""What is owed is sent once, in order, fairly."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import DeliveryState, SubscriptionState
from bot.storage.engine import writing
from bot.storage.schema import subscriptions
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
    await world.outbox.postpone(head.delivery.id, until=until, attempts=1, error="503")
    assert await world.claim() == []
    assert await world.outbox.next_due_at() == until
    world.now = until
    (again,) = await world.claim()
    assert (again.delivery.id, again.delivery.attempts, again.delivery.last_error) == (head.delivery.id, 1, "503")


async def test_a_head_that_failed_three_times_holds_back_nobody(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    a, b, c = await world.publish(source, "a", "b", "c")
    (head,) = await world.claim()
    until = world.now + 10 * MINUTE
    await world.outbox.postpone(head.delivery.id, until=until, attempts=3, error="503")
    assert await world.outbox.next_due_at() == world.now
    (second,) = await world.claim()
    assert second.article.id == b
    await world.outbox.postpone(second.delivery.id, until=until + MINUTE, attempts=1, error="503")
    assert await world.claim() == []
    assert await world.outbox.next_due_at() == until
    world.now = until
    (retried,) = await world.claim()
    assert retried.article.id == a
    assert await world.claim() == []
    await world.send(retried)
    world.now += MINUTE
    assert await world.send_all() == [b, c]


async def test_giving_up_and_releasing_let_the_next_one_go(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    a, b = await world.publish(source, "a", "b")
    (head,) = await world.claim()
    await world.outbox.release(head.delivery.id)
    (head,) = await world.claim()
    assert (head.article.id, head.delivery.attempts) == (a, 0)
    await world.outbox.give_up(head.delivery.id, attempts=24, error="x" * 10_000)
    assert await world.send_all() == [b]


async def test_only_active_subscriptions_are_served(world: World) -> None:
    source = await world.source()
    lost = await world.follow(source, ONE)
    await world.follow(source, TWO)
    a, b = await world.publish(source, "a", "b")
    claimed = await world.claim()
    await world.outbox.suspend(lost.id, reason="suspended.channel_gone")
    await world.send(claimed[1])
    assert await world.send_all() == [b]
    (followed, _) = await world.register.followed(CABIN)
    assert followed.subscription.state is SubscriptionState.SUSPENDED
    assert followed.subscription.suspended_reason == "suspended.channel_gone"
    assert await world.outbox.next_due_at() is None
    assert await world.register.pending_deliveries(CABIN) == 2
    await set_state(world, lost.id, SubscriptionState.ACTIVE)
    assert await world.send_all() == [a, b]


async def test_suspending_leaves_a_paused_subscription_paused(world: World) -> None:
    subscription = await world.follow(await world.source())
    await set_state(world, subscription.id, SubscriptionState.PAUSED)
    await world.outbox.suspend(subscription.id, reason="suspended.channel_gone")
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
    await world.outbox.postpone(claimed.delivery.id, until=world.now, attempts=1, error="late")
    await world.outbox.give_up(claimed.delivery.id, attempts=1, error="late")
    await world.outbox.release(claimed.delivery.id)
    assert await world.claim() == []
    newest = await world.library.newest_in_channel(CABIN, ONE)
    assert newest is not None
    assert newest.id == article_id


async def test_next_due_at_waits_for_the_lease(world: World) -> None:
    assert await world.outbox.next_due_at() is None
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a", "b")
    assert await world.outbox.next_due_at() == world.now
    await world.claim()
    assert await world.outbox.next_due_at() == world.now + LEASE


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
