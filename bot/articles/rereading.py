"""An article read again by somebody who knows how its source writes. Pure.

What comes out is only what is seen otherwise: labels for a server whose moderators taught the labeller, laid over an
article that every server shares.
"""

from collections.abc import Sequence

from bot.articles.characters import fold
from bot.articles.corrections import Label, labels_of, marks_of
from bot.articles.habits import SourceHabits
from bot.articles.labelling import MAX_PARAGRAPHS, Labeller, served
from bot.models import Article, Kind


def reread(
    article: Article, habits: SourceHabits, labeller: Labeller, threshold: float | None = None
) -> dict[str, Label]:
    """What each paragraph is in the light of `habits`; empty where that changes nothing."""
    known = labels_of(article)
    if any(section.heading for section in article.sections):
        found = known | _by_headings(article, habits)
    else:
        found = known | _by_words(article, habits, labeller, threshold)
    return found if any(found[mark].kind != label.kind for mark, label in known.items()) else {}


def _by_headings(article: Article, habits: SourceHabits) -> dict[str, Label]:
    """Headings that moderators gave a kind keep it; those that they never met are left as they are."""
    marks = iter(marks_of([each.text for section in article.sections for each in section.paragraphs]))
    found = {}
    for section in article.sections:
        kind = habits.headings.get(fold(section.heading)) if section.heading else None
        for _ in section.paragraphs:
            mark = next(marks)
            if kind is not None:
                found[mark] = Label(kind)
    return found


def _by_words(article: Article, habits: SourceHabits, labeller: Labeller, threshold: float | None) -> dict[str, Label]:
    texts = [each.text for section in article.sections for each in section.paragraphs]
    marks = marks_of(texts)
    found = {mark: Label(Kind.OTHER) for mark in marks if mark in habits.asides}
    rest = [(mark, text) for mark, text in zip(marks, texts, strict=True) if mark not in found]
    if 1 < len(rest) <= MAX_PARAGRAPHS:
        found |= _labelled(rest, article.language, habits, labeller, threshold)
    return found


def _labelled(
    paragraphs: Sequence[tuple[str, str]],
    language: str,
    habits: SourceHabits,
    labeller: Labeller,
    threshold: float | None,
) -> dict[str, Label]:
    runs = labeller.label([text for _, text in paragraphs], language, habits)
    runs = served(runs, labeller.threshold if threshold is None else threshold)
    if all(run.kind in (Kind.SUMMARY, Kind.OTHER) for run in runs):
        return {}
    return {mark: Label(str(run.kind), run.confidence) for run in runs for mark, _ in paragraphs[run.start : run.end]}
