"""Deliveries: what is owed, who is sending it, and what became of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.delivery import dispatcher
from bot.delivery.catch_up import CATCH_UP, is_long_absence
from bot.delivery.dispatcher import Claimed, Posted
from bot.delivery.suspensions import STILL_SERVED
from bot.models import Delivery, DeliveryState, PlannedDelivery, Subscription, SubscriptionState
from bot.storage.attempts import LONGEST_DETAIL, Attempt, keep_attempts
from bot.storage.claims import load_claimed
from bot.storage.columns import Instant
from bot.storage.digests import cancel, end_with, send_with
from bot.storage.engine import insert_into, reading, writing
from bot.storage.group_commit import GroupCommit
from bot.storage.holds import let_through
from bot.storage.queue import claimable, last_try_ahead, moment, next_claimable_at, pending
from bot.storage.schema import articles, deliveries, sources, subscriptions
from bot.storage.suspensions import PAYLOAD, sum_up, suspend

_ROWS_AT_ONCE = 500
_RECEIPTS_AT_ONCE = 100
_RECEIPTS_WAITING = 1_000

_BEGUN_ANEW = ("state", "held_reason", "attempts", "next_attempt_at", "created_at")

_LOOKS = 8
"""How often one claim looks again because subscriptions turned out to hold back what it had found."""


@dataclass(frozen=True, slots=True)
class _Receipt:
    """That a message is there."""

    delivery: Delivery
    posted: Posted
    sent_at: datetime
    found: bool


_MARK_SENT = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("its_id"), deliveries.c.state != DeliveryState.SENT)
    .values(
        state=DeliveryState.SENT,
        message_id=bindparam("its_message_id"),
        thread_id=bindparam("its_thread_id"),
        sent_at=bindparam("its_time"),
        lease_until=None,
    )
)


class Outbox(dispatcher.Outbox):
    """A lease carries no owner: whoever outlives its own may end somebody else's, and the nonce covers that."""

    def __init__(self, engine: AsyncEngine, *, default_zone: ZoneInfo) -> None:
        """`default_zone` is that of servers that chose none."""
        self._engine = engine
        self._default_zone = default_zone
        self._receipts: GroupCommit[_Receipt, None] = GroupCommit(
            self._record, is_one_items_fault=lambda _: False, most=_RECEIPTS_AT_ONCE, waiting=_RECEIPTS_WAITING
        )

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        async with writing(self._engine) as connection:
            ids = await self._next(connection, now, limit)
            if not ids:
                return []
            loaded = await load_claimed(connection, ids, now, self._default_zone)
            empty = [each.delivery.id for each in loaded if each.digest is not None and each.digest.is_empty]
            if empty:
                await cancel(connection, empty)
            claimed = {each.delivery.id: each for each in loaded if each.delivery.id not in empty}
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(claimed))
                .values(lease_until=now + lease, tried_at=func.coalesce(deliveries.c.tried_at, literal(now, Instant())))
            )
        return [claimed[delivery_id] for delivery_id in ids if delivery_id in claimed]

    async def _next(self, connection: AsyncConnection, now: datetime, limit: int) -> Sequence[int]:
        for _ in range(_LOOKS):
            found = (await connection.execute(claimable(), moment(now, limit))).scalars().all()
            free = await let_through(connection, found, now, self._default_zone)
            if len(free) == len(found):
                break
        return free

    async def next_due_at(self, now: datetime) -> datetime | None:
        async with reading(self._engine) as connection:
            at: datetime | None = (await connection.execute(next_claimable_at(), moment(now))).scalar_one()
            return at

    async def renew(self, delivery_ids: Collection[int], *, until: datetime) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(delivery_ids), pending(deliveries), deliveries.c.lease_until.is_not(None))
                .values(lease_until=until)
            )

    async def searched(self, delivery: Delivery, *, at: datetime) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(tried_at=at))

    async def mark_sent(self, delivery: Delivery, *, posted: Posted, sent_at: datetime, found: bool = False) -> None:
        """Whatever happened to the delivery meanwhile, the message exists; the first one counts."""
        await self._receipts.submit(_Receipt(delivery, posted, sent_at, found))

    async def close(self) -> None:
        await self._receipts.close()

    async def _record(self, receipts: Sequence[_Receipt]) -> Sequence[None]:
        async with writing(self._engine) as connection:
            stored = [
                {
                    "its_id": each.delivery.id,
                    "its_message_id": each.posted.message_id,
                    "its_thread_id": each.posted.thread_id,
                    "its_time": each.sent_at,
                }
                for each in receipts
            ]
            await connection.execute(_MARK_SENT, stored)
            await send_with(connection, stored)
            await keep_attempts(
                connection,
                [
                    Attempt(each.delivery.id, each.sent_at, "found" if each.found else "sent", each.posted.detail)
                    for each in receipts
                ],
            )
            await connection.execute(
                update(subscriptions)
                .where(
                    subscriptions.c.id.in_({each.delivery.subscription_id for each in receipts}),
                    subscriptions.c.state == SubscriptionState.SUSPENDED,
                    subscriptions.c.suspended_reason.in_(STILL_SERVED),
                )
                .values(state=SubscriptionState.ACTIVE, suspended_reason=None, suspended_at=None)
            )
        return [None] * len(receipts)

    async def postpone(
        self, delivery: Delivery, *, until: datetime, attempts: int, error: str, at: datetime, untried: bool = False
    ) -> None:
        async with writing(self._engine) as connection:
            ahead: datetime | None = (await connection.execute(last_try_ahead(delivery.id, at))).scalar()
            until = until if ahead is None else max(until, ahead)
            facts: dict[str, object] = {"next_attempt_at": until, "attempts": attempts, "last_error": _cut(error)}
            if untried:
                facts["tried_at"] = delivery.tried_at
            if attempts > delivery.attempts:
                facts["failed_at"] = at
            await _settle(connection, delivery, **facts)
            await keep_attempts(connection, [Attempt(delivery.id, at, "postponed", error)])

    async def give_up(self, delivery: Delivery, *, attempts: int, error: str, at: datetime) -> None:
        async with writing(self._engine) as connection:
            await _settle(connection, delivery, state=DeliveryState.FAILED, attempts=attempts, last_error=_cut(error))
            await end_with(connection, [delivery.id], state=DeliveryState.FAILED, last_error=_cut(error))
            await keep_attempts(connection, [Attempt(delivery.id, at, "given_up", error)])

    async def refuse(self, delivery: Delivery, *, error: str, at: datetime) -> None:
        async with writing(self._engine) as connection:
            await _settle(
                connection,
                delivery,
                state=DeliveryState.FAILED,
                attempts=deliveries.c.attempts + 1,
                last_error=_cut(error),
            )
            await end_with(connection, [delivery.id], state=DeliveryState.FAILED, last_error=_cut(error))
            await keep_attempts(connection, [Attempt(delivery.id, at, "refused", error)])
            await suspend(connection, delivery.subscription_id, reason=PAYLOAD, at=at)

    async def suspend(self, delivery: Delivery, *, reason: str, error: str, at: datetime) -> None:
        async with writing(self._engine) as connection:
            await _settle(connection, delivery, last_error=_cut(error))
            await keep_attempts(connection, [Attempt(delivery.id, at, "suspended", error)])
            await suspend(connection, delivery.subscription_id, reason=reason, at=at)

    async def release(self, delivery: Delivery) -> None:
        async with writing(self._engine) as connection:
            await _settle(connection, delivery, tried_at=delivery.tried_at)


