"""The ports of the use cases, in memory: what the cogs need and no more."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from bot.articles import filters
from bot.articles.corrections import Labels, relabel
from bot.client import CasseCroute
from bot.corrections import Corrections, Original
from bot.delivery.stages import Arrival, Fate, Follower
from bot.errors import CasseCrouteError, SourceError, StorageError
from bot.exchange import Exchange
from bot.explaining import Explaining
from bot.filtering import Filtering
from bot.models import (
    DEFAULT_TIME_ZONE,
    Article,
    Credentials,
    Retraction,
    Server,
    Snapshot,
    Source,
    SourceKind,
    StoredArticle,
    Subscription,
    SubscriptionState,
)
from bot.postings import Postings, Publication, Published
from bot.reading import ArticleTitle, Reading, Revision
from bot.servers import Servers
from bot.sources.discovery import Candidate
from bot.subscriptions import Followed, Subscriptions
from bot.updates.updater import CheckReport

T = TypeVar("T")

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@dataclass
class Pantry:
    """A library and a register over the same shelves."""

    articles: list[StoredArticle] = field(default_factory=list)
    """Oldest first."""
    in_channel: dict[int, StoredArticle] = field(default_factory=dict)
    posted: dict[int, StoredArticle] = field(default_factory=dict)
    """By the message that shows it."""
    sources: dict[int, Source] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    languages: dict[int, str] = field(default_factory=dict)
    time_zones: dict[int, str] = field(default_factory=dict)
    pending: int = 0
    labels: dict[tuple[int, int], Labels] = field(default_factory=dict)
    revisions: dict[int, Revision] = field(default_factory=dict)
    retracted: dict[int, Retraction] = field(default_factory=dict)
    published: list[tuple[int, tuple[int, ...], bool]] = field(default_factory=list)
    publication: Publication = Publication.OWED
    drafts: dict[tuple[int, int, int], dict[str, str]] = field(default_factory=dict)
    fates: dict[int, Fate] = field(default_factory=dict)
    """By subscription."""
    broken: bool = False
    """Every look into it fails, as when the database is away."""

    def _look(self) -> None:
        if self.broken:
            raise StorageError("the database is locked")

    async def article(self, guild_id: int, article_id: int) -> StoredArticle | None:
        self._look()
        if article_id in self.retracted:
            return None
        return self._seen(guild_id, next((each for each in self.articles if each.id == article_id), None))

    def _seen(self, guild_id: int, stored: StoredArticle | None) -> StoredArticle | None:
        if stored is None:
            return None
        article = relabel(stored.article, self.labels.get((guild_id, stored.id), {}))
        return stored.model_copy(update={"article": article})

    async def newest_in_channel(self, guild_id: int, channel_id: int) -> StoredArticle | None:
        self._look()
        return self.in_channel.get(channel_id)

    async def posted_as(self, guild_id: int, channel_id: int, message_id: int) -> StoredArticle | None:
        return self._seen(guild_id, self.posted.get(message_id))

    async def linked(self, guild_id: int, links: Sequence[str]) -> StoredArticle | None:
        return self._seen(guild_id, next((each for each in self.articles if each.article.url in links), None))

    async def newest_in_server(self, guild_id: int) -> StoredArticle | None:
        return self._seen(guild_id, self.articles[-1] if self.articles else None)

    async def original(self, guild_id: int, article_id: int) -> Original | None:
        self._look()
        stored = next((each for each in self.articles if each.id == article_id), None)
        return None if stored is None else Original(stored, self.labels.get((guild_id, article_id), {}))

    async def revision(self, guild_id: int, article_id: int) -> Revision | None:
        self._look()
        return self.revisions.get(article_id)

    async def retract(
        self, guild_id: int, user_id: int, article_id: int, retraction: Retraction, *, now: datetime
    ) -> int:
        self._look()
        self.retracted[article_id] = retraction
        return sum(each.id == article_id for each in self.in_channel.values())

    async def publish(
        self, guild_id: int, article: StoredArticle, channel_ids: Sequence[int], *, strictly: bool, now: datetime
    ) -> Published:
        self._look()
        self.published.append((article.id, tuple(channel_ids), strictly))
        return Published(article, self.publication, channel_ids[0], 77)

    async def draft(self, guild_id: int, user_id: int, article_id: int) -> dict[str, str]:
        return self.drafts.get((guild_id, user_id, article_id), {})

    async def choose(
        self, guild_id: int, user_id: int, article_id: int, choice: Mapping[str, str], *, now: datetime
    ) -> dict[str, str]:
        draft = self.drafts.setdefault((guild_id, user_id, article_id), {})
        draft.update(choice)
        return dict(draft)

    async def drop_draft(self, guild_id: int, user_id: int, article_id: int) -> None:
        self.drafts.pop((guild_id, user_id, article_id), None)

    async def save(self, guild_id: int, user_id: int, article_id: int, labels: Labels, *, now: datetime) -> int:
        self.labels[guild_id, article_id] = labels
        await self.drop_draft(guild_id, user_id, article_id)
        return sum(each.id == article_id for each in self.in_channel.values())

    async def titles(self, guild_id: int, text: str, limit: int) -> Sequence[ArticleTitle]:
        self._look()
        found = [each for each in reversed(self.articles) if text.casefold() in each.article.title.casefold()]
        return [ArticleTitle(each.id, each.article.title, each.article.published_at) for each in found[:limit]]

    async def server(self, guild_id: int) -> Server:
        self._look()
        language, time_zone = self.languages.get(guild_id), self.time_zones.get(guild_id)
        return Server(guild_id=guild_id, language=language, time_zone=time_zone)

    async def set_language(self, guild_id: int, language: str | None) -> None:
        if language:
            self.languages[guild_id] = language

    async def set_time_zone(self, guild_id: int, time_zone: str | None) -> None:
        if time_zone:
            self.time_zones[guild_id] = time_zone

    async def source_by_url(self, url: str, *, owner_guild_id: int | None = None) -> Source | None:
        same = (each for each in self.sources.values() if (each.url, each.owner_guild_id) == (url, owner_guild_id))
        return next(same, None)

    async def add_source(
        self,
        url: str,
        kind: SourceKind,
        *,
        title: str | None,
        now: datetime,
        owner_guild_id: int | None = None,
        credentials: Credentials | None = None,
    ) -> Source:
        source = await self.source_by_url(url, owner_guild_id=owner_guild_id)
        number = source.id if source else len(self.sources) + 1
        source = source or Source(
            id=number, url=url, kind=kind, title=title, next_check_at=now, owner_guild_id=owner_guild_id
        )
        self.sources[number] = source.model_copy(update={"credentials": credentials})
        return self.sources[number]

    async def subscribe(
        self,
        source_id: int,
        *,
        guild_id: int,
        channel_id: int,
        created_by: int | None,
        now: datetime,
        preferences: str = "{}",
    ) -> Subscription | None:
        if any((each.source_id, each.channel_id) == (source_id, channel_id) for each in self.subscriptions):
            return None
        subscription = Subscription(
            id=len(self.subscriptions) + 1,
            source_id=source_id,
            guild_id=guild_id,
            channel_id=channel_id,
            created_by=created_by,
            created_at=now,
            preferences=preferences,
        )
        self.subscriptions.append(subscription)
        return subscription

    async def set_preferences(self, guild_id: int, subscription_id: int, *, before: str, after: str) -> bool:
        for index, each in enumerate(self.subscriptions):
            if (each.guild_id, each.id, each.preferences) == (guild_id, subscription_id, before):
                self.subscriptions[index] = each.model_copy(update={"preferences": after})
                return True
        return False

    async def pause(self, guild_id: int, subscription_id: int) -> bool:
        return self._set_state(subscription_id, SubscriptionState.PAUSED)

    async def resume(self, guild_id: int, subscription_id: int, now: datetime) -> bool:
        return self._set_state(subscription_id, SubscriptionState.ACTIVE)

    def _set_state(self, subscription_id: int, state: SubscriptionState) -> bool:
        for index, each in enumerate(self.subscriptions):
            if each.id == subscription_id:
                self.subscriptions[index] = each.model_copy(update={"state": state})
                return True
        return False

    async def announce_newest(self, subscription_id: int, now: datetime) -> int:
        return 1

    async def unsubscribe(self, guild_id: int, subscription_id: int) -> bool:
        kept = [each for each in self.subscriptions if each.id != subscription_id]
        gone = len(kept) < len(self.subscriptions)
        self.subscriptions = kept
        return gone

    async def followed(self, guild_id: int) -> Sequence[Followed]:
        self._look()
        return [
            Followed(each, self.sources[each.source_id], articles=len(self.articles))
            for each in self.subscriptions
            if each.guild_id == guild_id
        ]

    async def arrival(self, guild_id: int, article: StoredArticle) -> Arrival:
        self._look()
        return Arrival(article, self.sources[1], announced=True)

    async def followers(self, guild_id: int, article: StoredArticle) -> Sequence[Follower]:
        return [Follower(each, self.fates.get(each.id)) for each in self.subscriptions if each.guild_id == guild_id]

    async def servers(self) -> Sequence[int]:
        return sorted({each.guild_id for each in self.subscriptions})

    async def newest_articles(self, guild_id: int, source_id: int, limit: int) -> Sequence[StoredArticle]:
        self._look()
        return list(reversed(self.articles))[:limit]

    async def newest_of_source(self, source_id: int) -> StoredArticle | None:
        return self.articles[-1] if self.articles else None

    async def kinds_of_source(self, source_id: int) -> Sequence[str]:
        return list(dict.fromkeys(part.kind for each in self.articles for part in each.article.sections))

    async def pending_deliveries(self, guild_id: int) -> int:
        return self.pending


@dataclass
class Answer:
    snapshot: Snapshot | None
    etag: str | None = None
    last_modified: str | None = None
    max_age_seconds: int | None = None


@dataclass
class Found:
    url: str
    kind: SourceKind
    retrieved: Answer
    credentials: Credentials | None = None
    alternatives: Sequence[Candidate] = ()


@dataclass
class Web:
    """Every address is a feed called "Le Comptoir", unless it fails."""

    failure: CasseCrouteError | None = None
    alternatives: Sequence[Candidate] = ()

    async def probe(self, address: str, *, credentials: Credentials | None = None) -> Found:
        if self.failure is not None:
            raise self.failure
        answer = Answer(Snapshot(SourceKind.FEED, title="Le Comptoir"))
        return Found(address, SourceKind.FEED, answer, credentials, self.alternatives)

    async def check(self, source: Source) -> CheckReport:
        error = self.failure if isinstance(self.failure, SourceError) else None
        return CheckReport(source.id, error=error) if error else CheckReport(source.id, found=9, new=2, deliveries=3)

    async def absorb(self, source: Source, retrieved: object) -> CheckReport:
        return CheckReport(source.id, found=1, new=1, deliveries=1)


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set(self, key: str, value: str) -> None:
        self.kept[key] = value


async def at_once(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def reading_over(pantry: Pantry) -> Reading:
    return Reading(pantry)


async def sift_at_once(
    articles: Sequence[Article], wanted: Collection[filters.Filter], *, seconds: float
) -> Sequence[filters.Found]:
    return [{} for _ in articles]


def postings_over(pantry: Pantry) -> Postings:
    everything = Pantry(articles=pantry.articles)
    return Postings(Reading(pantry), Reading(everything), pantry, now=lambda: NOW)


def exchange_over(pantry: Pantry) -> Exchange:
    return Exchange(pantry, Notes(), now=lambda: NOW)


def corrections_over(pantry: Pantry) -> Corrections:
    return Corrections(Reading(pantry), pantry, now=lambda: NOW)


def subscriptions_over(pantry: Pantry, web: Web) -> Subscriptions:
    servers = Servers(pantry, default_language="fr", default_time_zone=DEFAULT_TIME_ZONE)
    return Subscriptions(pantry, web, web, at_once, servers, now=lambda: NOW)


def explaining_over(pantry: Pantry) -> Explaining:
    return Explaining(Reading(pantry), pantry, pantry, pantry.followed, now=lambda: NOW)


def client_over(pantry: Pantry, web: Web) -> CasseCroute:
    """The real client with its real cogs."""
    subscriptions = subscriptions_over(pantry, web)
    return CasseCroute(
        reading=reading_over(pantry),
        corrections=corrections_over(pantry),
        postings=postings_over(pantry),
        subscriptions=subscriptions,
        exchange=exchange_over(pantry),
        filtering=Filtering(subscriptions, pantry, sift_at_once),
        explaining=explaining_over(pantry),
        notes=Notes(),
        find_gateway=False,
    )
