"""Use case: why an article was posted, or was not: its way stage by stage, where it stopped, and what to do."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.delivery.stages import Arrival, Follower, Sign, Step, Try, arrive, follow
from bot.errors import RequestRefused
from bot.models import StoredArticle, Subscription
from bot.reading import ArticleTitle, Place, Reading
from bot.sources.urls import host_of, split_http
from bot.subscriptions import Followed
from bot.upkeep import Condition, SourceHealth, health_of

_MESSAGE = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/\d{1,20}/(\d{1,19})/(\d{1,19})")

_LARGEST_ID = (1 << 63) - 1
"""That a database can look up."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the article in one channel."""

    subscription: Subscription
    steps: tuple[Step, ...]
    tries: tuple[Try, ...]
    """The last tries to send it, oldest first."""

    @property
    def sign(self) -> Sign:
        """Stopped or waiting where one of its stages is."""
        signs = {each.sign for each in self.steps}
        return next(each for each in (Sign.STOPPED, Sign.WAITS, Sign.DONE) if each in signs or each is Sign.DONE)


@dataclass(frozen=True, slots=True)
class Walk:
    """An article's way, and its ways on from there, those that need somebody first."""

    guild_id: int
    article: StoredArticle
    steps: tuple[Step, ...]
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """An article that the archive does not hold, and the sources that it could have come from."""

    wanted: str
    host: str | None
    """Of the address that was asked for; None when it was no address."""
    sources: tuple[SourceHealth, ...]
    """Those of that host; all of the server's where none is, or where it was no address. The troubled ones first."""
    from_host: bool


class Archive(Protocol):
    async def linked(self, guild_id: int, links: Sequence[str]) -> StoredArticle | None: ...

    async def posted_as(self, guild_id: int, channel_id: int, message_id: int) -> StoredArticle | None: ...


class Ledger(Protocol):
    """What was written down on the way."""

    async def arrival(self, guild_id: int, article: StoredArticle) -> Arrival: ...

    async def followers(self, guild_id: int, article: StoredArticle) -> Sequence[Follower]:
        """The server's subscriptions to the article's source, former ones too where they were owed the article."""
        ...

    async def servers(self) -> Sequence[int]:
        """Those that follow something."""
        ...


class Explaining:
    def __init__(
        self,
        reading: Reading,
        archive: Archive,
        ledger: Ledger,
        followed: Callable[[int], Awaitable[Sequence[Followed]]],
        *,
        now: Callable[[], datetime],
    ) -> None:
        """`reading` and `archive` know retracted articles too."""
        self._reading = reading
        self._archive = archive
        self._ledger = ledger
        self._followed = followed
        self._now = now

    async def why(self, place: Place, wanted: str | None) -> Walk | Missing:
        """`wanted` is a completion's value, words of a title, or the address of the article or of one of its messages.

        Raises RequestRefused when nothing is meant, in a server that has nothing yet.
        """
        wanted = (wanted or "").strip()
        article = await self._find(place, wanted)
        if article is None:
            return await self._missing(place.guild_id, wanted)
        arrival = await self._ledger.arrival(place.guild_id, article)
        now = self._now()
        accounts = [
            Account(each.subscription, follow(arrival, each, now), each.fate.tries if each.fate else ())
            for each in await self._ledger.followers(place.guild_id, article)
        ]
        urgency = {Sign.STOPPED: 0, Sign.WAITS: 1, Sign.DONE: 2}
        accounts.sort(key=lambda each: (each.subscription.channel_id not in place.channel_ids, urgency[each.sign]))
        return Walk(place.guild_id, article, arrive(arrival), tuple(accounts))

    async def only_server(self, wanted: int | None) -> int:
        """The server meant at a command line. Raises RequestRefused when none is, or one of several."""
        servers = await self._ledger.servers()
        if wanted is not None:
            return wanted
        if len(servers) == 1:
            return servers[0]
        key = "cli.why.which_server" if servers else "cli.why.no_server"
        raise RequestRefused(key, servers=", ".join(map(str, servers[:10])))

    async def complete(self, place: Place, text: str) -> Sequence[ArticleTitle]:
        return await self._reading.complete(place, text)

    async def _find(self, place: Place, wanted: str) -> StoredArticle | None:
        if match := _MESSAGE.match(wanted):
            if max(map(int, match.groups())) > _LARGEST_ID:
                return None
            return await self._archive.posted_as(place.guild_id, int(match[1]), int(match[2]))
        if split_http(wanted):
            return await self._archive.linked(place.guild_id, [wanted])
        try:
            return await self._reading.find(place, wanted or None)
        except RequestRefused:
            if not wanted:
                raise
            return None

    async def _missing(self, guild_id: int, wanted: str) -> Missing:
        healths = {each.source.id: health_of(each) for each in await self._followed(guild_id)}
        worst_first = sorted(healths.values(), key=lambda each: list(Condition).index(each.condition))
        host = _site(wanted) if split_http(wanted) else None
        theirs = tuple(each for each in worst_first if host and host in _hosts(each.followed))
        return Missing(wanted, host, theirs or tuple(worst_first), from_host=bool(theirs))


def _hosts(followed: Followed) -> set[str]:
    return {_site(url) for url in (followed.source.url, followed.source.home_url) if url}


def _site(url: str) -> str:
    return host_of(url).removeprefix("www.")
