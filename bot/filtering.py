"""Use case: which articles of a source a channel wants, and what that means for its last ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from bot.articles.filters import Filter, Found, Mode, Subject, Verdict, Where, judge
from bot.delivery.preferences import preferences_of
from bot.delivery.typed_filters import read_filter
from bot.errors import RequestRefused
from bot.models import Article, StoredArticle
from bot.subscriptions import Followed, Subscriptions

TRIED = 20
"""How many articles a dry run looks at, the newest."""

TRIAL_SECONDS = 2.0
"""How long one may look for: somebody waits."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A filter as a moderator typed it."""

    words: str
    mode: str = "include"
    field: str = "any"
    is_pattern: bool = False

    def read(self) -> Filter:
        """Raises RequestRefused, which says what is wrong with it."""
        return read_filter(cast(Mode, self.mode), self.words, cast(Where, self.field), is_pattern=self.is_pattern)


@dataclass(frozen=True, slots=True)
class Outcome:
    article: StoredArticle
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a source's last articles, newest first."""

    followed: Followed
    filters: tuple[Filter, ...]
    outcomes: tuple[Outcome, ...]
    candidate: Filter | None = None
    """That of `filters` which is tried without being kept."""
    unfinished: bool = False
    """Whether some filters would have taken too long; they kept nothing out."""

    @property
    def passing(self) -> int:
        return sum(each.verdict.passes for each in self.outcomes)


class Shelf(Protocol):
    async def newest_articles(self, guild_id: int, source_id: int, limit: int) -> Sequence[StoredArticle]:
        """As the server sees them; what it retracted is left out."""
        ...


class Sift(Protocol):
    async def __call__(
        self, articles: Sequence[Article], filters: Collection[Filter], *, seconds: float
    ) -> Sequence[Found]: ...


class Filtering:
    """`wanted` means a subscription as everywhere: a completion's value, or the title or address of its source.

    Every method that takes it raises RequestRefused when it is not clear which one is meant.
    """

    def __init__(self, subscriptions: Subscriptions, shelf: Shelf, sift: Sift) -> None:
        self._subscriptions = subscriptions
        self._shelf = shelf
        self._sift = sift

    async def add(self, guild_id: int, wanted: str, typed: Typed) -> tuple[Trial, Filter]:
        """From now on; what was planned or kept out before stays so. Gives back what that means.

        Raises RequestRefused when it cannot be looked for, is there already, or is one too many.
        """
        added = typed.read()
        followed = await self._subscriptions.edit(guild_id, wanted, {"add_filter": added})
        return await self._try(followed, filters_of(followed), None), added

    async def remove(self, guild_id: int, wanted: str, which: str) -> tuple[Trial, Filter]:
        """`which` is a filter's key, or its words. Raises RequestRefused when there is no such filter, or several."""
        removed = _choose(filters_of(await self._subscriptions.find(guild_id, wanted)), which)
        followed = await self._subscriptions.edit(guild_id, wanted, {"remove_filter": removed.key})
        return await self._try(followed, filters_of(followed), None), removed

    async def list(self, guild_id: int, wanted: str | None) -> Sequence[Followed]:
        """The subscription meant, or all that have filters."""
        if wanted:
            return [await self._subscriptions.find(guild_id, wanted)]
        return [each for each in await self._subscriptions.list(guild_id) if filters_of(each)]

    async def rehearse(self, guild_id: int, wanted: str, typed: Typed | None = None) -> Trial:
        """A dry run, with one filter more where one is typed; nothing is kept of it."""
        candidate = typed.read() if typed else None
        followed = await self._subscriptions.find(guild_id, wanted)
        present = filters_of(followed)
        if candidate in present:
            candidate = None
        return await self._try(followed, (*present, candidate) if candidate else present, candidate)

    async def complete(self, guild_id: int, wanted: str) -> Sequence[Filter]:
        try:
            return filters_of(await self._subscriptions.find(guild_id, wanted))
        except RequestRefused:
            return ()

    async def _try(self, followed: Followed, filters: tuple[Filter, ...], candidate: Filter | None) -> Trial:
        articles = await self._shelf.newest_articles(followed.subscription.guild_id, followed.source.id, TRIED)
        found = await self._sift([each.article for each in articles], filters, seconds=TRIAL_SECONDS)
        outcomes = tuple(
            Outcome(article, judge(filters, Subject(article.article, its_own)))
            for article, its_own in zip(articles, found, strict=True)
        )
        unfinished = any(answer is None for its_own in found for answer in its_own.values())
        return Trial(followed, filters, outcomes, candidate, unfinished)


def filters_of(followed: Followed) -> tuple[Filter, ...]:
    return preferences_of(followed.subscription).filters


def _choose(filters: Sequence[Filter], which: str) -> Filter:
    which = which.strip()
    matches = [each for each in filters if each.key == which.removeprefix("#")]
    matches = matches or [each for each in filters if each.words.casefold() == which.casefold()]
    if len(matches) != 1:
        raise RequestRefused("filters.unclear" if matches else "filters.unknown", wanted=which[:100])
    return matches[0]
