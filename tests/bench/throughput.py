"""How fast sources are checked, against bare GETs of the same feeds in the same run.

    .venv/bin/python -m tests.bench.throughput [--feeds N] [--rounds N]

2,000 local feeds of about 100 KB, served by a process of its own. Three kinds of round take turns, so that whatever
else the machine does falls on all of them alike:

    bare       every feed is fetched and its body thrown away: what the HTTP library can do
    unchanged  the bot checks every feed; none has changed
    changed    the bot checks every feed; a tenth has one new article of 4 KB

The bot's rounds are its own, from the lease in the database to the last article, mark and delivery in it; only the
clock is ours, so that everything is due at once. Ratios are what counts; feeds a second depend on the machine.
"""

import argparse
import asyncio
import gc
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import structlog
from sqlalchemy import func, select

from bot.checks import SourceChecks
from bot.delivery.planner import plan_deliveries
from bot.garbage_collection import collected_in_rounds
from bot.metrics import Metrics
from bot.models import Article, Entry, Paragraph, Section, Source, SourceKind
from bot.offload import Offload
from bot.sources.fetcher import Fetcher, Limits
from bot.sources.reader import SourceReader
from bot.storage import open_storage
from bot.storage.engine import reading
from bot.storage.schema import articles, deliveries
from bot.updates.line import HostLimits
from bot.updates.understanding import Understanding
from bot.updates.updater import CheckReport, Updater
from bot.workers import Pool
from tests.bench.feeds import serving

AT_ONCE = 50
INTERVAL = timedelta(minutes=5)
GUILD = 10**18


@dataclass
class Stalls:
    """How long the event loop kept everybody waiting, and how much of that this process worked itself.

    On a machine that others use, a thread that wants to run may have to wait: that is no stall of ours.
    """

    worst_seconds: float = 0.0
    worst_own_seconds: float = 0.0

    async def watch(self) -> None:
        while True:
            began_at, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            waited = time.perf_counter() - began_at - 0.001
            own = time.thread_time() - cpu
            self.worst_seconds = max(self.worst_seconds, waited)
            self.worst_own_seconds = max(self.worst_own_seconds, min(waited, own))


@dataclass
class Round:
    kind: str
    seconds: float
    cpu_seconds: float
    stalls: Stalls = field(default_factory=Stalls)


class Plainly:
    """Understands nothing: for filling the archive, where the text is not looked at."""

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None = None) -> Sequence[Article]:
        section = Section(kind="summary", paragraphs=(Paragraph(text="…"),))
        return [
            Article(
                title=each.title or "", language="fr", url=each.url, published_at=each.published_at, sections=(section,)
            )
            for each in entries
        ]


class Counting:
    """An updater that counts, and says when a round is over."""

    def __init__(self, updater: Updater) -> None:
        self.updater = updater
        self.left = 0
        self.found = 0
        self.over = asyncio.Event()

    async def check(self, source: Source) -> CheckReport:
        report = await self.updater.check(source)
        if report.error:
            raise report.error
        self.found += report.new
        self.left -= 1
        if self.left == 0:
            self.over.set()
        return report


