"""What each server says of paragraphs, and how articles look to it for that."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.corrections import Label, Labels, relabel
from bot.models import StoredArticle, Telling
from bot.storage.coverage import also_told
from bot.storage.engine import insert_into
from bot.storage.schema import corrections

_LABELS = TypeAdapter(dict[str, Label])


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


async def replace_labels(connection: AsyncConnection, labels: Mapping[tuple[int, int], Labels]) -> None:
    """Other labels for what is kept already; who said them, and when, stays."""
    if not labels:
        return
    await connection.execute(
        update(corrections)
        .where(corrections.c.article_id == bindparam("its_article"), corrections.c.guild_id == bindparam("its_guild"))
        .values(labels=bindparam("its_labels")),
        [
            {"its_article": article_id, "its_guild": guild_id, "its_labels": _LABELS.dump_json(dict(each)).decode()}
            for (article_id, guild_id), each in labels.items()
        ],
    )


async def forget_learnt(connection: AsyncConnection, article_ids: Collection[int]) -> None:
    """Of these articles, what no moderator said."""
    if article_ids:
        await connection.execute(
            delete(corrections).where(corrections.c.article_id.in_(article_ids), ~corrections.c.by_hand)
        )


async def as_seen(
    connection: AsyncConnection, found: Mapping[int, StoredArticle], guild_id: int
) -> Mapping[int, StoredArticle]:
    """The articles as one server sees them."""
    if not found:
        return found
    labels = await labels_of(connection, list(found), [guild_id])
    tellings = await also_told(connection, list(found), [guild_id])
    return {
        article_id: seen(each, labels.get((article_id, guild_id), {}), tellings.get((article_id, guild_id), ()))
        for article_id, each in found.items()
    }


def seen(stored: StoredArticle, labels: Labels, also_in: tuple[Telling, ...]) -> StoredArticle:
    article = relabel(stored.article, labels)
    if article is stored.article and not also_in:
        return stored
    return stored.model_copy(update={"article": article, "also_in": also_in})


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
