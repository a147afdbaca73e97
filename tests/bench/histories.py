"""Histories of sources that misbehave for weeks: is anything announced twice, is anything missed?

    .venv/bin/python -m tests.bench.histories [--sources N] [--rounds N] [--seed N] [--only N] [--verbose]

Each source is a journal with habits of its own (`journals`): its format, its ids, links, dates, length of text. Round
after round it publishes, edits, backdates, and does to its feed what publishers do: touches dates, re-orders,
re-numbers, moves to https or to another site, adds tracking, changes format or encoding, lists articles twice, lists
next to nothing, answers with errors, log-in pages, cut documents. Documents are read by the bot's own reader, decided
upon by its updater and stored in SQLite; only the network, the clock and the understanding of texts are ours.

A journal never changes so much at once that a careful reader, who remembers what was listed before, could not know
its articles again: then nobody could say what "twice" means.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from hashlib import md5

from bot.delivery.planner import plan_deliveries
from bot.errors import FailureReason, FetchFailed
from bot.models import (
    Article,
    Credentials,
    Entry,
    Paragraph,
    PlannedDelivery,
    Section,
    Source,
    SourceKind,
    Subscription,
)
from bot.offload import Offload
from bot.sources.fetcher import Fetched
from bot.sources.http_info import HTTPInfo
from bot.sources.reader import SourceReader
from bot.storage import Storage, open_storage
from bot.updates.update import Announced
from bot.updates.updater import Updater
from tests.bench.journals import MARK, START, founded
from tests.bench.misbehaving import ROUND, History

AT_ONCE = 8
GUILD = 10**18


class Network:
    """Stands where the fetcher does."""

    def __init__(self) -> None:
        self.histories: dict[str, History] = {}

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
    ) -> Fetched:
        history = self.histories[url.partition("/moved/")[0]]
        body, moved_to = history.answer(url)
        tag = md5(body, usedforsecurity=False).hexdigest()
        same = etag == tag
        kind = "application/json" if body.startswith(b"{") else "application/xml"
        return Fetched(
            url=moved_to or url,
            moved_to=moved_to,
            not_modified=same,
            body=b"" if same else body,
            media_type=kind,
            charset=None,
            http=HTTPInfo(etag=tag),
        )

    async def post_form(self, url: str, fields: object) -> int:
        raise FetchFailed(FailureReason.NOT_FOUND, url)


async def understand(entries: Sequence[Entry], *, source_language: str | None = None) -> Sequence[Article]:
    """Looks at no text: what is told, not how it reads, is judged here."""
    section = Section(kind="summary", paragraphs=(Paragraph(text="…"),))
    return [
        Article(
            title=each.title or "",
            language="fr",
            url=each.url,
            published_at=each.published_at,
            categories=each.categories,
            sections=(section,),
        )
        for each in entries
    ]


class Judge:
    """The planner, listened to."""

    def __init__(self, by_subscription: dict[int, History]) -> None:
        self._by_subscription = by_subscription

    def __call__(
        self, announced: Sequence[Announced], subscriptions: Sequence[Subscription]
    ) -> Sequence[PlannedDelivery]:
        planned = plan_deliveries(announced, subscriptions)
        self.heard = [(each.article_id, each.subscription_id) for each in planned]
        by_id = {each.article_id: each for each in announced}
        for each in planned:
            one = by_id[each.article_id]
            marks = [name for name in one.article.categories if name.startswith(MARK)]
            number = int(marks[0].removeprefix(MARK)) if marks else -1
            self._by_subscription[each.subscription_id].tell(number, seeding=one.seeding)
        return planned


class NoPages:
    """Teasers stay what they are: pages are no part of this."""

    def __init__(self, reader: SourceReader) -> None:
        self.read = reader.read

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return entries


async def run(sources: int, rounds: int, seed: int, only: int | None = None) -> list[History]:
    numbers = range(sources) if only is None else [only]
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            now = [START]
            storage = await stack.enter_async_context(open_storage(f"sqlite:///{folder}/bench.db", now=lambda: now[0]))
            offload = await stack.enter_async_context(Offload())
            network = Network()
            by_subscription: dict[int, History] = {}
            updater = Updater(
                NoPages(SourceReader(network, offload, allow_folders=False)),
                storage.archive,
                understand,
                Judge(by_subscription),
                aside=offload.run,
                interval=timedelta(minutes=5),
                now=lambda: now[0],
            )
            ids = {}
            for number in numbers:
                history = _found(seed, number)
                network.histories[history.address] = history
                ids[number] = await _follow(storage, history, by_subscription, now[0])
            for _ in range(rounds):
                now[0] += ROUND
                for history in network.histories.values():
                    history.live()
                by_id = {each.id: each for each in await storage.register.sources()}
                await _check_all(updater, [by_id[each] for each in ids.values()])
            return list(network.histories.values())


async def _check_all(updater: Updater, sources: Sequence[Source]) -> None:
    waiting = iter(sources)

    async def check() -> None:
        for source in waiting:
            await updater.check(source)

    await asyncio.gather(*(check() for _ in range(AT_ONCE)))


def _found(seed: int, number: int) -> History:
    chance = random.Random(f"{seed} {number}")
    journal = founded(chance, f"Journal {number}", START)
    return History(journal, number, chance.choice(["newest", "newest", "none"]), f"https://flux.test/{number}")


async def _follow(storage: Storage, history: History, by_subscription: dict[int, History], now: datetime) -> int:
    source = await storage.register.add_source(history.address, SourceKind.FEED, title=None, now=now)
    guild_id = GUILD + history.number
    subscription = await storage.register.subscribe(
        source.id, guild_id=guild_id, channel_id=guild_id + 10**9, created_by=None, now=now
    )
    assert subscription is not None
    by_subscription[subscription.id] = history
    return source.id


def report(histories: Sequence[History], *, verbose: bool) -> bool:
    told = sum(each.told.total() for each in histories)
    repeated = {each.number: numbers for each in histories if (numbers := each.repeated())}
    missed = {each.number: numbers for each in histories if (numbers := each.missed())}
    first = [each.number for each in histories if each.seeds and len(each.told_first) > 1]
    floods = [each.number for each in histories if each.flooded()]
    for each in histories:
        if each.number in repeated or each.number in missed or each.number in floods:
            habits = vars(each.journal)
            words = "/".join(str(habits[name]) for name in ("ids", "links", "texts", "titles", "dated", "length"))
            twice, never = repeated.get(each.number, []), missed.get(each.number, [])
            print(f"source {each.number} {words}: twice {twice} missed {never}")
            if verbose:
                print("\n".join(each.diary))
    print(
        f"{len(histories):,} sources, {told:,} articles told: {sum(map(len, repeated.values()))} twice, "
        f"{sum(map(len, missed.values()))} missed, {len(first)} first checks that told more than one, "
        f"{len(floods)} floods of old articles"
    )
    return not (repeated or missed or first or floods)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sources that misbehave for weeks, judged by who knows the truth.")
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one source of that run")
    parser.add_argument("--verbose", action="store_true", help="print the diaries of those that went wrong")
    options = parser.parse_args()
    began_at = time.perf_counter()
    histories = asyncio.run(run(options.sources, options.rounds, options.seed, options.only))
    good = report(histories, verbose=options.verbose)
    print(f"{options.rounds} rounds in {time.perf_counter() - began_at:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
