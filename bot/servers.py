"""Use case: what a Discord server sets for itself, and the bot's defaults where it sets nothing."""

from collections.abc import Callable
from typing import Protocol

from bot.delivery.hours import zone_of
from bot.errors import RequestRefused
from bot.models import LANGUAGES, Server


class Store(Protocol):
    async def server(self, guild_id: int) -> Server: ...

    async def set_language(self, guild_id: int, language: str | None) -> None: ...

    async def set_time_zone(self, guild_id: int, time_zone: str | None) -> None:
        """Whatever waits for its hours in this server is looked at anew."""
        ...

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> None: ...


class Servers:
    def __init__(
        self,
        store: Store,
        *,
        default_language: str,
        default_time_zone: str,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """`notify` wakes whoever posts, since what waits for its hours may be due."""
        self._store = store
        self._default_language = default_language
        self._default_time_zone = default_time_zone
        self._notify = notify

    async def settings(self, guild_id: int) -> Server:
        """The defaults are filled in."""
        server = await self._store.server(guild_id)
        return server.model_copy(
            update={
                "language": server.language or self._default_language,
                "time_zone": server.time_zone or self._default_time_zone,
            }
        )

    async def language(self, guild_id: int | None) -> str:
        """The server's language, or the operator's default."""
        if guild_id is None:
            return self._default_language
        return (await self._store.server(guild_id)).language or self._default_language

    async def time_zone(self, guild_id: int) -> str:
        """Likewise, by its IANA name."""
        return (await self._store.server(guild_id)).time_zone or self._default_time_zone

    async def set_language(self, guild_id: int, language: str) -> None:
        if language not in LANGUAGES:
            raise RequestRefused("config.language.unknown", language=language)
        await self._store.set_language(guild_id, language)

    async def set_time_zone(self, guild_id: int, name: str) -> None:
        """Raises RequestRefused for what is no time zone's name."""
        if zone_of(name) is None:
            raise RequestRefused("config.time_zone.unknown", wanted=name[:100])
        await self._store.set_time_zone(guild_id, name)
        self._notify()

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> None:
        """Where moderators are told what they should know; None for the server's system channel."""
        await self._store.set_log_channel(guild_id, channel_id)