class Bench:
    """Storage, fetcher, updater and pool as the app puts them together, on a clock of our own."""

    def __init__(self, server: str, feeds: int) -> None:
        self.server = server
        self.feeds = feeds
        self.now = datetime(2026, 11, 1, tzinfo=UTC)
        self.round = 0
        self._began_at = time.monotonic()

    def clock(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._began_at)

    @asynccontextmanager
    async def open(self, folder: Path) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            self.storage = await stack.enter_async_context(open_storage(f"sqlite:///{folder}/bench.db", now=self.clock))
            offload = await stack.enter_async_context(Offload())
            limits = Limits(connections_per_host=AT_ONCE)
            fetcher = await stack.enter_async_context(Fetcher(user_agent="bench", allow_private=True, limits=limits))
            reader = SourceReader(fetcher, offload, allow_folders=False)
            self._make = lambda understand: Updater(
                reader,
                self.storage.archive,
                understand,
                plan_deliveries,
                aside=offload.run,
                interval=INTERVAL,
                now=self.clock,
            )
            self.checker = Counting(self._make(Plainly()))
            self.checks = SourceChecks(
                self.storage.due_sources,
                self.checker,
                Metrics(),
                at_once=AT_ONCE,
                host_limits=HostLimits(10 * AT_ONCE, 0),
                now=self.clock,
                owed=lambda: None,
            )
            self.pool = Pool("checks", self.checks, AT_ONCE, give_back=self.checks.give_back)
            self.session = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
            )
            await self._follow_all()
            running = asyncio.create_task(self.pool.run())
            await self._fill()
            self.checker.updater = self._make(Understanding(offload))
            with collected_in_rounds():
                yield
            self.pool.stop()
            await running

    async def _follow_all(self) -> None:
        for number in range(self.feeds):
            source = await self.storage.register.add_source(
                f"{self.server}/feeds/{number}", SourceKind.FEED, title=None, now=self.now
            )
            await self.storage.register.subscribe(
                source.id, guild_id=GUILD, channel_id=GUILD + 1 + number, created_by=None, now=self.now
            )

    async def _fill(self) -> None:
        print(f"filling the archive with {25 * self.feeds:,} articles …", flush=True)
        await self.check("fill")

    async def begin(self) -> None:
        """The next round on the server: a tenth of the feeds changes."""
        self.round += 1
        async with self.session.post(f"{self.server}/rounds/{self.round}") as answer:
            await answer.read()

    async def bare(self) -> Round:
        numbers = iter(range(self.feeds))

        async def fetch() -> None:
            for number in numbers:
                async with self.session.get(f"{self.server}/feeds/{number}") as answer:
                    await answer.read()

        async with measuring("bare") as measured:
            await asyncio.gather(*(fetch() for _ in range(AT_ONCE)))
        return measured

    async def check(self, kind: str) -> Round:
        self.now += 2 * INTERVAL
        self.checker.left = self.feeds
        self.checker.over.clear()
        async with measuring(kind) as measured:
            self.checks.look_again()
            self.pool.ring()
            await self.checker.over.wait()
        return measured

    async def stored(self) -> tuple[int, int]:
        async with reading(self.storage.engine) as connection:
            counts = [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (articles, deliveries)
            ]
        return counts[0], counts[1]


@asynccontextmanager
async def measuring(kind: str) -> AsyncIterator[Round]:
    gc.collect()
    measured = Round(kind, 0.0, 0.0)
    watching = asyncio.create_task(measured.stalls.watch())
    await asyncio.sleep(0.01)
    began_at, cpu = time.perf_counter(), time.process_time()
    yield measured
    measured.seconds, measured.cpu_seconds = time.perf_counter() - began_at, time.process_time() - cpu
    watching.cancel()


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


async def run(server: str, feeds: int, rounds: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(server, feeds)
        done: list[Round] = []
        memory = []
        async with bench.open(Path(folder)):
            before, _ = await bench.stored()
            for number in range(1 + rounds):
                turn = [await bench.bare(), await bench.check("unchanged")]
                await bench.begin()
                bench.checker.found = 0
                turn.append(await bench.check("changed"))
                assert bench.checker.found == feeds // 10, bench.checker.found
                memory.append(memory_mb())
                if number:  # the first warms up
                    done += turn
                print("  ".join(f"{each.kind} {feeds / each.seconds:,.0f}/s" for each in turn), flush=True)
            after, owed = await bench.stored()
            assert after - before == (1 + rounds) * feeds // 10
            assert owed == feeds + (1 + rounds) * feeds // 10
    return report(done, memory, feeds)


def report(done: Sequence[Round], memory: Sequence[float], feeds: int) -> bool:
    def of(kind: str) -> list[Round]:
        return [each for each in done if each.kind == kind]

    bare = statistics.median(each.seconds for each in of("bare"))
    print(f"\n{'':<10}{'feeds/s':>10}{'CPU ms/feed':>13}{'of bare':>9}{'worst stall':>13}{'of it ours':>12}")
    good = True
    for kind, wanted in (("bare", None), ("unchanged", 0.85), ("changed", 0.60)):
        seconds = statistics.median(each.seconds for each in of(kind))
        cpu = statistics.median(each.cpu_seconds for each in of(kind))
        stall = max(each.stalls.worst_seconds for each in of(kind))
        own = max(each.stalls.worst_own_seconds for each in of(kind))
        reached = wanted is None or bare / seconds >= wanted
        verdict = "" if wanted is None else f"  wanted {wanted:.0%}: {'reached' if reached else 'MISSED'}"
        good = good and reached and (wanted is None or own < 0.05)
        print(
            f"{kind:<10}{feeds / seconds:>10,.0f}{1000 * cpu / feeds:>13.3f}{bare / seconds:>9.0%}"
            f"{1000 * stall:>10.0f} ms{1000 * own:>9.0f} ms{verdict}"
        )
    print(f"memory after each round: {', '.join(f'{each:.0f}' for each in memory)} MB")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description="Checks of local feeds against bare GETs of the same.")
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with serving() as server:
        good = asyncio.run(run(server, options.feeds, options.rounds))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
