"""Check a source: fetch, decide what is new, understand it, store it: in one transaction, unless there is very much.

    Source -> Sources.read -> Snapshot -> decide -> Portions.of -> Archive.record

It sequences and nothing else: what is new is the decider's to say, when to come back the schedule's, who gets what
the planner's. A source that fails is a result, not a crash.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from bot.errors import FailureReason, SourceError
from bot.models import Credentials, Entry, Snapshot, Source, SourceKind
from bot.updates.decider import Decision, Known, Listed, content_hash, decide, is_settled, unsettled
from bot.updates.health import is_to_be_suspended
from bot.updates.portions import Learning, Pages, Portions, Sifting, Understanding, learn_nothing, sift_nothing
from bot.updates.progress import Retrieved, is_scrap, may_be_seeded, progress_of, usual_since
from bot.updates.recognition import look_around, recent_for
from bot.updates.schedule import Bounds, next_failure
from bot.updates.traces import Trace
from bot.updates.update import Plan, Recorded, Update

T = TypeVar("T")


_LITTLE = 200_000
"""Characters looked at in the event loop itself: a few milliseconds. What is more is looked at beside it."""

_WORTH_OF_CLUES = 10
"""Finding an entry's clues takes as long as looking at so many times its text; comparing it with what is stored, so
many characters:"""
_WORTH_OF_COMPARING = 4_000
_WORTH_OF_PLACING = 1_000
"""Reading the address of an entry that is listed beside those looked at closely."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """How a check went. `error` is set when the source failed; nothing of it was stored then but the failure."""

    source_id: int
    found: int = 0
    new: int = 0
    changed: int = 0
    deliveries: int = 0
    unchanged: bool = False
    error: SourceError | None = None
    next_check_at: datetime | None = None
    suspended: bool = False
    """The failure was one too many: it is not checked any more until a moderator resumes it."""


class Sources(Pages, Protocol):
    async def read(
        self,
        url: str,
        kind: SourceKind,
        *,
        etag: str | None,
        last_modified: str | None,
        credentials: Credentials | None = None,
    ) -> Retrieved: ...


class Archive(Protocol):
    async def known(self, source_id: int, identities: Collection[str]) -> Mapping[str, Known]:
        """What is stored under these ids, those included that an article got later."""
        ...

    async def recall(
        self, source_id: int, *, marks: Collection[int], article_ids: Collection[int], recent: int
    ) -> Sequence[Trace]:
        """The source's articles with one of these marks or ids, and its `recent` newest."""
        ...

    async def record(self, update: Update, plan: Plan) -> Recorded:
        """Store articles, the deliveries that `plan` wants, and progress: all or nothing."""
        ...

    async def record_failure(
        self, source_id: int, *, failed_at: datetime, next_check_at: datetime, reason: str, suspend: bool = False
    ) -> None:
        """`suspend` stops checking the source, and tells the servers that follow it, once."""
        ...

    async def reaches_others(self, source_id: int, *, since: datetime) -> bool:
        """Whether another source was read since then, or there is no other to read."""
        ...


