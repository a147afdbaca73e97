"""A small population for storage tests: sources, articles, followers, and a clock that only tests move."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.dispatcher import Claimed, Posted
from bot.delivery.planner import plan_deliveries
from bot.models import (
    DEFAULT_TIME_ZONE,
    Article,
    Image,
    Paragraph,
    Section,
    Source,
    SourceKind,
    Span,
    SpanStyle,
    Subscription,
)
from bot.storage.archive import Archive
from bot.storage.corrections import Corrections
from bot.storage.desk import Desk
from bot.storage.due import DueSources
from bot.storage.edits import Edits
from bot.storage.lessons import Lessons
from bot.storage.library import Library
from bot.storage.notes import Notes
from bot.storage.notices import Notices
from bot.storage.outbox import Outbox
from bot.storage.register import Register
from bot.storage.suspensions import Suspensions
from bot.updates.progress import Progress
from bot.updates.update import ChangedArticle, NewArticle, Recorded, Update

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 2 * MINUTE

CABIN = 10**18
"""A guild; its channels are CABIN + 1, + 2, …"""
OTHER_CABIN = 2 * 10**18


def article(title: str = "La poutine et la loi", *, published_at: datetime | None = None) -> Article:
    return Article(
        title=title,
        author="Patrick Bélanger",
        language="fr",
        url="https://exemple.test/a",
        reference_url="https://exemple.test/reference",
        image=Image(url="https://exemple.test/a.jpg", alt="Une poutine"),
        published_at=published_at,
        categories=("société", "table"),
        sections=(
            Section(
                kind="summary",
                paragraphs=(
                    Paragraph(text="Le résumé ne dit pas tout.", spans=(Span(start=3, end=9, style=SpanStyle.BOLD),)),
                ),
            ),
            Section(
                kind="analogy",
                heading="Et si c’était une poutine ?",
                confidence=0.9,
                paragraphs=(Paragraph(text="Imaginez une poutine."), Paragraph(text="Avec du fromage 🧀.")),
            ),
        ),
    )


def new(identity: str, its: Article | None = None, *, announce: bool = True) -> NewArticle:
    return NewArticle(identity, f"hash of {identity}", its or article(f"Article {identity}"), announce)


class World:
    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.now = NOON
        self.archive = Archive(engine)
        self.library = Library(engine)
        self.corrections = Corrections(engine)
        self.lessons = Lessons(engine)
        zone = ZoneInfo(DEFAULT_TIME_ZONE)
        self.register = Register(engine, now=lambda: self.now, default_zone=zone)
        self.outbox = Outbox(engine, default_zone=zone)
        self.edits = Edits(engine, default_zone=zone)
        self.desk = Desk(engine, default_zone=zone)
        self.suspensions = Suspensions(engine)
        self.notices = Notices(engine)
        self.due_sources = DueSources(engine)
        self.notes = Notes(engine)

    async def source(self, url: str = "https://exemple.test/flux", title: str | None = "Le Flux") -> Source:
        return await self.register.add_source(url, SourceKind.FEED, title=title, now=self.now)

    async def follow(self, source: Source, channel_id: int = CABIN + 1, guild_id: int = CABIN) -> Subscription:
        subscription = await self.register.subscribe(
            source.id, guild_id=guild_id, channel_id=channel_id, created_by=7, now=self.now
        )
        assert subscription is not None
        return subscription

    async def record(
        self, source: Source, articles: Sequence[NewArticle] = (), changed: Sequence[ChangedArticle] = ()
    ) -> Recorded:
        return await self.record_update(Update(source.id, tuple(articles), tuple(changed), self.progress()))

    async def record_update(self, update: Update) -> Recorded:
        return await self.archive.record(update, plan_deliveries)

    async def publish(self, source: Source, *identities: str) -> Sequence[int]:
        return (await self.record(source, [new(identity) for identity in identities])).article_ids

    def progress(self, **others: str | None) -> Progress:
        return Progress(checked_at=self.now, next_check_at=self.now + 5 * MINUTE, **others)

    async def claim(self, limit: int = 20) -> Sequence[Claimed]:
        return await self.outbox.claim(now=self.now, lease=LEASE, limit=limit)

    async def send(self, claimed: Claimed) -> None:
        posted = Posted(claimed.delivery.id + 5 * 10**18)
        await self.outbox.mark_sent(claimed.delivery, posted=posted, sent_at=self.now)

    async def postpone(self, claimed: Claimed, wait: timedelta, attempts: int = 1) -> None:
        await self.outbox.postpone(claimed.delivery, until=self.now + wait, attempts=attempts, error="503", at=self.now)

    async def give_up(self, claimed: Claimed, error: str = "400") -> None:
        await self.outbox.give_up(claimed.delivery, attempts=24, error=error, at=self.now)

    async def suspend(self, claimed: Claimed, reason: str = "suspended.channel_gone") -> None:
        await self.outbox.suspend(claimed.delivery, reason=reason, error="404", at=self.now)

    async def send_all(self, limit: int = 20) -> list[int]:
        """Send until nothing is due; article ids in the order sent."""
        sent = []
        while claimed := await self.claim(limit):
            for each in claimed:
                await self.send(each)
                sent.append(each.delivery.article_id)
        return sent

    async def reload(self, source: Source) -> Source:
        found = await self.register.source_by_url(source.url)
        assert found is not None
        return found
