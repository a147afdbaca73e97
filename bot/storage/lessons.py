"""What the labeller can learn from: articles as moderators left them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.articles.corrections import relabel
from bot.articles.habits import MOST_ARTICLES
from bot.models import Article
from bot.storage.engine import reading
from bot.storage.labels import labels_of
from bot.storage.rows import load_articles
from bot.storage.schema import corrections
from bot.updates import learning

MOST_SERVERS = 20
"""Of one source, those that corrected most. Each costs a reading of everything that the source brings."""

_LOOKED_AT = MOST_SERVERS * MOST_ARTICLES


class Lessons(learning.Lessons):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_source(self, source_id: int) -> Mapping[int, Sequence[Article]]:
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(corrections.c.guild_id, corrections.c.article_id)
                .where(corrections.c.source_id == source_id, corrections.c.by_hand)
                .order_by(corrections.c.corrected_at.desc(), corrections.c.article_id.desc())
                .limit(_LOOKED_AT)
            )
            pairs = [(row.guild_id, row.article_id) for row in rows]
            if not pairs:
                return {}
            most = dict(Counter(guild_id for guild_id, _ in pairs).most_common(MOST_SERVERS))
            wanted: dict[int, list[int]] = defaultdict(list)
            for guild_id, article_id in pairs:
                if guild_id in most and len(wanted[guild_id]) < MOST_ARTICLES:
                    wanted[guild_id].append(article_id)
            ids = {article_id for article_ids in wanted.values() for article_id in article_ids}
            found = await load_articles(connection, ids)
            labels = await labels_of(connection, ids, list(wanted))
        return {
            guild_id: [relabel(found[article_id].article, labels[article_id, guild_id]) for article_id in article_ids]
            for guild_id, article_ids in wanted.items()
        }