class Aside(Protocol):
    """Runs pure work where it keeps nobody waiting."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


async def run_here(work: Callable[[], T], /) -> T:
    return work()


class Updater:
    def __init__(
        self,
        sources: Sources,
        archive: Archive,
        understand: Understanding,
        plan: Plan,
        *,
        aside: Aside = run_here,
        interval: timedelta,
        ceiling: timedelta | None = None,
        now: Callable[[], datetime],
        learning: Learning = learn_nothing,
        sifting: Sifting = sift_nothing,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Sources are asked every `interval`, and down to every `ceiling` where they seldom publish."""
        self._sources = sources
        self._archive = archive
        self._plan = plan
        self._aside = aside
        self._bounds = Bounds(interval, max(ceiling or interval, interval))
        self._now = now
        self._portions = Portions(sources, understand, learning, sifting)
        self._chance = chance

    async def check(self, source: Source) -> CheckReport:
        """Fetch a source and store what it brings; a failing source is stored as such and reported."""
        try:
            retrieved = await self._sources.read(
                source.url,
                source.kind,
                etag=source.etag,
                last_modified=source.last_modified,
                credentials=source.credentials,
            )
            return await self.absorb(source, retrieved)
        except SourceError as error:
            return await self._record_failure(source, error)

    async def absorb(self, source: Source, retrieved: Retrieved) -> CheckReport:
        """Store what an answer brings that was already fetched (by `check`, or when a moderator added the source)."""
        snapshot = retrieved.snapshot
        readable = snapshot is not None and may_be_seeded(source, snapshot)
        decision = await self._decide(source, snapshot) if snapshot and readable else Decision()
        seeding = source.seeded_at is None
        progress = progress_of(
            source,
            retrieved,
            found=0 if seeding else len(decision.new),
            now=self._now(),
            bounds=self._bounds,
            chance=self._chance(),
        )
        deliveries = 0
        if snapshot is None:
            await self._archive.record(Update(source.id, (), (), progress), self._plan)
        else:
            async for update in self._portions.of(source, snapshot, decision, progress):
                deliveries += (await self._archive.record(update, self._plan)).deliveries
        return CheckReport(
            source.id,
            found=len(snapshot.entries) if snapshot else 0,
            new=len(decision.new),
            changed=len(decision.changed),
            deliveries=deliveries,
            unchanged=not decision.new and not decision.changed,
            next_check_at=progress.next_check_at,
        )

    async def _decide(self, source: Source, snapshot: Snapshot) -> Decision:
        if is_scrap(snapshot):
            return Decision()
        listed = await self._look(_weight(snapshot.entries), partial(_list, snapshot.entries))
        known = await self._archive.known(source.id, [entry.identity for entry in snapshot.entries])
        home_url = snapshot.home_url or source.home_url
        strange = [each for each in listed if not is_settled(each, known)]
        if not strange:
            return Decision()
        weight = _WORTH_OF_CLUES * _weight(each.entry for each in strange)
        close = await self._look(weight, partial(unsettled, listed, known, home_url=home_url))
        around = look_around(close, settled=len(listed) - len(close))
        traces = await self._archive.recall(
            source.id,
            marks={mark for one in close for _, mark in one.clues.marks()},
            article_ids={one.by_id for one in close if one.by_id is not None},
            recent=recent_for(len(listed)) if around else 0,
        )
        decided = partial(
            decide,
            listed,
            known,
            close,
            traces,
            seeding=source.seeded_at is None,
            since=source.last_success_at,
            usual=usual_since(source, self._now()),
            home_url=home_url,
        )
        weight = _WORTH_OF_COMPARING * len(close) + _WORTH_OF_PLACING * len(listed)
        return await self._look(weight, decided)

    async def _look(self, weight: int, work: Callable[[], T]) -> T:
        return work() if weight < _LITTLE else await self._aside(work)

    async def _record_failure(self, source: Source, error: SourceError) -> CheckReport:
        now = self._now()
        next_check_at = next_failure(
            now,
            self._bounds.floor,
            failures=source.failures,
            retry_after=None if error.retry_after is None else timedelta(seconds=error.retry_after),
            chance=self._chance(),
        )
        suspend = await self._is_to_be_suspended(source, error.reason, now)
        await self._archive.record_failure(
            source.id, failed_at=now, next_check_at=next_check_at, reason=error.reason.value, suspend=suspend
        )
        return CheckReport(source.id, error=error, next_check_at=next_check_at, suspended=suspend)

    async def _is_to_be_suspended(self, source: Source, reason: FailureReason, now: datetime) -> bool:
        def verdict(*, we_reach_others: bool) -> bool:
            return is_to_be_suspended(
                reason,
                failing_since=source.failing_since or now,
                now=now,
                failures=source.failures + 1,
                we_reach_others=we_reach_others,
            )

        if not verdict(we_reach_others=True):
            return False
        return verdict(we_reach_others=await self._archive.reaches_others(source.id, since=now - timedelta(days=1)))


def _list(entries: Sequence[Entry]) -> list[Listed]:
    return [Listed(entry, content_hash(entry)) for entry in entries]


def _weight(entries: Iterable[Entry]) -> int:
    return sum(len(entry.body) + 200 for entry in entries)
