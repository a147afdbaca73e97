"""Questions asked many times a minute look things up; they never read a whole table."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.dispatcher import Posted
from bot.storage.engine import reading
from tests.storage.world import CABIN, LEASE, World


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/test.db"


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE")):
            heard.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", hear)


async def plan_of(world: World, question: Awaitable[object]) -> list[str]:
    with listening(world.engine) as heard:
        await question
    lines = []
    async with reading(world.engine) as connection:
        for statement, parameters in heard:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines += [row[3] for row in rows]
    return lines


async def test_no_table_is_read_whole(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id, _) = await world.publish(source, "a", "b")
    (claimed, *_) = await world.claim()
    delivery = claimed.delivery
    later = world.now + timedelta(hours=1)
    for question in (
        world.claim(),
        world.outbox.next_due_at(world.now),
        world.outbox.mark_sent(delivery, posted=Posted(1), sent_at=world.now),
        world.outbox.postpone(delivery, until=later, attempts=1, error="503", at=world.now),
        world.outbox.refuse(delivery, error="400", at=world.now),
        world.outbox.suspend(delivery, reason="gone", error="404", at=world.now),
        world.outbox.renew([1], until=later),
        world.notices.claim(now=later, lease=LEASE, limit=4),
        world.due_sources.lease_due(now=later, lease=LEASE, limit=20),
        world.library.titles(CABIN, "deux mots", 25),
        world.library.titles(CABIN, "", 25),
        world.library.article(CABIN, article_id),
        world.library.newest_in_channel(CABIN, CABIN + 1),
        world.library.newest_in_server(CABIN),
        world.archive.known(source.id, ["a", "b"]),
        world.register.followed(CABIN),
        world.register.pending_deliveries(CABIN),
    ):
        plan = await plan_of(world, question)
        whole = [line for line in plan if line.startswith("SCAN ") and line.split()[1] in world_tables]
        assert not whole, plan


world_tables = {
    "deliveries",
    "articles",
    "sections",
    "subscriptions",
    "servers",
    "sources",
    "posted",
    "sending",
    "waiting",
    "attempts",
    "notices",
    "ahead",
    "this",
    "head",
}


async def test_holding_back_reads_no_table_whole_either(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    settings = '{"quiet": ["00:00", "23:59"], "max_per_hour": 1}'
    assert await world.register.set_preferences(CABIN, subscription.id, before="{}", after=settings)
    await world.publish(source, "a", "b")
    for question in (world.claim(), world.outbox.next_due_at(world.now)):
        plan = await plan_of(world, question)
        assert not [line for line in plan if line.startswith("SCAN ") and line.split()[1] in world_tables], plan


async def test_a_claim_jumps_from_one_subscription_to_the_next(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "a", "b")
    plan = await plan_of(world, world.claim())
    assert any("deliveries_pending (subscription_id>?)" in line for line in plan)
    assert any("deliveries_sent (channel_id=?)" in line for line in plan)
    assert any("deliveries_leased (channel_id=? AND lease_until>?)" in line for line in plan)
