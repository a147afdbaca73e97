"""What articles said before they changed, and who must hear of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.articles.corrections import Labels, carried_over, marks_of, texts_of
from bot.models import Article, Section, StoredArticle
from bot.reading import Revision
from bot.storage.edits import owe_edits
from bot.storage.labels import labels_of, replace_labels
from bot.storage.queue import sent
from bot.storage.rows import load_articles
from bot.storage.schema import articles, deliveries, revisions, subscriptions

KEPT = 20
"""Versions kept of one article: the first, and the newest."""

_SECTIONS = TypeAdapter(tuple[Section, ...])


async def keep_revisions(connection: AsyncConnection, changed: Mapping[int, Article], at: datetime) -> None:
    """To be called before what articles say is replaced.

    A change of words is told: it is kept, and dated. One of anything else that a card shows only owes the card an edit.
    What servers said of the paragraphs follows them.
    """
    old = await load_articles(connection, list(changed))
    reworded = [article_id for article_id, each in old.items() if _rewords(each.article, changed[article_id])]
    if reworded:
        await _keep(connection, [old[article_id] for article_id in reworded], at)
        versions = {article_id: (old[article_id].article, changed[article_id]) for article_id in reworded}
        await _carry_labels(connection, versions)
    shown = [article_id for article_id, each in old.items() if _shown(each.article) != _shown(changed[article_id])]
    if shown:
        await owe_edits(connection, shown, at)


async def revision_for(connection: AsyncConnection, guild_id: int, stored: StoredArticle) -> Revision | None:
    """What the article said when it was first posted in the server; where it was not, before its last change."""
    first_sent = (
        select(func.min(deliveries.c.sent_at))
        .join(subscriptions)
        .where(deliveries.c.article_id == stored.id, sent(deliveries), subscriptions.c.guild_id == guild_id)
    )
    posted_at: datetime | None = (await connection.execute(first_sent)).scalar()
    its = select(revisions).where(revisions.c.article_id == stored.id)
    statements = [its.order_by(revisions.c.id.desc())]
    if posted_at is not None:
        statements.insert(0, its.where(revisions.c.at >= posted_at).order_by(revisions.c.id))
    for statement in statements:
        if row := (await connection.execute(statement.limit(1))).one_or_none():
            sections = _SECTIONS.validate_json(row.sections)
            return Revision(row.at, stored.article.model_copy(update={"title": row.title, "sections": sections}))
    return None


async def _keep(connection: AsyncConnection, reworded: Collection[StoredArticle], at: datetime) -> None:
    await connection.execute(
        insert(revisions),
        [
            {
                "article_id": each.id,
                "at": at,
                "title": each.article.title,
                "sections": _SECTIONS.dump_json(each.article.sections, exclude_defaults=True).decode(),
            }
            for each in reworded
        ],
    )
    ids = [each.id for each in reworded]
    await connection.execute(sa.update(articles).where(articles.c.id.in_(ids)).values(revised_at=at))
    later = revisions.alias("later")
    newer = select(func.count()).where(later.c.article_id == revisions.c.article_id, later.c.id > revisions.c.id)
    earlier = revisions.alias("earlier")
    first = select(func.min(earlier.c.id)).where(earlier.c.article_id == revisions.c.article_id)
    await connection.execute(
        delete(revisions).where(
            revisions.c.article_id.in_(ids),
            newer.scalar_subquery() >= KEPT - 1,
            revisions.c.id != first.scalar_subquery(),
        )
    )


async def _carry_labels(connection: AsyncConnection, versions: Mapping[int, tuple[Article, Article]]) -> None:
    found = await labels_of(connection, list(versions))
    carried: dict[tuple[int, int], Labels] = {
        key: carried_over(labels, texts_of(versions[key[0]][0]), texts_of(versions[key[0]][1]))
        for key, labels in found.items()
    }
    await replace_labels(connection, {key: labels for key, labels in carried.items() if labels != found[key]})


def _rewords(old: Article, new: Article) -> bool:
    """Whether a paragraph, or the title, would have another mark."""
    before, now = [old.title, *texts_of(old)], [new.title, *texts_of(new)]
    if len(before) != len(now):
        return True
    return any(one != other and marks_of([one]) != marks_of([other]) for one, other in zip(before, now, strict=True))


def _shown(article: Article) -> dict[str, Any]:
    """What a card is made of; how sure the labeller is shows nowhere."""
    values = article.model_dump(exclude={"updated_at": True, "categories": True})
    for section in values["sections"]:
        del section["confidence"]
    return values
