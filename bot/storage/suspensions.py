"""Subscriptions that cannot be posted to, what their servers are told about it, and how they come back."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.delivery import suspensions as use_case
from bot.delivery.catch_up import CATCH_UP, keeps_all
from bot.delivery.notices import GATHERING
from bot.delivery.preferences import parse
from bot.delivery.suspensions import STILL_SERVED, Suspended
from bot.models import DeliveryState, SubscriptionState
from bot.storage.digests import carries
from bot.storage.engine import reading, writing
from bot.storage.queue import pending, sent
from bot.storage.rows import source_name
from bot.storage.schema import deliveries, notices, sources, subscriptions

PAYLOAD = "suspended.payload"
"""The reason of a subscription whose last article Discord refused as such."""

SUMMED_UP = "catch_up"
"""Why a delivery that is summed up is not sent: its `held_reason`."""

_SUSPENDED = "notice.suspended"
_ROWS_AT_ONCE = 500


class Suspensions(use_case.Store):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def suspended(self, guild_id: int | None) -> Sequence[Suspended]:
        wanted = select(subscriptions).where(
            subscriptions.c.state == SubscriptionState.SUSPENDED,
            subscriptions.c.removed_at.is_(None),
            subscriptions.c.suspended_reason.not_in(STILL_SERVED),
        )
        if guild_id is not None:
            wanted = wanted.where(subscriptions.c.guild_id == guild_id)
        async with reading(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(subscriptions.c.id))
            return [
                Suspended(row.id, row.guild_id, row.channel_id, row.suspended_reason, row.suspended_at) for row in rows
            ]

    async def resume(self, subscription_id: int, *, at: datetime) -> bool:
        async with writing(self._engine) as connection:
            resumed = await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == subscription_id, subscriptions.c.state == SubscriptionState.SUSPENDED)
                .values(state=SubscriptionState.ACTIVE, suspended_reason=None, suspended_at=None)
            )
            if not resumed.rowcount:
                return False
            waiting = (deliveries.c.subscription_id == subscription_id, pending(deliveries))
            await connection.execute(
                update(deliveries).where(*waiting, deliveries.c.next_attempt_at > at).values(next_attempt_at=at)
            )
            await sum_up(connection, [subscription_id])
            await connection.execute(
                update(notices)
                .where(
                    notices.c.subscription_id == subscription_id,
                    notices.c.key == _SUSPENDED,
                    notices.c.told_at.is_(None),
                    notices.c.dropped_at.is_(None),
                )
                .values(dropped_at=at)
            )
        return True

    async def catch_up(self) -> int:
        """After everything was silent for long: sum up wherever more waits than is posted; how many deliveries."""
        crowded = (
            select(deliveries.c.subscription_id)
            .where(pending(deliveries), deliveries.c.held_reason.is_(None))
            .group_by(deliveries.c.subscription_id)
            .having(func.count() > CATCH_UP)
        )
        async with writing(self._engine) as connection:
            return await sum_up(connection, (await connection.execute(crowded)).scalars().all())


async def suspend(connection: AsyncConnection, subscription_id: int, *, reason: str, at: datetime) -> None:
    """A subscription that a moderator paused meanwhile stays paused. Its other claimed deliveries are released."""
    suspended = await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.state == SubscriptionState.ACTIVE)
        .values(state=SubscriptionState.SUSPENDED, suspended_reason=reason, suspended_at=at)
    )
    if suspended.rowcount:
        await _tell(connection, subscription_id, reason, at)
    await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id == subscription_id, pending(deliveries), deliveries.c.lease_until.is_not(None)
        )
        .values(lease_until=None)
    )


async def _tell(connection: AsyncConnection, subscription_id: int, reason: str, at: datetime) -> None:
    """Owe the server a notice; none when the same was said and nothing was posted in the channel since."""
    row = (
        await connection.execute(
            select(subscriptions.c.guild_id, subscriptions.c.channel_id, source_name.label("source"))
            .join(sources)
            .where(subscriptions.c.id == subscription_id)
        )
    ).one()
    params = json.dumps({"channel_id": row.channel_id, "reason": reason, "source": row.source})
    last_post = select(func.max(deliveries.c.sent_at)).where(
        deliveries.c.channel_id == row.channel_id, sent(deliveries)
    )
    said = (
        await connection.execute(
            select(notices.c.created_at)
            .where(
                notices.c.subscription_id == subscription_id, notices.c.key == _SUSPENDED, notices.c.params == params
            )
            .order_by(notices.c.id.desc())
            .limit(1)
        )
    ).scalar()
    posted: datetime | None = (await connection.execute(last_post)).scalar()
    if said is not None and (posted is None or posted <= said):
        return
    await connection.execute(
        insert(notices).values(
            guild_id=row.guild_id,
            subscription_id=subscription_id,
            key=_SUSPENDED,
            params=params,
            created_at=at,
            next_attempt_at=at + GATHERING,
            attempts=0,
        )
    )


async def sum_up(connection: AsyncConnection, subscription_ids: Collection[int]) -> int:
    """Leave each subscription its newest few deliveries; the first of them mentions how many went before.

    What is held back on purpose, or is being sent at this moment, is left alone, and so is what comes little by little
    or in a digest. How many are summed up.
    """
    rows = await connection.execute(
        select(subscriptions.c.id, subscriptions.c.preferences).where(subscriptions.c.id.in_(subscription_ids))
    )
    flooded = [row.id for row in rows if not keeps_all(parse(row.preferences))]
    return sum([await _sum_up_one(connection, subscription_id) for subscription_id in flooded])


async def _sum_up_one(connection: AsyncConnection, subscription_id: int) -> int:
    idle = (
        deliveries.c.subscription_id == subscription_id,
        pending(deliveries),
        deliveries.c.held_reason.is_(None),
        deliveries.c.lease_until.is_(None),
        ~carries(deliveries),
    )
    waiting = (
        await connection.execute(select(deliveries.c.id).where(*idle).order_by(deliveries.c.id.desc()))
    ).scalars()
    newest_first = waiting.all()
    kept, rest = newest_first[:CATCH_UP], newest_first[CATCH_UP:]
    for start in range(0, len(rest), _ROWS_AT_ONCE):
        batch = rest[start : start + _ROWS_AT_ONCE]
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(batch))
            .values(state=DeliveryState.SUMMED_UP, held_reason=SUMMED_UP, digest_id=kept[-1])
        )
        # Those that an earlier round had left to one of these to mention.
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.digest_id.in_(batch), deliveries.c.state == DeliveryState.SUMMED_UP)
            .values(digest_id=kept[-1])
        )
    return len(rest)
