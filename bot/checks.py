"""Work for a pool: the sources that are due, leased a batch at a time and asked host by host."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.metrics import Metrics
from bot.models import Places, Source
from bot.updates.line import HostLimits, Line, places_for_doubtful
from bot.updates.updater import CheckReport

log = structlog.get_logger(__name__)

CHECK_SECONDS = 120.0
"""The longest that one check may take before its source is left for later."""

LEASE = timedelta(seconds=10)
"""Renewed while a check lasts or waits for its host: how long a source rests after whoever held it died."""

LEASED_AHEAD = 4
"""Times as many sources as are asked at once that one look into the database may lease: a look costs as much as
checking a dozen sources that have nothing new."""

TOO_SLOW_REST = timedelta(minutes=5)
"""How long a source rests whose check did not end in time."""

LONGEST_BLINDNESS = timedelta(seconds=30)
"""Between two looks into the database, where another process may have put something."""

SHORTEST_BLINDNESS = timedelta(milliseconds=250)
"""When all that is due belongs to hosts that are being asked enough already."""


class DueSources(Protocol):
    async def lease_due(self, *, now: datetime, lease: timedelta, limit: int, places: Places) -> Sequence[Source]: ...

    async def renew(self, source_ids: Collection[int], *, until: datetime) -> None: ...

    async def next_due_at(self, now: datetime) -> datetime | None: ...

    async def release(self, *source_ids: int) -> None: ...


class Checker(Protocol):
    async def check(self, source: Source) -> CheckReport: ...


class SourceChecks:
    """Calls `owed` when a check made deliveries, or edits."""

    def __init__(
        self,
        due: DueSources,
        checker: Checker,
        metrics: Metrics,
        *,
        at_once: int,
        host_limits: HostLimits,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        owed: Callable[[], None],
    ) -> None:
        self._due = due
        self._checker = checker
        self._metrics = metrics
        self._well = metrics.checks.labels("ok")
        self._at_once = at_once
        self._now = now
        self._clock = clock
        self._owed = owed
        self._line = Line(host_limits, doubtful_at_once=places_for_doubtful(at_once))
        self._places = Places(
            per_host=host_limits.at_once,
            doubtful_per_host=host_limits.doubtful_at_once,
            doubtful=LEASED_AHEAD * places_for_doubtful(at_once),
        )
        self._held: set[int] = set()
        """Sources whose lease is ours."""
        self._look_at: datetime | None = None
        """When the database is next to be asked; None for at once."""

    def look_again(self) -> None:
        """Something may be due that was not when the database was last asked."""
        self._look_at = None

    async def take(self, limit: int) -> Sequence[Source]:
        taken = self._line.take(limit, self._clock())
        if len(taken) == limit or (self._look_at is not None and self._now() < self._look_at):
            return taken
        await self._lease(max(LEASED_AHEAD * self._at_once, limit) - len(self._line))
        return [*taken, *self._line.take(limit - len(taken), self._clock())]

    async def wait_seconds(self) -> float:
        waits = [LONGEST_BLINDNESS.total_seconds()]
        if self._look_at is not None:
            waits.append((self._look_at - self._now()).total_seconds())
        ready_in = self._line.ready_in(self._clock())
        return min(waits if ready_in is None else [*waits, ready_in])

    async def do(self, job: Source) -> None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                report = await self._checker.check(job)
        except TimeoutError:
            log.warning("check not finished in time", source_id=job.id, url=job.url)
            self._metrics.checks.labels("too_slow").inc()
            self._held.discard(job.id)
            await self._due.renew([job.id], until=self._now() + TOO_SLOW_REST)
            return
        finally:
            self._held.discard(job.id)
            self._line.done(job)
        if report.next_check_at and self._look_at:
            self._look_at = min(self._look_at, report.next_check_at)
        self._tell(job, report)

    async def renew(self) -> None:
        """Keep what is being checked, or waits for it, from being taken by others."""
        if self._held:
            await self._due.renew(tuple(self._held), until=self._now() + LEASE)

    async def give_back(self) -> None:
        """Let others have what was leased and not begun."""
        if left := self._line.clear():
            self._held.difference_update(source.id for source in left)
            await self._due.release(*(source.id for source in left))

    async def _lease(self, limit: int) -> None:
        if limit <= 0:
            return
        now = self._now()
        due = await self._due.lease_due(now=now, lease=LEASE, limit=limit, places=self._places)
        self._held.update(source.id for source in due)
        self._line.add(due)
        if len(due) == limit:
            self._look_at = None
            return
        next_at = await self._due.next_due_at(now) or now + LONGEST_BLINDNESS
        self._look_at = min(max(next_at, now + SHORTEST_BLINDNESS), now + LONGEST_BLINDNESS)

    def _tell(self, job: Source, report: CheckReport) -> None:
        if report.error:
            reason = report.error.reason.value
            self._metrics.checks.labels(reason).inc()
            told = {"source_id": job.id, "url": job.url, "reason": reason, "suspended": report.suspended}
            log.warning("source failed", error=str(report.error), **told)
        else:
            self._well.inc()
            if not report.unchanged:
                found = {"found": report.found, "new": report.new, "changed": report.changed}
                log.info("source checked", source_id=job.id, url=job.url, **found)
        if report.deliveries or report.changed:
            self._owed()
