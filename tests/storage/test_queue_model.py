"""The queue against the simplest thing that could be right: a list."""

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.delivery.dispatcher import Posted
from bot.models import Delivery, Source
from bot.storage.engine import open_engine, writing
from bot.storage.migrations import migrate
from bot.storage.queue import PASSING, PATIENCE
from bot.storage.schema import subscriptions
from tests.storage.world import CABIN, LEASE, MINUTE, NOON, World

CHANNELS = (CABIN + 1, CABIN + 2)


@dataclass
class Owed:
    id: int
    subscription: int
    channel: int
    due_at: datetime
    attempts: int = 0
    failed_at: datetime | None = None
    lease_until: datetime | None = None

    def free_at(self) -> datetime:
        return self.lease_until or NOON


class Listed:
    """What should be owed, and what may be sent."""

    def __init__(self) -> None:
        self.owed: list[Owed] = []
        self.suspended: set[int] = set()
        self.held: dict[int, datetime] = {}
        self.served_at: dict[int, datetime] = {}
        self.last_id = 0

    def line(self, channel: int, now: datetime) -> list[Owed]:
        out = self.suspended | {subscription for subscription, until in self.held.items() if until > now}
        return [each for each in self.owed if each.channel == channel and each.subscription not in out]

    def stands(self, owed: Owed, now: datetime) -> bool:
        if owed.attempts < PATIENCE or owed.due_at <= now:
            return True
        assert owed.failed_at
        got_past = self.served_at.get(owed.channel, NOON) > owed.failed_at
        return not got_past and owed.failed_at <= now - PASSING

    def next_in(self, channel: int, now: datetime) -> tuple[int, datetime] | None:
        """Which is tried next in a channel, and when, if nothing else happens."""
        line = self.line(channel, now)
        ahead = [each for each in line if not self.stands(each, now)]
        standing = [each for each in line if self.stands(each, now)]
        if standing:
            head, *behind = standing
            early = head.attempts >= PATIENCE and bool(behind) and behind[0].due_at <= now
            due = [(min(head.due_at, now) if early else head.due_at, head.id)]
        else:
            head, due = None, []
        due += [(each.due_at, each.id) for each in ahead if head is None or each.id < head.id]
        if not due:
            return None
        at, number = min(due)
        return number, max([at, *(each.free_at() for each in self.owed if each.channel == channel)])

    def claimable(self, now: datetime) -> set[int]:
        following = [self.next_in(channel, now) for channel in CHANNELS]
        return {number for number, at in filter(None, following) if at <= now}

    def next_due_at(self, now: datetime) -> datetime | None:
        due = [at for _, at in filter(None, (self.next_in(channel, now) for channel in CHANNELS))]
        waiting = {each.subscription for each in self.owed} - self.suspended
        opening = [until for subscription, until in self.held.items() if until > now and subscription in waiting]
        return min([*due, *opening], default=None)


OPERATION = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, 1)),
    st.tuples(st.just("claim"), st.integers(1, 3)),
    st.tuples(st.just("sent"), st.integers(0, 5)),
    st.tuples(st.just("postpone"), st.integers(0, 5)),
    st.tuples(st.just("fail often"), st.integers(0, 5)),
    st.tuples(st.just("give up"), st.integers(0, 5)),
    st.tuples(st.just("release"), st.integers(0, 5)),
    st.tuples(st.just("suspend"), st.integers(0, 5)),
    st.tuples(st.just("hold"), st.integers(1, 3)),
    st.tuples(st.just("wait"), st.integers(0, 4)),
    st.tuples(st.just("moment"), st.integers(1, 3)),
)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "migrated.db"

    async def make() -> None:
        engine = open_engine(f"sqlite:///{path}")
        await migrate(engine)
        await engine.dispose()

    asyncio.run(make())
    return path


