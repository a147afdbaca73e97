"""What subscriptions hold back: quiet hours, posting windows, the hour's cap.

A hold stands in the subscription, not in what it holds: a queue of thousands costs one row, and nothing that waits is
ever counted as tried. It is decided when something could be posted, and again when its time has come; whoever changes
what it was decided by removes it (`forget_holds`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.hours import HOUR, Hold, hold, zone_of
from bot.delivery.preferences import parse
from bot.storage.queue import sent
from bot.storage.schema import deliveries, servers, subscriptions


@dataclass(frozen=True, slots=True)
class _Held:
    subscription_id: int
    preferences: str
    """By which the verdict was given."""
    verdict: Hold


_HOLD = (
    update(subscriptions)
    # Whoever changed the settings meanwhile has more to say than what was decided by the former ones.
    .where(subscriptions.c.id == bindparam("its_id"), subscriptions.c.preferences == bindparam("decided_by"))
    .values(held_until=bindparam("its_end"), held_reason=bindparam("its_reason"))
)


async def let_through(
    connection: AsyncConnection, ids: Sequence[int], now: datetime, default_zone: ZoneInfo
) -> Sequence[int]:
    """Those of these deliveries that may be posted now, in their order. The subscriptions of the others are held."""
    if not ids:
        return ids
    rows = await connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.subscription_id,
            deliveries.c.channel_id,
            deliveries.c.created_at,
            deliveries.c.tried_at,
            subscriptions.c.preferences,
            servers.c.timezone,
        )
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .outerjoin(servers, servers.c.guild_id == subscriptions.c.guild_id)
        .where(deliveries.c.id.in_(ids), subscriptions.c.preferences != "{}")
    )
    held: dict[int, _Held] = {}
    for row in rows.all():
        preferences = parse(row.preferences)
        verdict = hold(
            preferences,
            zone_of(row.timezone or "") or default_zone,
            now,
            owed_at=row.created_at,
            begun=row.tried_at is not None,
            full_since=await _full_since(connection, row, preferences.max_per_hour, now),
        )
        if verdict is not None:
            held[row.id] = _Held(row.subscription_id, row.preferences, verdict)
    await _hold(connection, {each.subscription_id: each for each in held.values()})
    return [each for each in ids if each not in held]


async def forget_holds(connection: AsyncConnection, *of: ColumnElement[bool]) -> None:
    """Let what these subscriptions hold be decided anew."""
    await connection.execute(update(subscriptions).where(*of).values(held_until=None, held_reason=None))


async def _full_since(
    connection: AsyncConnection, row: Row[*tuple[Any, ...]], most: int | None, now: datetime
) -> datetime | None:
    """When the oldest of the posts that fill an hour was made; None while there is room for one more."""
    if most is None:
        return None
    oldest = await connection.execute(
        select(deliveries.c.sent_at)
        .where(
            deliveries.c.channel_id == row.channel_id,
            deliveries.c.subscription_id == row.subscription_id,
            sent(deliveries),
            deliveries.c.sent_at > now - HOUR,
        )
        .order_by(deliveries.c.sent_at.desc(), deliveries.c.id.desc())
        .limit(1)
        .offset(most - 1)
    )
    at: datetime | None = oldest.scalar()
    return at


async def _hold(connection: AsyncConnection, held: Mapping[int, _Held]) -> None:
    """Those that somebody is changing are left: they come up again at the next look, and nobody waits for anybody."""
    if not held:
        return
    free = await connection.execute(
        select(subscriptions.c.id)
        .where(subscriptions.c.id.in_(held))
        .order_by(subscriptions.c.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if holds := [held[each] for each in free.scalars()]:
        await connection.execute(
            _HOLD,
            [
                {
                    "its_id": each.subscription_id,
                    "decided_by": each.preferences,
                    "its_end": each.verdict.until,
                    "its_reason": each.verdict.reason,
                }
                for each in holds
            ],
        )
