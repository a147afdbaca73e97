"""Check a source: fetch, decide what is new, understand it, store it all in one transaction.

    Source -> Sources.read -> Snapshot -> decide -> Understanding -> Archive.record

It sequences and nothing else: what is new is the decider's to say, when to come back the schedule's, who gets what
the planner's. A source that fails is a result, not a crash.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.articles.corrections import Labels
from bot.articles.filters import Found
from bot.errors import FailureReason, SourceError
from bot.models import Article, Credentials, Entry, PlannedDelivery, Snapshot, Source, SourceKind, Subscription
from bot.updates.decider import Decision, Find, Known, Listed, content_hash, decide, unsettled
from bot.updates.health import is_to_be_suspended
from bot.updates.progress import Progress, Retrieved, progress_of
from bot.updates.recognition import RECENT, Unsettled, look_around
from bot.updates.schedule import Bounds, next_failure
from bot.updates.stories import sketch_of_article, story_marks
from bot.updates.traces import Clues, MarkKind, Trace

T = TypeVar("T")


COMPLETED_AT_ONCE = 30
"""How many teasers one check completes from their pages, the newest first: a first check may bring hundreds."""

_CHARACTERS_AT_ONCE = 200_000
"""Looked at before the event loop gets its turn again: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    identity: str
    content_hash: str
    article: Article
    announce: bool
    clues: Clues | None = None
    also: tuple[str, ...] = ()
    """Other ids under which the same listing has it."""
    story: Mapping[int, MarkKind] = field(default_factory=dict)
    """Marks by which another source's telling of it is found; none for what is not announced."""
    learnt: Mapping[int, Labels] = field(default_factory=dict)
    """By server, what its paragraphs are to the moderators there, as far as their corrections taught it."""
    sifted: Found = field(default_factory=dict)
    """What the filters of its followers find in it, as far as that was looked for before it is stored."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An article that is news, as far as planning needs it."""

    article_id: int
    article: Article
    learnt: Mapping[int, Labels] = field(default_factory=dict)
    sifted: Found = field(default_factory=dict)
    seeding: bool = False
    """It is the newest of a source that is read for the first time."""


Plan = Callable[[Sequence[Announced], Sequence[Subscription]], Sequence[PlannedDelivery]]
"""What is to be announced (oldest first) and the source's subscriptions, to the deliveries owed, in sending order."""


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    article_id: int
    content_hash: str
    article: Article
    clues: Clues | None = None
    learnt: Mapping[int, Labels] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    source_id: int
    new: tuple[NewArticle, ...]
    """Oldest first: article ids rise in this order."""
    changed: tuple[ChangedArticle, ...]
    progress: Progress
    aliases: tuple[tuple[int, str], ...] = ()
    """Article id and another id under which the source lists it."""
    seeding: bool = False
    """A first check, of which somebody waits to see a card: it is announced even where another source told it."""


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
    next_check_at: datetime | None = None
    suspended: bool = False
    """The failure was one too many: it is not checked any more until a moderator resumes it."""


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


class Understanding(Protocol):
    """Entries to articles, off the event loop; in the order given."""

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None) -> Sequence[Article]: ...


class Learning(Protocol):
    """For each article, by server, what is read otherwise there than by everybody."""

    async def __call__(self, source_id: int, articles: Sequence[Article], /) -> Sequence[Mapping[int, Labels]]: ...


async def learn_nothing(_source_id: int, articles: Sequence[Article]) -> Sequence[Mapping[int, Labels]]:
    return [{} for _ in articles]


class Sifting(Protocol):
    """What the filters of a source's followers find in each of these articles."""

    async def __call__(self, source_id: int, articles: Sequence[Article], /) -> Sequence[Found]: ...


async def sift_nothing(_source_id: int, articles: Sequence[Article]) -> Sequence[Found]:
    return [{} for _ in articles]


