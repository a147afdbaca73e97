"""Servers, sources and subscriptions as moderators set them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, and_, case, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import subscriptions as use_case
from bot.delivery.catch_up import keeps_all
from bot.delivery.planner import plan_deliveries
from bot.delivery.preferences import parse
from bot.models import (
    Credentials,
    DeliveryState,
    Server,
    Source,
    SourceKind,
    SourceState,
    StoredArticle,
    Subscription,
    SubscriptionState,
)
from bot.sources.urls import authority_of
from bot.storage.digests import end_with
from bot.storage.engine import insert_into, reading, writing
from bot.storage.holds import forget_holds, hold_for_digest
from bot.storage.labels import as_seen
from bot.storage.outbox import owe
from bot.storage.queue import pending
from bot.storage.retractions import stands
from bot.storage.rows import credentials_json, load_articles, to_source, to_subscription
from bot.storage.schema import articles, deliveries, sections, servers, sources, subscriptions
from bot.storage.suspensions import sum_up
from bot.subscriptions import Followed
from bot.updates.update import Announced

_ADDING = timedelta(minutes=3)
"""How long the workers leave a source alone that a moderator is adding: longer than fetching and storing it takes."""


class Register(use_case.Register):
    def __init__(self, engine: AsyncEngine, *, now: Callable[[], datetime], default_zone: ZoneInfo) -> None:
        """`default_zone` is that of servers that chose none."""
        self._engine = engine
        self._now = now
        self._default_zone = default_zone

    async def server(self, guild_id: int) -> Server:
        async with reading(self._engine) as connection:
            row = (await connection.execute(select(servers).where(servers.c.guild_id == guild_id))).one_or_none()
        if row is None:
            return Server(guild_id=guild_id)
        return Server(
            guild_id=guild_id, language=row.language, time_zone=row.timezone, log_channel_id=row.log_channel_id
        )

    async def set_language(self, guild_id: int, language: str | None) -> None:
        async with writing(self._engine) as connection:
            await _set_server(connection, guild_id, language=language)

    async def set_time_zone(self, guild_id: int, time_zone: str | None) -> None:
        async with writing(self._engine) as connection:
            await _set_server(connection, guild_id, timezone=time_zone)
            await forget_holds(connection, subscriptions.c.guild_id == guild_id)

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> None:
        async with writing(self._engine) as connection:
            await _set_server(connection, guild_id, log_channel_id=channel_id)

    async def sources(self) -> Sequence[Source]:
        """Every source that a server follows, in order of title."""
        followed = select(subscriptions.c.source_id).where(subscriptions.c.removed_at.is_(None))
        async with reading(self._engine) as connection:
            rows = await connection.execute(select(sources).where(sources.c.id.in_(followed)).order_by(sources.c.title))
            return [to_source(row) for row in rows]

    async def source_by_url(self, url: str, *, owner_guild_id: int | None = None) -> Source | None:
        same = and_(sources.c.url == url, sources.c.owner_guild_id == (owner_guild_id or 0))
        async with reading(self._engine) as connection:
            row = (await connection.execute(select(sources).where(same))).one_or_none()
        return to_source(row) if row else None

    async def add_source(
        self,
        url: str,
        kind: SourceKind,
        *,
        title: str | None,
        now: datetime,
        owner_guild_id: int | None = None,
        credentials: Credentials | None = None,
    ) -> Source:
        """A source that was suspended or that nobody followed any more comes back to life with all it had."""
        access = None if credentials is None else credentials_json(credentials)
        async with writing(self._engine) as connection:
            statement = insert_into(connection, sources).values(
                url=url,
                host=authority_of(url) or None,
                owner_guild_id=owner_guild_id or 0,
                credentials=access,
                kind=kind,
                title=title,
                state=SourceState.ACTIVE,
                created_at=now,
                next_check_at=now,
                lease_until=now + _ADDING,
                failures=0,
            )
            rows = await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["url", "owner_guild_id"],
                    set_={
                        "credentials": access,
                        "title": func.coalesce(sources.c.title, statement.excluded.title),
                        "state": SourceState.ACTIVE,
                        "failing_since": None,
                        # What was published while nobody followed it is an archive, not news.
                        "seeded_at": case((_is_followed(), sources.c.seeded_at)),
                        "lease_until": now + _ADDING,
                    },
                ).returning(sources)
            )
            return to_source(rows.one())

    async def subscribe(
        self,
        source_id: int,
        *,
        guild_id: int,
        channel_id: int,
        created_by: int | None,
        now: datetime,
        preferences: str = "{}",
    ) -> Subscription | None:
        """None when the channel follows the source already; a subscription that was removed comes back afresh."""
        settings: dict[str, Any] = {
            "guild_id": guild_id,
            "state": SubscriptionState.ACTIVE,
            "suspended_reason": None,
            "suspended_at": None,
            "preferences": preferences,
            "held_until": None,
            "held_reason": None,
            "created_by": created_by,
            "created_at": now,
            "removed_at": None,
        }
        async with writing(self._engine) as connection:
            statement = insert_into(connection, subscriptions).values(
                source_id=source_id, channel_id=channel_id, **settings
            )
            rows = await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["source_id", "channel_id"],
                    set_=settings,
                    where=subscriptions.c.removed_at.is_not(None),
                ).returning(subscriptions)
            )
            row = rows.one_or_none()
        return to_subscription(row) if row else None

    async def set_preferences(self, guild_id: int, subscription_id: int, *, before: str, after: str) -> bool:
        async with writing(self._engine) as connection:
            changed = await connection.execute(
                update(subscriptions)
                .where(
                    subscriptions.c.id == subscription_id,
                    subscriptions.c.guild_id == guild_id,
                    subscriptions.c.removed_at.is_(None),
                    subscriptions.c.preferences == before,
                )
                .values(preferences=after)
            )
            if not changed.rowcount:
                return False
            old, new = parse(before), parse(after)
            if new.digest is not None and new.digest != old.digest:
                await hold_for_digest(connection, subscription_id, new, self._now(), self._default_zone)
            else:
                await forget_holds(connection, subscriptions.c.id == subscription_id)
            if keeps_all(old) and not keeps_all(new):
                await sum_up(connection, [subscription_id])
        return True

    async def announce_newest(self, subscription_id: int, now: datetime) -> int:
        its_own = select(subscriptions).where(
            subscriptions.c.id == subscription_id, subscriptions.c.removed_at.is_(None)
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(its_own)).one_or_none()
            newest = await self._newest_standing(connection, row.source_id, row.guild_id) if row else None
        if row is None or newest is None:
            return 0
        # Filters may take their time, which no transaction should last for.
        planned = await asyncio.to_thread(
            plan_deliveries, [Announced(newest.id, newest.article)], [to_subscription(row)]
        )
        async with writing(self._engine) as connection:
            row = (await connection.execute(its_own.with_for_update(read=True))).one_or_none()
            return await owe(connection, planned, [to_subscription(row)], now) if row else 0

    async def _newest_standing(
        self, connection: AsyncConnection, source_id: int, guild_id: int
    ) -> StoredArticle | None:
        newest = _newest(source_id).where(stands(articles.c.id, guild_id))
        article_id = (await connection.execute(newest)).scalar()
        if article_id is None:
            return None
        return (await as_seen(connection, await load_articles(connection, [article_id]), guild_id))[article_id]

    async def unsubscribe(self, guild_id: int, subscription_id: int) -> bool:
        async with writing(self._engine) as connection:
            removed = await connection.execute(
                update(subscriptions).where(*_of_server(guild_id, subscription_id)).values(removed_at=self._now())
            )
            if not removed.rowcount:
                return False
            owed = deliveries.alias("owed")
            its = select(owed.c.id).where(owed.c.subscription_id == subscription_id, pending(owed))
            await end_with(connection, its, state=DeliveryState.CANCELLED, digest_id=None)
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.subscription_id == subscription_id, pending(deliveries))
                .values(state=DeliveryState.CANCELLED, lease_until=None)
            )
        return True

    async def pause(self, guild_id: int, subscription_id: int) -> bool:
        async with writing(self._engine) as connection:
            paused = await connection.execute(
                update(subscriptions)
                .where(*_of_server(guild_id, subscription_id))
                .values(state=SubscriptionState.PAUSED, suspended_reason=None, suspended_at=None)
            )
        return bool(paused.rowcount)

    async def resume(self, guild_id: int, subscription_id: int, now: datetime) -> bool:
        async with writing(self._engine) as connection:
            row = (
                await connection.execute(
                    select(subscriptions.c.source_id).where(*_of_server(guild_id, subscription_id)).with_for_update()
                )
            ).one_or_none()
            if row is None:
                return False
            its = sources.c.id == row.source_id
            await connection.execute(
                update(sources).where(its).values(seeded_at=case((_is_awaited(), sources.c.seeded_at)))
            )
            await connection.execute(
                update(sources)
                .where(its, sources.c.state == SourceState.SUSPENDED)
                .values(state=SourceState.ACTIVE, failures=0, failing_since=None, next_check_at=now)
            )
            await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == subscription_id)
                .values(state=SubscriptionState.ACTIVE, suspended_reason=None, suspended_at=None)
            )
        return True

    async def followed(self, guild_id: int) -> Sequence[Followed]:
        kept = select(func.count()).where(articles.c.source_id == sources.c.id).scalar_subquery()
        theirs = and_(subscriptions.c.guild_id == guild_id, subscriptions.c.removed_at.is_(None))
        async with reading(self._engine) as connection:
            mine = (await connection.execute(select(subscriptions).where(theirs))).all()
            rows = await connection.execute(
                select(sources, kept.label("kept")).where(
                    sources.c.id.in_(select(subscriptions.c.source_id).where(theirs))
                )
            )
            by_id = {row.id: (to_source(row), row.kept) for row in rows}
        followed = [Followed(to_subscription(row), *by_id[row.source_id]) for row in mine]
        return sorted(followed, key=_reading_order)

    async def newest_of_source(self, source_id: int) -> StoredArticle | None:
        async with reading(self._engine) as connection:
            article_id = (await connection.execute(_newest(source_id))).scalar()
            return None if article_id is None else (await load_articles(connection, [article_id]))[article_id]

    async def kinds_of_source(self, source_id: int) -> Sequence[str]:
        async with reading(self._engine) as connection:
            kinds = await connection.execute(
                select(sections.c.kind)
                .join(articles)
                .where(articles.c.source_id == source_id)
                .group_by(sections.c.kind)
                .order_by(func.count().desc(), sections.c.kind)
            )
            return kinds.scalars().all()

    async def pending_deliveries(self, guild_id: int) -> int:
        async with reading(self._engine) as connection:
            owed = await connection.execute(
                select(func.count(deliveries.c.id))
                .join(subscriptions)
                .where(pending(deliveries), subscriptions.c.guild_id == guild_id, subscriptions.c.removed_at.is_(None))
            )
            return owed.scalar_one()


async def _set_server(connection: AsyncConnection, guild_id: int, **settings: object) -> None:
    statement = insert_into(connection, servers).values(guild_id=guild_id, **settings)
    await connection.execute(statement.on_conflict_do_update(index_elements=["guild_id"], set_=settings))


def _of_server(guild_id: int, subscription_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        subscriptions.c.id == subscription_id,
        subscriptions.c.guild_id == guild_id,
        subscriptions.c.removed_at.is_(None),
    )


def _is_followed() -> ColumnElement[bool]:
    """Of the source that an INSERT met. SQLAlchemy correlates nothing there: naming its table's column would ask
    whether any source is followed at all."""
    this: ColumnElement[int] = literal_column("sources.id", Integer)
    followers = select(subscriptions.c.id).where(
        subscriptions.c.source_id == this, subscriptions.c.removed_at.is_(None)
    )
    return followers.exists()


def _is_awaited() -> ColumnElement[bool]:
    """Followed somewhere where it is not paused, so that it was checked all the time."""
    followers = select(subscriptions.c.id).where(
        subscriptions.c.source_id == sources.c.id,
        subscriptions.c.removed_at.is_(None),
        subscriptions.c.state != SubscriptionState.PAUSED,
    )
    return followers.exists()


def _newest(source_id: int) -> Select[int]:
    return (
        select(articles.c.id)
        .where(articles.c.source_id == source_id)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
        .limit(1)
    )


def _reading_order(followed: Followed) -> tuple[int, str, int]:
    title = followed.source.title or followed.source.url
    return followed.subscription.channel_id, title.casefold(), followed.subscription.id
