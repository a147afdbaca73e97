"""Use case: tell a server's moderators, once, what they should know.

Notices wait in an outbox of their own. Those of one server that come together are told together; one that cannot be
told is tried a few times and dropped, since by then the news is old and `/config show` says it too.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import DeliveryError

log = structlog.get_logger(__name__)

GATHERING = timedelta(seconds=3)
"""How long a notice waits for others: a channel that goes away takes all its subscriptions with it."""

LEASE = timedelta(minutes=2)

WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Between tries; after the last one a notice is dropped."""


@dataclass(frozen=True, slots=True)
class Notice:
    id: int
    key: str
    """The sentence, in `bot.locales`."""
    params: Mapping[str, object]
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is told to a server in one message."""

    guild_id: int
    language: str | None
    """The server's; None when it never chose one."""
    log_channel_id: int | None
    """Where it wants to be told; None for its system channel."""
    notices: tuple[Notice, ...]


class Board(Protocol):
    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Bundle]:
        """What is due, of at most `limit` servers, with what is about to be due there."""
        ...

    async def next_due_at(self) -> datetime | None: ...

    async def told(self, ids: Collection[int], *, at: datetime) -> None: ...

    async def retry(self, ids: Collection[int], *, until: datetime) -> None: ...

    async def drop(self, ids: Collection[int], *, at: datetime) -> None: ...


class Teller(Protocol):
    async def tell(self, bundle: Bundle) -> None:
        """Raises a DeliveryError, also when there is no place where the bot may speak."""
        ...


class Notices:
    def __init__(self, board: Board, teller: Teller, *, now: Callable[[], datetime]) -> None:
        self._board = board
        self._teller = teller
        self._now = now

    async def claim(self, limit: int) -> Sequence[Bundle]:
        return await self._board.claim(now=self._now(), lease=LEASE, limit=limit)

    async def next_due_at(self) -> datetime | None:
        return await self._board.next_due_at()

    async def tell(self, bundle: Bundle) -> None:
        ids = [each.id for each in bundle.notices]
        try:
            await self._teller.tell(bundle)
        except DeliveryError as error:
            log.warning("notices not told", guild_id=bundle.guild_id, notices=len(ids), error=str(error))
            await self._try_later(bundle)
        except Exception:
            await self._try_later(bundle)
            raise
        else:
            await self._board.told(ids, at=self._now())
            log.info("notices told", guild_id=bundle.guild_id, notices=len(ids))

    async def _try_later(self, bundle: Bundle) -> None:
        now = self._now()
        over = [each.id for each in bundle.notices if each.attempts >= len(WAITS)]
        if over:
            await self._board.drop(over, at=now)
        left = [each for each in bundle.notices if each.id not in over]
        if left:
            wait = WAITS[max(each.attempts for each in left)]
            await self._board.retry([each.id for each in left], until=now + wait)
