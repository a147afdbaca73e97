"""What every body becomes before it is understood: a list of blocks, each one paragraph, item, quote or heading.

The readers of formats (`html`, `markdown`, `text`) write through `BlockWriter`, so whitespace, spans and bounds are
settled here once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from bot.articles.characters import clean_characters
from bot.models import Block, Image, Span, SpanStyle

MAX_CHARACTERS = 400_000
"""Of text kept from one body; what follows is beyond any article."""
MAX_BLOCKS = 5_000
MAX_SPANS = 100
"""In one block; further words keep their text and lose their style."""

_COLLAPSIBLE = re.compile(r"[ \t\n\f]+")


@dataclass(frozen=True, slots=True)
class TextBlock:
    text: str
    block: Block = Block.TEXT
    spans: tuple[Span, ...] = ()
    level: int | None = None
    """1 to 6 for a heading, None for anything else."""

    def cut(self, start: int, end: int | None = None) -> "TextBlock":
        """The same block with only `text[start:end]`, its edges trimmed and its spans moved along."""
        end = len(self.text) if end is None else end
        piece = self.text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        spans = tuple(
            Span(start=max(span.start, start) - start, end=min(span.end, end) - start, style=span.style, url=span.url)
            for span in self.spans
            if min(span.end, end) > max(span.start, start)
        )
        return replace(self, text=self.text[start:end], spans=spans)

    def lines(self) -> tuple["TextBlock", ...]:
        """One block per line of its text."""
        pieces, position = [], 0
        for line in self.text.split("\n"):
            pieces.append(self.cut(position, position + len(line)))
            position += len(line) + 1
        return tuple(piece for piece in pieces if piece.text)

    def links(self) -> tuple[str, ...]:
        return tuple(span.url for span in self.spans if span.style is SpanStyle.LINK and span.url)


@dataclass(frozen=True, slots=True)
class Document:
    """A body, read. `title` and `author` are what the format itself declared, outside the text."""

    blocks: tuple[TextBlock, ...] = ()
    images: tuple[Image, ...] = ()
    title: str | None = None
    author: str | None = None
    language: str | None = None


def web_address(address: str | None, base_url: str | None = None) -> str | None:
    """`address` as an absolute http(s) URL, or None when it is anything else (a script, a data: image, nonsense)."""
    if not address or len(address) > 2_000:
        return None
    try:
        joined = urljoin(base_url or "", address.strip())
        parts = urlsplit(joined)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    if not usable or any(character.isspace() or character in '<>"`\\' for character in joined):
        return None
    return joined


@dataclass(slots=True)
class _OpenSpan:
    style: SpanStyle
    url: str | None
    start: int


@dataclass(slots=True)
class BlockWriter:
    """Collects text and styles and cuts them into blocks. ASCII whitespace collapses, other spaces are the author's."""

    blocks: list[TextBlock] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    characters: int = 0
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _spaced: bool = True
    _open: list[_OpenSpan] = field(default_factory=list)
    _spans: list[tuple[int, int, SpanStyle, str | None]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return self.characters >= MAX_CHARACTERS or len(self.blocks) >= MAX_BLOCKS

    @property
    def empty(self) -> bool:
        return not self._length

    def write(self, text: str, *, verbatim: bool = False) -> None:
        if self.full:
            return
        text = clean_characters(text[: MAX_CHARACTERS - self.characters])
        if not verbatim:
            text = _COLLAPSIBLE.sub(" ", text)
            if self._spaced and text.startswith(" "):
                text = text[1:]
        if text:
            self._pieces.append(text)
            self._length += len(text)
            self.characters += len(text)
            self._spaced = text[-1] in " \n"

    def break_line(self) -> None:
        if not self._length:
            return
        if self._pieces[-1].endswith(" "):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._length -= 1
        self._pieces.append("\n")
        self._length += 1
        self._spaced = True

    def open(self, style: SpanStyle, url: str | None = None) -> bool:
        """Starts a styled run; False when it is already open, so that nested repeats cost nothing."""
        if any(span.style is style for span in self._open):
            return False
        self._open.append(_OpenSpan(style, url, self._length))
        return True

    def close(self, style: SpanStyle) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].style is style:
                span = self._open.pop(index)
                self._keep(span)
                return

    def end_block(self, block: Block = Block.TEXT, level: int | None = None) -> None:
        """Cuts here. Styles still open go on in the next block."""
        for span in self._open:
            self._keep(span)
            span.start = 0
        text, spans = "".join(self._pieces), self._spans
        self._pieces, self._spans, self._length, self._spaced = [], [], 0, True
        if not text.strip() or len(self.blocks) >= MAX_BLOCKS:
            return
        whole = TextBlock(text, block, _tidy(text, spans), level)
        whole = whole.cut(0)
        if block is Block.CODE:
            self.blocks.append(whole)
        elif level is not None:
            self.blocks.append(replace(whole, text=whole.text.replace("\n", " "), spans=()))
        else:
            self.blocks.extend(_split_at_blank_lines(whole))

    def picture(self, address: str | None, alt: str | None, base_url: str | None) -> None:
        url = web_address(address, base_url)
        if url and len(self.images) < 50:
            alt = _COLLAPSIBLE.sub(" ", clean_characters(alt or "")).strip()[:1_000]
            self.images.append(Image(url=url, alt=alt or None))

    def _keep(self, span: _OpenSpan) -> None:
        if self._length > span.start and len(self._spans) < MAX_SPANS:
            self._spans.append((span.start, self._length, span.style, span.url))


def _tidy(text: str, spans: list[tuple[int, int, SpanStyle, str | None]]) -> tuple[Span, ...]:
    tidied = []
    for start, end, style, url in spans:
        words = text[start:end]
        first = start + len(words) - len(words.lstrip())
        last = end - (len(words) - len(words.rstrip()))
        if last > first:
            tidied.append(Span(start=first, end=last, style=style, url=url))
    return tuple(sorted(tidied, key=lambda span: (span.start, -span.end)))


def _split_at_blank_lines(whole: TextBlock) -> Iterator[TextBlock]:
    """Two line breaks in a row are how careless HTML separates paragraphs."""
    position = 0
    for gap in re.finditer(r"\n[\s]*\n", whole.text):
        yield whole.cut(position, gap.start())
        position = gap.end()
    last = whole.cut(position) if position else whole
    if last.text:
        yield last
