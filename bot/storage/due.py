"""Which sources are due for a check, and who is checking them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.models import Places, Source, SourceKind, SourceState, SubscriptionState
from bot.storage.engine import reading, writing
from bot.storage.rows import to_source
from bot.storage.schema import sources, subscriptions

_LOOKS = 8
"""How often one lease asks for more when hosts turn out to have had their share."""

_DOUBTFUL = or_(sources.c.failures > 0, sources.c.last_checked_at.is_(None))
"""`Source.doubtful`."""


class DueSources:
    """Only sources that somebody follows: one that is followed nowhere, or paused everywhere, is left alone."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lease_due(
        self, *, now: datetime, lease: timedelta, limit: int, places: Places | None = None
    ) -> Sequence[Source]:
        """At most `limit` due sources, the longest due first, that no other process checks until the lease ends.

        Nobody gets more than the `places` there are: what else is due goes first.
        """
        async with writing(self._engine) as connection:
            taken = None if places is None else await _taken(connection, now, places)
            due: list[Source] = []
            for _ in range(_LOOKS):
                asked = limit - len(due)
                rows = await connection.execute(_due(now, asked, taken, beside=[each.id for each in due]))
                found = [(row.host, to_source(row)) for row in rows]
                due += [each for host, each in found if taken is None or taken.add(host, doubtful=each.doubtful)]
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


@dataclass(slots=True)
class _Taken:
    """Leases that have not ended, by host."""

    places: Places
    all: Counter[str]
    doubtful: Counter[str]
    doubtful_in_all: int

    def add(self, host: str | None, *, doubtful: bool) -> bool:
        """Whether there was a place."""
        places = self.places
        if self._full(host, self.all, places.per_host):
            return False
        if doubtful:
            if self.doubtful_in_all >= places.doubtful or self._full(host, self.doubtful, places.doubtful_per_host):
                return False
            self.doubtful_in_all += 1
        if host is not None:
            self.all[host] += 1
            self.doubtful[host] += doubtful
        return True

    @staticmethod
    def _full(host: str | None, leases: Counter[str], places: int) -> bool:
        return host is not None and leases[host] >= places

    def without(self) -> ColumnElement[bool]:
        """What there is no place for."""
        full = [host for host, leases in self.all.items() if leases >= self.places.per_host]
        tired = [host for host, leases in self.doubtful.items() if leases >= self.places.doubtful_per_host]
        doubtful = _DOUBTFUL
        if self.doubtful_in_all < self.places.doubtful:
            doubtful = and_(doubtful, _of(tired))
        return or_(_of(full), doubtful)


def _of(hosts: Collection[str]) -> ColumnElement[bool]:
    return and_(sources.c.host.is_not(None), sources.c.host.in_(hosts))


async def _taken(connection: AsyncConnection, now: datetime, places: Places) -> _Taken:
    doubtful = func.sum(case((_DOUBTFUL, 1), else_=0))
    rows = await connection.execute(
        select(sources.c.host, func.count().label("leases"), doubtful.label("doubtful"))
        .where(sources.c.lease_until > now)
        .group_by(sources.c.host)
    )
    taken = _Taken(places, Counter(), Counter(), 0)
    for row in rows:
        taken.doubtful_in_all += row.doubtful
        if row.host is not None:
            taken.all[row.host], taken.doubtful[row.host] = row.leases, row.doubtful
    return taken


def _due(now: datetime, limit: int, taken: _Taken | None, *, beside: Collection[int]) -> Select[Any]:
    due = (
        select(sources)
        .where(_followed(), _free(now), sources.c.next_check_at <= now)
        .order_by(sources.c.next_check_at, sources.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=sources)
    )
    if taken is not None:
        due = due.where(not_(taken.without()))
    return due.where(sources.c.id.not_in(beside)) if beside else due


def _followed() -> ColumnElement[bool]:
    followers = select(subscriptions.c.id).where(
        subscriptions.c.source_id == sources.c.id,
        subscriptions.c.removed_at.is_(None),
        subscriptions.c.state != SubscriptionState.PAUSED,
    )
    return and_(sources.c.state == SourceState.ACTIVE, followers.exists())


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now)
