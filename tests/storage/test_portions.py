"""A check that brings more than one transaction stores, and is cut off: the next one goes on from there."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.planner import plan_deliveries
from bot.models import Article, Entry
from bot.storage.schema import articles
from bot.updates import portions
from bot.updates.updater import Updater
from tests.storage.test_histories import Page, understand
from tests.storage.world import World

DAY = timedelta(days=1)


class CutOff(Exception):
    pass


class Impatient:
    """Understands so many portions, and then no more until it is told to."""

    def __init__(self) -> None:
        self.patience = 0

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None) -> Sequence[Article]:
        self.patience -= 1
        if self.patience < 0:
            raise CutOff
        return await understand(entries, source_language=source_language)


async def test_what_was_stored_stays_and_the_rest_follows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "STORED_AT_ONCE", 3)
    page, impatient = Page(), Impatient()
    source = await world.source()
    await world.follow(source)
    updater = Updater(page, world.archive, impatient, plan_deliveries, interval=DAY, now=lambda: world.now)

    def publish(first: int, last: int) -> None:
        page.entries = tuple(
            Entry(str(n), f"Numéro {n}", body=f"Ce que dit le numéro {n}.", published_at=world.now - DAY / n)
            for n in range(last, first - 1, -1)
        )

    async def check(patience: int) -> int:
        impatient.patience = patience
        return (await updater.check(await world.reload(source))).deliveries

    publish(1, 8)
    with pytest.raises(CutOff):
        await check(2)
    assert (await world.reload(source)).seeded_at is None
    assert await world.send_all() == []
    assert await check(1) == 1
    assert await titles(world, await world.send_all()) == ["Numéro 8"]

    world.now += DAY
    publish(1, 13)
    with pytest.raises(CutOff):
        await check(1)
    assert await check(1) == 2
    assert await check(0) == 0
    assert await titles(world, await world.send_all()) == [f"Numéro {n}" for n in range(9, 14)]


async def titles(world: World, article_ids: Sequence[int]) -> list[str]:
    async with world.engine.connect() as connection:
        found = {row.id: row.title for row in await connection.execute(select(articles.c.id, articles.c.title))}
    return [found[article_id] for article_id in article_ids]
