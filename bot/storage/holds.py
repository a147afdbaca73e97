"""What subscriptions hold back: in quiet hours, outside posting windows, once an hour is full, until their digest.

A hold stands in the subscription, not in what it holds: a queue of thousands costs one row, and nothing that waits is
ever counted as tried. It is decided when something could be posted, and again when its time has come; whoever changes
what it was decided by removes it (`forget_holds`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.hours import HOUR, Hold, HoldReason, hold, next_digest_at, zone_or
from bot.delivery.preferences import Preferences, parse
from bot.storage.digests import gather
from bot.storage.queue import pending, sent
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
    """Those of these deliveries that may be posted now, in their order. The subscriptions of the others are held.

    One whose subscription wants a digest carries whatever else is owed to it from now on.
    """
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
    candidates = [(row, parse(row.preferences)) for row in rows]
    full_since = await _full_since(connection, candidates, now)
    held: dict[int, _Held] = {}
    for row, preferences in candidates:
        verdict = hold(
            preferences,
            zone_or(default_zone, row.timezone),
            now,
            owed_at=row.created_at,
            begun=row.tried_at is not None,
            full_since=full_since.get(row.subscription_id),
        )
        if verdict is not None:
            held[row.id] = _Held(row.subscription_id, row.preferences, verdict)
        elif preferences.digest and row.tried_at is None:
            await gather(connection, row.id, row.subscription_id)
    await _hold(connection, {each.subscription_id: each for each in held.values()})
    return [each for each in ids if each not in held]


async def held_until(
    connection: AsyncConnection, article_id: int, subscription_id: int, now: datetime, default_zone: ZoneInfo
) -> datetime | None:
    """When an article that is owed may be posted; None for now."""
    its = deliveries.c.article_id == article_id, deliveries.c.subscription_id == subscription_id
    ids = (await connection.execute(select(deliveries.c.id).where(*its, pending(deliveries)))).scalars().all()
    if await let_through(connection, ids, now, default_zone) == ids:
        return None
    until: datetime | None = (
        await connection.execute(select(subscriptions.c.held_until).where(subscriptions.c.id == subscription_id))
    ).scalar()
    return until


async def hold_for_digest(
    connection: AsyncConnection, subscription_id: int, preferences: Preferences, now: datetime, default_zone: ZoneInfo
) -> None:
    """Let everything wait for the next digest by these settings: one that was chosen at noon, for eight o'clock, is not
    four hours late."""
    time_zone = await connection.execute(
        select(servers.c.timezone)
        .join(subscriptions, subscriptions.c.guild_id == servers.c.guild_id)
        .where(subscriptions.c.id == subscription_id)
    )
    zone = zone_or(default_zone, time_zone.scalar())
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id)
        .values(held_until=next_digest_at(preferences, zone, now), held_reason=HoldReason.DIGEST)
    )


async def forget_holds(connection: AsyncConnection, *of: ColumnElement[bool]) -> None:
    """Let what these subscriptions hold be decided anew."""
    await connection.execute(update(subscriptions).where(*of).values(held_until=None, held_reason=None))


async def _full_since(
    connection: AsyncConnection, candidates: Sequence[tuple[Row[*tuple[Any, ...]], Preferences]], now: datetime
) -> Mapping[int, datetime]:
    """Of subscriptions whose hour is full, when the oldest of the posts that fill it was made."""
    most = {row.subscription_id: each.max_per_hour for row, each in candidates if each.max_per_hour is not None}
    if not most:
        return {}
    newest_first = func.row_number().over(
        partition_by=deliveries.c.subscription_id, order_by=(deliveries.c.sent_at.desc(), deliveries.c.id.desc())
    )
    posts = (
        select(deliveries.c.subscription_id, deliveries.c.sent_at, newest_first.label("place"))
        .where(
            deliveries.c.channel_id.in_({row.channel_id for row, _ in candidates if row.subscription_id in most}),
            deliveries.c.subscription_id.in_(most),
            sent(deliveries),
            deliveries.c.sent_at > now - HOUR,
            deliveries.c.digest_id.is_(None),
        )
        .subquery()
    )
    found = await connection.execute(select(posts).where(posts.c.place.in_(set(most.values()))))
    return {row.subscription_id: row.sent_at for row in found if row.place == most[row.subscription_id]}


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
