"""Use case: follow, list and unfollow sources in channels.

Nothing in this module knows Discord; who may ask is the cogs' to check.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from bot import upkeep
from bot.delivery.preferences import ChannelKind, preferences_of
from bot.delivery.settings import changed
from bot.errors import RequestRefused
from bot.models import Credentials, Kind, Server, Source, SourceKind, StoredArticle, Subscription
from bot.quota import NO_LIMIT, Account, Quota
from bot.servers import Servers
from bot.sources.urls import origin_of
from bot.updates.progress import Retrieved
from bot.updates.updater import CheckReport
from bot.upkeep import Upkeep

T = TypeVar("T")

EDITS = 3
"""How often a change is tried again because somebody else changed the same settings at the same time."""

SOURCES_LISTED = 25
"""The most choices Discord shows under an option, and what a person can read in one answer."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription with its source, as lists show it."""

    subscription: Subscription
    source: Source
    articles: int
    """How many articles are kept of the source."""


class Candidate(Protocol):
    """Another feed that a page announces."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a source found."""

    followed: Followed
    report: CheckReport
    kinds: tuple[str, ...]
    """The kinds of section recognised over all its articles, `summary` and `other` left out; empty for plain news."""
    newest: StoredArticle | None
    already_known: bool
    """True when another channel follows this source already, so that nothing had to be fetched again."""
    alternatives: tuple[Candidate, ...] = ()
    """What else could be followed at this address, the likeliest first."""


@dataclass(frozen=True, slots=True)
class ServerOverview:
    server: Server
    """Its settings, the defaults filled in."""
    followed: tuple[Followed, ...]
    pending: int
    """Deliveries owed and not yet sent."""


class Probe(Protocol):
    """What a typed address turned out to be."""

    @property
    def url(self) -> str: ...
    @property
    def kind(self) -> SourceKind: ...
    @property
    def retrieved(self) -> Retrieved: ...
    @property
    def credentials(self) -> Credentials | None:
        """Those that were given, where what was found is theirs to open; None makes it a source that all may share."""
        ...

    @property
    def alternatives(self) -> Sequence[Candidate]: ...


class Prober(Protocol):
    async def probe(self, address: str, *, credentials: Credentials | None = None) -> Probe:
        """Find the source behind what a person typed; a page is resolved to the feed it announces.

        Raises SourceError.
        """
        ...


class Absorber(upkeep.Checker, Protocol):
    async def absorb(self, source: Source, retrieved: Retrieved) -> CheckReport: ...


class Register(upkeep.Store, Protocol):
    """Sources and subscriptions as they are stored."""

    async def source_by_url(self, url: str, *, owner_guild_id: int | None = None) -> Source | None: ...

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
        """The source at this address, made if there is none yet; leased for a few minutes so that no worker checks it
        at the same time.

        `owner_guild_id` makes it that server's own, whatever others follow at this address; new credentials replace
        the old ones.
        """
        ...

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
        """None when the channel follows the source already."""
        ...

    async def set_preferences(self, guild_id: int, subscription_id: int, *, before: str, after: str) -> bool:
        """False when they are no longer what they were, or the subscription is gone. What waits is looked at anew."""
        ...

    async def announce_newest(self, subscription_id: int, now: datetime) -> int:
        """Owe the source's newest stored article to a subscription that joined late; how many deliveries (0 or 1)."""
        ...

    async def unsubscribe(self, guild_id: int, subscription_id: int) -> bool:
        """Remove a subscription and cancel what it is still owed; a source that nobody follows is no longer checked."""
        ...

    async def followed(self, guild_id: int) -> Sequence[Followed]:
        """All of the server, in order of channel, then title."""
        ...

    async def newest_of_source(self, source_id: int) -> StoredArticle | None: ...

    async def kinds_of_source(self, source_id: int) -> Sequence[str]:
        """The distinct kinds of its stored sections, most frequent first."""
        ...

    async def pending_deliveries(self, guild_id: int) -> int: ...


class Errand(Protocol):
    """Runs work that needs the network in a sibling of the Discord client, and hands back what it returns or raises."""

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T: ...


