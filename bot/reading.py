"""Use case: which article, which section.

Slash commands, buttons and menus all come here, so that the same question always gets the same answer. Nothing in
this module knows Discord: it returns what to say, and the caller draws it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.articles.changes import SectionChange, compare
from bot.errors import RequestRefused
from bot.models import PERSPECTIVES, Article, Kind, Section, StoredArticle

COMPLETIONS = 25
"""The most choices Discord shows under an option."""

_REFERENCE = re.compile(r"#(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked. In a thread, `channel_ids` holds the thread first, then its channel."""

    guild_id: int
    channel_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a message tells of the article that it shows or talks of."""

    message_id: int
    channel_id: int
    article_ids: tuple[int, ...]
    """Those that its buttons remember: only our own messages have any."""
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleTitle:
    id: int
    title: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a search found, newest first; `is_whole` is False where there is more."""

    wanted: str
    titles: tuple[ArticleTitle, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SectionAnswer:
    """`section` is None when the article has none of that kind; `offered` names the kinds that it does have."""

    article: StoredArticle
    kind: str
    section: Section | None
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The perspectives there are: the usual ones in their usual order, then a community's own. `missing` are the usual
    ones that there are not."""

    article: StoredArticle
    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """What an article said until `at`."""

    at: datetime
    article: Article


@dataclass(frozen=True, slots=True)
class Changes:
    """What an article says that it did not say when it was posted. `title` is the former one, where it changed."""

    article: StoredArticle
    title: str | None
    sections: tuple[SectionChange, ...]


class Library(Protocol):
    """The archive, seen from one server: articles of sources that it follows, or that were posted in it."""

    async def article(self, guild_id: int, article_id: int) -> StoredArticle | None: ...

    async def newest_in_channel(self, guild_id: int, channel_id: int) -> StoredArticle | None:
        """The article that a thread was opened for; else the one last posted in the channel; before any was, the newest
        of the sources followed there."""
        ...

    async def newest_in_server(self, guild_id: int) -> StoredArticle | None:
        """The same over all channels of the server."""
        ...

    async def revision(self, guild_id: int, article_id: int) -> Revision | None:
        """The article as it was when it was first posted in the server; None while it never changed since."""
        ...

    async def posted_as(self, guild_id: int, channel_id: int, message_id: int) -> StoredArticle | None:
        """The article that a message of ours was posted for."""
        ...

    async def linked(self, guild_id: int, links: Sequence[str]) -> StoredArticle | None:
        """The newest article that one of these addresses leads to."""
        ...

    async def titles(self, guild_id: int, text: str, limit: int) -> Sequence[ArticleTitle]:
        """Articles whose title holds every word of `text` (case and accents ignored), newest first."""
        ...


def offered_kinds(article: StoredArticle) -> tuple[str, ...]:
    """The kinds that a reader can ask for, in the article's own order; `summary` and `other` are in the card itself."""
    kinds = dict.fromkeys(section.kind for section in article.article.sections)
    return tuple(kind for kind in kinds if kind not in (Kind.SUMMARY, Kind.OTHER))


class Reading:
    def __init__(self, library: Library) -> None:
        self._library = library

    async def find(self, place: Place, wanted: str | None) -> StoredArticle:
        """The article that `wanted` means: a completion's value ("#12"), else words of its title, else the newest here.

        Raises RequestRefused when there is none.
        """
        wanted = (wanted or "").strip()
        if not wanted:
            return await self._newest(place)
        if match := _REFERENCE.fullmatch(wanted):
            article = await self._library.article(place.guild_id, int(match[1]))
        else:
            titles = await self._library.titles(place.guild_id, wanted, 1)
            article = await self._library.article(place.guild_id, titles[0].id) if titles else None
        if article is None:
            raise RequestRefused("reading.not_found", wanted=wanted[:100])
        return article

    async def by_id(self, place: Place, article_id: int) -> StoredArticle:
        """The article behind a button. Raises RequestRefused when it is no longer kept."""
        article = await self._library.article(place.guild_id, article_id)
        if article is None:
            raise RequestRefused("reading.gone")
        return article

    async def of_message(self, place: Place, pointed: Pointed) -> StoredArticle:
        """The article that somebody's message shows or links to. Raises RequestRefused when there is none."""
        for article_id in pointed.article_ids:
            if article := await self._library.article(place.guild_id, article_id):
                return article
        if article := await self._library.posted_as(place.guild_id, pointed.channel_id, pointed.message_id):
            return article
        if pointed.links and (article := await self._library.linked(place.guild_id, pointed.links)):
            return article
        raise RequestRefused("reading.no_article_there")

    def section(self, article: StoredArticle, kind: str) -> SectionAnswer:
        return SectionAnswer(article, kind, article.article.section(kind), offered_kinds(article))

    def compare(self, article: StoredArticle) -> Comparison:
        offered = offered_kinds(article)
        own = (kind for kind in offered if kind not in (*PERSPECTIVES, Kind.ANALOGY))
        found = {kind: article.article.section(kind) for kind in (*PERSPECTIVES, *own)}
        return Comparison(
            article,
            sections=tuple(section for section in found.values() if section),
            missing=tuple(kind for kind, section in found.items() if section is None),
            offered=offered,
        )

    async def changes(self, place: Place, article_id: int) -> Changes:
        """Raises RequestRefused when the article is no longer kept, or says what it always said."""
        article = await self.by_id(place, article_id)
        before = await self._library.revision(place.guild_id, article_id)
        if before is None:
            raise RequestRefused("changes.none")
        title = before.article.title if before.article.title != article.article.title else None
        return Changes(article, title, compare(before.article, article.article))

    async def complete(self, place: Place, text: str) -> Sequence[ArticleTitle]:
        return await self._library.titles(place.guild_id, text.strip(), COMPLETIONS)

    async def search(self, place: Place, text: str | None) -> Shelf:
        """The newest articles whose title holds every word of `text`, all without it. RequestRefused when none does."""
        text = (text or "").strip()
        titles = await self._library.titles(place.guild_id, text, COMPLETIONS + 1)
        if not titles:
            raise RequestRefused("reading.none_like_it" if text else "reading.empty", wanted=text[:100])
        return Shelf(text, tuple(titles[:COMPLETIONS]), is_whole=len(titles) <= COMPLETIONS)

    async def _newest(self, place: Place) -> StoredArticle:
        for channel_id in place.channel_ids:
            if article := await self._library.newest_in_channel(place.guild_id, channel_id):
                return article
        if article := await self._library.newest_in_server(place.guild_id):
            return article
        raise RequestRefused("reading.empty")
