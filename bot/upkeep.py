"""Use case: how a server's sources are doing, and what a moderator can do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.models import Source, SourceState, StoredArticle, SubscriptionState

if TYPE_CHECKING:
    from bot.subscriptions import Followed
    from bot.updates.updater import CheckReport

T = TypeVar("T")


class Condition(StrEnum):
    """How a followed source is."""

    PAUSED = "paused"
    """By a moderator, in this channel."""
    SUSPENDED = "suspended"
    """By the bot, after failing for long: not checked any more until somebody resumes it."""
    FAILING = "failing"
    UNREAD = "unread"
    """Never checked yet."""
    WELL = "well"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    followed: Followed
    condition: Condition
    last_success_at: datetime | None
    last_failure_at: datetime | None
    reason: str | None
    """The key of the sentence that says why it fails, or why it was given up; None while it does not."""
    failures: int
    """In a row, up to now."""
    failing_since: datetime | None
    next_check_at: datetime | None
    """None while it is not checked at all."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A source asked at once, and how it is since."""

    report: CheckReport
    health: SourceHealth


@dataclass(frozen=True, slots=True)
class Sample:
    followed: Followed
    newest: StoredArticle | None


class Store(Protocol):
    async def newest_of_source(self, source_id: int) -> StoredArticle | None: ...

    async def pause(self, guild_id: int, subscription_id: int) -> bool:
        """False when there is no such subscription any more; so for `resume`."""
        ...

    async def resume(self, guild_id: int, subscription_id: int, now: datetime) -> bool:
        """Post in the channel again, and check the source at once if that had been given up.

        What was published while nobody at all was waiting for it is an archive, not news.
        """
        ...


class Checker(Protocol):
    async def check(self, source: Source) -> CheckReport: ...


class Errand(Protocol):
    """Runs work that needs the network in a sibling of the Discord client, and hands back what it returns or raises."""

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T: ...


def health_of(followed: Followed) -> SourceHealth:
    source = followed.source
    condition = _condition(followed)
    failing = condition is Condition.SUSPENDED or source.failures > 0
    return SourceHealth(
        followed,
        condition,
        last_success_at=source.last_success_at,
        last_failure_at=source.last_failure_at,
        reason=f"failure.{source.last_failure}" if failing and source.last_failure else None,
        failures=source.failures,
        failing_since=source.failing_since,
        next_check_at=None if condition in (Condition.PAUSED, Condition.SUSPENDED) else source.next_check_at,
    )


def _condition(followed: Followed) -> Condition:
    source = followed.source
    conditions = (
        (followed.subscription.state is SubscriptionState.PAUSED, Condition.PAUSED),
        (source.state is SourceState.SUSPENDED, Condition.SUSPENDED),
        (source.failures > 0, Condition.FAILING),
        (source.last_success_at is None, Condition.UNREAD),
    )
    return next((condition for holds, condition in conditions if holds), Condition.WELL)


class Upkeep:
    """`wanted` is a completion's value (a subscription's id), or a title or address, as everywhere.

    Every method that takes it raises RequestRefused when it is not clear which subscription is meant.
    """

    def __init__(
        self,
        find: Callable[[int, str], Awaitable[Followed]],
        followed: Callable[[int], Awaitable[Sequence[Followed]]],
        store: Store,
        checker: Checker,
        errand: Errand,
        *,
        now: Callable[[], datetime],
        notify: Callable[[], None],
    ) -> None:
        """`notify` wakes the workers."""
        self._find = find
        self._followed = followed
        self._store = store
        self._checker = checker
        self._errand = errand
        self._now = now
        self._notify = notify

    async def health(self, guild_id: int) -> Sequence[SourceHealth]:
        """All of the server, in order of channel, then title."""
        return [health_of(each) for each in await self._followed(guild_id)]

    async def check_now(self, guild_id: int, wanted: str) -> Checked:
        """Ask the source at once; what it brings is posted as ever, and one that was given up is back if it answers."""
        followed = await self._find(guild_id, wanted)
        report = await self._errand(lambda: self._checker.check(followed.source))
        self._notify()
        return Checked(report, await self._health_of(guild_id, followed))

    async def sample(self, guild_id: int, wanted: str) -> Sample:
        """What to try a source's settings with."""
        followed = await self._find(guild_id, wanted)
        return Sample(followed, await self._store.newest_of_source(followed.source.id))

    async def pause(self, guild_id: int, wanted: str) -> SourceHealth:
        """Post nothing of the source in its channel; what is published meanwhile is not made up for."""
        followed = await self._find(guild_id, wanted)
        await self._store.pause(guild_id, followed.subscription.id)
        return await self._health_of(guild_id, followed)

    async def resume(self, guild_id: int, wanted: str) -> SourceHealth:
        """Begin again, whether a moderator paused the source in its channel or the bot gave it up."""
        followed = await self._find(guild_id, wanted)
        await self._store.resume(guild_id, followed.subscription.id, self._now())
        self._notify()
        return await self._health_of(guild_id, followed)

    async def _health_of(self, guild_id: int, followed: Followed) -> SourceHealth:
        return health_of(await self._find(guild_id, str(followed.subscription.id)))
