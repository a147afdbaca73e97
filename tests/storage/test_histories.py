"""What sources do to ids, links and dates, against a real database: it must decide as the archive in memory does."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.delivery.planner import plan_deliveries
from bot.models import Article, Entry, Paragraph, Section, Snapshot, SourceKind
from bot.sources.draft import fold
from bot.updates.updater import Updater
from tests.storage.world import World
from tests.updates.memory import Memory, check
from tests.updates.publisher import HOME, Publisher
from tests.updates.test_histories import STEP, found_publisher, misbehave


@dataclass(frozen=True, slots=True)
class Retrieved:
    snapshot: Snapshot
    etag: str | None = None
    last_modified: str | None = None
    max_age_seconds: int | None = None
    moved_to: str | None = None


class Page:
    """Sources of which one lists whatever the test wants."""

    entries: tuple[Entry, ...] = ()

    async def read(self, url: str, kind: SourceKind, **_: object) -> Retrieved:
        return Retrieved(Snapshot(kind, home_url=HOME, entries=self.entries))

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return entries


async def understand(entries: Sequence[Entry], *, source_language: str | None) -> Sequence[Article]:
    section = Section(kind="summary", paragraphs=(Paragraph(text="…"),))
    return [
        Article(
            title=each.title or "", language="fr", url=each.url, published_at=each.published_at, sections=(section,)
        )
        for each in entries
    ]


def ticking(publisher: Publisher) -> Callable[[], datetime]:
    return lambda: publisher.now


@pytest.mark.parametrize("seed", range(8))
async def test_a_database_decides_as_memory_does(world: World, seed: int) -> None:
    chance = random.Random(seed)
    publisher = found_publisher(chance)
    memory, page, seeded, since = Memory(), Page(), False, None
    source = await world.source()
    await world.follow(source)
    updater = Updater(
        page, world.archive, understand, plan_deliveries, interval=timedelta(minutes=5), now=ticking(publisher)
    )
    for _ in range(6):
        publisher.now += STEP
        publisher.publish()
    for _ in range(12):
        publisher.now += STEP
        misbehave(publisher, chance)
        publisher.publish()
        page.entries = fold([entry for _, entry in publisher.listing()])
        expected = check(memory, page.entries, seeding=not seeded, since=since, home_url=HOME)
        report = await updater.check(await world.reload(source))
        assert report.new == len(expected.new)
        assert report.changed == len(expected.changed)
        assert report.deliveries == sum(find.announce for find in expected.new)
        since, seeded = publisher.now, seeded or bool(page.entries)
