"""Where else a server could read a story: the articles that were not posted there, since it had the story already."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import Telling
from bot.storage.rows import source_name
from bot.storage.schema import articles, coverage, sources, subscriptions

MOST_TOLD = 5
"""Of one article: a card has other things to say."""


async def also_told(
    connection: AsyncConnection, article_ids: Collection[int], guild_ids: Collection[int]
) -> Mapping[tuple[int, int], tuple[Telling, ...]]:
    """By article and server, what tells the same story in sources that the server follows, the earliest first."""
    found: dict[tuple[int, int], dict[int, Telling]] = defaultdict(dict)
    if not article_ids:
        return {}
    rows = await connection.execute(
        select(
            coverage.c.article_id,
            subscriptions.c.guild_id,
            articles.c.source_id,
            source_name.label("source_title"),
            articles.c.url,
        )
        .join(articles, articles.c.id == coverage.c.also_id)
        .join(sources, sources.c.id == articles.c.source_id)
        .join(subscriptions, subscriptions.c.source_id == articles.c.source_id)
        .where(
            coverage.c.article_id.in_(article_ids),
            subscriptions.c.guild_id.in_(guild_ids),
            subscriptions.c.removed_at.is_(None),
        )
        .order_by(coverage.c.also_id, subscriptions.c.id)
    )
    for row in rows:
        its = found[row.article_id, row.guild_id]
        if len(its) < MOST_TOLD:
            its.setdefault(row.source_id, Telling(source_title=row.source_title, url=row.url))
    return {key: tuple(its.values()) for key, its in found.items()}
