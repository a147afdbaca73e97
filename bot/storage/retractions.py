"""What servers retracted, and whether an article still stands in the eyes of one."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import Retraction
from bot.storage.schema import retractions


def stands(article_id: ColumnElement[int], guild_id: int) -> ColumnElement[bool]:
    """One look at the key of `retractions`."""
    its = select(retractions.c.article_id).where(
        retractions.c.article_id == article_id, retractions.c.guild_id == guild_id
    )
    return ~its.exists()


async def retracted(connection: AsyncConnection, article_ids: Collection[int]) -> dict[tuple[int, int], Retraction]:
    """How servers retracted these articles, by article and server."""
    rows = await connection.execute(
        select(retractions.c.article_id, retractions.c.guild_id, retractions.c.deletes).where(
            retractions.c.article_id.in_(article_ids)
        )
    )
    return {(row.article_id, row.guild_id): Retraction.DELETE if row.deletes else Retraction.STRIKE for row in rows}
