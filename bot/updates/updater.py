"""Check a source: fetch, decide what is new, understand it, store it all in one transaction.

    Source -> Sources.read -> Snapshot -> decide -> Understanding -> Archive.record

It sequences and nothing else: what is new is the decider's to say, when to come back the schedule's, who gets what
the planner's. A source that fails is a result, not a crash.
"""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import SourceError
from bot.models import Article, Credentials, Entry, PlannedDelivery, Snapshot, Source, SourceKind, Subscription
from bot.updates.decider import Decision, Known, content_hash, decide
from bot.updates.schedule import next_failure, next_success

Plan = Callable[[Sequence[int], Sequence[Subscription]], Sequence[PlannedDelivery]]
"""Article ids to announce (oldest first) and the source's subscriptions, to the deliveries owed, in sending order."""

COMPLETED_AT_ONCE = 30
"""How many teasers one check completes from their pages, the newest first: a first check may bring hundreds."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a finished check vouches for; stored with its articles, never before them."""

    checked_at: datetime
    next_check_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    title: str | None = None
    """None keeps the stored one; so for the two below."""
    home_url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NewArticle:
    identity: str
    content_hash: str
    article: Article
    announce: bool


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    article_id: int
    content_hash: str
    article: Article


@dataclass(frozen=True, slots=True)
class Update:
    source_id: int
    new: tuple[NewArticle, ...]
    """Oldest first: article ids rise in this order."""
    changed: tuple[ChangedArticle, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one transaction stored. `article_ids` are those of `Update.new`, in its order."""

    article_ids: tuple[int, ...]
    deliveries: int


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


class Retrieved(Protocol):
    """One answer of a source. `snapshot` is None when it says that nothing changed (HTTP 304)."""

    @property
    def snapshot(self) -> Snapshot | None: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def last_modified(self) -> str | None: ...
    @property
    def max_age_seconds(self) -> int | None: ...


class Sources(Protocol):
    async def read(
        self,
        url: str,
        kind: SourceKind,
        *,
        etag: str | None,
        last_modified: str | None,
        credentials: Credentials | None = None,
    ) -> Retrieved: ...

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """The same entries, teasers replaced by the main text of their page where it could be had."""
        ...


class Archive(Protocol):
    async def known(self, source_id: int, identities: Collection[str]) -> Mapping[str, Known]: ...

    async def record(self, update: Update, plan: Plan) -> Recorded:
        """Store articles, the deliveries that `plan` wants, and progress: all or nothing."""
        ...

    async def record_failure(
        self, source_id: int, *, failed_at: datetime, next_check_at: datetime, reason: str
    ) -> None: ...


class Understanding(Protocol):
    """Entries to articles, off the event loop; in the order given."""

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None) -> Sequence[Article]: ...


class Updater:
    def __init__(
        self,
        sources: Sources,
        archive: Archive,
        understand: Understanding,
        plan: Plan,
        *,
        interval: timedelta,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sources = sources
        self._archive = archive
        self._understand = understand
        self._plan = plan
        self._interval = interval
        self._now = now
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
            await self._record_failure(source, error)
            return CheckReport(source.id, error=error)

    async def absorb(self, source: Source, retrieved: Retrieved) -> CheckReport:
        """Store what an answer brings that was already fetched (by `check`, or when a moderator added the source)."""
        progress = self._progress(source, retrieved)
        snapshot = retrieved.snapshot
        if snapshot is None:
            await self._archive.record(Update(source.id, (), (), progress), self._plan)
            return CheckReport(source.id, unchanged=True)
        known = await self._archive.known(source.id, [entry.identity for entry in snapshot.entries])
        decision = decide(snapshot.entries, known, seeding=source.seeded_at is None)
        update = await self._understood(source, snapshot, decision, progress)
        recorded = await self._archive.record(update, self._plan)
        return CheckReport(
            source.id,
            found=len(snapshot.entries),
            new=len(update.new),
            changed=len(update.changed),
            deliveries=recorded.deliveries,
            unchanged=not update.new and not update.changed,
        )

    async def _understood(self, source: Source, snapshot: Snapshot, decision: Decision, progress: Progress) -> Update:
        """Fingerprints are those of the entry as listed: a completed teaser would look changed at every check."""
        entries = [*decision.new, *(entry for _, entry in decision.changed)]
        cut = max(0, len(entries) - COMPLETED_AT_ONCE)
        completed = [*entries[:cut], *await self._sources.complete(entries[cut:])]
        articles = await self._understand(completed, source_language=snapshot.language or source.language)
        new, changed = articles[: len(decision.new)], articles[len(decision.new) :]
        return Update(
            source.id,
            new=tuple(
                NewArticle(entry.identity, content_hash(entry), article, entry.identity in decision.announced)
                for entry, article in zip(decision.new, new, strict=True)
            ),
            changed=tuple(
                ChangedArticle(article_id, content_hash(entry), article)
                for (article_id, entry), article in zip(decision.changed, changed, strict=True)
            ),
            progress=progress,
        )

    def _progress(self, source: Source, retrieved: Retrieved) -> Progress:
        now = self._now()
        age = retrieved.max_age_seconds
        snapshot = retrieved.snapshot
        return Progress(
            checked_at=now,
            next_check_at=next_success(
                now,
                self._interval,
                max_age=None if age is None else timedelta(seconds=age),
                chance=self._chance(),
            ),
            etag=retrieved.etag if snapshot else retrieved.etag or source.etag,
            last_modified=retrieved.last_modified if snapshot else retrieved.last_modified or source.last_modified,
            title=snapshot.title if snapshot else None,
            home_url=snapshot.home_url if snapshot else None,
            language=snapshot.language if snapshot else None,
        )

    async def _record_failure(self, source: Source, error: SourceError) -> None:
        now = self._now()
        await self._archive.record_failure(
            source.id,
            failed_at=now,
            next_check_at=next_failure(
                now,
                self._interval,
                failures=source.failures,
                retry_after=None if error.retry_after is None else timedelta(seconds=error.retry_after),
                chance=self._chance(),
            ),
            reason=error.reason.value,
        )
