from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.checks import LEASED_AHEAD, SourceChecks
from bot.errors import FailureReason, FetchFailed
from bot.metrics import Metrics
from bot.models import Places, Source, SourceKind
from bot.updates.line import HostLimits
from bot.updates.updater import CheckReport

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Due:
    """Sources that are due at a time each, and a count of how often somebody looked."""

    due_at: dict[int, datetime]
    looks: int = 0
    released: list[int] = field(default_factory=list)
    renewed: list[int] = field(default_factory=list)

    async def lease_due(self, *, now: datetime, lease: timedelta, limit: int, places: Places) -> Sequence[Source]:
        self.looks += 1
        due = [number for number, at in self.due_at.items() if at <= now][:limit]
        for number in due:
            self.due_at[number] = now + lease
        return [source(number) for number in due]

    async def renew(self, source_ids: Collection[int], *, until: datetime) -> None:
        self.renewed += source_ids

    async def next_due_at(self, now: datetime) -> datetime | None:
        return min(self.due_at.values(), default=None)

    async def release(self, *source_ids: int) -> None:
        self.released += source_ids


@dataclass
class Checker:
    due: Due
    now: datetime = NOON
    failing: bool = False

    async def check(self, source: Source) -> CheckReport:
        next_at = self.now + 60 * SECOND
        self.due.due_at[source.id] = next_at
        error = FetchFailed(FailureReason.TIMEOUT, source.url) if self.failing else None
        return CheckReport(source.id, next_check_at=next_at, deliveries=0 if error else 1, error=error)


def source(number: int) -> Source:
    url = f"https://{number}.test/"
    return Source(id=number, url=url, kind=SourceKind.FEED, next_check_at=NOON, last_checked_at=NOON)


class Bench:
    def __init__(self, due_at: dict[int, datetime], *, at_once: int = 4) -> None:
        self.due = Due(due_at)
        self.checker = Checker(self.due)
        self.now = NOON
        self.owed = 0
        self.metrics = Metrics()
        self.checks = SourceChecks(
            self.due,
            self.checker,
            self.metrics,
            at_once=at_once,
            host_limits=HostLimits(2, 0),
            now=lambda: self.now,
            clock=self._seconds,
            owed=self._owe,
        )

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _owe(self) -> None:
        self.owed += 1

    def counted(self, outcome: str) -> float | None:
        return self.metrics.registry.get_sample_value("casse_croute_checks_total", {"outcome": outcome})


async def test_the_database_is_asked_for_a_batch_and_not_for_each_place() -> None:
    bench = Bench(dict.fromkeys(range(32), NOON), at_once=4)
    taken = [await bench.checks.take(1) for _ in range(32)]
    assert [each.id for (each,) in taken] == list(range(32))
    assert bench.due.looks == 32 / (4 * LEASED_AHEAD)


async def test_a_database_with_nothing_due_is_left_alone_until_something_is() -> None:
    bench = Bench({1: NOON, 2: NOON + 10 * SECOND})
    (first,) = await bench.checks.take(4)
    for _ in range(5):
        assert await bench.checks.take(3) == []
    assert bench.due.looks == 1
    assert await bench.checks.wait_seconds() == 10
    await bench.checks.do(first)
    bench.now += 10 * SECOND
    assert [each.id for each in await bench.checks.take(4)] == [2]


async def test_a_source_that_was_just_added_is_seen_at_once() -> None:
    bench = Bench({})
    assert await bench.checks.take(4) == []
    bench.due.due_at[7] = NOON
    assert await bench.checks.take(4) == []
    bench.checks.look_again()
    assert [each.id for each in await bench.checks.take(4)] == [7]


async def test_a_check_brings_the_next_look_forward() -> None:
    bench = Bench({1: NOON})
    (job,) = await bench.checks.take(4)
    assert await bench.checks.wait_seconds() == 10
    bench.checker.now = NOON - 55 * SECOND
    await bench.checks.do(job)
    assert await bench.checks.wait_seconds() == 5


async def test_outcomes_are_counted_and_deliveries_announced() -> None:
    bench = Bench({1: NOON, 2: NOON})
    jobs = await bench.checks.take(2)
    await bench.checks.do(jobs[0])
    bench.checker.failing = True
    await bench.checks.do(jobs[1])
    assert (bench.counted("ok"), bench.counted("timeout"), bench.owed) == (1, 1, 1)


async def test_what_was_leased_and_not_begun_is_given_back() -> None:
    bench = Bench(dict.fromkeys(range(4), NOON))
    await bench.checks.take(1)
    await bench.checks.give_back()
    assert bench.due.released == [1, 2, 3]
    assert await bench.checks.take(0) == []


async def test_a_lease_lasts_as_long_as_its_check() -> None:
    bench = Bench(dict.fromkeys(range(4), NOON))
    (first,) = await bench.checks.take(1)
    await bench.checks.renew()
    assert sorted(bench.due.renewed) == [0, 1, 2, 3]
    await bench.checks.do(first)
    await bench.checks.give_back()
    bench.due.renewed.clear()
    await bench.checks.renew()
    assert bench.due.renewed == []
