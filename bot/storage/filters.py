"""What filters the followers of a source have."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.articles.filters import Filter
from bot.delivery.preferences import parse
from bot.models import SubscriptionState
from bot.storage.engine import reading
from bot.storage.schema import subscriptions
from bot.updates import sifting


class Filters(sifting.Followers):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def filters_of(self, source_id: int) -> Collection[Filter]:
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(subscriptions.c.preferences)
                .where(
                    subscriptions.c.source_id == source_id,
                    subscriptions.c.removed_at.is_(None),
                    subscriptions.c.state != SubscriptionState.PAUSED,
                    subscriptions.c.preferences != "{}",
                )
                .distinct()
            )
            return list(dict.fromkeys(each for row in rows.scalars() for each in parse(row).filters))
