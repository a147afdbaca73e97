"""Announce articles: claim what is owed, send it, record the message; order kept within a channel.

    claim -> Announcer.announce -> mark_sent | postpone | give_up | refuse | suspend

A claim is a lease, renewed while the send lasts: after a crash it runs out and somebody claims the delivery again. Who
does cannot know whether Discord has taken the message. So the bot's own message is looked for before anything is sent
again, and what is still on its way then is covered by the nonce, derived from the delivery: for a few minutes Discord
takes no message twice.

What a failure means is `retry`'s to say.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

from bot.delivery.digests import Digest
from bot.delivery.retry import GiveUp, Outage, after_failure, failed_tries
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost, StorageError
from bot.models import Delivery, StoredArticle, Subscription

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=6)
"""How long a delivery rests after whoever was sending it died. A lease that ends too early does no harm, see above."""

RENEWAL = timedelta(seconds=2)

SEND_SECONDS = 150.0
"""The longest that one try may take; the announcer bounds each of its steps by itself."""

SKEW = timedelta(minutes=2)
"""How far our clock may be ahead of Discord's, which dates messages, beyond what the announcer knows of it."""

SET_BACK = timedelta(days=1)
"""How far back a try is looked for whose time has not come yet: our clock was set back since."""

STILL_ARRIVING = timedelta(seconds=60)
"""How long after a try without a nonce began it may still take effect; only then can it be said not to be there."""

RECORD_WAITS = (0.5, 2.0, 5.0)
"""Seconds between tries to store that a message was posted, while the database refuses."""

