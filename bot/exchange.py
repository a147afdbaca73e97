"""Use case: lists of sources from other readers, and for them.

An imported source is not fetched here: a list may hold hundreds, some of them dead for years. Each is checked as soon
as the bot runs, and says then in the lists of sources what is wrong with it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.delivery.preferences import Preferences, stored
from bot.errors import AddressRefused, NotReadable, RequestRefused
from bot.models import Source, SourceKind, Subscription
from bot.quota import NO_LIMIT, Account, Quota
from bot.sources.opml import Outline, read_opml, write_opml
from bot.sources.urls import normalise_address
from bot.subscriptions import Followed

LARGEST_FILE = 1024 * 1024
"""Bytes of a list that is sent in a message: some five thousand sources."""

QUIETLY = stored(Preferences(first="nothing"))
"""Whoever brings two hundred sources does not want two hundred posts at once."""

TITLE = "Casse-croûte"


class Taken(StrEnum):
    """What became of one source of a list."""

    ADDED = "added"
    PRESENT = "present"
    """The channel followed it already."""
    REFUSED = "refused"
    """Its address is none that can be followed."""
    TOO_MANY = "too_many"
    """The server follows as much as the operator allows."""


class Register(Protocol):
    async def add_source(self, url: str, kind: SourceKind, *, title: str | None, now: datetime) -> Source: ...

    async def subscribe(
        self,
        source_id: int,
        *,
        guild_id: int,
        channel_id: int,
        created_by: int | None,
        now: datetime,
        preferences: str,
    ) -> Subscription | None: ...

    async def followed(self, guild_id: int) -> Sequence[Followed]: ...


class Notes(Protocol):
    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class Exchange:
    def __init__(
        self,
        register: Register,
        notes: Notes,
        *,
        now: Callable[[], datetime],
        quota: Quota = NO_LIMIT,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """`notify` wakes whoever checks sources, where that runs in this process."""
        self._register = register
        self._notes = notes
        self._now = now
        self._quota = quota
        self._notify = notify

    async def take_file(self, data: bytes, *, guild_id: int, channel_id: int) -> Mapping[Taken, int]:
        """Follow each source of an OPML file; how many of each outcome. RequestRefused when it is no such file."""
        if len(data) > LARGEST_FILE:
            raise RequestRefused("exchange.too_large")
        try:
            outlines = await asyncio.to_thread(read_opml, data)
        except NotReadable as error:
            raise RequestRefused("exchange.unreadable") from error
        if not outlines:
            raise RequestRefused("exchange.nothing")
        counts = Counter([taken async for taken in self.take(outlines, guild_id=guild_id, channel_id=channel_id)])
        self._notify()
        return counts

    async def give_file(self, guild_id: int) -> tuple[bytes, int]:
        """What a server follows on the web as an OPML file, and how many sources that is."""
        outlines = await self.give(guild_id)
        return await asyncio.to_thread(write_opml, outlines, title=TITLE), len(outlines)

    async def take(self, outlines: Iterable[Outline], *, guild_id: int, channel_id: int) -> AsyncIterator[Taken]:
        """Follow each source in a channel; folders are kept to be given back."""
        account = Account.of(self._quota, await self._register.followed(guild_id))
        for each in outlines:
            yield await self._take(each, guild_id, channel_id, account)

    async def give(self, guild_id: int) -> Sequence[Outline]:
        """What a server follows on the web, each source once. Credentials are no part of it."""
        given: dict[int, Outline] = {}
        for each in await self._register.followed(guild_id):
            source = each.source
            if source.kind is SourceKind.FOLDER or source.id in given:
                continue
            folder = await self._notes.get(_key(each.subscription))
            given[source.id] = Outline(source.url, source.title, source.home_url, folder, source.kind)
        return tuple(given.values())

    async def _take(self, outline: Outline, guild_id: int, channel_id: int, account: Account) -> Taken:
        try:
            url = normalise_address(outline.url)
            account.require_room_for(url, channel_id)
        except AddressRefused:
            return Taken.REFUSED
        except RequestRefused:
            return Taken.TOO_MANY
        source = await self._register.add_source(url, outline.kind, title=outline.title, now=self._now())
        subscription = await self._register.subscribe(
            source.id,
            guild_id=guild_id,
            channel_id=channel_id,
            created_by=None,
            now=self._now(),
            preferences=QUIETLY,
        )
        if subscription is None:
            return Taken.PRESENT
        account.add(url, channel_id)
        if outline.folder:
            await self._notes.set(_key(subscription), outline.folder)
        return Taken.ADDED


def _key(subscription: Subscription) -> str:
    return f"folder of subscription {subscription.id}"
