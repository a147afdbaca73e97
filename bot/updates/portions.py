"""What a decision brings, understood and made ready to be stored, a portion at a time.

A source may list thousands of articles at once. What one transaction stored stays, so that a check which is cut off is
gone on with by the next one, and no more than a portion is ever held in memory.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from bot.articles.corrections import Labels
from bot.articles.filters import Found
from bot.models import Article, Entry, Snapshot, Source
from bot.updates.decider import Decision, Find
from bot.updates.progress import Progress
from bot.updates.stories import sketch_of_article, story_marks
from bot.updates.traces import MarkKind
from bot.updates.update import ChangedArticle, NewArticle, Update

T = TypeVar("T")

STORED_AT_ONCE = 200
"""Articles that one transaction stores at most."""

COMPLETED_AT_ONCE = 30
"""How many teasers one check completes from their pages, the newest first: a first check may bring hundreds."""


class Pages(Protocol):
    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """The same entries, teasers replaced by the main text of their page where it could be had."""
        ...


class Understanding(Protocol):
    """Entries to articles, off the event loop; in the order given."""

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None) -> Sequence[Article]: ...


class Learning(Protocol):
    """For each article, by server, what is read otherwise there than by everybody."""

    async def __call__(self, source_id: int, articles: Sequence[Article], /) -> Sequence[Mapping[int, Labels]]: ...


async def learn_nothing(_source_id: int, articles: Sequence[Article]) -> Sequence[Mapping[int, Labels]]:
    return [{} for _ in articles]


class Sifting(Protocol):
    """What the filters of a source's followers find in each of these articles."""

    async def __call__(self, source_id: int, articles: Sequence[Article], /) -> Sequence[Found]: ...


async def sift_nothing(_source_id: int, articles: Sequence[Article]) -> Sequence[Found]:
    return [{} for _ in articles]


class Portions:
    def __init__(self, pages: Pages, understand: Understanding, learning: Learning, sifting: Sifting) -> None:
        self._pages = pages
        self._understand = understand
        self._learning = learning
        self._sifting = sifting

    async def of(
        self, source: Source, snapshot: Snapshot, decision: Decision, progress: Progress
    ) -> AsyncIterator[Update]:
        """At least one update, in the order to store them; the last one vouches for the whole check."""
        entries = [*(find.entry for find in decision.new), *(change.entry for change in decision.changed)]
        worth_completing = {entry.identity for entry in entries[-COMPLETED_AT_ONCE:]}
        portions = _cut(decision)
        for portion in portions:
            update = await self._understood(source, snapshot, portion, worth_completing, progress)
            yield update if portion is portions[-1] else replace(update, partial=True)

    async def _understood(
        self,
        source: Source,
        snapshot: Snapshot,
        portion: Decision,
        worth_completing: Collection[str],
        progress: Progress,
    ) -> Update:
        """Fingerprints are those of the entry as listed: a completed teaser would look changed at every check."""
        entries = [*(find.entry for find in portion.new), *(change.entry for change in portion.changed)]
        if not entries:
            return Update(source.id, (), (), progress, aliases=portion.aliases)
        completed = await self._complete(entries, worth_completing)
        articles = await self._understand(completed, source_language=snapshot.language or source.language)
        learnt = await self._learning(source.id, articles)
        readings = list(zip(articles, learnt, strict=True))
        new, changed = readings[: len(portion.new)], readings[len(portion.new) :]
        home_url = snapshot.home_url or source.home_url
        told = [article for find, (article, _) in zip(portion.new, new, strict=True) if find.announce]
        sifted = iter(await self._sifting(source.id, told))
        by_find = zip(portion.new, completed, new, strict=False)
        return Update(
            source.id,
            new=tuple(
                NewArticle(
                    find.entry.identity,
                    find.content_hash,
                    article,
                    find.announce,
                    clues=find.clues,
                    also=find.also,
                    story=_story(find, entry, article, home_url),
                    learnt=its_labels,
                    sifted=next(sifted) if find.announce else {},
                )
                for find, entry, (article, its_labels) in by_find
            ),
            changed=tuple(
                ChangedArticle(change.article_id, change.content_hash, article, change.clues, its_labels)
                for change, (article, its_labels) in zip(portion.changed, changed, strict=True)
            ),
            progress=progress,
            aliases=portion.aliases,
            seeding=source.seeded_at is None,
        )

    async def _complete(self, entries: Sequence[Entry], worth_completing: Collection[str]) -> Sequence[Entry]:
        wanted = [each for each in entries if each.identity in worth_completing]
        completed = {each.identity: each for each in await self._pages.complete(wanted)}
        return [completed.get(each.identity, each) for each in entries]


def _cut(decision: Decision) -> Sequence[Decision]:
    """`decision` in its own order, a few articles at a time; the last portion has all the aliases."""
    if len(decision.new) + len(decision.changed) <= STORED_AT_ONCE:
        return [decision]
    portions = [
        *(Decision(new=some) for some in _batches(decision.new)),
        *(Decision(changed=some) for some in _batches(decision.changed)),
    ]
    return [*portions[:-1], replace(portions[-1], aliases=decision.aliases)]


def _batches(values: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    return (values[start : start + STORED_AT_ONCE] for start in range(0, len(values), STORED_AT_ONCE))


def _story(find: Find, completed: Entry, article: Article, home_url: str | None) -> Mapping[int, MarkKind]:
    if not find.announce:
        return {}
    # The text of a page says more than the teaser that led to it.
    sketch = find.clues.sketch if completed.body == find.entry.body else sketch_of_article(article)
    return story_marks(article, sketch, home_url=home_url)
