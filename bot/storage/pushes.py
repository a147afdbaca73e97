"""What hubs were asked for, and promised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.models import SourceState
from bot.push import Push
from bot.storage.engine import insert_into, reading, writing
from bot.storage.schema import pushes, sources, subscriptions


class Pushes:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> Sequence[Push]:
        async with reading(self._engine) as connection:
            return [_to_push(row) for row in await connection.execute(_pushes())]

    async def announce(
        self, source_url: str, hub_url: str, topic_url: str, *, token: str, secret: str, now: datetime
    ) -> None:
        values: dict[str, Any] = {
            "hub_url": hub_url,
            "topic_url": topic_url,
            "token": token,
            "secret": secret,
            "ask_at": now,
            "failures": 0,
            "lease_until": None,
            "pushed_at": None,
        }
        async with writing(self._engine) as connection:
            source_id = (await connection.execute(_public(source_url))).scalar()
            if source_id is None:
                return
            statement = insert_into(connection, pushes).values(source_id=source_id, **values)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["source_id"],
                    set_=values,
                    # Another process may have read the same feed a moment ago.
                    where=(pushes.c.hub_url != hub_url) | (pushes.c.topic_url != topic_url),
                )
            )

    async def forget(self, source_url: str) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(delete(pushes).where(pushes.c.source_id.in_(_public(source_url))))

    async def take_due(self, *, now: datetime, again_at: datetime, limit: int) -> Sequence[Push]:
        async with writing(self._engine) as connection:
            rows = await connection.execute(
                _pushes()
                .where(pushes.c.ask_at <= now, _followed())
                .order_by(pushes.c.ask_at)
                .limit(limit)
                .with_for_update(skip_locked=True, of=pushes)
            )
            due = [_to_push(row) for row in rows]
            if due:
                await connection.execute(
                    update(pushes)
                    .where(pushes.c.source_id.in_([each.source_id for each in due]))
                    .values(ask_at=again_at)
                )
        return due

    async def by_token(self, token: str) -> Push | None:
        async with reading(self._engine) as connection:
            row = (await connection.execute(_pushes().where(pushes.c.token == token))).one_or_none()
        return _to_push(row) if row else None

    async def confirm(self, source_id: int, *, lease_until: datetime, ask_at: datetime) -> None:
        await self._set(source_id, lease_until=lease_until, ask_at=ask_at, failures=0)

    async def postpone(self, source_id: int, *, ask_at: datetime, failures: int) -> None:
        await self._set(source_id, ask_at=ask_at, failures=failures)

    async def note_push(self, source_id: int, at: datetime) -> None:
        await self._set(source_id, pushed_at=at)

    async def _set(self, source_id: int, **values: object) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(update(pushes).where(pushes.c.source_id == source_id).values(**values))


def _pushes() -> Select[Any]:
    return select(pushes, sources.c.url.label("source_url"), _followed().label("followed")).join(sources)


def _followed() -> ColumnElement[bool]:
    followers = select(subscriptions.c.id).where(
        subscriptions.c.source_id == sources.c.id, subscriptions.c.removed_at.is_(None)
    )
    return followers.exists() & (sources.c.state == SourceState.ACTIVE)


def _public(url: str) -> Select[Any]:
    return select(sources.c.id).where(sources.c.url == url, sources.c.owner_guild_id == 0)


def _to_push(row: Row[Any]) -> Push:
    return Push(
        source_id=row.source_id,
        source_url=row.source_url,
        hub_url=row.hub_url,
        topic_url=row.topic_url,
        token=row.token,
        secret=row.secret,
        failures=row.failures,
        lease_until=row.lease_until,
        pushed_at=row.pushed_at,
        followed=bool(row.followed),
    )
