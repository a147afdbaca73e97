"""Use case: moderators say what each paragraph of an article is.

The archive is shared by every server that follows a source, and anybody may follow a public one with a server of
their own: so what the moderators of a server say holds for that server alone, its cards, its answers, and what the
labeller learns of the source for it. Nobody can spoil an article for others.

What a moderator chose and has not saved yet is a draft, one for each moderator and article: it outlives a restart, and
many can work at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.articles.corrections import Label, Labels, Passage, passages_of, relabel
from bot.articles.lenses import lenses
from bot.errors import RequestRefused
from bot.models import Kind, StoredArticle
from bot.reading import Place, Reading


@dataclass(frozen=True, slots=True)
class Original:
    """An article as its source has it, and what the server says of its paragraphs so far."""

    article: StoredArticle
    labels: Labels


@dataclass(frozen=True, slots=True)
class Review:
    """An article laid out for correction, in its own order; what was chosen and not saved yet is in `passages`."""

    article: StoredArticle
    passages: tuple[Passage, ...]
    unsaved: int
    """How many choices are not saved yet."""


@dataclass(frozen=True, slots=True)
class Corrected:
    article: StoredArticle
    """As the server sees it from now on."""
    messages: int
    """How many of its cards are to be edited."""


class Ledger(Protocol):
    """What the moderators of servers said, as it is stored."""

    async def original(self, guild_id: int, article_id: int) -> Original | None: ...

    async def draft(self, guild_id: int, user_id: int, article_id: int) -> Mapping[str, str]:
        """The kinds chosen and not saved, by mark."""
        ...

    async def choose(
        self, guild_id: int, user_id: int, article_id: int, choice: Mapping[str, str], *, now: datetime
    ) -> Mapping[str, str]:
        """Add to the draft; all of it, then."""
        ...

    async def drop_draft(self, guild_id: int, user_id: int, article_id: int) -> None: ...

    async def save(self, guild_id: int, user_id: int, article_id: int, labels: Labels, *, now: datetime) -> int:
        """Keep the labels, drop the draft, and owe an edit to each message that shows the article in the server; how
        many there are."""
        ...


class Corrections:
    def __init__(
        self,
        reading: Reading,
        ledger: Ledger,
        *,
        now: Callable[[], datetime],
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """`notify` wakes whoever edits messages."""
        self._reading = reading
        self._ledger = ledger
        self._now = now
        self._notify = notify

    async def begin(self, place: Place, wanted: str | None, user_id: int) -> Review:
        """The article that `wanted` means, as `reading` understands it; a draft left behind is dropped.

        Raises RequestRefused when there is none, or when it has nothing to correct.
        """
        article = await self._reading.find(place, wanted)
        await self._ledger.drop_draft(place.guild_id, user_id, article.id)
        review = _review(await self._original(place, article.id), {})
        if not review.passages:
            raise RequestRefused("correct.empty")
        return review

    async def resume(self, place: Place, article_id: int, user_id: int) -> Review:
        original = await self._original(place, article_id)
        return _review(original, await self._ledger.draft(place.guild_id, user_id, article_id))

    async def choose(self, place: Place, article_id: int, user_id: int, *, mark: str, kind: str) -> Review:
        """Raises RequestRefused when the article has no such paragraph any more, or there is no such kind any more."""
        original = await self._original(place, article_id)
        if kind not in kinds_to_choose() or mark not in {
            passage.mark for passage in passages_of(original.article.article, {})
        }:
            raise RequestRefused("correct.changed")
        draft = await self._ledger.choose(place.guild_id, user_id, article_id, {mark: kind}, now=self._now())
        return _review(original, draft)

    async def save(self, place: Place, article_id: int, user_id: int) -> Corrected:
        """What the moderator sees is what each paragraph is from now on, whether or not it was chosen: they looked."""
        review = await self.resume(place, article_id, user_id)
        labels = {passage.mark: Label(passage.label.kind) for passage in review.passages}
        messages = await self._ledger.save(place.guild_id, user_id, article_id, labels, now=self._now())
        self._notify()
        article = review.article.article
        return Corrected(review.article.model_copy(update={"article": relabel(article, labels)}), messages)

    async def cancel(self, place: Place, article_id: int, user_id: int) -> None:
        await self._ledger.drop_draft(place.guild_id, user_id, article_id)

    async def _original(self, place: Place, article_id: int) -> Original:
        await self._reading.by_id(place, article_id)  # refuses what the server may not read, or not any more
        original = await self._ledger.original(place.guild_id, article_id)
        if original is None:
            raise RequestRefused("reading.gone")
        return original


def kinds_to_choose() -> tuple[str, ...]:
    """What a paragraph can be said to be: the kinds that ship, a community's own, then none of them."""
    shipped = [kind.value for kind in Kind if kind is not Kind.OTHER]
    return (*shipped, *(kind for kind in lenses() if kind not in shipped), Kind.OTHER.value)


def _review(original: Original, draft: Mapping[str, str]) -> Review:
    article = original.article.article
    chosen = {mark: Label(kind) for mark, kind in draft.items()}
    passages = passages_of(article, {**_present(original), **chosen})
    return Review(original.article, passages, len(chosen))


def _present(original: Original) -> dict[str, Label]:
    """What each paragraph is in the server's eyes now, so that one choice moves no other paragraph."""
    return {passage.mark: passage.label for passage in passages_of(original.article.article, original.labels)}
