"""The outbox of what moderators are to be told."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import notices as use_case
from bot.delivery.notices import GATHERING, Bundle, Notice
from bot.storage.engine import reading, writing
from bot.storage.schema import notices, servers

TOGETHER = 20
"""The most notices of one server in one message."""


class Notices(use_case.Board):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Bundle]:
        due = (
            select(notices.c.guild_id)
            .where(_waiting(), _free(now), notices.c.next_attempt_at <= now)
            .group_by(notices.c.guild_id)
            .order_by(func.min(notices.c.next_attempt_at))
            .limit(limit)
        )
        async with writing(self._engine) as connection:
            guild_ids = (await connection.execute(due)).scalars().all()
            if not guild_ids:
                return []
            rows = await connection.execute(
                select(notices)
                .where(
                    _waiting(),
                    _free(now),
                    notices.c.guild_id.in_(guild_ids),
                    notices.c.next_attempt_at <= now + GATHERING,
                )
                .order_by(notices.c.next_attempt_at, notices.c.id)
                .with_for_update(skip_locked=True, of=notices)
            )
            taken: dict[int, list[Notice]] = defaultdict(list)
            for row in rows:
                if len(taken[row.guild_id]) < TOGETHER:
                    params = json.loads(row.params)
                    taken[row.guild_id].append(Notice(row.id, row.key, params, row.created_at, row.attempts))
            ids = [each.id for bundle in taken.values() for each in bundle]
            await connection.execute(update(notices).where(notices.c.id.in_(ids)).values(lease_until=now + lease))
            settings = await connection.execute(select(servers).where(servers.c.guild_id.in_(guild_ids)))
            chosen = {row.guild_id: (row.language, row.log_channel_id) for row in settings}
        return [
            Bundle(guild_id, *chosen.get(guild_id, (None, None)), notices=tuple(taken[guild_id]))
            for guild_id in guild_ids
            if taken[guild_id]
        ]

    async def next_due_at(self) -> datetime | None:
        at = case(
            (notices.c.lease_until > notices.c.next_attempt_at, notices.c.lease_until),
            else_=notices.c.next_attempt_at,
        )
        async with reading(self._engine) as connection:
            due_at: datetime | None = (await connection.execute(select(func.min(at)).where(_waiting()))).scalar_one()
            return due_at

    async def told(self, ids: Collection[int], *, at: datetime) -> None:
        await self._settle(ids, told_at=at)

    async def retry(self, ids: Collection[int], *, until: datetime) -> None:
        await self._settle(ids, next_attempt_at=until, attempts=notices.c.attempts + 1)

    async def drop(self, ids: Collection[int], *, at: datetime) -> None:
        await self._settle(ids, dropped_at=at)

    async def _settle(self, ids: Collection[int], **values: object) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(update(notices).where(notices.c.id.in_(ids)).values(lease_until=None, **values))


def _waiting() -> ColumnElement[bool]:
    return and_(notices.c.told_at.is_(None), notices.c.dropped_at.is_(None))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(notices.c.lease_until.is_(None), notices.c.lease_until <= now)