class Subscriptions:
    def __init__(
        self,
        register: Register,
        prober: Prober,
        absorber: Absorber,
        errand: Errand,
        servers: Servers,
        *,
        now: Callable[[], datetime],
        quota: Quota = NO_LIMIT,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """`notify` wakes the workers, so that what was just asked for does not wait for their next look."""
        self._register = register
        self._prober = prober
        self._absorber = absorber
        self._errand = errand
        self._now = now
        self._quota = quota
        self._notify = notify
        self.servers = servers
        self.upkeep = Upkeep(self.find, self.list, register, absorber, errand, now=now, notify=notify)

    async def add(
        self,
        address: str,
        *,
        guild_id: int,
        channel_id: int,
        created_by: int | None,
        changes: Mapping[str, object] | None = None,
        channel_kind: ChannelKind | None = None,
        credentials: Credentials | None = None,
    ) -> Added:
        """Follow a source in a channel, fetching it at once; `changes` are settings other than the defaults.

        `credentials` open a private feed, and make it this server's own.

        Raises SourceError when the address is of no use, and RequestRefused when the channel follows it already, when
        the settings cannot work there, or when the server's quota is used up. Nothing is stored then.
        """
        preferences = changed("{}", changes or {}, channel_kind)
        return await self._errand(
            lambda: self._add(
                address, guild_id, channel_id, created_by, preferences, credentials=credentials, quota=self._quota
            )
        )

    async def _add(
        self,
        address: str,
        guild_id: int,
        channel_id: int,
        created_by: int | None,
        preferences: str,
        *,
        credentials: Credentials | None,
        quota: Quota = NO_LIMIT,
    ) -> Added:
        probe = await self._prober.probe(address, credentials=credentials)
        Account.of(quota, await self._register.followed(guild_id)).require_room_for(probe.url, channel_id)
        owner_guild_id = guild_id if probe.credentials else None
        present = await self._register.source_by_url(probe.url, owner_guild_id=owner_guild_id)
        snapshot = probe.retrieved.snapshot
        source = await self._register.add_source(
            probe.url,
            probe.kind,
            title=snapshot.title if snapshot else None,
            now=self._now(),
            owner_guild_id=owner_guild_id,
            credentials=probe.credentials,
        )
        subscription = await self._register.subscribe(
            source.id,
            guild_id=guild_id,
            channel_id=channel_id,
            created_by=created_by,
            now=self._now(),
            preferences=preferences,
        )
        if subscription is None:
            await self._absorber.absorb(source, probe.retrieved)  # and so end the lease that `add_source` took
            if probe.credentials:
                raise RequestRefused("config.source.access_replaced", source=source.title or source.url)
            raise RequestRefused("config.source.already", source=source.title or source.url)
        report = await self._absorber.absorb(source, probe.retrieved)
        if not report.deliveries and preferences_of(subscription).first == "newest":
            await self._register.announce_newest(subscription.id, self._now())
        self._notify()
        followed = await self._one(guild_id, subscription.id)
        newest = await self._register.newest_of_source(source.id)
        kinds = await self._register.kinds_of_source(source.id)
        return Added(
            followed=followed,
            report=report,
            kinds=tuple(kind for kind in kinds if kind not in (Kind.SUMMARY, Kind.OTHER)),
            newest=newest,
            already_known=present is not None,
            alternatives=tuple(probe.alternatives),
        )

    async def follow_instead(self, guild_id: int, subscription_id: int, url: str, *, created_by: int | None) -> Added:
        """Follow another feed in the place of one, with the same settings.

        Raises SourceError or RequestRefused when it cannot be followed; the first one is kept then.
        """
        followed = await self.find(guild_id, str(subscription_id))
        source, subscription = followed.source, followed.subscription
        added = await self._errand(
            lambda: self._add(
                url,
                guild_id,
                subscription.channel_id,
                created_by,
                subscription.preferences,
                # The page that announced this address chose it: it may be anybody's.
                credentials=source.credentials if origin_of(url) == origin_of(source.url) else None,
            )
        )
        await self._register.unsubscribe(guild_id, subscription_id)
        return added

    async def list(self, guild_id: int) -> Sequence[Followed]:
        return await self._register.followed(guild_id)

    async def complete(self, guild_id: int, text: str) -> Sequence[Followed]:
        """What the server follows whose title or address holds `text`."""
        text = text.casefold().strip()
        matches = [
            each
            for each in await self._register.followed(guild_id)
            if text in (each.source.title or "").casefold() or text in each.source.url.casefold()
        ]
        return matches[:SOURCES_LISTED]

    async def remove(self, guild_id: int, wanted: str) -> Followed:
        """Stop following: `wanted` is a completion's value (a subscription's id), or a title or address.

        Articles already posted stay, and their buttons keep working. Raises RequestRefused when it is not clear
        which subscription is meant.
        """
        followed = await self.find(guild_id, wanted)
        if not await self._register.unsubscribe(guild_id, followed.subscription.id):
            raise RequestRefused("config.source.unknown", wanted=wanted[:100])
        return followed

    async def edit(
        self,
        guild_id: int,
        wanted: str,
        changes: Mapping[str, object],
        *,
        kind_of: Callable[[int], ChannelKind | None] = lambda _: None,
    ) -> Followed:
        """Change a subscription's settings, by the names of `Preferences`; None sets one back to its default.

        `kind_of` tells what a channel is, where it can be seen. Raises RequestRefused when it is not clear which
        subscription is meant, or when the settings cannot work in its channel; nothing is changed then.
        """
        for _ in range(EDITS):
            followed = await self.find(guild_id, wanted)
            subscription = followed.subscription
            before = subscription.preferences
            after = changed(before, changes, kind_of(subscription.channel_id))
            if after == before or await self._register.set_preferences(
                guild_id, subscription.id, before=before, after=after
            ):
                self._notify()
                return replace(followed, subscription=subscription.model_copy(update={"preferences": after}))
        raise RequestRefused("config.edit.busy")

    async def overview(self, guild_id: int) -> ServerOverview:
        return ServerOverview(
            await self.servers.settings(guild_id),
            tuple(await self._register.followed(guild_id)),
            await self._register.pending_deliveries(guild_id),
        )

    async def find(self, guild_id: int, wanted: str) -> Followed:
        """`wanted` is a completion's value (a subscription's id), or a title or address.

        Raises RequestRefused when it is not clear which subscription is meant.
        """
        followed = await self._register.followed(guild_id)
        wanted = wanted.strip()
        matches = [each for each in followed if wanted.removeprefix("#") == str(each.subscription.id)]
        matches = matches or [
            each
            for each in followed
            if wanted.casefold() in (each.source.url.casefold(), (each.source.title or "").casefold())
        ]
        if len(matches) != 1:
            raise RequestRefused("config.source.unclear" if matches else "config.source.unknown", wanted=wanted[:100])
        return matches[0]

    async def _one(self, guild_id: int, subscription_id: int) -> Followed:
        return next(each for each in await self._register.followed(guild_id) if each.subscription.id == subscription_id)
