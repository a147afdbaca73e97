"""Paragraphs over pages: whole where they fit, else cut after sentences, else between words; nothing is lost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bot.messages.cutting import ELLIPSIS, cut_offset, sentence_ends
from bot.messages.limits import size
from bot.messages.markup import render
from bot.messages.plain import visible
from bot.models import Block, Paragraph, Span

_LISTS = (Block.ITEM, Block.NUMBERED)
_SENTENCE_MARKS = (".", "!", "?", "…", "»", "”", ")")


@dataclass(frozen=True)
class Piece:
    """A paragraph, or a part of one. `number` is its place in a numbered list."""

    paragraph: Paragraph
    number: int = 1

    @cached_property
    def text(self) -> str:
        """As Markdown."""
        return render(self.paragraph, self.number)

    @property
    def least(self) -> int:
        """No more than its Markdown can take: tells long texts without drawing them."""
        return len(self.paragraph.text.strip())

    def part(self, start: int, end: int) -> "Piece":
        """Characters `start` to `end`, with the spans that reach into them."""
        spans = tuple(
            Span(start=max(span.start, start) - start, end=min(span.end, end) - start, style=span.style, url=span.url)
            for span in self.paragraph.spans
            if max(span.start, start) < min(span.end, end)
        )
        return Piece(
            Paragraph(text=self.paragraph.text[start:end], block=self.paragraph.block, spans=spans), self.number
        )

    def rest(self, offset: int) -> "Piece | None":
        """What follows a cut; the rest of a list item is not another item."""
        text = self.paragraph.text
        while offset < len(text) and text[offset].isspace():
            offset += 1
        part = self.part(offset, len(text))
        if part.paragraph.block in _LISTS:
            part = Piece(part.paragraph.model_copy(update={"block": Block.TEXT}))
        return part if part.paragraph.text.strip() else None


Page = tuple[Piece, ...]


def paginate(paragraphs: Sequence[Paragraph], limit: int) -> tuple[Page, ...]:
    """Pages of at most `limit` characters of Markdown each; none when there is nothing to see."""
    pages: list[Page] = []
    page = _Filling(limit)
    for piece in _numbered(paragraphs):
        rest: Piece | None = piece
        while rest is not None:
            rest = page.take(rest)
            if rest is not None:
                pages.append(tuple(page.pieces))
                page = _Filling(limit)
    return tuple(page for page in (*pages, tuple(page.pieces)) if page)


def whole_page(paragraphs: Sequence[Paragraph]) -> Page:
    """Everything on one page, however long."""
    return tuple(_numbered(paragraphs))


def render_page(page: Sequence[Piece]) -> str:
    """A page as Markdown: list items close together, everything else apart."""
    gaps = ["", *(_gap(before, after) for before, after in pairwise(page))]
    return "".join(part for gap, piece in zip(gaps, page, strict=False) for part in (gap, piece.text))


def excerpt(paragraphs: Sequence[Paragraph], limit: int) -> tuple[str, bool]:
    """The beginning of a text as Markdown, cut after a sentence and ending in … where it is; and whether it was cut."""
    pieces = whole_page(paragraphs)
    if size(whole := render_page(pieces)) <= limit:
        return whole, False
    page = _Filling(limit - len(ELLIPSIS) - 1)
    for piece in pieces:
        if not page.fits(piece):
            page.begin(piece, whole_sentences=bool(page.pieces))
            break
        page.add(piece)
    text = render_page(page.pieces)
    if text.endswith("```"):
        return f"{text}\n{ELLIPSIS}", True
    return f"{text} {ELLIPSIS}" if text.endswith(_SENTENCE_MARKS) else f"{text}{ELLIPSIS}", True


class _Filling:
    """A page being filled."""

    def __init__(self, limit: int) -> None:
        self.pieces: list[Piece] = []
        self._limit = limit
        self._left = limit

    def take(self, piece: Piece) -> Piece | None:
        """Add what fits of a piece; what is left of it goes on the next page."""
        if self.fits(piece):
            self.add(piece)
            return None
        # A page is filled with the beginning of a paragraph only where it would otherwise stay half empty.
        if self.pieces and (self._left < self._limit // 2 or _Filling(self._limit).fits(piece)):
            return piece
        return self.begin(piece)

    def fits(self, piece: Piece) -> bool:
        room = self._left - self._gap_before(piece)
        return piece.least <= room and size(piece.text) <= room

    def add(self, piece: Piece) -> None:
        self._left -= self._gap_before(piece) + size(piece.text)
        self.pieces.append(piece)

    def begin(self, piece: Piece, *, whole_sentences: bool = False) -> Piece | None:
        """Add the beginning of a piece that does not fit, and give back the rest."""
        window = piece.paragraph.text[: 2 * self._limit]
        offset = cut_offset(window, lambda end: self.fits(piece.part(0, end)), least=0.5)
        head = piece.part(0, offset)
        if not self.fits(head):
            return piece if self.pieces else _Filling.take(self, _bare(piece, self._limit))
        if whole_sentences and offset not in sentence_ends(piece.paragraph.text):
            return piece
        if head.text:
            self.add(head)
        return piece.rest(offset)

    def _gap_before(self, piece: Piece) -> int:
        return len(_gap(self.pieces[-1], piece)) if self.pieces else 0


def _gap(before: Piece, after: Piece) -> str:
    return "\n" if before.paragraph.block is after.paragraph.block and after.paragraph.block in _LISTS else "\n\n"


def _numbered(paragraphs: Sequence[Paragraph]) -> Iterator[Piece]:
    number = 0
    for paragraph in paragraphs:
        number = number + 1 if paragraph.block is Block.NUMBERED else 0
        piece = Piece(_visible(paragraph), max(number, 1))
        if piece.text:
            yield piece


def _visible(paragraph: Paragraph) -> Paragraph:
    """The paragraph without what nobody sees, so that no part of it is shorter in Markdown than in its text."""
    text = paragraph.text
    if visible(text) == text:
        return paragraph
    edges = sorted({0, len(text), *(min(at, len(text)) for span in paragraph.spans for at in (span.start, span.end))})
    moved, cleaned = {0: 0}, ""
    for start, end in pairwise(edges):
        cleaned += visible(text[start:end])
        moved[end] = len(cleaned)
    spans = tuple(
        Span(start=start, end=end, style=span.style, url=span.url)
        for span in paragraph.spans
        if (start := moved[min(span.start, len(text))]) < (end := moved[min(span.end, len(text))])
    )
    return Paragraph(text=cleaned, block=paragraph.block, spans=spans)


def _bare(piece: Piece, limit: int) -> Piece:
    """Where not even one character fits with its links and styles, the words go without them."""
    bare = Piece(Paragraph(text=piece.paragraph.text))
    if bare == piece:
        raise ValueError(f"no text fits in {limit} characters")
    return bare
