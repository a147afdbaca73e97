"""What the moderators of each server said of paragraphs, and how articles look to that server for it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import corrections as use_case
from bot.articles.corrections import Label, Labels, relabel
from bot.corrections import Original
from bot.models import StoredArticle
from bot.storage.edits import owe_edits
from bot.storage.engine import insert_into, reading, writing
from bot.storage.rows import load_articles
from bot.storage.schema import corrections, drafts

DRAFTS_KEPT = timedelta(days=7)

_LABELS = TypeAdapter(dict[str, Label])
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


async def labels_of(
    connection: AsyncConnection, article_ids: Collection[int], guild_ids: Collection[int] | None = None
) -> dict[tuple[int, int], Labels]:
    """What servers say of articles, by article and server; of all servers where none are named."""
    statement = select(corrections.c.article_id, corrections.c.guild_id, corrections.c.labels).where(
        corrections.c.article_id.in_(article_ids)
    )
    if guild_ids is not None:
        statement = statement.where(corrections.c.guild_id.in_(guild_ids))
    rows = await connection.execute(statement)
    return {(row.article_id, row.guild_id): _LABELS.validate_json(row.labels) for row in rows}


async def as_seen(
    connection: AsyncConnection, found: Mapping[int, StoredArticle], guild_id: int
) -> Mapping[int, StoredArticle]:
    """The articles as one server sees them."""
    if not found:
        return found
    labels = await labels_of(connection, list(found), [guild_id])
    return {article_id: seen(each, labels.get((article_id, guild_id), {})) for article_id, each in found.items()}


def seen(stored: StoredArticle, labels: Labels) -> StoredArticle:
    article = relabel(stored.article, labels)
    return stored if article is stored.article else stored.model_copy(update={"article": article})


async def keep_labels(
    connection: AsyncConnection,
    source_id: int,
    labels: Mapping[tuple[int, int], Labels],
    *,
    by_hand: bool,
    at: datetime,
    corrected_by: int | None = None,
) -> None:
    """Keep what servers say, by article and server. What a moderator said is never replaced by what was learnt."""
    if not labels:
        return
    rows: list[dict[str, Any]] = [
        {
            "article_id": article_id,
            "guild_id": guild_id,
            "source_id": source_id,
            "by_hand": by_hand,
            "corrected_at": at,
            "corrected_by": corrected_by,
            "labels": _LABELS.dump_json(dict(each)).decode(),
        }
        for (article_id, guild_id), each in labels.items()
    ]
    statement = insert_into(connection, corrections)
    replaced = ("by_hand", "corrected_at", "corrected_by", "labels")
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["article_id", "guild_id"],
            set_={name: statement.excluded[name] for name in replaced},
            where=None if by_hand else ~corrections.c.by_hand,
        ),
        rows,
    )


async def _choices(
    connection: AsyncConnection, guild_id: int, user_id: int, article_id: int, *, lock: bool = False
) -> dict[str, str]:
    statement = select(drafts.c.labels).where(_its(guild_id, user_id, article_id))
    stored = (await connection.execute(statement.with_for_update() if lock else statement)).scalar()
    return {} if stored is None else _CHOICES.validate_json(stored)


def _its(guild_id: int, user_id: int, article_id: int) -> Any:
    return and_(drafts.c.guild_id == guild_id, drafts.c.user_id == user_id, drafts.c.article_id == article_id)
