"""Whether two sources tell one story, so that a server that has it from one need not get it from the other. Pure.

Evidence is a shared mark: of the article's link, of its title, or of its text (see `traces`). That two articles are
about one text (in this genre an article names it on its "Article en référence" line) is evidence too, but not enough:
what their authors make of it are two stories.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.models import Article, PlannedDelivery, Subscription
from bot.updates.traces import (
    MarkKind,
    Sketch,
    folded,
    link_mark,
    mark_of,
    plain_words,
    sketch_of,
    title_mark,
    titles_alike,
)

WINDOW = timedelta(days=3)
"""A story is told again within days; later, the same words are a rerun, which is news where it was never posted."""

TEXT_MARKS = 8
_MOST_TEXT = 4
"""Of the eight: about the share of text in common from which two articles are versions of one."""
_SOME_TEXT = 2
_TELLING_WORDS = 5

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Story:
    """An article as far as it can be compared with others."""

    article_id: int
    source_id: int
    title: str
    at: datetime
    """When it was published, or found."""
    marks: Mapping[int, MarkKind]
    has_text: bool
    """Whether there is enough text to compare."""


def story_marks(article: Article, sketch: Sketch, *, home_url: str | None = None) -> dict[int, MarkKind]:
    """Marks by which another telling of this article's story can be found. `sketch` is that of its text."""
    found = {
        MarkKind.LINK: link_mark(article.url, home_url=home_url),
        MarkKind.REFERENCE: reference_mark(article.reference_url),
        MarkKind.TITLE: title_mark(article.title),
    }
    marks = {mark: kind for kind, mark in found.items() if mark is not None}
    return marks | {mark_of("text", str(number)): MarkKind.TEXT for number in sketch[:TEXT_MARKS]}


def reference_mark(url: str | None) -> int | None:
    link = link_mark(url)
    return None if link is None else mark_of("reference", str(link))


def sketch_of_article(article: Article) -> Sketch:
    return sketch_of(plain_words("\n".join(each.text for part in article.sections for each in part.paragraphs)))


def is_same_story(one: Story, other: Story) -> bool:
    """Whether a server that got `other` has nothing to gain from `one`."""
    if one.source_id == other.source_id or abs(one.at - other.at) > WINDOW:
        return False
    shared = [kind for mark, kind in one.marks.items() if mark in other.marks]
    if MarkKind.LINK in shared:
        return True
    if _is_next_in_series(one.title, other.title):
        return False
    text = shared.count(MarkKind.TEXT)
    comments_on_same = MarkKind.REFERENCE in shared
    return (
        text >= _MOST_TEXT
        or (text >= _SOME_TEXT and (comments_on_same or titles_alike(one.title, other.title)))
        or (comments_on_same and not (one.has_text and other.has_text))
        or (MarkKind.TITLE in shared and _is_telling(one.title) and not (one.has_text and other.has_text))
    )


def without_told(
    planned: Iterable[PlannedDelivery],
    followers: Collection[Subscription],
    told: Mapping[int, Collection[int]],
) -> Sequence[PlannedDelivery]:
    """`planned` but for what servers have from another source; `told` are servers by the article they need not get."""
    guild_ids = {each.id: each.guild_id for each in followers}
    return [each for each in planned if guild_ids[each.subscription_id] not in told.get(each.article_id, ())]


def _is_next_in_series(one: str, other: str) -> bool:
    """ "Épisode 12" and "Épisode 13": made from one template, and often with much of their text in common."""
    first, second = folded(one), folded(other)
    return first != second and _DIGITS.sub("#", first) == _DIGITS.sub("#", second)


def _is_telling(title: str) -> bool:
    return len(folded(title).split()) >= _TELLING_WORDS
