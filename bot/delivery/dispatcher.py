"""Announce articles: claim what is owed, send it, record the message; order kept within a channel.

    claim -> Announcer.announce -> mark_sent | postpone | give_up | suspend

A claim is a lease: after a crash it runs out and somebody claims the delivery again, and the enforced nonce makes
Discord answer a repeated send with the first message. What a failure means is `retry`'s to say.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

from bot.delivery.retry import GiveUp, after_failure
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost
from bot.models import Delivery, StoredArticle, Subscription

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any send can take, so that a slow send is not claimed twice."""

SEND_SECONDS = 60.0

Outcome = Literal["sent", "postponed", "given_up", "refused", "suspended"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process may send until its lease ends, with all that sending needs."""

    delivery: Delivery
    subscription: Subscription
    article: StoredArticle
    language: str | None
    """The server's language; None when it never chose one."""


class Outbox(Protocol):
    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        """The oldest due delivery of each channel, at most `limit`, of active subscriptions only.

        A channel whose oldest delivery is leased or waits for another try gives nothing: order is kept.
        """
        ...

    async def next_due_at(self) -> datetime | None:
        """When the next delivery could be claimed, if nothing else happens; None when nothing is owed."""
        ...

    async def mark_sent(self, delivery_id: int, *, message_id: int, sent_at: datetime) -> None: ...

    async def postpone(self, delivery_id: int, *, until: datetime, attempts: int, error: str) -> None: ...

    async def give_up(self, delivery_id: int, *, attempts: int, error: str) -> None: ...

    async def release(self, delivery_id: int) -> None:
        """End the lease and leave the rest as it was (a stop before the send began)."""
        ...

    async def suspend(self, subscription_id: int, *, reason: str) -> None:
        """Suspend a subscription and release its claimed deliveries; they are kept for when it is resumed."""
        ...


class Announcer(Protocol):
    async def announce(self, claimed: Claimed) -> int:
        """Post the article; the message id. Raises a DeliveryError. Safe to repeat within minutes (enforced nonce)."""
        ...


class Dispatcher:
    def __init__(
        self,
        outbox: Outbox,
        announcer: Announcer,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._announcer = announcer
        self._now = now
        self._chance = chance

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """What is due now, one delivery a channel, at most `limit`."""
        return await self._outbox.claim(now=self._now(), lease=LEASE, limit=limit)

    async def next_due_at(self) -> datetime | None:
        return await self._outbox.next_due_at()

    async def deliver(self, claimed: Claimed) -> Outcome:
        """Send one claimed delivery and store what became of it."""
        delivery = claimed.delivery
        bound = log.bind(delivery_id=delivery.id, article_id=delivery.article_id, channel_id=delivery.channel_id)
        attempts = delivery.attempts + 1
        try:
            async with asyncio.timeout(SEND_SECONDS):
                message_id = await self._announcer.announce(claimed)
        except DestinationLost as error:
            await self._outbox.suspend(claimed.subscription.id, reason=error.reason)
            bound.warning("subscription suspended", subscription_id=claimed.subscription.id, reason=error.reason)
            return "suspended"
        except DeliveryRefused as error:
            await self._outbox.give_up(delivery.id, attempts=attempts, error=str(error))
            bound.error("delivery refused", error=str(error))
            return "refused"
        except (DeliveryPostponed, TimeoutError) as error:
            return await self._postpone(delivery, error)
        await self._outbox.mark_sent(delivery.id, message_id=message_id, sent_at=self._now())
        bound.info("article posted", message_id=message_id)
        return "sent"

    async def _postpone(self, delivery: Delivery, error: DeliveryPostponed | TimeoutError) -> Outcome:
        now = self._now()
        counted = not isinstance(error, DeliveryPostponed) or error.counted
        retry_after = error.retry_after if isinstance(error, DeliveryPostponed) else None
        attempts = delivery.attempts + counted
        verdict = after_failure(
            now,
            attempts=max(attempts, 1),
            retry_after=None if retry_after is None else timedelta(seconds=retry_after),
            chance=self._chance(),
        )
        reason = str(error) or "no answer in time"
        if isinstance(verdict, GiveUp):
            await self._outbox.give_up(delivery.id, attempts=attempts, error=reason)
            log.error("delivery given up", delivery_id=delivery.id, error=reason)
            return "given_up"
        await self._outbox.postpone(delivery.id, until=verdict.at, attempts=attempts, error=reason)
        log.warning("delivery postponed", delivery_id=delivery.id, until=verdict.at.isoformat(), error=reason)
        return "postponed"
