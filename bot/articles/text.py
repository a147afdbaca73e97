"""Plain text to blocks: what is a paragraph is decided by looking at the whole text.

Three habits are told apart: one paragraph per line (as in the community's own files), paragraphs between blank
lines, and lines wrapped by hand, which are joined again.
"""

import re
from collections.abc import Sequence

from bot.articles.blocks import BlockWriter, Document
from bot.models import Block

MAX_SOURCE = 500_000
"""Characters looked at."""
_ENDS_SENTENCE = re.compile(r"[.!?…:;»”\"’)\]*_👈]\s*$")
_BULLET = re.compile(r"^\s*(?:[•◦▪‣·]|[-*](?=\s))\s*(?=\S)")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s")
_ADDRESS = re.compile(r"https?://\S+\s*$")
_RULE = re.compile(r"^\s*([-=*_~#])(?:\s*\1){2,}\s*$")
WRAP_COLUMN = 120
"""Nobody wraps by hand beyond this many characters."""


def read_text(body: str) -> Document:
    chunks = [chunk for chunk in _chunks(body[:MAX_SOURCE]) if chunk]
    wrapped = bool(lines_are_wrapped(chunks))
    bullets = sum(bool(_BULLET.match(line)) for chunk in chunks for line in chunk) > 1
    writer = BlockWriter()
    for chunk in chunks:
        for paragraph in _paragraphs(chunk, wrapped=wrapped):
            mark = _BULLET.match(paragraph) if bullets else None
            writer.write(paragraph[mark.end() :] if mark else paragraph)
            writer.end_block(Block.ITEM if mark else Block.TEXT)
    return Document(tuple(writer.blocks))


def _chunks(body: str) -> list[list[str]]:
    """Runs of lines between blank lines."""
    chunks: list[list[str]] = [[]]
    for line in body.splitlines():
        if not line.strip() or _RULE.match(line):
            chunks.append([])
        else:
            chunks[-1].append(line)
    return chunks


def lines_are_wrapped(chunks: Sequence[Sequence[str]]) -> bool | None:
    """Whether a line break inside a chunk is only where the margin was (True) or the end of a paragraph (False).

    None when the text does not tell.
    """
    inner = [line for chunk in chunks for line in chunk[:-1] if len(line) > 40 and not _ADDRESS.search(line)]
    if not inner:
        return None
    margin = max(map(len, inner))
    finished = sum(bool(_ENDS_SENTENCE.search(line)) for line in inner)
    if finished * 2 >= len(inner):
        return False
    near_margin = sum(len(line) > margin * 0.6 for line in inner)
    return True if margin <= WRAP_COLUMN and near_margin * 2 > len(inner) else None


def _paragraphs(chunk: Sequence[str], *, wrapped: bool) -> list[str]:
    if not wrapped:
        return [line.strip() for line in chunk]
    margin = max(map(len, chunk))
    paragraphs: list[str] = []
    joining = False
    for line in chunk:
        alone = bool(_LIST_MARK.match(line) or _ADDRESS.search(line)) or line[:1] in "#=*_["
        if joining and not alone:
            paragraphs[-1] += " " + line.strip()
        else:
            paragraphs.append(line.strip())
        # A line well short of the margin was not cut by it: whatever comes next starts anew.
        short = len(line) < margin * 0.6
        joining = not (short or _ADDRESS.search(line) or (len(chunk) > 12 and _closes(line, margin)))
    return paragraphs


def _closes(line: str, margin: int) -> bool:
    return len(line) < margin * 0.85 and bool(re.search(r"[.!?…»”]\s*$", line))
