"""Paragraphs over pages: whole where they fit, else cut after sentences, else between words; nothing is lost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.messages.cutting import ELLIPSIS, cut_offset, sentence_ends
from bot.messages.limits import size
from bot.messages.markup import render
from bot.models import Block, Paragraph, Span

_LISTS = (Block.ITEM, Block.NUMBERED)
_SENTENCE_MARKS = (".", "!", "?", "…", "»", "”", ")")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a part of one. `number` is its place in a numbered list."""

    paragraph: Paragraph
    number: int = 1

    @property
    def text(self) -> str:
        return render(self.paragraph, self.number)


Page = tuple[Piece, ...]


def paginate(paragraphs: Sequence[Paragraph], limit: int) -> tuple[Page, ...]:
    """Pages of at most `limit` characters of Markdown each; none when there is nothing to see."""
    pages: list[Page] = []
    page: list[Piece] = []
    for piece in _numbered(paragraphs):
        rest: Piece | None = piece
        while rest is not None:
            head, rest = _fitting(page, rest, limit)
            if head is not None:
                page.append(head)
            if rest is not None:
                pages.append(tuple(page))
                page = []
    return tuple(page for page in (*pages, tuple(page)) if page)


def whole_page(paragraphs: Sequence[Paragraph]) -> Page:
    """Everything on one page, however long."""
    return tuple(_numbered(paragraphs))


def render_page(page: Sequence[Piece]) -> str:
    """A page as Markdown: list items close together, everything else apart."""
    parts: list[str] = []
    for index, piece in enumerate(page):
        if index:
            block, before = piece.paragraph.block, page[index - 1].paragraph.block
            parts.append("\n" if block is before and block in _LISTS else "\n\n")
        parts.append(piece.text)
    return "".join(parts)


def excerpt(paragraphs: Sequence[Paragraph], limit: int) -> tuple[str, bool]:
    """The beginning of a text as Markdown, cut after a sentence and ending in … where it is; and whether it was cut."""
    pieces = whole_page(paragraphs)
    if size(render_page(pieces)) <= limit:
        return render_page(pieces), False
    room = limit - len(ELLIPSIS) - 1
    page: list[Piece] = []
    for piece in pieces:
        if size(render_page([*page, piece])) <= room:
            page.append(piece)
            continue
        head, _ = _split(page, piece, room)
        if head is not None and (not page or len(head.paragraph.text) in sentence_ends(piece.paragraph.text)):
            page.append(head)
        break
    text = render_page(page)
    if text.endswith("```"):
        return f"{text}\n{ELLIPSIS}", True
    return f"{text} {ELLIPSIS}" if text.endswith(_SENTENCE_MARKS) else f"{text}{ELLIPSIS}", True


def _numbered(paragraphs: Sequence[Paragraph]) -> Iterator[Piece]:
    number = 0
    for paragraph in paragraphs:
        number = number + 1 if paragraph.block is Block.NUMBERED else 0
        piece = Piece(paragraph, max(number, 1))
        if piece.text:
            yield piece


def _fitting(page: Sequence[Piece], piece: Piece, limit: int) -> tuple[Piece | None, Piece | None]:
    """What of a piece still goes on a page, and what is left of it."""
    if size(render_page([*page, piece])) <= limit:
        return piece, None
    if page and size(piece.text) <= limit:
        return None, piece
    if page and size(render_page(page)) > limit // 2:
        return None, piece
    return _split(page, piece, limit)


def _split(page: Sequence[Piece], piece: Piece, limit: int) -> tuple[Piece | None, Piece | None]:
    text = piece.paragraph.text

    def fits(end: int) -> bool:
        return size(render_page([*page, Piece(_part(piece.paragraph, 0, end), piece.number)])) <= limit

    offset = cut_offset(text, fits, least=0.5)
    if not fits(offset):
        if page:
            return None, piece
        return _split_bare(piece, limit)
    head = Piece(_part(piece.paragraph, 0, offset), piece.number)
    rest = _rest(piece.paragraph, offset)
    return (head if head.text else None), rest


def _split_bare(piece: Piece, limit: int) -> tuple[Piece | None, Piece | None]:
    """Where not even one character fits with its links and styles, the words go without them."""
    bare = Piece(Paragraph(text=piece.paragraph.text), 1)
    if bare == piece:
        raise ValueError(f"no text fits in {limit} characters")
    return _split((), bare, limit) if size(bare.text) > limit else (bare, None)


def _rest(paragraph: Paragraph, offset: int) -> Piece | None:
    while offset < len(paragraph.text) and paragraph.text[offset].isspace():
        offset += 1
    if offset >= len(paragraph.text):
        return None
    part = _part(paragraph, offset, len(paragraph.text))
    if part.block in _LISTS:  # the rest of an item is not another item
        part = part.model_copy(update={"block": Block.TEXT})
    return Piece(part) if Piece(part).text else None


def _part(paragraph: Paragraph, start: int, end: int) -> Paragraph:
    """Characters `start` to `end` of a paragraph with the spans that reach into them."""
    spans = tuple(
        Span(start=max(span.start, start) - start, end=min(span.end, end) - start, style=span.style, url=span.url)
        for span in paragraph.spans
        if max(span.start, start) < min(span.end, end)
    )
    return Paragraph(text=paragraph.text[start:end], block=paragraph.block, spans=spans)
