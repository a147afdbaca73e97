"""What moderators said each paragraph is, laid over an article as the labeller understood it. Pure.

A paragraph is known by its mark, made of its words alone, so that what was said of it holds wherever the next fetch
puts it. A paragraph that nobody said anything about is what its neighbours show it to be, else what the labeller took
it for.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from bot.articles.characters import fold
from bot.models import Article, Kind, Paragraph, Section

MOST_KEPT = 400
"""Labels kept of one article; those of paragraphs that are gone go first."""

_ALIKE = 0.6
"""Share of words in common from which a paragraph is an edited version of another."""
_COMPARED = 20
"""Paragraphs a side; more than that at once were rewritten rather than edited."""
_COMPARED_WORDS = 200


class Label(NamedTuple):
    kind: str
    confidence: float = 1.0


Labels = Mapping[str, Label]
"""From a paragraph's mark."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph in the article's own order, with what it is taken for."""

    mark: str
    paragraph: Paragraph
    label: Label
    heading: str | None
    """The heading that stands right above it."""


def marks_of(texts: Sequence[str]) -> tuple[str, ...]:
    """A mark for each paragraph; one that says the same as an earlier one is told from it by a number."""
    seen: dict[str, int] = {}
    marks = []
    for text in texts:
        digest = hashlib.blake2b((fold(text) or text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1
        marks.append(digest if seen[digest] == 1 else f"{digest}.{seen[digest]}")
    return tuple(marks)


def texts_of(article: Article) -> tuple[str, ...]:
    return tuple(paragraph.text for section in article.sections for paragraph in section.paragraphs)


def passages_of(article: Article, labels: Labels) -> tuple[Passage, ...]:
    """Every paragraph, with what `labels` say of it, or show of it, or else what the article has it for."""
    marks = marks_of(texts_of(article))
    first = [Label(section.kind, section.confidence) for section in article.sections for _ in section.paragraphs]
    numbers = [number for number, section in enumerate(article.sections) for _ in section.paragraphs]
    found = _filled([labels.get(mark) for mark in marks], first, numbers) if labels else first
    paragraphs = [paragraph for section in article.sections for paragraph in section.paragraphs]
    headings = [
        section.heading if position == 0 else None
        for section in article.sections
        for position in range(len(section.paragraphs))
    ]
    return tuple(map(Passage, marks, paragraphs, found, headings))


def relabel(article: Article, labels: Labels) -> Article:
    """The article with its sections made anew. Each kind but `other` once, where its first paragraph stands."""
    if not labels or labels.keys().isdisjoint(marks_of(texts_of(article))):
        return article
    return article.model_copy(update={"sections": tuple(_sections(passages_of(article, labels)))})


def labels_of(article: Article) -> dict[str, Label]:
    """What the article's own sections say of its paragraphs."""
    return {passage.mark: passage.label for passage in passages_of(article, {})}


def carried_over(labels: Labels, before: Sequence[str], after: Sequence[str]) -> dict[str, Label]:
    """`labels` for a new version of the text: an edited paragraph stays what the old one was said to be.

    What was said of paragraphs that are gone is kept for when they come back, up to a limit.
    """
    old, new = marks_of(before), marks_of(after)
    present = {mark: labels[mark] for mark in new if mark in labels}
    for one, two, three, four in _rewritten(old, new):
        for at in range(three, four):
            if new[at] not in present and (source := _likeliest(before, range(one, two), after[at])) is not None:
                label = labels.get(old[source])
                if label is not None:
                    present[new[at]] = label
    gone = {mark: label for mark, label in labels.items() if mark not in present}
    room = max(0, MOST_KEPT - len(present))
    return present | dict(list(gone.items())[:room])


def _rewritten(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace" and two - one <= _COMPARED and four - three <= _COMPARED:
            yield one, two, three, four


def _likeliest(before: Sequence[str], positions: range, text: str) -> int | None:
    words = fold(text).split()[:_COMPARED_WORDS]
    best, chosen = _ALIKE, None
    for position in positions:
        matcher = SequenceMatcher(None, fold(before[position]).split()[:_COMPARED_WORDS], words, autojunk=False)
        if matcher.real_quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
            best, chosen = ratio, position
    return chosen


def _filled(said: Sequence[Label | None], first: Sequence[Label], sections: Sequence[int]) -> list[Label]:
    found = [label or _guess(at, said, first, sections) for at, label in enumerate(said)]
    kinds = {label.kind for label in said if label}
    # A guess makes a section longer, never a second one of its kind.
    for at, label in enumerate(said):
        kind = found[at].kind
        if label is None and kind != Kind.OTHER and kind in kinds and not _touches(at, kind, said, found):
            found[at] = Label(Kind.OTHER, found[at].confidence)
    return found


def _guess(at: int, said: Sequence[Label | None], first: Sequence[Label], sections: Sequence[int]) -> Label:
    before = next((here for here in range(at - 1, -1, -1) if said[here]), None)
    after = next((here for here in range(at + 1, len(said)) if said[here]), None)
    one = said[before] if before is not None else None
    two = said[after] if after is not None else None
    if one and two and one.kind == two.kind:
        return Label(one.kind, first[at].confidence)
    for neighbour, label in ((before, one), (after, two)):
        if neighbour is not None and label and sections[neighbour] == sections[at]:
            return Label(label.kind, first[at].confidence)
    return first[at]


def _touches(at: int, kind: str, said: Sequence[Label | None], found: Sequence[Label]) -> bool:
    """Whether only guesses of the same kind lie between here and a paragraph that was said to be of it."""
    for step in (-1, 1):
        here = at + step
        while 0 <= here < len(found) and found[here].kind == kind:
            if said[here] is not None:
                return True
            here += step
    return False


@dataclass(slots=True)
class _Draft:
    kind: str
    heading: str | None
    confidence: float
    paragraphs: list[Paragraph]


def _sections(passages: Sequence[Passage]) -> Iterator[Section]:
    drafts: list[_Draft] = []
    previous: str | None = None
    for passage in passages:
        kind, confidence = passage.label
        if kind != Kind.OTHER:
            draft = next((each for each in drafts if each.kind == kind), None)
        else:
            draft = drafts[-1] if previous == kind and passage.heading is None else None
        if draft is None:
            drafts.append(_Draft(kind, passage.heading, confidence, [passage.paragraph]))
        else:
            draft.confidence = min(draft.confidence, confidence)
            draft.paragraphs.append(passage.paragraph)
        previous = kind
    for draft in drafts:
        yield Section(
            kind=draft.kind,
            heading=draft.heading,
            confidence=draft.confidence,
            paragraphs=tuple(draft.paragraphs),
        )