async def _settle(connection: AsyncConnection, delivery: Delivery, **values: object) -> None:
    """End the lease; what is no longer pending was settled by somebody else."""
    await connection.execute(
        update(deliveries).where(deliveries.c.id == delivery.id, pending(deliveries)).values(lease_until=None, **values)
    )


def _cut(error: str) -> str:
    return error[:LONGEST_DETAIL]


async def owe(
    connection: AsyncConnection, planned: Iterable[PlannedDelivery], followers: Iterable[Subscription], now: datetime
) -> int:
    """Add deliveries to the queue in the order given; how many were not owed, or sent, before.

    Those that filters keep out are stored as such, and never sent. One that was cancelled because its subscription was
    removed is owed again. After a long absence, all but the newest
    few of a subscription are summed up.
    """
    channels = {each.id: each.channel_id for each in followers}
    rows = [
        {
            "article_id": each.article_id,
            "subscription_id": each.subscription_id,
            "channel_id": channels[each.subscription_id],
            "state": DeliveryState.PENDING if each.filtered is None else DeliveryState.FILTERED,
            "held_reason": each.filtered,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
        }
        for each in dict.fromkeys(planned)
    ]
    statement = insert_into(connection, deliveries)
    statement = statement.on_conflict_do_update(
        index_elements=["article_id", "subscription_id"],
        set_={name: statement.excluded[name] for name in _BEGUN_ANEW} | {"digest_id": None},
        where=deliveries.c.state == DeliveryState.CANCELLED,
    )
    owed: list[int] = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        added = await connection.execute(
            statement.returning(deliveries.c.subscription_id, deliveries.c.state), rows[start : start + _ROWS_AT_ONCE]
        )
        owed.extend(row.subscription_id for row in added if row.state == DeliveryState.PENDING)
    crowded = [subscription_id for subscription_id, count in Counter(owed).items() if count > CATCH_UP]
    if crowded and await _ends_a_long_absence(connection, rows[0]["article_id"], now):
        await sum_up(connection, crowded)
    return len(owed)


async def _ends_a_long_absence(connection: AsyncConnection, article_id: object, now: datetime) -> bool:
    row = (
        await connection.execute(
            select(sources.c.next_check_at, sources.c.last_success_at, sources.c.failures)
            .join(articles)
            .where(articles.c.id == article_id)
        )
    ).one()
    return is_long_absence(
        now, next_check_at=row.next_check_at, last_success_at=row.last_success_at, failures=row.failures
    )
