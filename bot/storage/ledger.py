"""What was written down on an article's way, for whoever asks why."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import explaining as use_case
from bot.delivery.stages import Arrival, Fate, Follower, Place, Retracted, Told, Try
from bot.models import DeliveryState, StoredArticle
from bot.storage.engine import reading
from bot.storage.queue import pending
from bot.storage.rows import source_name, to_source, to_subscription
from bot.storage.schema import (
    articles,
    attempts,
    corrections,
    coverage,
    deliveries,
    retractions,
    sources,
    subscriptions,
)

MOST_FOLLOWERS = 100
"""Channels of one server whose ways are told."""

TRIES = 5
"""Of each, the last."""

AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Ledger(use_case.Ledger):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def arrival(self, guild_id: int, article: StoredArticle) -> Arrival:
        async with reading(self._engine) as connection:
            source = (await connection.execute(select(sources).where(sources.c.id == article.source_id))).one()
            announced = await connection.execute(select(articles.c.announced).where(articles.c.id == article.id))
            retracted = await connection.execute(
                select(retractions.c.retracted_at, retractions.c.deletes).where(
                    retractions.c.article_id == article.id, retractions.c.guild_id == guild_id
                )
            )
            corrected = await connection.execute(
                select(corrections.c.corrected_at).where(
                    corrections.c.article_id == article.id, corrections.c.guild_id == guild_id, corrections.c.by_hand
                )
            )
            ended = retracted.one_or_none()
            return Arrival(
                article,
                to_source(source),
                announced.scalar(),
                Retracted(ended.retracted_at, ended.deletes) if ended else None,
                corrected.scalar(),
            )

    async def followers(self, guild_id: int, article: StoredArticle) -> Sequence[Follower]:
        async with reading(self._engine) as connection:
            its = and_(deliveries.c.subscription_id == subscriptions.c.id, deliveries.c.article_id == article.id)
            rows = await connection.execute(
                select(subscriptions, deliveries.c.id.label("delivery_id"))
                .outerjoin(deliveries, its)
                .where(
                    subscriptions.c.guild_id == guild_id,
                    subscriptions.c.source_id == article.source_id,
                    or_(subscriptions.c.removed_at.is_(None), deliveries.c.id.is_not(None)),
                )
                .order_by(subscriptions.c.channel_id, subscriptions.c.id)
                .limit(MOST_FOLLOWERS)
            )
            found = rows.all()
            ids = [row.delivery_id for row in found if row.delivery_id is not None]
            fates = await _fates(connection, guild_id, ids)
            told = await _told(connection, guild_id, article.id) if len(fates) < len(found) else None
        return [
            Follower(
                to_subscription(row),
                fates.get(row.delivery_id),
                told if row.delivery_id is None else None,
                row.suspended_at,
                row.removed_at,
            )
            for row in found
        ]

    async def servers(self) -> Sequence[int]:
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(subscriptions.c.guild_id)
                .where(subscriptions.c.removed_at.is_(None))
                .distinct()
                .order_by(subscriptions.c.guild_id)
            )
            return rows.scalars().all()


async def _fates(connection: AsyncConnection, guild_id: int, ids: Collection[int]) -> Mapping[int, Fate]:
    if not ids:
        return {}
    rows = (await connection.execute(select(deliveries).where(deliveries.c.id.in_(ids)))).all()
    carriers = await _places(connection, {row.digest_id for row in rows if row.digest_id is not None})
    tries = await _tries(connection, ids)
    return {
        row.id: Fate(
            state=DeliveryState(row.state),
            channel_id=row.channel_id,
            created_at=row.created_at,
            due_at=row.next_attempt_at,
            failures=row.attempts,
            held_reason=row.held_reason,
            last_error=row.last_error,
            leased_until=row.lease_until,
            message_id=row.message_id,
            sent_at=row.sent_at,
            deleted_at=row.deleted_at,
            edit_due_at=row.edit_due_at,
            carrier=carriers.get(row.digest_id),
            tries=tuple(tries[row.id]),
            ahead=await _ahead(connection, guild_id, row) if row.state == DeliveryState.PENDING else 0,
        )
        for row in rows
    }


async def _places(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Place]:
    if not ids:
        return {}
    rows = await connection.execute(
        select(deliveries.c.id, deliveries.c.channel_id, deliveries.c.message_id).where(deliveries.c.id.in_(ids))
    )
    return {row.id: Place(row.channel_id, row.message_id) for row in rows}


async def _tries(connection: AsyncConnection, ids: Collection[int]) -> Mapping[int, list[Try]]:
    newest_first = func.row_number().over(partition_by=attempts.c.delivery_id, order_by=attempts.c.id.desc())
    ranked = select(attempts, newest_first.label("rank")).where(attempts.c.delivery_id.in_(ids)).subquery()
    rows = await connection.execute(select(ranked).where(ranked.c.rank <= TRIES).order_by(ranked.c.id))
    found: dict[int, list[Try]] = defaultdict(list)
    for row in rows:
        found[row.delivery_id].append(Try(row.at, row.outcome, row.detail))
    return found


async def _ahead(connection: AsyncConnection, guild_id: int, row: AnyRow) -> int:
    """How many are owed to the same channel before this one."""
    peers = select(subscriptions.c.id).where(
        subscriptions.c.guild_id == guild_id,
        subscriptions.c.channel_id == row.channel_id,
        subscriptions.c.removed_at.is_(None),
    )
    waiting = await connection.execute(
        select(func.count()).where(
            deliveries.c.subscription_id.in_(peers), pending(deliveries), deliveries.c.id < row.id
        )
    )
    return waiting.scalar_one()


async def _told(connection: AsyncConnection, guild_id: int, article_id: int) -> Told | None:
    """The article by which the server has this one's story, the first where there are several."""
    rows = await connection.execute(
        select(
            articles.c.title,
            source_name.label("source_title"),
            deliveries.c.channel_id,
            deliveries.c.message_id,
            deliveries.c.deleted_at,
        )
        .select_from(coverage)
        .join(articles, articles.c.id == coverage.c.article_id)
        .join(sources, sources.c.id == articles.c.source_id)
        .join(deliveries, deliveries.c.article_id == articles.c.id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            coverage.c.also_id == article_id,
            subscriptions.c.guild_id == guild_id,
            deliveries.c.state != DeliveryState.FILTERED,
        )
        .order_by(deliveries.c.message_id.is_(None), articles.c.id, deliveries.c.id)
        .limit(1)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    shown = row.message_id is not None and row.deleted_at is None
    return Told(row.title, row.source_title, Place(row.channel_id, row.message_id) if shown else None)
