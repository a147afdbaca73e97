"""Deliveries: what is owed, who is sending it, and what became of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.delivery import dispatcher
from bot.delivery.dispatcher import Claimed
from bot.models import DeliveryState, PlannedDelivery, Subscription, SubscriptionState
from bot.storage.engine import insert_into, reading, writing
from bot.storage.queue import claimable, next_claimable_at, pending
from bot.storage.rows import load_articles, to_delivery, to_subscription
from bot.storage.schema import deliveries, servers, subscriptions

_ROWS_AT_ONCE = 500
_LONGEST_ERROR = 500


class Outbox(dispatcher.Outbox):
    """A lease carries no owner: whoever outlives its own may end somebody else's, and the nonce covers that."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        async with writing(self._engine) as connection:
            ids = (await connection.execute(claimable(now, limit))).scalars().all()
            if not ids:
                return []
            await connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(lease_until=now + lease))
            claimed = {each.delivery.id: each for each in await _load(connection, ids)}
        return [claimed[delivery_id] for delivery_id in ids]

    async def next_due_at(self) -> datetime | None:
        async with reading(self._engine) as connection:
            at: datetime | None = (await connection.execute(next_claimable_at())).scalar_one()
            return at

    async def mark_sent(self, delivery_id: int, *, message_id: int, sent_at: datetime) -> None:
        """Whatever happened to the delivery meanwhile, the message exists; the first one counts."""
        async with writing(self._engine) as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id, deliveries.c.state != DeliveryState.SENT)
                .values(state=DeliveryState.SENT, message_id=message_id, sent_at=sent_at, lease_until=None)
            )

    async def postpone(self, delivery_id: int, *, until: datetime, attempts: int, error: str) -> None:
        await self._settle(delivery_id, next_attempt_at=until, attempts=attempts, last_error=error[:_LONGEST_ERROR])

    async def give_up(self, delivery_id: int, *, attempts: int, error: str) -> None:
        await self._settle(
            delivery_id, state=DeliveryState.FAILED, attempts=attempts, last_error=error[:_LONGEST_ERROR]
        )

    async def release(self, delivery_id: int) -> None:
        await self._settle(delivery_id)

    async def suspend(self, subscription_id: int, *, reason: str) -> None:
        """A subscription that a moderator paused meanwhile stays paused."""
        async with writing(self._engine) as connection:
            await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == subscription_id, subscriptions.c.state == SubscriptionState.ACTIVE)
                .values(state=SubscriptionState.SUSPENDED, suspended_reason=reason)
            )
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.subscription_id == subscription_id,
                    pending(deliveries),
                    deliveries.c.lease_until.is_not(None),
                )
                .values(lease_until=None)
            )

    async def _settle(self, delivery_id: int, **values: object) -> None:
        """End the lease; what is no longer pending was settled by somebody else."""
        async with writing(self._engine) as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id, pending(deliveries))
                .values(lease_until=None, **values)
            )


async def owe(
    connection: AsyncConnection, planned: Iterable[PlannedDelivery], followers: Iterable[Subscription], now: datetime
) -> int:
    """Add deliveries to the queue in the order given; how many were not owed, or sent, before.

    One that was cancelled because its subscription was removed is owed again.
    """
    channels = {each.id: each.channel_id for each in followers}
    rows = [
        {
            "article_id": each.article_id,
            "subscription_id": each.subscription_id,
            "channel_id": channels[each.subscription_id],
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
        }
        for each in dict.fromkeys(planned)
    ]
    statement = insert_into(connection, deliveries)
    statement = statement.on_conflict_do_update(
        index_elements=["article_id", "subscription_id"],
        set_={"state": DeliveryState.PENDING, "attempts": 0, "next_attempt_at": now},
        where=deliveries.c.state == DeliveryState.CANCELLED,
    )
    owed = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        added = await connection.execute(statement.returning(deliveries.c.id), rows[start : start + _ROWS_AT_ONCE])
        owed += len(added.all())
    return owed


async def _load(connection: AsyncConnection, ids: Sequence[int]) -> Sequence[Claimed]:
    owed = {
        row.id: to_delivery(row) for row in await connection.execute(select(deliveries).where(deliveries.c.id.in_(ids)))
    }
    followers = await connection.execute(
        select(subscriptions, servers.c.language)
        .outerjoin(servers, servers.c.guild_id == subscriptions.c.guild_id)
        .where(subscriptions.c.id.in_({each.subscription_id for each in owed.values()}))
    )
    by_id = {row.id: (to_subscription(row), row.language) for row in followers}
    found = await load_articles(connection, {each.article_id for each in owed.values()})
    return [
        Claimed(each, by_id[each.subscription_id][0], found[each.article_id], by_id[each.subscription_id][1])
        for each in owed.values()
    ]
