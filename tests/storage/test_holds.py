"""What subscriptions hold back: quiet hours, posting windows, the hour's cap; and only that."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.catch_up import CATCH_UP
from bot.models import Subscription
from bot.storage.engine import reading
from bot.storage.queue import PATIENCE
from bot.storage.schema import attempts, deliveries, subscriptions
from tests.storage.world import CABIN, MINUTE, NOON, OTHER_CABIN, World, new

ONE, TWO = CABIN + 1, CABIN + 2
HOUR = 60 * MINUTE


async def choose(world: World, subscription: Subscription, **preferences: object) -> None:
    followed = await world.register.followed(subscription.guild_id)
    before = next(each.subscription.preferences for each in followed if each.subscription.id == subscription.id)
    assert await world.register.set_preferences(
        subscription.guild_id, subscription.id, before=before, after=json.dumps(preferences)
    )


def at(hour: int, minute: int = 0) -> datetime:
    """By Toronto's clocks, five hours behind Greenwich's in November, on the Monday on which the world begins."""
    return NOON.replace(hour=0) + timedelta(hours=hour + 5, minutes=minute)


async def held(world: World, subscription: Subscription) -> tuple[datetime | None, str | None]:
    async with reading(world.engine) as connection:
        row = (
            await connection.execute(
                select(subscriptions.c.held_until, subscriptions.c.held_reason).where(
                    subscriptions.c.id == subscription.id
                )
            )
        ).one()
    return row.held_until, row.held_reason


async def test_quiet_hours_hold_and_then_everything_comes_oldest_first(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, quiet=["22:00", "07:00"])
    world.now = at(23)
    article_ids = await world.publish(source, "a", "b", "c")
    assert await world.claim() == []
    morning = at(31)
    assert await held(world, subscription) == (morning, "hours")
    assert await world.outbox.next_due_at(world.now) == morning
    world.now = morning
    assert await world.send_all() == list(article_ids)


async def test_waiting_is_no_try(world: World) -> None:
    source = await world.source()
    await choose(world, await world.follow(source), quiet=["22:00", "07:00"])
    world.now = at(23)
    await world.publish(source, "a")
    for _ in range(3):
        assert await world.claim() == []
    world.now = at(31)
    (claimed,) = await world.claim()
    assert (claimed.delivery.attempts, claimed.delivery.tried_at) == (0, None)
    async with reading(world.engine) as connection:
        assert (await connection.execute(select(func.count()).select_from(attempts))).scalar_one() == 0


async def test_one_subscription_holds_back_nothing_of_another_in_the_same_channel(world: World) -> None:
    night_owl, sleeper = await world.source(), await world.source("https://exemple.test/autre")
    await choose(world, await world.follow(sleeper), quiet=["22:00", "07:00"])
    await world.follow(night_owl)
    world.now = at(23)
    await world.publish(sleeper, "early")
    later = await world.publish(night_owl, "a", "b")
    assert await world.send_all() == list(later)
    assert await world.outbox.next_due_at(world.now) == at(31)


async def test_a_retry_that_waits_in_a_held_line_delays_nobody_else(world: World) -> None:
    sleeper, other = await world.source(), await world.source("https://exemple.test/autre")
    await choose(world, await world.follow(sleeper), quiet=["22:00", "07:00"])
    await world.follow(other)
    world.now = at(21, 59)
    await world.publish(sleeper, "failed")
    (claimed,) = await world.claim()
    await world.postpone(claimed, 3 * HOUR, attempts=PATIENCE)
    world.now = at(23)
    await world.publish(sleeper, "held")
    await world.publish(other, "a")
    (claimed,) = await world.claim()
    await world.postpone(claimed, MINUTE)
    assert await world.outbox.next_due_at(world.now) == world.now + MINUTE


async def test_windows_open_and_close(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, windows=[{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "18:00"}])
    friday_evening = at(4 * 24 + 19)
    world.now = friday_evening
    await world.publish(source, "a")
    assert await world.claim() == []
    monday = await world.outbox.next_due_at(world.now)
    assert monday is not None
    assert monday - friday_evening == timedelta(days=2, hours=13)
    world.now = monday
    assert len(await world.send_all()) == 1


async def test_a_change_of_settings_is_looked_at_at_once(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, quiet=["22:00", "07:00"])
    world.now = at(23)
    await world.publish(source, "a")
    assert await world.claim() == []
    await choose(world, subscription, quiet=["22:00", "06:00"])
    assert await world.outbox.next_due_at(world.now) == world.now
    assert await world.claim() == []
    assert await held(world, subscription) == (at(30), "hours")
    await choose(world, subscription)
    assert len(await world.send_all()) == 1


async def test_a_change_of_time_zone_is_looked_at_at_once(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, quiet=["22:00", "07:00"])
    elsewhere = await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    await choose(world, elsewhere, quiet=["22:00", "07:00"])
    world.now = at(23)
    await world.publish(source, "a")
    assert await world.claim() == []
    await world.register.set_time_zone(CABIN, "America/Vancouver")
    assert (await world.register.server(CABIN)).time_zone == "America/Vancouver"
    (claimed,) = await world.claim()
    assert claimed.subscription.id == subscription.id
    assert (await held(world, elsewhere))[0] == at(31)


async def test_the_hour_s_cap_counts_what_was_sent_in_the_last_hour(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, max_per_hour=2)
    article_ids = list(await world.publish(source, *"abcde"))
    sent = await world.send_all()
    world.now += 20 * MINUTE
    assert await world.send_all() == []
    assert await held(world, subscription) == (world.now + 40 * MINUTE, "cap")
    assert await world.outbox.next_due_at(world.now) == world.now + 40 * MINUTE
    world.now += 40 * MINUTE
    (claimed,) = await world.claim()
    await world.send(claimed)
    sent.append(claimed.article.id)
    world.now += 30 * MINUTE
    sent += await world.send_all()
    assert sent == article_ids[:4]
    assert await world.outbox.next_due_at(world.now) == world.now + 30 * MINUTE
    world.now += 30 * MINUTE
    assert await world.send_all() == article_ids[4:]


async def test_a_cap_counts_its_own_subscription_alone(world: World) -> None:
    busy, capped = await world.source(), await world.source("https://exemple.test/autre")
    await world.follow(busy)
    await choose(world, await world.follow(capped), max_per_hour=1)
    await world.publish(busy, *"abc")
    first, second = await world.publish(capped, "one", "two")
    sent = await world.send_all()
    assert first in sent
    assert second not in sent
    assert len(sent) == 4


async def test_a_cap_holds_over_processes_and_restarts(
    world: World, open_one: Callable[[], Awaitable[AsyncEngine]]
) -> None:
    source = await world.source()
    await choose(world, await world.follow(source), max_per_hour=3)
    await world.publish(source, *"abcdefgh")
    others = [world, World(await open_one()), World(await open_one())]
    sent = await asyncio.gather(*(each.send_all(1) for each in others))
    assert sum(map(len, sent)) == 3


async def test_a_long_queue_behind_a_cap_is_never_summed_up(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, max_per_hour=1)
    many = CATCH_UP + 5
    await world.publish(source, *map(str, range(many)))
    await world.send_all()
    assert await world.suspensions.catch_up() == 0
    await choose(world, subscription)  # nothing spreads them out any more
    assert len(await world.send_all()) == CATCH_UP


async def test_many_that_are_held_keep_nobody_from_a_claim(world: World) -> None:
    source = await world.source()
    for number in range(30):
        subscription = await world.follow(source, CABIN + 1 + number)
        if number < 25:
            await choose(world, subscription, quiet=["22:00", "07:00"])
    world.now = at(23)
    await world.publish(source, "a")
    assert len(await world.claim(5)) == 5
    async with reading(world.engine) as connection:
        leased = await connection.execute(select(deliveries.c.channel_id).where(deliveries.c.lease_until.is_not(None)))
        assert set(leased.scalars()) == {CABIN + 26 + number for number in range(5)}


async def test_a_subscription_that_comes_back_is_not_held_by_what_it_was(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, quiet=["22:00", "07:00"])
    world.now = at(23)
    await world.publish(source, "a")
    await world.claim()
    await world.register.unsubscribe(CABIN, subscription.id)
    again = await world.follow(source)
    assert again.id == subscription.id
    assert (again.held_until, again.preferences) == (None, "{}")


async def test_an_article_published_by_hand_waits_for_its_hours_and_that_is_said(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    await choose(world, subscription, quiet=["22:00", "07:00"])
    (article_id,) = (await world.record(source, [new("a", announce=False)])).article_ids
    article = await world.library.article(CABIN, article_id)
    assert article is not None
    world.now = at(23)
    published = await world.desk.publish(CABIN, article, [ONE], strictly=True, now=world.now)
    assert published.waits_until == at(31)
    assert await world.claim() == []
    world.now = at(32)
    again = await world.desk.publish(CABIN, article, [ONE], strictly=True, now=world.now)
    assert again.waits_until is None
    assert await world.send_all() == [article_id]
