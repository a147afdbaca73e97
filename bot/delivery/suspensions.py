"""Use case: bring suspended subscriptions back when their channel can be posted to again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.delivery.catch_up import LONG_ABSENCE

log = structlog.get_logger(__name__)

SEEN_FROM_HERE = frozenset(
    {
        "suspended.channel_gone",
        "suspended.server_gone",
        "suspended.no_access",
        "suspended.cannot_send",
        "suspended.not_a_text_channel",
        "suspended.thread_archived",
    }
)
"""Reasons whose end the gateway tells. The others are tried again: when something changes in the server, and from time
to time."""

STILL_SERVED = ("suspended.payload",)
"""Reasons for a suspension that speak of one article rather than of the channel: the next one is tried all the same."""

TRIED_AGAIN_AFTER = timedelta(hours=6)

ALL_CHECKED_EVERY = timedelta(minutes=15)
"""For what no event tells, such as a verification level that a member has waited out."""

ROUND = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Suspended:
    subscription_id: int
    guild_id: int
    channel_id: int
    reason: str
    suspended_at: datetime | None


class Store(Protocol):
    async def suspended(self, guild_id: int | None) -> Sequence[Suspended]:
        """Those of a server, or all."""
        ...

    async def resume(self, subscription_id: int, *, at: datetime) -> bool:
        """Serve it again, at most the newest few of what it is owed; False when it is no longer suspended."""
        ...

    async def catch_up(self) -> int:
        """Sum up wherever more waits than is posted after a long absence; how many deliveries."""
        ...


class Access(Protocol):
    def obstacle(self, guild_id: int, channel_id: int) -> str | None:
        """Why nothing can be posted there as far as the gateway told, a key under `suspended.`; None for nothing."""
        ...


class Suspensions:
    def __init__(
        self,
        store: Store,
        access: Access,
        *,
        now: Callable[[], datetime],
        owed: Callable[[], None] = lambda: None,
    ) -> None:
        """`owed` is called when something may be sent again."""
        self._store = store
        self._access = access
        self._now = now
        self._owed = owed
        self._changed: set[int] = set()
        self._away_since: datetime | None = None
        self._is_back = False
        self._all_checked_at: datetime | None = None

    def changed(self, guild_id: int) -> None:
        """Something changed in a server that may let the bot speak again; the next round looks."""
        self._changed.add(guild_id)

    def gone(self) -> None:
        """The connection to Discord is lost."""
        if self._away_since is None:
            self._away_since = self._now()

    def back(self) -> None:
        """The connection is there (again); the next round looks at every server."""
        self._is_back = True

    async def round(self) -> None:
        """What there is to look at by now."""
        now = self._now()
        if self._is_back:
            self._is_back, away_since, self._away_since = False, self._away_since, None
            self._all_checked_at = None
            if away_since is not None and now - away_since >= LONG_ABSENCE:
                await self.catch_up()
        guild_ids, self._changed = self._changed, set()
        if self._all_checked_at is None or now - self._all_checked_at >= ALL_CHECKED_EVERY:
            await self.recheck()
            self._all_checked_at = now
        for guild_id in guild_ids:
            await self.recheck(guild_id)

    async def recheck(self, guild_id: int | None = None) -> int:
        """Resume what can be resumed, in a server where something changed, or everywhere; how many."""
        resumed = 0
        for each in await self._store.suspended(guild_id):
            if self._access.obstacle(each.guild_id, each.channel_id) is not None:
                continue
            if guild_id is None and not self._is_worth_a_try(each):
                continue
            if await self._store.resume(each.subscription_id, at=self._now()):
                resumed += 1
                self._owed()
                log.info("subscription resumed", subscription_id=each.subscription_id, reason=each.reason)
        return resumed

    async def catch_up(self) -> None:
        """To be called when the bot is back after a long absence."""
        if summed_up := await self._store.catch_up():
            log.info("summed up after a long absence", deliveries=summed_up)

    def _is_worth_a_try(self, suspended: Suspended) -> bool:
        if suspended.reason in SEEN_FROM_HERE or suspended.suspended_at is None:
            return True
        return self._now() - suspended.suspended_at >= TRIED_AGAIN_AFTER