Outcome = Literal["sent", "found", "postponed", "given_up", "refused", "suspended"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process may send until its lease ends, with all that sending needs."""

    delivery: Delivery
    """As it was before this claim: `tried_at` is that of earlier tries."""
    subscription: Subscription
    article: StoredArticle
    language: str | None
    """The server's language; None when it never chose one."""
    summed_up: int = 0
    """How many older articles are not posted, and are to be mentioned with this one (see `catch_up`)."""
    digest: Digest | None = None
    """What the message tells instead of the article, where it tells of several; the article is one of them."""


@dataclass(frozen=True, slots=True)
class Posted:
    message_id: int
    thread_id: int | None = None
    """The thread that it opened, or the forum post that it is."""
    detail: str | None = None
    """What did not work although the article was posted, for whoever asks; None when all did."""


class Outbox(Protocol):
    """Every method that settles a delivery ends its lease, and keeps the try for whoever asks why."""

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        """The oldest due delivery of each channel, at most `limit`, of subscriptions that may be posted to.

        What its subscription holds back (see `hours`) waits, and keeps nothing else in its channel waiting. A channel
        whose oldest delivery is leased or waits for another try gives nothing: order is kept. That each is being tried
        from now on is stored before this returns.
        """
        ...

    async def next_due_at(self, now: datetime) -> datetime | None:
        """When the next delivery could be claimed, if nothing else happens; None when nothing is owed."""
        ...

    async def renew(self, delivery_ids: Collection[int], *, until: datetime) -> None: ...

    async def searched(self, delivery: Delivery, *, at: datetime) -> None:
        """Discord held no message of it at that time."""
        ...

    async def mark_sent(self, delivery: Delivery, *, posted: Posted, sent_at: datetime, found: bool = False) -> None:
        """`found` says that an earlier try had posted it."""
        ...

    async def postpone(
        self, delivery: Delivery, *, until: datetime, attempts: int, error: str, at: datetime, untried: bool = False
    ) -> None:
        """`untried` says that Discord has taken nothing in this try."""
        ...

    async def give_up(self, delivery: Delivery, *, attempts: int, error: str, at: datetime) -> None: ...

    async def refuse(self, delivery: Delivery, *, error: str, at: datetime) -> None:
        """Give it up, and tell that its subscription is in trouble; what is behind it is tried all the same."""
        ...

    async def suspend(self, delivery: Delivery, *, reason: str, error: str, at: datetime) -> None:
        """Suspend the subscription and tell its server, once; what it is owed is kept for when it is resumed."""
        ...

    async def release(self, delivery: Delivery) -> None:
        """Leave everything as it was before the claim, since nothing was tried."""
        ...


class Announcer(Protocol):
    def has_nonce(self, claimed: Claimed) -> bool:
        """Whether Discord refuses to take this twice within minutes. It does not for posts in forums."""
        ...

    async def find(self, claimed: Claimed, *, since: datetime) -> Posted | None:
        """The message that an earlier try made, without our being told. Raises a DeliveryError."""
        ...

    async def announce(self, claimed: Claimed) -> Posted:
        """Post the article, in one try. Raises a DeliveryError."""
        ...


class Dispatcher:
    def __init__(
        self,
        outbox: Outbox,
        announcer: Announcer,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        noticed: Callable[[], None] = lambda: None,
    ) -> None:
        """`noticed` is called when there is something new to tell moderators."""
        self._outbox = outbox
        self._announcer = announcer
        self._now = now
        self._chance = chance
        self._pause = pause
        self._noticed = noticed
        self._outage = Outage(now())
        self._held: set[int] = set()
        """Deliveries whose lease is ours."""

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """What is due now, one delivery a channel, at most `limit`.

        A lease that ran out while this process stood still is taken anew, and what is being sent is left to whoever
        is sending it.
        """
        leased = await self._outbox.claim(now=self._now(), lease=LEASE, limit=limit)
        claimed = [each for each in leased if each.delivery.id not in self._held]
        self._held.update(each.delivery.id for each in claimed)
        return claimed

    async def next_due_at(self) -> datetime | None:
        return await self._outbox.next_due_at(self._now())

    async def renew(self) -> None:
        """Keep what is being sent from being claimed by others. To be called every `RENEWAL`."""
        if self._held:
            await self._outbox.renew(tuple(self._held), until=self._now() + LEASE)

    async def deliver(self, claimed: Claimed) -> Outcome:
        """Send one claimed delivery and store what became of it."""
        try:
            return await self._deliver(claimed)
        finally:
            self._held.discard(claimed.delivery.id)

    async def _deliver(self, claimed: Claimed) -> Outcome:
        delivery = claimed.delivery
        bound = log.bind(delivery_id=delivery.id, article_id=delivery.article_id, channel_id=delivery.channel_id)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                posted = await self._found(claimed)
                outcome: Outcome = "found" if posted else "sent"
                posted = posted or await self._announcer.announce(claimed)
        except DestinationLost as error:
            self._outage.is_over()
            await self._outbox.suspend(delivery, reason=error.reason, error=str(error), at=self._now())
            bound.warning("subscription suspended", subscription_id=claimed.subscription.id, reason=error.reason)
            self._noticed()
            return "suspended"
        except DeliveryRefused as error:
            self._outage.is_over()
            await self._outbox.refuse(delivery, error=str(error), at=self._now())
            bound.error("delivery refused", error=str(error))
            self._noticed()
            return "refused"
        except (DeliveryPostponed, TimeoutError) as error:
            return await self._postpone(claimed, error)
        except StorageError:
            raise
        except Exception as error:
            await self._postpone(claimed, DeliveryPostponed(f"unexpected: {error!r}"))
            raise
        self._outage.is_over()
        await self._record(delivery, posted, found=outcome == "found")
        bound.info("article posted", message_id=posted.message_id, found=outcome == "found")
        return outcome

    async def _found(self, claimed: Claimed) -> Posted | None:
        """The message of an earlier try."""
        tried_at = claimed.delivery.tried_at
        if tried_at is None:
            return None
        began_at = self._now()
        if tried_at > began_at:
            tried_at = began_at - SET_BACK
        posted = await self._announcer.find(claimed, since=tried_at - SKEW)
        if posted is None:
            still_arriving = STILL_ARRIVING - (began_at - tried_at)
            if still_arriving > timedelta() and not self._announcer.has_nonce(claimed):
                wait = still_arriving.total_seconds()
                raise DeliveryPostponed("an earlier try may still arrive", retry_after=wait, counted=False)
            await self._outbox.searched(claimed.delivery, at=began_at)
        return posted

    async def _record(self, delivery: Delivery, posted: Posted, *, found: bool) -> None:
        for wait in RECORD_WAITS:
            try:
                await self._outbox.mark_sent(delivery, posted=posted, sent_at=self._now(), found=found)
            except StorageError as error:
                log.warning("posted but not recorded yet", delivery_id=delivery.id, error=str(error))
                await self._pause(wait)
            else:
                return
        await self._outbox.mark_sent(delivery, posted=posted, sent_at=self._now(), found=found)

    async def _postpone(self, claimed: Claimed, error: DeliveryPostponed | TimeoutError) -> Outcome:
        now, delivery = self._now(), claimed.delivery
        counted = not isinstance(error, DeliveryPostponed) or error.counted
        retry_after = error.retry_after if isinstance(error, DeliveryPostponed) else None
        untried = isinstance(error, DeliveryPostponed) and error.untried
        wait = timedelta(seconds=retry_after or 0)
        attempts = delivery.attempts
        if counted:
            attempts = failed_tries(attempts, in_outage=self._outage.explains(delivery.id, now))
        verdict = after_failure(now, attempts=max(attempts, 1), retry_after=wait, chance=self._chance())
        reason = str(error) or "no answer in time"
        if isinstance(verdict, GiveUp):
            await self._outbox.give_up(delivery, attempts=attempts, error=reason, at=now)
            log.error("delivery given up", delivery_id=delivery.id, error=reason)
            return "given_up"
        await self._outbox.postpone(
            delivery, until=verdict.at, attempts=attempts, error=reason, at=now, untried=untried
        )
        log.warning("delivery postponed", delivery_id=delivery.id, until=verdict.at.isoformat(), error=reason)
        return "postponed"
