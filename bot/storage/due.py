"""Which sources are due for a check, and who is checking them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.models import Source, SourceKind, SourceState, SubscriptionState
from bot.storage.engine import reading, writing
from bot.storage.rows import to_source
from bot.storage.schema import sources, subscriptions

_LOOKS = 8
"""How often one lease asks for more when hosts turn out to have had their share."""


class DueSources:
    """Only sources that somebody follows: one that is followed nowhere, or paused everywhere, is left alone."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lease_due(
        self, *, now: datetime, lease: timedelta, limit: int, per_host: int | None = None
    ) -> Sequence[Source]:
        """At most `limit` due sources, the longest due first, that no other process checks until the lease ends.

        No host gets more than `per_host` leases at a time, over all processes: what else is due goes first.
        """
        async with writing(self._engine) as connection:
            busy = Counter() if per_host is None else await _busy_hosts(connection, now)
            due: list[Source] = []
            for _ in range(_LOOKS):
                asked = limit - len(due)
                full = [host for host, leases in busy.items() if per_host is not None and leases >= per_host]
                rows = await connection.execute(_due(now, asked, without=full, beside=[each.id for each in due]))
                found = rows.all()
                for row in found:
                    if per_host is None or row.host is None or busy[row.host] < per_host:
                        busy[row.host] += 1
                        due.append(to_source(row))
                if len(found) < asked or len(due) == limit:
                    break
            if due:
                await connection.execute(
                    update(sources).where(sources.c.id.in_([each.id for each in due])).values(lease_until=now + lease)
                )
        return due

    async def renew(self, source_ids: Collection[int], *, until: datetime) -> None:
        """For checks that last; one that has ended meanwhile stays ended."""
        async with writing(self._engine) as connection:
            await connection.execute(
                update(sources)
                .where(sources.c.id.in_(source_ids), sources.c.lease_until.is_not(None))
                .values(lease_until=until)
            )

    async def release(self, *source_ids: int) -> None:
        """End the leases of checks that will not be finished; the sources are due as before."""
        async with writing(self._engine) as connection:
            await connection.execute(update(sources).where(sources.c.id.in_(source_ids)).values(lease_until=None))

    async def hasten(self, source_ids: Collection[int], *, now: datetime) -> None:
        """Somebody says that there is something new: check these as soon as possible."""
        async with writing(self._engine) as connection:
            await connection.execute(
                update(sources)
                .where(sources.c.id.in_(source_ids), sources.c.next_check_at > now)
                .values(next_check_at=now)
            )

    async def folders(self) -> Mapping[int, str]:
        """The followed folders by source."""
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(sources.c.id, sources.c.url).where(_followed(), sources.c.kind == SourceKind.FOLDER)
            )
            return {row.id: row.url for row in rows}

    async def next_due_at(self, now: datetime) -> datetime | None:
        """When `lease_due` will next have something, if nothing else happens; None when nothing is followed."""
        at = case(
            (sources.c.lease_until > sources.c.next_check_at, sources.c.lease_until), else_=sources.c.next_check_at
        )
        unchecked = (
            select(sources.c.next_check_at)
            .where(_followed(), _free(now))
            .order_by(sources.c.next_check_at, sources.c.id)
            .limit(1)
        )
        checked = select(func.min(at)).where(_followed(), sources.c.lease_until > now)
        async with reading(self._engine) as connection:
            times = [(await connection.execute(statement)).scalar() for statement in (unchecked, checked)]
        return min((time for time in times if time is not None), default=None)


def _due(now: datetime, limit: int, *, without: Collection[str], beside: Collection[int]) -> Select[Any]:
    due = (
        select(sources)
        .where(_followed(), _free(now), sources.c.next_check_at <= now)
        .order_by(sources.c.next_check_at, sources.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=sources)
    )
    if without:
        due = due.where(or_(sources.c.host.is_(None), sources.c.host.not_in(without)))
    return due.where(sources.c.id.not_in(beside)) if beside else due


async def _busy_hosts(connection: AsyncConnection, now: datetime) -> Counter[str]:
    rows = await connection.execute(
        select(sources.c.host, func.count().label("leases"))
        .where(sources.c.lease_until > now, sources.c.host.is_not(None))
        .group_by(sources.c.host)
    )
    return Counter({row.host: row.leases for row in rows})


def _followed() -> ColumnElement[bool]:
    followers = select(subscriptions.c.id).where(
        subscriptions.c.source_id == sources.c.id,
        subscriptions.c.removed_at.is_(None),
        subscriptions.c.state != SubscriptionState.PAUSED,
    )
    return and_(sources.c.state == SourceState.ACTIVE, followers.exists())


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now)
