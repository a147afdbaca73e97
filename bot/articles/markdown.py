"""Markdown to blocks: the parts that people write by hand, read leniently and in one pass.

Anything that is not clearly markup stays as the author's own characters. HTML inside Markdown is read by `html`.
"""

import re
from dataclasses import dataclass, field

from bot.articles.blocks import BlockWriter, Document
from bot.articles.html import read_html
from bot.articles.inline import write_inline
from bot.articles.text import lines_are_wrapped
from bot.models import Block

MAX_SOURCE = 500_000

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM = re.compile(r"^\s{0,12}(?:([-*+•])|\d{1,3}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_DEFINITION = re.compile(r"^ {0,3}\[([^\]^]{1,200})\]:[ \t]*<?(\S{1,2000}?)>?(?:[ \t]+[\"'(].*)?$")
_BLOCK_TAG = re.compile(
    r"^ {0,3}</?(?:p|div|section|article|h[1-6]|ul|ol|table|figure|blockquote|pre|main|body|html)\b", re.IGNORECASE
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"(?im)^(title|titre|author|auteur|lang|language|langue)[ \t]*:[ \t]*(.+?)[ \t]*$")
_FIELDS = {"titre": "title", "auteur": "author", "lang": "language", "langue": "language"}


def read_markdown(body: str, base_url: str | None = None) -> Document:
    body = body[:MAX_SOURCE].lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    fields, body = _front_matter(body)
    lines = body.split("\n")
    if sum(bool(_BLOCK_TAG.match(line)) for line in lines) >= 2:
        document = read_html(_as_html_paragraphs(lines), base_url)
    else:
        document = _Reader(base_url, _definitions(lines)).read(lines)
    return Document(
        document.blocks,
        document.images,
        title=fields.get("title") or document.title,
        author=fields.get("author"),
        language=fields.get("language") or document.language,
    )


def _front_matter(body: str) -> tuple[dict[str, str], str]:
    """The few fields of a YAML header that mean something here; the rest of it is not text either."""
    header = _FRONT_MATTER.match(body)
    if header is None or ":" not in header[1]:
        return {}, body
    fields = {}
    for name, value in _FIELD.findall(header[1]):
        fields[_FIELDS.get(name.lower(), name.lower())] = value.strip("\"'")
    return fields, body[header.end() :]


def _as_html_paragraphs(lines: list[str]) -> str:
    """HTML saved under a Markdown name: blank lines still separate paragraphs."""
    return "\n".join(line or "<br><br>" for line in lines)


def _definitions(lines: list[str]) -> dict[str, str]:
    return {match[1].casefold(): match[2] for line in lines if (match := _DEFINITION.match(line))}


@dataclass(slots=True)
class _Reader:
    base_url: str | None
    definitions: dict[str, str]
    writer: BlockWriter = field(default_factory=BlockWriter)
    _chunk: list[str] = field(default_factory=list)
    _chunk_block: Block = Block.TEXT
    _wrapped: bool = True

    def read(self, lines: list[str]) -> Document:
        self._wrapped = _soft_breaks_join(lines)
        fence: str | None = None
        for line in lines:
            if self.writer.full:
                break
            opening = _FENCE.match(line)
            if fence is not None:
                if opening and opening[1].startswith(fence) and not line.strip("`~ \t"):
                    self._end_chunk()
                    fence = None
                else:
                    self._chunk.append(line)
            elif opening:
                self._end_chunk()
                fence = opening[1]
                self._chunk_block = Block.CODE
            else:
                self._read_line(line)
        self._end_chunk()
        return Document(tuple(self.writer.blocks), tuple(self.writer.images))

    def _read_line(self, line: str) -> None:
        text = self._chunk_block is Block.TEXT
        if text and self._chunk and (underline := _SETEXT.match(line)) and len(self._chunk) <= 2:
            self._end_chunk(level=1 if underline[1][0] == "=" else 2)
        elif not line.strip() or _RULE.match(line) or _DEFINITION.match(line):
            self._end_chunk()
        elif heading := _ATX.match(line):
            self._end_chunk()
            self._chunk = [heading[2] or ""]
            self._end_chunk(level=len(heading[1]))
        elif item := _ITEM.match(line):
            self._end_chunk()
            self._chunk_block = Block.ITEM if item[1] else Block.NUMBERED
            self._chunk.append(line[item.end() :])
        elif quote := _QUOTE.match(line):
            if self._chunk_block is not Block.QUOTE or not line[quote.end() :].strip():
                self._end_chunk()
            self._chunk_block = Block.QUOTE
            if line[quote.end() :].strip():
                self._chunk.append(line[quote.end() :])
        else:
            self._chunk.append(line)

    def _end_chunk(self, level: int | None = None) -> None:
        chunk, block = self._chunk, self._chunk_block
        self._chunk, self._chunk_block = [], Block.TEXT
        if block is Block.CODE:
            self.writer.write("\n".join(chunk), verbatim=True)
            self.writer.end_block(block)
            return
        separate = not self._wrapped and block is Block.TEXT and level is None
        for position, line in enumerate(chunk):
            if position and separate:
                self.writer.end_block(block)
            elif position and chunk[position - 1].endswith(("  ", "\\")):
                self.writer.break_line()
            elif position:
                self.writer.write(" ")
            text = line.rstrip()
            if text.endswith("\\") and position + 1 < len(chunk):
                text = text[:-1]
            write_inline(self.writer, text, self.base_url, self.definitions)
        self.writer.end_block(block, level)


def _soft_breaks_join(lines: list[str]) -> bool:
    """Markdown joins the lines of a paragraph, but people who write one paragraph per line mean what they wrote."""
    chunks: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or _ATX.match(line) or _SETEXT.match(line) or _ITEM.match(line) or _QUOTE.match(line):
            chunks.append([])
        else:
            chunks[-1].append(line)
    return lines_are_wrapped(chunks) is not False
