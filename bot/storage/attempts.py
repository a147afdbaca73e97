"""What happened at each try of a delivery, for whoever asks why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.dispatcher import Outcome
from bot.storage.schema import attempts

KEPT = 40
"""Tries kept of one delivery, the newest: waits that Discord asks for are tries too, and are not limited in number."""

LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    delivery_id: int
    at: datetime
    outcome: Outcome
    detail: str | None = None


async def keep_attempts(connection: AsyncConnection, tried: Sequence[Attempt]) -> None:
    """Within the transaction that settles the deliveries."""
    await connection.execute(
        insert(attempts),
        [
            {
                "delivery_id": each.delivery_id,
                "at": each.at,
                "outcome": each.outcome,
                "detail": each.detail[:LONGEST_DETAIL] if each.detail else None,
            }
            for each in tried
        ],
    )
    for each in tried:
        if each.outcome == "postponed":
            its = attempts.c.delivery_id == each.delivery_id
            newest_first = select(attempts.c.id).where(its).order_by(attempts.c.id.desc())
            too_old = newest_first.limit(1).offset(KEPT).scalar_subquery()
            await connection.execute(delete(attempts).where(its, attempts.c.id <= too_old))
