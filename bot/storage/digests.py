"""Deliveries that one message tells of: a digest, carried by the oldest of them.

Who is in it is settled once, in the transaction that first claims it, so that every try tells the same articles, and
whatever is owed later is left to the next one. Those that it carries have no life of their own: they are sent with it,
and fail with it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import DeliveryState
from bot.storage.batches import batches
from bot.storage.queue import pending
from bot.storage.schema import deliveries

IN_DIGEST = (DeliveryState.GATHERED, DeliveryState.SENT)
"""States in which a delivery with a `digest_id` is told of by that digest, rather than counted by a line."""

_ROWS_AT_ONCE = 500

_SENT_WITH_IT = (
    update(deliveries)
    .where(deliveries.c.digest_id == bindparam("its_id"), deliveries.c.state == DeliveryState.GATHERED)
    .values(
        state=DeliveryState.SENT,
        message_id=bindparam("its_message_id"),
        thread_id=bindparam("its_thread_id"),
        sent_at=bindparam("its_time"),
    )
)


def carries(table: FromClause) -> ColumnElement[bool]:
    """Whether a delivery is a digest that is about to be posted."""
    carried = deliveries.alias("carried")
    return (
        select(carried.c.id)
        .where(carried.c.digest_id == table.c.id, carried.c.state == DeliveryState.GATHERED)
        .correlate(table)
        .exists()
    )


async def gather(connection: AsyncConnection, delivery_id: int, subscription_id: int) -> None:
    """Let this delivery carry whatever else its subscription is owed, but for what may have been posted already."""
    others = deliveries.alias("others")
    rows = await connection.execute(
        select(others.c.id)
        .where(
            others.c.subscription_id == subscription_id,
            pending(others),
            others.c.id != delivery_id,
            others.c.tried_at.is_(None),
            others.c.lease_until.is_(None),
            ~carries(others),
        )
        .order_by(others.c.id)
        .with_for_update(skip_locked=True)
    )
    for ids in batches(rows.scalars().all(), _ROWS_AT_ONCE):
        # Also what one of these was to mention.
        mentioned = deliveries.c.digest_id.in_(ids)
        await connection.execute(update(deliveries).where(mentioned).values(digest_id=delivery_id))
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(state=DeliveryState.GATHERED, digest_id=delivery_id)
        )


async def cancel(connection: AsyncConnection, delivery_ids: Collection[int]) -> None:
    """Digests of which nothing is left to tell."""
    await end_with(connection, delivery_ids, state=DeliveryState.CANCELLED, digest_id=None)
    await connection.execute(
        update(deliveries).where(deliveries.c.id.in_(delivery_ids)).values(state=DeliveryState.CANCELLED)
    )


async def end_with(connection: AsyncConnection, delivery_ids: Collection[int] | Select[int], **values: object) -> None:
    """What these digests carry ends as they do."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.digest_id.in_(delivery_ids), deliveries.c.state == DeliveryState.GATHERED)
        .values(**values)
    )


async def send_with(connection: AsyncConnection, sent: Sequence[Mapping[str, Any]]) -> None:
    """`sent` holds what was stored of each delivery that was posted, digests among them."""
    rows = await connection.execute(
        select(deliveries.c.digest_id)
        .where(
            deliveries.c.digest_id.in_([each["its_id"] for each in sent]),
            deliveries.c.state == DeliveryState.GATHERED,
        )
        .distinct()
    )
    digests = set(rows.scalars())
    if posted := [each for each in sent if each["its_id"] in digests]:
        await connection.execute(_SENT_WITH_IT, posted)
