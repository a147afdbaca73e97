"""The archive seen from one server: sources that it follows now, and articles that were posted in it.

Every question here names the server, so that no article of another server's private source leaks.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import reading as use_case
from bot.articles.corrections import relabel
from bot.models import StoredArticle
from bot.reading import ArticleTitle, Revision
from bot.storage.engine import reading
from bot.storage.labels import as_seen, labels_of
from bot.storage.queue import pending, sent
from bot.storage.retractions import stands
from bot.storage.revisions import revision_for
from bot.storage.rows import load_articles
from bot.storage.schema import articles, deliveries, marks, subscriptions
from bot.storage.titles import words
from bot.updates.traces import MarkKind, link_mark

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""discord.com/developers/docs/reference, "Snowflakes"."""

CLOCKS_APART = timedelta(days=1)
NOTED_LATE = timedelta(days=2)

Stands = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Whether the article of this id stands in the server that asks."""

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


class Library(use_case.Library):
    def __init__(self, engine: AsyncEngine, *, retracted_too: bool = False) -> None:
        """A server's retracted articles are not there for it, unless they are asked for."""
        self._engine = engine
        self._retracted_too = retracted_too

    async def article(self, guild_id: int, article_id: int) -> StoredArticle | None:
        async with reading(self._engine) as connection:
            may_read = or_(_followed(guild_id), _was_posted(guild_id))
            its_id = select(articles.c.id).where(articles.c.id == article_id, may_read, self._stands(guild_id))
            return await _first(connection, its_id, guild_id)

    async def newest_in_channel(self, guild_id: int, channel_id: int) -> StoredArticle | None:
        here = (subscriptions.c.guild_id == guild_id, subscriptions.c.channel_id == channel_id)
        async with reading(self._engine) as connection:
            discussed = _discussed(guild_id, channel_id).where(self._stands(guild_id, deliveries.c.article_id))
            if article := await _first(connection, discussed, guild_id):
                return article
        return await self._newest(guild_id, *here)

    async def posted_as(self, guild_id: int, channel_id: int, message_id: int) -> StoredArticle | None:
        sent_at = snowflake_time(message_id)
        # `deliveries_sent` has no message ids, but they are made of time; a message found after a crash is noted late.
        ids = (
            select(deliveries.c.article_id)
            .join(subscriptions)
            .where(
                deliveries.c.channel_id == channel_id,
                deliveries.c.sent_at.between(sent_at - CLOCKS_APART, sent_at + NOTED_LATE),
                deliveries.c.message_id == message_id,
                sent(deliveries),
                subscriptions.c.guild_id == guild_id,
                self._stands(guild_id, deliveries.c.article_id),
            )
            .order_by(deliveries.c.id.desc())  # the newest that a digest tells of
            .limit(1)
        )
        async with reading(self._engine) as connection:
            return await _first(connection, ids, guild_id)

    async def linked(self, guild_id: int, links: Sequence[str]) -> StoredArticle | None:
        wanted = {mark for link in links if (mark := link_mark(link)) is not None}
        may_read = or_(_followed(guild_id), _was_posted(guild_id))
        pointed_at = select(marks.c.article_id).where(marks.c.mark.in_(wanted), marks.c.kind == MarkKind.LINK)
        ids = _newest_first(
            select(articles.c.id).where(articles.c.id.in_(pointed_at), may_read, self._stands(guild_id))
        ).limit(1)
        async with reading(self._engine) as connection:
            return await _first(connection, ids, guild_id) if wanted else None

    async def newest_in_server(self, guild_id: int) -> StoredArticle | None:
        return await self._newest(guild_id, subscriptions.c.guild_id == guild_id)

    async def revision(self, guild_id: int, article_id: int) -> Revision | None:
        async with reading(self._engine) as connection:
            stored = (await load_articles(connection, [article_id])).get(article_id)
            revision = await revision_for(connection, guild_id, stored) if stored else None
            if revision is None:
                return None
            labels = (await labels_of(connection, [article_id], [guild_id])).get((article_id, guild_id), {})
            return Revision(revision.at, relabel(revision.article, labels))

    async def titles(self, guild_id: int, text: str, limit: int) -> Sequence[ArticleTitle]:
        wanted = words(text)
        if text.strip() and not wanted:
            return []  # signs alone are in no title, rather than in each: somebody would retract the wrong article
        stands_here = self._stands(guild_id)
        holds_every_word = [articles.c.title_key.contains(word, autoescape=True) for word in wanted]
        # Two questions put together rather than one with an OR: each has its index, and needs no row to sort by it.
        newest = union(
            *(
                select(
                    _newest_first(select(articles.c.id).where(scope, stands_here, *holds_every_word))
                    .limit(limit)
                    .subquery()
                )
                for scope in (_followed(guild_id), _posted_before(guild_id))
            )
        )
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                _newest_first(
                    select(articles.c.id, articles.c.title, articles.c.published_at).where(articles.c.id.in_(newest))
                ).limit(limit)
            )
            return [ArticleTitle(row.id, row.title, row.published_at) for row in rows]

    async def newest_articles(self, guild_id: int, source_id: int, limit: int) -> Sequence[StoredArticle]:
        of_source = select(articles.c.id).where(articles.c.source_id == source_id, self._stands(guild_id))
        async with reading(self._engine) as connection:
            ids = (await connection.execute(_newest_first(of_source).limit(limit))).scalars().all()
            found = await as_seen(connection, await load_articles(connection, ids), guild_id)
            return [found[article_id] for article_id in ids]

    async def _newest(self, guild_id: int, *where: ColumnElement[bool]) -> StoredArticle | None:
        """The article last posted through the subscriptions meant, else the newest of their sources."""
        async with reading(self._engine) as connection:
            for ids in (_being_posted, _last_posted, _last_published):
                if article := await _first(connection, ids(partial(self._stands, guild_id), *where), guild_id):
                    return article
        return None

    def _stands(self, guild_id: int, article_id: ColumnElement[int] = articles.c.id) -> ColumnElement[bool]:
        return true() if self._retracted_too else stands(article_id, guild_id)


