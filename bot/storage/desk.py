"""Articles that moderators post or retract by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import postings as use_case
from bot.models import DeliveryState, PlannedDelivery, Retraction, StoredArticle, SubscriptionState
from bot.postings import Publication, Published
from bot.storage.digests import carries
from bot.storage.edits import owe_edits
from bot.storage.engine import insert_into, writing
from bot.storage.holds import held_until
from bot.storage.outbox import owe
from bot.storage.queue import pending, sent
from bot.storage.rows import to_subscription
from bot.storage.schema import deliveries, retractions, subscriptions

AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Desk(use_case.Desk):
    def __init__(self, engine: AsyncEngine, *, default_zone: ZoneInfo) -> None:
        """`default_zone` is that of servers that chose none."""
        self._engine = engine
        self._default_zone = default_zone

    async def retract(
        self, guild_id: int, user_id: int, article_id: int, retraction: Retraction, *, now: datetime
    ) -> int:
        async with writing(self._engine) as connection:
            statement = insert_into(connection, retractions).values(
                article_id=article_id,
                guild_id=guild_id,
                retracted_at=now,
                retracted_by=user_id,
                deletes=retraction is Retraction.DELETE,
            )
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["article_id", "guild_id"], set_={"deletes": statement.excluded.deletes}
                )
            )
            messages = await owe_edits(connection, [article_id], now, guild_id=guild_id)
            theirs = select(subscriptions.c.id).where(subscriptions.c.guild_id == guild_id)
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.article_id == article_id,
                    deliveries.c.subscription_id.in_(theirs),
                    pending(deliveries),
                    ~carries(deliveries),  # which tells of others too, and leaves this one out
                )
                .values(state=DeliveryState.CANCELLED, lease_until=None)
            )
        return messages

    async def publish(
        self, guild_id: int, article: StoredArticle, channel_ids: Sequence[int], *, strictly: bool, now: datetime
    ) -> Published:
        async with writing(self._engine) as connection:
            chosen = _choose(await _followers(connection, guild_id, article), channel_ids, strictly=strictly)
            if isinstance(chosen, Publication):
                return Published(article, chosen)
            posted = await _posted(connection, article.id, chosen.id)
            taken_back = await _take_back(connection, article.id, guild_id, now)
            if posted is not None:
                publication = Publication.RESTORED if taken_back else Publication.ALREADY
                return Published(article, publication, posted.channel_id, posted.message_id)
            await _owe_again(connection, article.id, chosen, now)
            waits_until = await held_until(connection, article.id, chosen.id, now, self._default_zone)
        return Published(article, Publication.OWED, chosen.channel_id, waits_until=waits_until)


def _choose(followers: Sequence[AnyRow], channel_ids: Sequence[int], *, strictly: bool) -> AnyRow | Publication:
    by_channel = {row.channel_id: row for row in followers}
    here = next((by_channel[channel_id] for channel_id in channel_ids if channel_id in by_channel), None)
    if here is None and strictly:
        return Publication.NOWHERE
    if here is None:
        if len(followers) != 1:
            return Publication.UNCLEAR if followers else Publication.NOWHERE
        here = followers[0]
    return Publication.PAUSED if here.state == SubscriptionState.PAUSED else here


async def _followers(connection: AsyncConnection, guild_id: int, article: StoredArticle) -> Sequence[AnyRow]:
    rows = await connection.execute(
        select(subscriptions)
        .where(
            subscriptions.c.guild_id == guild_id,
            subscriptions.c.source_id == article.source_id,
            subscriptions.c.removed_at.is_(None),
        )
        .order_by(subscriptions.c.id)
        .with_for_update(read=True)
    )
    return rows.all()


async def _posted(connection: AsyncConnection, article_id: int, subscription_id: int) -> AnyRow | None:
    """Its message, where it has one that nobody deleted."""
    rows = await connection.execute(
        select(deliveries.c.channel_id, deliveries.c.message_id).where(
            deliveries.c.article_id == article_id,
            deliveries.c.subscription_id == subscription_id,
            sent(deliveries),
            deliveries.c.message_id.is_not(None),
            deliveries.c.deleted_at.is_(None),
        )
    )
    return rows.one_or_none()


async def _take_back(connection: AsyncConnection, article_id: int, guild_id: int, now: datetime) -> bool:
    """End a retraction: messages that were struck through show the article again."""
    ended = await connection.execute(
        delete(retractions).where(retractions.c.article_id == article_id, retractions.c.guild_id == guild_id)
    )
    if ended.rowcount:
        await owe_edits(connection, [article_id], now, guild_id=guild_id)
    return bool(ended.rowcount)


async def _owe_again(connection: AsyncConnection, article_id: int, follower: AnyRow, now: datetime) -> None:
    """Whatever became of the delivery before, it begins anew; it is not made twice, nor is what a digest will tell."""
    subscription = to_subscription(follower)
    its = and_(deliveries.c.article_id == article_id, deliveries.c.subscription_id == subscription.id)
    former = deliveries.alias("former")
    carrier = select(former.c.id).where(former.c.article_id == article_id, former.c.subscription_id == subscription.id)
    # A digest that it carried is over: it is posted for itself.
    await connection.execute(
        update(deliveries).where(deliveries.c.digest_id.in_(carrier), sent(deliveries)).values(digest_id=None)
    )
    await connection.execute(
        update(deliveries)
        .where(its, ~pending(deliveries), deliveries.c.state != DeliveryState.GATHERED)
        .values(
            state=DeliveryState.CANCELLED,
            tried_at=None,
            message_id=None,
            thread_id=None,
            sent_at=None,
            deleted_at=None,
            shown_hash=None,
            edit_due_at=None,
            digest_id=None,
            held_reason=None,
            last_error=None,
        )
    )
    await owe(connection, [PlannedDelivery(article_id, subscription.id)], [subscription], now)
