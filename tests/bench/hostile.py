"""How a bot fares whose sources are after it: what each hostile server costs, and whether the others are on time.

    .venv/bin/python -m tests.bench.hostile [--seconds N] [--good N]

Each kind of hostile server has an address of its own and two sources, which are made due again as soon as their check
has ended: worse than any world in which failures are followed by a pause. Good sources, each at its own address too,
are to be read every few seconds meanwhile. Limits, places and pauses are those of the app's default settings.

Told are, for each kind, the longest check and what a moderator reads; and for the good ones, how late they were read.
Loopback can't show what private addresses are refused: tests/sources/test_fetcher.py does.
"""

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog

from bot.app import fetch_limits, user_agent, utc_now
from bot.checks import SourceChecks
from bot.config import Settings
from bot.delivery.planner import plan_deliveries
from bot.garbage_collection import collected_in_rounds
from bot.locales import words
from bot.metrics import Metrics
from bot.models import Source, SourceKind, SourceState
from bot.offload import Offload
from bot.sources.fetcher import Fetcher
from bot.sources.reader import PARSE_SECONDS, SourceReader
from bot.storage import Storage, open_storage
from bot.storage.engine import writing
from bot.storage.schema import sources
from bot.updates.line import HostLimits
from bot.updates.understanding import Understanding
from bot.updates.updater import CheckReport, Updater
from bot.workers import Pool, Rounds
from tests.bench.hostile_servers import serving
from tests.bench.throughput import Stalls

EVERY = timedelta(seconds=5)
"""How often good sources are read."""
ON_TIME_SECONDS = 1.0
"""Later than that, and a good source was kept waiting."""
STALL_SECONDS = 0.05
SOURCES_EACH = 2
FIRST_CHECKS_SECONDS = 45.0
"""In which the first checks end: nobody knows yet who is slow, and large feeds are stored whole."""
GUILD = 10**18


class Watched:
    """An updater whose checks are timed, and whose hostile sources are due again at once."""

    def __init__(self, updater: Updater, storage: Storage, names: Mapping[int, str]) -> None:
        self._updater = updater
        self._storage = storage
        self._names = names
        self._due: dict[int, datetime] = {}
        self.late: list[float] = []
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.ends: defaultdict[str, set[str]] = defaultdict(set)

    async def check(self, source: Source) -> CheckReport:
        name = self._names[source.id]
        if due := self._due.get(source.id):
            self.late.append((utc_now() - due).total_seconds())
        began_at = time.monotonic()
        report = await self._updater.check(source)
        self.seconds[name].append(time.monotonic() - began_at)
        self.ends[name].add(words("en")(report.error.key, url="…") if report.error else f"read: {report.found} items")
        if name.startswith("good"):
            if report.next_check_at:
                self._due[source.id] = report.next_check_at
        else:
            async with writing(self._storage.engine) as connection:
                now = utc_now()
                await connection.execute(
                    sa.update(sources)
                    .where(sources.c.id == source.id)
                    .values(next_check_at=now, state=SourceState.ACTIVE, failing_since=now)
                )
        return report


async def run(seconds: float, good: int, where: Mapping[str, tuple[str, int]]) -> bool:
    settings = Settings(_env_file=None)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        storage = await stack.enter_async_context(open_storage(f"sqlite:///{Path(folder) / 'bench.db'}", now=utc_now))
        offload = await stack.enter_async_context(Offload())
        fetcher = await stack.enter_async_context(
            Fetcher(user_agent=user_agent(), allow_private=True, limits=fetch_limits(settings))
        )
        updater = Updater(
            SourceReader(fetcher, offload, allow_folders=False),
            storage.archive,
            Understanding(offload),
            plan_deliveries,
            aside=offload.run,
            interval=EVERY,
            now=utc_now,
        )
        watched = Watched(updater, storage, await _follow(storage, where))
        checks = SourceChecks(
            storage.due_sources,
            watched,
            Metrics(),
            at_once=settings.fetch_concurrency,
            host_limits=HostLimits(settings.host_concurrency, settings.host_delay_seconds),
            now=utc_now,
            owed=lambda: None,
        )
        pool = Pool("checks", checks, settings.fetch_concurrency, give_back=checks.give_back)
        leases = Rounds("leases of checks", checks.renew, timedelta(seconds=3))
        stack.enter_context(collected_in_rounds())
        stalls = Stalls()
        tasks = [asyncio.create_task(work) for work in (pool.run(), leases.run(), stalls.watch())]
        await asyncio.sleep(FIRST_CHECKS_SECONDS)
        watched.late.clear()
        stalls.worst_seconds = stalls.worst_own_seconds = 0.0
        await asyncio.sleep(seconds)
        verdict = report(watched, stalls, settings, fetch_limits(settings).total_seconds, good)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return verdict


async def _follow(storage: Storage, where: Mapping[str, tuple[str, int]]) -> dict[int, str]:
    names = {}
    now = utc_now()
    for name, (host, port) in where.items():
        for number in range(1 if name.startswith("good") else SOURCES_EACH):
            source = await storage.register.add_source(
                f"http://{host}:{port}/feed?{number}", SourceKind.FEED, title=None, now=now
            )
            await storage.register.subscribe(
                source.id, guild_id=GUILD, channel_id=GUILD + len(names), created_by=None, now=now
            )
            names[source.id] = name
    async with writing(storage.engine) as connection:  # whoever adds a source reads it first
        await connection.execute(sa.update(sources).values(next_check_at=now, lease_until=None))
    return names


def report(watched: Watched, stalls: Stalls, settings: Settings, fetch_seconds: float, good: int) -> bool:
    longest = fetch_seconds + 2 * PARSE_SECONDS
    in_time = True
    for name, seconds in sorted(watched.seconds.items(), key=lambda each: -max(each[1])):
        if name.startswith("good"):
            continue
        in_time = in_time and max(seconds) < longest
        print(f"{name:<26}{len(seconds):>5} checks{max(seconds):>8.2f} s  {' / '.join(sorted(watched.ends[name]))}")
    read = [name for name in watched.seconds if name.startswith("good")]
    late = sorted(watched.late) or [float("inf")]
    worst, usual = late[-1], statistics.median(late)
    print(
        f"\n{len(late)} readings of {len(read)} of {good} good sources: late by {usual:.2f} s as a rule, "
        f"{late[int(0.99 * len(late))]:.2f} s one in a hundred, {worst:.2f} s at worst (wanted: {ON_TIME_SECONDS} s)\n"
        f"worst stall {1000 * stalls.worst_seconds:.0f} ms, of it ours {1000 * stalls.worst_own_seconds:.0f} ms "
        f"(wanted: {1000 * STALL_SECONDS:.0f} ms); {settings.fetch_concurrency} checks at once"
    )
    return in_time and len(read) == good and worst < ON_TIME_SECONDS and stalls.worst_own_seconds < STALL_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description="Hostile sources, and whether the others are on time.")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--good", type=int, default=60)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with serving(options.good) as where:
        good = asyncio.run(run(options.seconds, options.good, where))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