@given(st.lists(OPERATION, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_queue_gives_what_a_list_would_give(
    migrated: Path, tmp_path: Path, operations: Iterable[tuple[str, int]]
) -> None:
    path = tmp_path / "test.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(migrated, path)
    asyncio.run(run(f"sqlite:///{path}", operations))


async def run(database_url: str, operations: Iterable[tuple[str, int]]) -> None:
    engine = open_engine(database_url)
    try:
        world, listed = World(engine), Listed()
        sources = [await world.source(f"https://x.test/{number}") for number in range(2)]
        for which, channel in ((0, 0), (0, 1), (1, 1)):
            await world.follow(sources[which], CHANNELS[channel])
        flights: list[int] = []
        for number, (name, value) in enumerate(operations):
            chosen = flights[value % len(flights)] if flights else None
            owed = next((each for each in listed.owed if each.id == chosen), None)
            if name == "publish":
                await publish(world, listed, sources[value], f"entry {number}")
            elif name == "claim":
                may = listed.claimable(world.now)
                claimed = [each.delivery.id for each in await world.claim(value)]
                assert set(claimed) <= may
                assert len(claimed) == min(value, len(may))
                for each in listed.owed:
                    if each.id in claimed:
                        each.lease_until = world.now + LEASE
                flights = claimed + flights
            elif name == "suspend" and owed is not None:
                listed.suspended.add(owed.subscription)
                await world.outbox.suspend(delivery_of(owed), reason="gone", error="404", at=world.now)
                for each in listed.owed:
                    if each.subscription == owed.subscription:
                        each.lease_until = None
            elif name == "hold":
                listed.held[value] = world.now + 2 * MINUTE
                await hold(world, value, listed.held[value])
            elif name == "wait":
                world.now += value * MINUTE
            elif name == "moment":
                world.now += value * PASSING / 2
            elif owed is not None:
                await settle(world, listed, owed, name)
                flights.remove(owed.id)
            assert await world.outbox.next_due_at(world.now) == listed.next_due_at(world.now)
    finally:
        await engine.dispose()


async def publish(world: World, listed: Listed, source: Source, identity: str) -> None:
    await world.publish(source, identity)
    followed = [each.subscription for each in await world.register.followed(CABIN) if each.source.id == source.id]
    for each in sorted(followed, key=lambda each: each.id):
        listed.last_id += 1
        listed.owed.append(Owed(listed.last_id, each.id, each.channel_id, world.now))


async def hold(world: World, subscription_id: int, until: datetime) -> None:
    async with writing(world.engine) as connection:
        await connection.execute(
            update(subscriptions).where(subscriptions.c.id == subscription_id).values(held_until=until)
        )


def delivery_of(owed: Owed) -> Delivery:
    return Delivery(
        id=owed.id,
        article_id=0,
        subscription_id=owed.subscription,
        channel_id=owed.channel,
        next_attempt_at=owed.due_at,
    )


async def settle(world: World, listed: Listed, owed: Owed, name: str) -> None:
    owed.lease_until = None
    delivery = delivery_of(owed)
    if name == "release":
        await world.outbox.release(delivery)
        return
    owed.attempts += PATIENCE if name == "fail often" else 1
    if name in ("postpone", "fail often"):
        ahead = [each for each in listed.line(owed.channel, world.now) if each.id < owed.id]
        served_at = listed.served_at.get(owed.channel, NOON)
        in_trouble = [each for each in ahead if each.attempts < PATIENCE or served_at <= (each.failed_at or NOON)]
        owed.due_at = max([world.now + timedelta(minutes=3), *(each.due_at for each in in_trouble)])
        owed.failed_at = world.now
        await world.outbox.postpone(
            delivery, until=world.now + timedelta(minutes=3), attempts=owed.attempts, error="503", at=world.now
        )
        return
    listed.owed.remove(owed)
    if name == "sent":
        listed.served_at[owed.channel] = world.now
        await world.outbox.mark_sent(delivery, posted=Posted(owed.id), sent_at=world.now)
    else:
        await world.outbox.give_up(delivery, attempts=owed.attempts, error="400", at=world.now)
