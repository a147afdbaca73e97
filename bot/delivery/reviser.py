"""Use case: bring messages up to date that no longer show what they should.

    claim -> Editor.edit | delete -> done | postpone | give_up | gone

An article changed at its source, moderators corrected it, or retracted it: each message that shows it is owed an edit,
which waits in the deliveries themselves and survives whatever happens here. Editing twice does no harm, so nothing is
looked for; a message that somebody deleted stays deleted, and is never asked for again.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

from bot.delivery.dispatcher import Claimed
from bot.delivery.retry import GiveUp, after_failure
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost, MessageGone
from bot.models import Retraction

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
"""How long an edit rests after whoever was making it died; longer than `EDIT_SECONDS`."""

EDIT_SECONDS = 60.0

_GONE = ("suspended.channel_gone", "suspended.server_gone")
"""The message went with its channel or its server."""

Outcome = Literal["edited", "unchanged", "deleted", "gone", "postponed", "given_up"]


@dataclass(frozen=True, slots=True)
class OwedEdit:
    """A message that this process may edit until `leased_until`, with all that editing needs."""

    claimed: Claimed
    """As for posting it, with the article as its server sees it now."""
    message_id: int
    leased_until: datetime
    attempts: int
    retraction: Retraction | None
    fingerprint: str
    """Of what the message is to show."""
    shown: str | None
    """Of what it shows since its last edit; None when it was never edited."""


class Backlog(Protocol):
    """Every method that settles an edit does so only if nothing changed again meanwhile: else it is owed anew."""

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[OwedEdit]:
        """The edits that have waited longest, at most `limit`."""
        ...

    async def next_due_at(self) -> datetime | None:
        """When the next edit could be claimed, if nothing else happens; None when none is owed."""
        ...

    async def done(self, edit: OwedEdit) -> None: ...

    async def postpone(self, edit: OwedEdit, *, until: datetime, attempts: int) -> None: ...

    async def give_up(self, edit: OwedEdit) -> None:
        """Leave the message as it is until its article changes again."""
        ...

    async def gone(self, edit: OwedEdit, *, at: datetime) -> None:
        """Remember that there is no such message any more."""
        ...


class Editor(Protocol):
    async def edit(self, edit: OwedEdit) -> None:
        """Raises a DeliveryError; MessageGone when there is no such message."""
        ...

    async def delete(self, edit: OwedEdit) -> None:
        """The same."""
        ...


class Reviser:
    def __init__(
        self,
        backlog: Backlog,
        editor: Editor,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._backlog = backlog
        self._editor = editor
        self._now = now
        self._chance = chance

    async def claim(self, limit: int) -> Sequence[OwedEdit]:
        return await self._backlog.claim(now=self._now(), lease=LEASE, limit=limit)

    async def next_due_at(self) -> datetime | None:
        return await self._backlog.next_due_at()

    async def revise(self, edit: OwedEdit) -> Outcome:
        """Edit one message and store what became of it."""
        delivery = edit.claimed.delivery
        bound = log.bind(delivery_id=delivery.id, article_id=delivery.article_id, message_id=edit.message_id)
        if edit.fingerprint == edit.shown:
            await self._backlog.done(edit)
            return "unchanged"
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                if edit.retraction is Retraction.DELETE:
                    await self._editor.delete(edit)
                else:
                    await self._editor.edit(edit)
        except MessageGone:
            await self._backlog.gone(edit, at=self._now())
            bound.info("message was deleted by somebody")
            return "gone"
        except DeliveryRefused as error:
            await self._backlog.give_up(edit)
            bound.error("edit refused", error=str(error))
            return "given_up"
        except (DeliveryPostponed, DestinationLost, TimeoutError) as error:
            return await self._postpone(edit, error)
        except Exception as error:
            await self._postpone(edit, DeliveryPostponed(f"unexpected: {error!r}"))
            raise
        if edit.retraction is Retraction.DELETE:
            await self._backlog.gone(edit, at=self._now())
            bound.info("message deleted")
            return "deleted"
        await self._backlog.done(edit)
        bound.info("message edited")
        return "edited"

    async def _postpone(self, edit: OwedEdit, error: DeliveryPostponed | DestinationLost | TimeoutError) -> Outcome:
        """A channel that is closed to the bot may open again; one that is gone took the message with it."""
        now = self._now()
        if isinstance(error, DestinationLost) and error.reason in _GONE:
            await self._backlog.gone(edit, at=now)
            return "gone"
        counted = not isinstance(error, DeliveryPostponed) or error.counted
        retry_after = error.retry_after if isinstance(error, DeliveryPostponed) else None
        attempts = edit.attempts + counted
        verdict = after_failure(
            now, attempts=max(attempts, 1), retry_after=timedelta(seconds=retry_after or 0), chance=self._chance()
        )
        reason = str(error) or "no answer in time"
        if isinstance(verdict, GiveUp):
            await self._backlog.give_up(edit)
            log.error("edit given up", delivery_id=edit.claimed.delivery.id, error=reason)
            return "given_up"
        await self._backlog.postpone(edit, until=verdict.at, attempts=attempts)
        log.warning("edit postponed", delivery_id=edit.claimed.delivery.id, until=verdict.at.isoformat(), error=reason)
        return "postponed"
