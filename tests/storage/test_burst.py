"""A burst right after PostgreSQL last looked at an empty queue."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text

from bot.storage.engine import open_engine, writing
from bot.storage.migrations import migrate
from bot.storage.queue import claimable, moment, next_claimable_at
from tests.storage.world import CABIN, NOON, World

CHANNELS = 400


async def test_old_statistics_do_not_make_a_claim_slow(postgres: Callable[[str], str]) -> None:
    """Counted in rows that the plan touches, since seconds depend on the machine."""
    engine = open_engine(postgres("burst"))
    await migrate(engine)
    world = World(engine)
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "old")
    await world.send_all()
    async with writing(engine) as connection:
        await connection.execute(text("ANALYZE"))
    for number in range(1, CHANNELS):
        await world.follow(source, CABIN + 1 + number)
    await world.publish(source, "new")
    for question in (claimable(), next_claimable_at()):
        asked = question.params(moment(NOON, 20))
        statement = asked.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
        async with writing(engine) as connection:
            answer = (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")).scalar()
        plan = json.loads(answer) if isinstance(answer, str) else answer
        # A table of a few pages is rightly read whole, once for each channel: that squares, and ends as it grows.
        assert sum(map(rows_touched, nodes(plan[0]["Plan"]))) < 20 * CHANNELS**2
    await engine.dispose()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def rows_touched(node: dict[str, Any]) -> float:
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])