def _being_posted(its_stands: Stands, *where: ColumnElement[bool]) -> Select[int]:
    """A look at `deliveries_leased`. People read a card, and ask about it, before Discord's answer is stored."""
    return (
        select(deliveries.c.article_id)
        .join(subscriptions)
        .where(*where, its_stands(deliveries.c.article_id), pending(deliveries), deliveries.c.lease_until.is_not(None))
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )


def _discussed(guild_id: int, thread_id: int) -> Select[int]:
    """The article that a thread or a forum post was opened for."""
    return (
        select(deliveries.c.article_id)
        .join(subscriptions)
        .where(deliveries.c.thread_id == thread_id, sent(deliveries), subscriptions.c.guild_id == guild_id)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )


def _last_posted(its_stands: Stands, *where: ColumnElement[bool]) -> Select[int]:
    """One look at `deliveries_sent` for each channel, however much was posted there."""
    posted = deliveries.alias("posted")
    last = (
        select(posted.c.id)
        .where(posted.c.channel_id == subscriptions.c.channel_id, sent(posted), its_stands(posted.c.article_id))
        .order_by(posted.c.sent_at.desc(), posted.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(deliveries.c.article_id)
        .where(deliveries.c.id.in_(select(last).where(*where)))
        .order_by(deliveries.c.sent_at.desc(), deliveries.c.id.desc())
        .limit(1)
    )


def _last_published(its_stands: Stands, *where: ColumnElement[bool]) -> Select[int]:
    """One look at `articles_newest` for each subscription."""
    its_source = articles.c.source_id == subscriptions.c.source_id
    of_source = select(articles.c.id).where(its_source, its_stands(articles.c.id))
    newest = _newest_first(of_source).limit(1).scalar_subquery()
    of_all = select(newest).where(*where, subscriptions.c.removed_at.is_(None))
    return _newest_first(select(articles.c.id).where(articles.c.id.in_(of_all))).limit(1)


def _followed(guild_id: int) -> ColumnElement[bool]:
    followed = select(subscriptions.c.source_id).where(
        subscriptions.c.guild_id == guild_id, subscriptions.c.removed_at.is_(None)
    )
    return articles.c.source_id.in_(followed)


def _was_posted(guild_id: int) -> ColumnElement[bool]:
    """Asked of one article: it looks at the few deliveries of that article."""
    posted = (
        select(deliveries.c.id)
        .join(subscriptions)
        .where(deliveries.c.article_id == articles.c.id, sent(deliveries), subscriptions.c.guild_id == guild_id)
    )
    return posted.exists()


def _posted_before(guild_id: int) -> ColumnElement[bool]:
    """Asked of all articles: it looks at what was posted through subscriptions that the server has no more."""
    its_own = and_(
        deliveries.c.subscription_id == subscriptions.c.id, deliveries.c.channel_id == subscriptions.c.channel_id
    )
    posted = (
        select(deliveries.c.article_id)
        .join_from(subscriptions, deliveries, its_own)
        .where(subscriptions.c.guild_id == guild_id, subscriptions.c.removed_at.is_not(None), sent(deliveries))
    )
    return articles.c.id.in_(posted)


def snowflake_time(snowflake: int) -> datetime:
    return DISCORD_EPOCH + timedelta(milliseconds=snowflake >> 22)


async def _first(connection: AsyncConnection, ids: Select[int], guild_id: int) -> StoredArticle | None:
    article_id = (await connection.execute(ids)).scalar()
    if article_id is None:
        return None
    return (await as_seen(connection, await load_articles(connection, [article_id]), guild_id))[article_id]


def _newest_first(statement: S) -> S:
    return statement.order_by(articles.c.sort_at.desc(), articles.c.id.desc())
