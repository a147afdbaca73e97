"""What changed between two versions of an article, section by section, for people to read. Pure.

What is gone is struck through, what is new is bold; whole paragraphs where they were rewritten, else words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.models import Article, Block, Kind, Paragraph, Span, SpanStyle

_ALIKE = 0.5
"""Share of words in common from which a paragraph is shown as edited rather than replaced."""
_MOST_WORDS = 600
"""Of one paragraph, compared word by word; a longer one is shown as replaced."""
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
    matcher = SequenceMatcher(None, [each.text for each in old], [each.text for each in new], autojunk=False)
    operations = matcher.get_opcodes()
    if all(tag == "equal" for tag, *_ in operations):
        return
    for tag, one, two, three, four in operations:
        if tag == "equal":
            yield Paragraph(text=SKIPPED)
        else:
            yield from _rewritten(old[one:two], new[three:four])


def _rewritten(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Paragraph]:
    left = list(old)
    for paragraph in new:
        before = next((each for each in left if _alike(each.text, paragraph.text)), None)
        if before is None:
            yield _whole(paragraph, SpanStyle.BOLD)
            continue
        while left[0] is not before:
            yield _whole(left.pop(0), SpanStyle.STRIKE)
        yield _word_by_word(left.pop(0), paragraph)
    for paragraph in left:
        yield _whole(paragraph, SpanStyle.STRIKE)


def _alike(one: str, two: str) -> bool:
    words, others = one.split(), two.split()
    if max(len(words), len(others)) > _MOST_WORDS:
        return False
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _whole(paragraph: Paragraph, style: SpanStyle) -> Paragraph:
    text = paragraph.text
    spans = (Span(start=0, end=len(text), style=style),) if text else ()
    return Paragraph(text=text, block=_readable(paragraph), spans=spans)


def _word_by_word(before: Paragraph, after: Paragraph) -> Paragraph:
    old, new = _WORDS.findall(before.text), _WORDS.findall(after.text)
    text, spans = "", []
    for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
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


def _readable(paragraph: Paragraph) -> Block:
    """Code shows no styles."""
    return Block.TEXT if paragraph.block is Block.CODE else paragraph.block
