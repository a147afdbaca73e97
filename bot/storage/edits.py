"""Messages that no longer show what they should: which, who is editing them, and what became of it.

An edit that is owed is a time on its delivery, `edit_due_at`. Whoever takes it moves that time to the end of its lease,
and settles it only while it still stands there: a change that comes meanwhile moves it again, and is not lost.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.delivery import reviser
from bot.delivery.dispatcher import Claimed
from bot.delivery.reviser import OwedEdit
from bot.models import Retraction
from bot.storage.claims import load_claimed
from bot.storage.digests import IN_DIGEST
from bot.storage.engine import reading, writing
from bot.storage.queue import pending, sent
from bot.storage.retractions import retracted
from bot.storage.schema import deliveries, subscriptions


class Edits(reviser.Backlog):
    def __init__(self, engine: AsyncEngine, *, default_zone: ZoneInfo) -> None:
        """`default_zone` is that of servers that chose none."""
        self._engine = engine
        self._default_zone = default_zone

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[OwedEdit]:
        until = now + lease
        async with writing(self._engine) as connection:
            rows = await connection.execute(
                select(deliveries.c.id, deliveries.c.message_id, deliveries.c.edit_attempts, deliveries.c.shown_hash)
                .where(_owed(), deliveries.c.edit_due_at <= now)
                .order_by(deliveries.c.edit_due_at, deliveries.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            found = {row.id: row for row in rows}
            if not found:
                return []
            await connection.execute(update(deliveries).where(deliveries.c.id.in_(found)).values(edit_due_at=until))
            claimed = await load_claimed(connection, list(found), now, self._default_zone)
            ended = await retracted(connection, {each.delivery.article_id for each in claimed})
        return [_owed_edit(each, found[each.delivery.id], ended, until) for each in claimed]

    async def next_due_at(self) -> datetime | None:
        async with reading(self._engine) as connection:
            at: datetime | None = (
                await connection.execute(select(func.min(deliveries.c.edit_due_at)).where(_owed()))
            ).scalar_one()
            return at

    async def done(self, edit: OwedEdit) -> None:
        await self._settle(edit, edit_due_at=None, edit_attempts=0, shown_hash=edit.fingerprint)

    async def postpone(self, edit: OwedEdit, *, until: datetime, attempts: int) -> None:
        await self._settle(edit, edit_due_at=until, edit_attempts=attempts)

    async def give_up(self, edit: OwedEdit) -> None:
        await self._settle(edit, edit_due_at=None, edit_attempts=0)

    async def gone(self, edit: OwedEdit, *, at: datetime) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                update(deliveries)
                .where(
                    or_(
                        deliveries.c.id == edit.claimed.delivery.id,
                        deliveries.c.digest_id == edit.claimed.delivery.id,
                    ),
                    deliveries.c.message_id == edit.message_id,
                )
                .values(deleted_at=at, edit_due_at=None, edit_attempts=0)
            )

    async def _settle(self, edit: OwedEdit, **values: object) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id == edit.claimed.delivery.id,
                    deliveries.c.edit_due_at == edit.leased_until,
                )
                .values(**values)
            )


async def owe_edits(
    connection: AsyncConnection,
    article_ids: Collection[int],
    at: datetime,
    *,
    guild_id: int | None = None,
    following: Collection[int] | None = None,
) -> int:
    """Owe an edit to every message that shows one of these articles; how many there are.

    In one server, or in those that follow one of these sources, where that is said. Also to those that
    are being sent right now, and may show what was true a moment ago.
    """
    shown = deliveries.alias("shown")
    where: list[ColumnElement[bool]] = [shown.c.article_id.in_(article_ids), shown.c.deleted_at.is_(None)]
    if guild_id is not None:
        where.append(shown.c.subscription_id.in_(_of_servers(subscriptions.c.guild_id == guild_id)))
    if following is not None:
        theirs = subscriptions.alias("theirs")
        guilds = select(theirs.c.guild_id).where(theirs.c.source_id.in_(following), theirs.c.removed_at.is_(None))
        where.append(shown.c.subscription_id.in_(_of_servers(subscriptions.c.guild_id.in_(guilds))))
    # A message that tells of several is edited by the delivery that carries them.
    is_carried = and_(shown.c.digest_id.is_not(None), shown.c.state.in_(IN_DIGEST))
    shown_by = select(case((is_carried, shown.c.digest_id), else_=shown.c.id)).where(*where)
    posted = and_(sent(deliveries), deliveries.c.message_id.is_not(None))
    may_be_posted = and_(pending(deliveries), deliveries.c.tried_at.is_not(None))
    marked = await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(shown_by), or_(posted, may_be_posted))
        .values(edit_due_at=at, edit_attempts=0)
    )
    return marked.rowcount


def _of_servers(meant: ColumnElement[bool]) -> Select[int]:
    return select(subscriptions.c.id).where(meant)


def _owed() -> ColumnElement[bool]:
    return and_(
        deliveries.c.edit_due_at.is_not(None),
        sent(deliveries),
        deliveries.c.message_id.is_not(None),
        deliveries.c.deleted_at.is_(None),
    )


def _owed_edit(claimed: Claimed, row: Any, ended: Mapping[tuple[int, int], Retraction], until: datetime) -> OwedEdit:
    retraction = ended.get((claimed.delivery.article_id, claimed.subscription.guild_id))
    if claimed.digest is not None:
        retraction = Retraction.DELETE if claimed.digest.is_empty else None
    return OwedEdit(
        claimed,
        message_id=row.message_id,
        leased_until=until,
        attempts=row.edit_attempts,
        retraction=retraction,
        fingerprint=_fingerprint(claimed, retraction),
        shown=row.shown_hash,
    )


def _fingerprint(claimed: Claimed, retraction: Retraction | None) -> str:
    """Of everything that a message is made from."""
    parts: tuple[str, ...] = (
        claimed.article.model_dump_json(),
        claimed.subscription.model_dump_json(include={"preferences"}),
        claimed.language or "",
        str(claimed.summed_up),
        retraction or "",
    )
    if (digest := claimed.digest) is not None:
        parts += (*(each.model_dump_json() for each in digest.articles), repr((sorted(digest.struck), digest.more)))
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