class Updater:
    def __init__(
        self,
        sources: Sources,
        archive: Archive,
        understand: Understanding,
        plan: Plan,
        *,
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
        self._understand = understand
        self._plan = plan
        self._bounds = Bounds(interval, max(ceiling or interval, interval))
        self._now = now
        self._learning = learning
        self._sifting = sifting
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
        decision = Decision() if snapshot is None else await self._decide(source, snapshot)
        seeding = source.seeded_at is None
        progress = progress_of(
            source,
            retrieved,
            found=0 if seeding else len(decision.new),
            now=self._now(),
            bounds=self._bounds,
            chance=self._chance(),
        )
        if snapshot is None:
            update = Update(source.id, (), (), progress)
        else:
            update = await self._understood(source, snapshot, decision, progress)
        recorded = await self._archive.record(update, self._plan)
        return CheckReport(
            source.id,
            found=len(snapshot.entries) if snapshot else 0,
            new=len(update.new),
            changed=len(update.changed),
            deliveries=recorded.deliveries,
            unchanged=not update.new and not update.changed,
            next_check_at=progress.next_check_at,
        )

    async def _decide(self, source: Source, snapshot: Snapshot) -> Decision:
        listed = [Listed(entry, content_hash(entry)) async for entry in _by_and_by(snapshot.entries, _weight)]
        known = await self._archive.known(source.id, [entry.identity for entry in snapshot.entries])
        home_url = snapshot.home_url or source.home_url
        close: list[Unsettled] = []
        async for each in _by_and_by(listed, lambda each: 10 * _weight(each.entry)):
            close += unsettled([each], known, home_url=home_url)
        if not close:
            return Decision()
        around = look_around(close, settled=len(listed) - len(close))
        traces = await self._archive.recall(
            source.id,
            marks={mark for one in close for _, mark in one.clues.marks()},
            article_ids={one.by_id for one in close if one.by_id is not None},
            recent=RECENT if around else 0,
        )
        return decide(
            listed,
            known,
            close,
            traces,
            seeding=source.seeded_at is None,
            since=source.last_success_at,
            home_url=home_url,
        )

    async def _understood(self, source: Source, snapshot: Snapshot, decision: Decision, progress: Progress) -> Update:
        """Fingerprints are those of the entry as listed: a completed teaser would look changed at every check."""
        entries = [*(find.entry for find in decision.new), *(change.entry for change in decision.changed)]
        cut = max(0, len(entries) - COMPLETED_AT_ONCE)
        completed = [*entries[:cut], *await self._sources.complete(entries[cut:])]
        articles = await self._understand(completed, source_language=snapshot.language or source.language)
        learnt = await self._learning(source.id, articles)
        readings = list(zip(articles, learnt, strict=True))
        new, changed = readings[: len(decision.new)], readings[len(decision.new) :]
        home_url = snapshot.home_url or source.home_url
        told = [article for find, (article, _) in zip(decision.new, new, strict=True) if find.announce]
        sifted = iter(await self._sifting(source.id, told))
        by_find = zip(decision.new, completed, new, strict=False)
        return Update(
            source.id,
            new=tuple(
                replace(
                    _new_article(find, entry, article, home_url),
                    learnt=learnt,
                    sifted=next(sifted) if find.announce else {},
                )
                for find, entry, (article, learnt) in by_find
            ),
            changed=tuple(
                ChangedArticle(change.article_id, change.content_hash, article, change.clues, learnt)
                for change, (article, learnt) in zip(decision.changed, changed, strict=True)
            ),
            progress=progress,
            aliases=decision.aliases,
            seeding=source.seeded_at is None,
        )

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


def _new_article(find: Find, completed: Entry, article: Article, home_url: str | None) -> NewArticle:
    story: Mapping[int, MarkKind] = {}
    if find.announce:
        # The text of a page says more than the teaser that led to it.
        sketch = find.clues.sketch if completed.body == find.entry.body else sketch_of_article(article)
        story = story_marks(article, sketch, home_url=home_url)
    return NewArticle(
        find.entry.identity, find.content_hash, article, find.announce, clues=find.clues, also=find.also, story=story
    )


def _weight(entry: Entry) -> int:
    return len(entry.body) + 200


async def _by_and_by(values: Sequence[T], weight: Callable[[T], int]) -> AsyncIterator[T]:
    """`values`, giving the event loop its turn now and then: a source may list thousands of long texts."""
    looked_at = 0
    for value in values:
        yield value
        looked_at += weight(value)
        if looked_at > _CHARACTERS_AT_ONCE:
            looked_at = 0
            await asyncio.sleep(0)
