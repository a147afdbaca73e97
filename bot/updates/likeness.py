"""How an entry and a stored article compare, and how much speaks for their being one. Pure."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.models import Entry
from bot.updates.traces import Clues, Trace, folded, is_excerpt, resemblance, titles_alike

SOME = 0.3
"""Share of text in common from which two texts are versions of one."""
SAME_MOMENT = timedelta(minutes=1)
_MOST = 0.6
_NEARLY_ALL = 0.9
_HARDLY_ANY = 0.1
_SAME_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """How an entry and an article compare. Each: True the same, False another, None there is nothing to compare."""

    link: bool | None
    words: bool
    same_title: bool
    """To the letter, whether or not other articles have it too."""
    title: bool | None
    """Alike, give or take an edit; None for a title that several articles have."""
    text: float | None
    date: bool | None


def compare(
    entry: Entry, clues: Clues, trace: Trace, *, ambiguous: Collection[int], shared_dates: AbstractSet[datetime]
) -> Seen:
    """`ambiguous` are marks that several articles have; `shared_dates` dates that tell nothing, for the same reason."""
    link = None
    if clues.link is not None and trace.clues.link is not None and clues.link not in ambiguous:
        link = clues.link == trace.clues.link
    same_title = clues.title is not None and clues.title == trace.clues.title
    title = None
    if clues.title is not None and trace.title and not (same_title and clues.title in ambiguous):
        title = same_title or titles_alike(entry.title or "", trace.title)
    date = None
    if entry.published_at and trace.published_at and not {entry.published_at, trace.published_at} & shared_dates:
        date = abs(entry.published_at - trace.published_at) < SAME_MOMENT
    words = clues.words is not None and clues.words == trace.clues.words
    text = resemblance(clues.sketch, trace.clues.sketch)
    if text is not None and same_title and is_excerpt(clues.sketch, trace.clues.sketch):
        text = max(text, SOME)
    return Seen(link, words, same_title, title, text, date)


def affinity_by_id(seen: Seen, *, weak: bool, many: bool) -> int:
    """What speaks for an entry being the article of its id, 0 to 100. `weak`: the id may be another article's tomorrow;
    `many`: enough are listed for a title that only one of them has to be its own."""
    text = seen.text or 0.0
    rewritten = seen.text is not None and text < _HARDLY_ANY
    if seen.link or seen.words:
        return 100 if seen.link else 95
    if weak:
        # Only what it says shows whether it is still the same place in the list.
        agrees = (bool(seen.title) and (not rewritten or seen.date is True)) or text >= SOME
        if seen.link is False:
            # Where many are listed, a title that only one has is no "Press review".
            telling = many and seen.title and seen.text is None and seen.date is None
            agrees = seen.same_title and (text >= SOME or bool(seen.date or telling))
        silent = seen.link is None and seen.title is None and seen.text is None and seen.date is not False
        return 50 if agrees or silent else 0
    if seen.same_title and seen.title is not None:
        return 90
    if seen.title or text >= SOME:
        return 60
    if seen.title is False and (seen.link is False or rewritten):
        return 0
    return 0 if seen.link is False and rewritten and seen.date is False else 40


def affinity_by_the_rest(seen: Seen, *, made: bool, republished: bool) -> int:
    """What speaks for it whatever its id, 0 to 100. `made`: the id says nothing; `republished`: the source changed all
    that it lists at once."""
    text = seen.text or 0.0
    if seen.link:
        contradicted = seen.title is False and seen.text is not None and text < _HARDLY_ANY and seen.date is not True
        return 0 if contradicted else 85 if seen.title or seen.words else 75
    # Reports made from one template are alike; what has another id, page and title is the same only if its date is,
    # or if it says nearly the same under nearly the same title.
    edited = seen.title and text >= _NEARLY_ALL
    stranger = seen.link is False and not seen.same_title and not seen.date and not edited and not republished
    tests = (
        (seen.words and seen.text is not None, 70),
        (seen.title and text >= SOME and not stranger, 65),
        (seen.words and seen.date is not False, 60),
        (text >= _MOST and not stranger, 58),
        ((seen.same_title or seen.title) and seen.date and (seen.text is None or text >= SOME), 55),
        (seen.same_title and seen.title and seen.date, 52),
        (
            seen.title and (made or seen.same_title) and seen.link is None and seen.text is None and seen.date is None,
            45,
        ),
        (republished and (seen.words or (seen.title and (seen.same_title or seen.date))), 35),
    )
    return next((affinity for holds, affinity in tests if holds), 0)


def is_twin(entry: Entry, clues: Clues, other: Clues, *, title: str, published_at: datetime | None) -> bool:
    """Whether an entry repeats what the same listing already has: `other`, with its title and date.

    The same words on another day are no twin: a source that lists both means two.
    """
    apart = None if entry.published_at is None or published_at is None else abs(entry.published_at - published_at)
    text = resemblance(clues.sketch, other.sketch)
    if apart is not None and apart >= (SAME_MOMENT if text is None else _SAME_DAY):
        return False
    if clues.words is not None and clues.words == other.words:
        return True
    same_link = clues.link is not None and clues.link == other.link
    return same_link and folded(entry.title or "") == folded(title) and (text is None or text >= SOME)
