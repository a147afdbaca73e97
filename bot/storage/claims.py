"""Deliveries with all that sending them, or editing their messages, needs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.corrections import Labels
from bot.delivery.digests import LISTED, Digest
from bot.delivery.dispatcher import Claimed
from bot.delivery.hours import zone_or
from bot.models import Delivery, DeliveryState, Retraction, StoredArticle, Subscription, Telling
from bot.storage.batches import batches
from bot.storage.coverage import also_told
from bot.storage.digests import IN_DIGEST
from bot.storage.labels import labels_of, seen
from bot.storage.retractions import retracted
from bot.storage.rows import load_articles, to_delivery, to_subscription
from bot.storage.schema import deliveries, servers, subscriptions

_ARTICLES_AT_ONCE = 100
"""The event loop runs between two batches; reading one takes some twenty milliseconds."""


@dataclass(frozen=True, slots=True)
class _Follower:
    subscription: Subscription
    language: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Articles, and how servers see them."""

    articles: Mapping[int, StoredArticle]
    labels: Mapping[tuple[int, int], Labels]
    tellings: Mapping[tuple[int, int], tuple[Telling, ...]]

    def seen(self, article_id: int, guild_id: int) -> StoredArticle:
        key = (article_id, guild_id)
        return seen(self.articles[article_id], self.labels.get(key, {}), self.tellings.get(key, ()))


async def load_claimed(
    connection: AsyncConnection, ids: Sequence[int], now: datetime, default_zone: ZoneInfo
) -> Sequence[Claimed]:
    owed = [to_delivery(row) for row in await connection.execute(select(deliveries).where(deliveries.c.id.in_(ids)))]
    followers = await _followers(connection, {each.subscription_id for each in owed})
    summed_up, carried = await _counts(connection, ids)
    listed = await _listed(connection, carried)
    shelf = await _shelf(
        connection,
        {each.article_id for each in owed}.union(*listed.values()),
        {each.subscription.guild_id for each in followers.values()},
    )
    ended = await retracted(connection, shelf.articles) if listed else {}

    def digest_of(delivery: Delivery) -> Digest | None:
        if delivery.id not in listed:
            return None
        follower = followers[delivery.subscription_id]
        guild_id, zone = follower.subscription.guild_id, zone_or(default_zone, follower.time_zone)
        article_ids = (delivery.article_id, *listed[delivery.id])[-LISTED:]
        retractions = {each: ended[each, guild_id] for each in article_ids if (each, guild_id) in ended}
        gone = {
            each
            for each, retraction in retractions.items()
            if retraction is Retraction.DELETE or delivery.state is not DeliveryState.SENT
        }
        return Digest(
            (delivery.sent_at or delivery.tried_at or now).astimezone(zone).date(),
            tuple(shelf.seen(each, guild_id) for each in article_ids if each not in gone),
            frozenset(retractions.keys() - gone),
            1 + carried[delivery.id] - len(article_ids),
        )

    def claimed(delivery: Delivery) -> Claimed:
        follower = followers[delivery.subscription_id]
        return Claimed(
            delivery,
            follower.subscription,
            shelf.seen(delivery.article_id, follower.subscription.guild_id),
            follower.language,
            summed_up.get(delivery.id, 0),
            digest_of(delivery),
        )

    return [claimed(each) for each in owed]


async def _followers(connection: AsyncConnection, subscription_ids: Collection[int]) -> Mapping[int, _Follower]:
    rows = await connection.execute(
        select(subscriptions, servers.c.language, servers.c.timezone)
        .outerjoin(servers, servers.c.guild_id == subscriptions.c.guild_id)
        .where(subscriptions.c.id.in_(subscription_ids))
    )
    return {row.id: _Follower(to_subscription(row), row.language, row.timezone) for row in rows}


async def _counts(connection: AsyncConnection, ids: Sequence[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many others each delivery mentions, and how many it carries as a digest."""
    rows = await connection.execute(
        select(deliveries.c.digest_id, deliveries.c.state, func.count())
        .where(deliveries.c.digest_id.in_(ids), deliveries.c.state.in_((DeliveryState.SUMMED_UP, *IN_DIGEST)))
        .group_by(deliveries.c.digest_id, deliveries.c.state)
    )
    summed_up, carried = Counter[int](), Counter[int]()
    for digest_id, state, count in rows:
        (summed_up if state == DeliveryState.SUMMED_UP else carried)[digest_id] += count
    return summed_up, carried


async def _listed(connection: AsyncConnection, digest_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """The newest articles that each digest carries besides its own, which is older, oldest first."""
    if not digest_ids:
        return {}
    newest_first = func.row_number().over(partition_by=deliveries.c.digest_id, order_by=deliveries.c.id.desc())
    members = (
        select(deliveries.c.id, deliveries.c.digest_id, deliveries.c.article_id, newest_first.label("place"))
        .where(deliveries.c.digest_id.in_(digest_ids), deliveries.c.state.in_(IN_DIGEST))
        .subquery()
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in await connection.execute(select(members).where(members.c.place <= LISTED).order_by(members.c.id)):
        found[row.digest_id].append(row.article_id)
    return found


async def _shelf(connection: AsyncConnection, article_ids: Collection[int], guild_ids: Collection[int]) -> _Shelf:
    articles: dict[int, StoredArticle] = {}
    for batch in batches(sorted(article_ids), _ARTICLES_AT_ONCE):
        articles |= await load_articles(connection, batch)
    labels = await labels_of(connection, article_ids, guild_ids)
    return _Shelf(articles, labels, await also_told(connection, article_ids, guild_ids))
