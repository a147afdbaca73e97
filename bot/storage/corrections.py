"""What the moderators of each server say of paragraphs, saved and not saved yet."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import corrections as use_case
from bot.articles.corrections import Labels
from bot.corrections import Original
from bot.storage.edits import owe_edits
from bot.storage.engine import insert_into, reading, writing
from bot.storage.labels import keep_labels, labels_of
from bot.storage.rows import load_articles
from bot.storage.schema import drafts

DRAFTS_KEPT = timedelta(days=7)

_CHOICES = TypeAdapter(dict[str, str])


class Corrections(use_case.Ledger):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def original(self, guild_id: int, article_id: int) -> Original | None:
        async with reading(self._engine) as connection:
            found = await load_articles(connection, [article_id])
            labels = await labels_of(connection, [article_id], [guild_id])
        article = found.get(article_id)
        return None if article is None else Original(article, labels.get((article_id, guild_id), {}))

    async def draft(self, guild_id: int, user_id: int, article_id: int) -> Mapping[str, str]:
        async with reading(self._engine) as connection:
            return await _choices(connection, guild_id, user_id, article_id)

    async def choose(
        self, guild_id: int, user_id: int, article_id: int, choice: Mapping[str, str], *, now: datetime
    ) -> Mapping[str, str]:
        """Drafts that their moderators forgot are swept away at the same time."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(drafts).where(drafts.c.begun_at < now - DRAFTS_KEPT))
            statement = insert_into(connection, drafts).values(
                guild_id=guild_id, user_id=user_id, article_id=article_id, begun_at=now, labels="{}"
            )
            await connection.execute(statement.on_conflict_do_nothing())
            choices = {**await _choices(connection, guild_id, user_id, article_id, lock=True), **choice}
            await connection.execute(
                update(drafts)
                .where(_its(guild_id, user_id, article_id))
                .values(labels=_CHOICES.dump_json(choices).decode())
            )
        return choices

    async def drop_draft(self, guild_id: int, user_id: int, article_id: int) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(delete(drafts).where(_its(guild_id, user_id, article_id)))

    async def save(self, guild_id: int, user_id: int, article_id: int, labels: Labels, *, now: datetime) -> int:
        async with writing(self._engine) as connection:
            found = await load_articles(connection, [article_id])
            source_id = found[article_id].source_id
            await keep_labels(
                connection, source_id, {(article_id, guild_id): labels}, by_hand=True, at=now, corrected_by=user_id
            )
            await connection.execute(delete(drafts).where(_its(guild_id, user_id, article_id)))
            return await owe_edits(connection, [article_id], now, guild_id=guild_id)


async def _choices(
    connection: AsyncConnection, guild_id: int, user_id: int, article_id: int, *, lock: bool = False
) -> dict[str, str]:
    statement = select(drafts.c.labels).where(_its(guild_id, user_id, article_id))
    stored = (await connection.execute(statement.with_for_update() if lock else statement)).scalar()
    return {} if stored is None else _CHOICES.validate_json(stored)


def _its(guild_id: int, user_id: int, article_id: int) -> Any:
    return and_(drafts.c.guild_id == guild_id, drafts.c.user_id == user_id, drafts.c.article_id == article_id)
