"""What changed between two versions of an article, section by section, for people to read. Pure.

What is gone is struck through, what is new is bold; whole paragraphs where they were rewritten, else words.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.articles.alignment import Operation, operations
from bot.models import Article, Block, Kind, Paragraph, Span, SpanStyle

_ALIKE = 0.5
"""Share of words in common from which a paragraph is shown as edited rather than replaced."""
_MOST_WORDS = 600
"""Of one paragraph, compared word by word; a longer one is shown as replaced."""
_MOST_CANDIDATES = 20
"""Former paragraphs among which the one that was rewritten is looked for."""
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

SKIPPED = "[…]"
"""Stands for paragraphs that are as they were."""


@dataclass(frozen=True, slots=True)
class SectionChange:
    kind: str
    paragraphs: tuple[Paragraph, ...]


def compare(before: Article, after: Article) -> tuple[SectionChange, ...]:
    """The sections that say something else, in the order of the new version, those that are gone last."""
    old, new = _by_kind(before), _by_kind(after)
    found = []
    for kind in dict.fromkeys((*new, *old)):
        paragraphs = tuple(_differences(old.get(kind, ()), new.get(kind, ())))
        if paragraphs:
            found.append(SectionChange(kind, paragraphs))
    return tuple(found)


def edited(before: str, after: str) -> Paragraph:
    """One text that shows both."""
    return _word_by_word(Paragraph(text=before), Paragraph(text=after))


def _by_kind(article: Article) -> dict[str, tuple[Paragraph, ...]]:
    """All that is of no kind counts as one section: where one ends and the next begins says nothing to a reader."""
    found: dict[str, tuple[Paragraph, ...]] = {}
    for section in article.sections:
        heading = (Paragraph(text=section.heading),) if section.heading and section.kind == Kind.OTHER else ()
        found[section.kind] = (*found.get(section.kind, ()), *heading, *section.paragraphs)
    return found


def _differences(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Paragraph]:
    found = list(operations([each.text for each in old], [each.text for each in new]))
    if all(tag == "equal" for tag, *_ in found):
        return
    for tag, one, two, three, four in found:
        if tag == "equal":
            yield Paragraph(text=SKIPPED)
        else:
            yield from _rewritten(old[one:two], new[three:four])


def _rewritten(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Paragraph]:
    left = deque((each, Counter(each.text.split())) for each in old)
    for paragraph in new:
        words = Counter(paragraph.text.split())
        before = next((each for each, its in islice(left, _MOST_CANDIDATES) if _alike(its, words)), None)
        if before is None:
            yield _whole(paragraph, SpanStyle.BOLD)
            continue
        while left[0][0] is not before:
            yield _whole(left.popleft()[0], SpanStyle.STRIKE)
        yield _word_by_word(left.popleft()[0], paragraph)
    for each, _ in left:
        yield _whole(each, SpanStyle.STRIKE)


def _alike(words: Counter[str], others: Counter[str]) -> bool:
    one, two = words.total(), others.total()
    return max(one, two) <= _MOST_WORDS and 2 * (words & others).total() >= _ALIKE * (one + two)


def _whole(paragraph: Paragraph, style: SpanStyle) -> Paragraph:
    text = paragraph.text
    spans = (Span(start=0, end=len(text), style=style),) if text else ()
    return Paragraph(text=text, block=_readable(paragraph), spans=spans)


def _word_by_word(before: Paragraph, after: Paragraph) -> Paragraph:
    old, new = _WORDS.findall(before.text), _WORDS.findall(after.text)
    text, spans = "", []
    for tag, one, two, three, four in _readably(old, new):
        gone, added = "".join(old[one:two]), "".join(new[three:four])
        if tag == "equal":
            text += added
            continue
        for part, style in ((gone, SpanStyle.STRIKE), (added, SpanStyle.BOLD)):
            if part.strip():
                text += " " if style is SpanStyle.BOLD and gone.strip() and not text[-1].isspace() else ""
                start = len(text) + len(part) - len(part.lstrip())
                spans.append(Span(start=start, end=len(text) + len(part.rstrip()), style=style))
            text += part if part.strip() or style is SpanStyle.BOLD else ""
    return Paragraph(text=text, block=_readable(after), spans=tuple(spans))


def _readably(old: Sequence[str], new: Sequence[str]) -> Iterator[Operation]:
    """Changes with nothing but spaces and signs between them are one change."""
    if max(len(old), len(new)) > 2 * _MOST_WORDS:
        yield "replace", 0, len(old), 0, len(new)
        return
    change: Operation | None = None
    kept: Operation | None = None
    for each in operations(old, new):
        tag, one, two, three, four = each
        if tag == "replace":
            change, kept = ("replace", change[1] if change else one, two, change[3] if change else three, four), None
        elif change and not any(word[0].isalnum() for word in old[one:two]):
            kept = each
        else:
            yield from filter(None, (change, each))
            change = None
    yield from filter(None, (change, kept))


def _readable(paragraph: Paragraph) -> Block:
    """Code shows no styles."""
    return Block.TEXT if paragraph.block is Block.CODE else paragraph.block
