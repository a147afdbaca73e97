"""What happened at each try of a delivery, for whoever asks why."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.dispatcher import Outcome
from bot.storage.schema import attempts

KEPT = 40
"""Tries kept of one delivery, the newest: waits that Discord asks for are tries too, and are not limited in number."""

LONGEST_DETAIL = 500


async def keep_attempt(
    connection: AsyncConnection, delivery_id: int, at: datetime, outcome: Outcome, detail: str | None = None
) -> None:
    """Within the transaction that settles the delivery."""
    its = attempts.c.delivery_id == delivery_id
    await connection.execute(
        insert(attempts).values(
            delivery_id=delivery_id, at=at, outcome=outcome, detail=detail[:LONGEST_DETAIL] if detail else None
        )
    )
    if outcome == "postponed":
        oldest_kept = (
            select(attempts.c.id).where(its).order_by(attempts.c.id.desc()).limit(1).offset(KEPT).scalar_subquery()
        )
        await connection.execute(delete(attempts).where(its, attempts.c.id <= oldest_kept))
