"""Messages that no longer show what they should: which, who is editing them, and what became of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.queue import pending, sent
from bot.storage.schema import deliveries, subscriptions


async def owe_edits(
    connection: AsyncConnection, article_ids: Collection[int], at: datetime, *, guild_id: int | None = None
) -> int:
    """Owe an edit to every message that shows one of these articles (in one server); how many there are.

    Also to those that are being sent right now, and may show what was true a moment ago.
    """
    posted = and_(sent(deliveries), deliveries.c.message_id.is_not(None))
    may_be_posted = and_(pending(deliveries), deliveries.c.tried_at.is_not(None))
    where = [deliveries.c.article_id.in_(article_ids), deliveries.c.deleted_at.is_(None)]
    if guild_id is not None:
        where.append(
            deliveries.c.subscription_id.in_(select(subscriptions.c.id).where(subscriptions.c.guild_id == guild_id))
        )
    marked = await connection.execute(
        update(deliveries).where(*where, or_(posted, may_be_posted)).values(edit_due_at=at, edit_attempts=0)
    )
    return marked.rowcount
