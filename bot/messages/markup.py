"""An article's words as Discord Markdown: they look as their author wrote them, and do nothing else. Pure.

Discord drops a backslash before any punctuation, so that escaping is invisible; `discord.utils.escape_markdown` leaves
list markers, brackets, emoji names and auto-linked addresses as they are, and therefore does not do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from bot.messages.limits import size
from bot.messages.links import passes_for_another, safe_link
from bot.messages.plain import one_line, visible
from bot.models import Block, Paragraph, Span, SpanStyle

_JOINER = "\u2060"
"""Word joiner: invisible and unbreakable. Keeps two runs of markers apart."""

_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_TRAILING = ".,;:!?…»”’\"'*_~`|\\"
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\*_~`|<>[]"})
_MARKERS_IN_ADDRESS = str.maketrans({"*": "%2A", "~": "%7E"})
_SHORTCODE = re.compile(r":(?=[\w+-]+:)")
_SCHEME = re.compile(r":(?=//)")
_PING = re.compile(r"@(?=everyone|here)")
_LINE_MARKER = re.compile(r"^([ \u00a0]*)([#+>-])", re.MULTILINE)
_LINE_NUMBER = re.compile(r"^([ \u00a0]*\d+)([.)])", re.MULTILINE)
_LINK_BREAKERS = re.compile(r"[\[\]\n]")
_MEETING = re.compile(r"[*~`]{2}|[^\s*~`\[\]()<>]{2}")
"""Two characters that must not stand side by side when they come from different pieces."""

_STYLES = ((SpanStyle.ITALIC, "*"), (SpanStyle.BOLD, "**"), (SpanStyle.STRIKE, "~~"))
"""From the inside out."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one paragraph that look alike."""

    start: int
    end: int
    styles: frozenset[SpanStyle]
    """Without links, which are in `url`."""
    url: str | None


def escape(text: str) -> str:
    """Plain text that Discord shows as it is. Whole web addresses stay links, since they show where they lead."""
    return _escape_lines(_escape_inline(text))


def escape_line(text: str) -> str:
    """The same on one line and without any link, for names."""
    return _escape_lines(_escape_words(one_line(text)))


def linked(text: str, url: str | None) -> str:
    """Words on one line that lead to `url`, which is shown after words that read as another address."""
    line, link = one_line(text), safe_link(url)
    if link is None or not line or link == safe_link(line):
        return escape(line)
    if passes_for_another(line, link):
        return f"{escape_line(line)} (<{link}>)"
    return render_inline(line, (Span(start=0, end=len(line), style=SpanStyle.LINK, url=link),))


def render(paragraph: Paragraph, number: int = 1) -> str:
    """One paragraph as Markdown; `number` is its place in a numbered list. Empty when nothing of it can be seen."""
    if paragraph.block is Block.CODE:
        return _code_block(paragraph.text)
    text = render_inline(paragraph.text, paragraph.spans).strip()
    if not text:
        return ""
    match paragraph.block:
        case Block.QUOTE:
            return "\n".join(f"> {line}" for line in text.split("\n"))
        case Block.ITEM:
            return "- " + text.replace("\n", "\n  ")
        case Block.NUMBERED:
            return f"{number}. " + text.replace("\n", "\n   ")
        case _:
            return text


def render_inline(text: str, spans: Sequence[Span]) -> str:
    if not spans:
        return escape(text)
    pieces: list[str] = []
    for url, runs in groupby(_runs(text, spans), key=lambda run: run.url):
        group = list(runs)
        inner = _styled(text, group)
        words = visible(text[group[0].start : group[-1].end]).strip()
        if url is None or not words:
            pieces.append(inner)
        elif safe_link(words) == url:
            pieces.append(f"<{url}>")
        elif passes_for_another(words, url):
            pieces.append(f"{inner} (<{url}>)")
        else:
            pieces.append(_outside_spaces(inner, "[", f"](<{url}>)"))
    return _escape_lines(_joined(pieces))


def rendered_size(paragraph: Paragraph, number: int = 1) -> int:
    return size(render(paragraph, number))


def _escape_inline(text: str, *, styled: bool = False) -> str:
    """`styled` text gets markers around it, which must not end at those of an address within."""
    text = visible(text)
    parts: list[str] = []
    position = 0
    for match in _ADDRESS.finditer(text):
        address = _trimmed(match[0])
        if (link := safe_link(address)) is None:
            continue
        if styled:
            link = link.translate(_MARKERS_IN_ADDRESS)
        parts += [_escape_words(text[position : match.start()]), f"<{link}>"]
        position = match.start() + len(address)
    parts.append(_escape_words(text[position:]))
    return "".join(parts)


def _escape_words(text: str) -> str:
    text = text.translate(_SPECIAL)
    text = _SHORTCODE.sub(r"\\:", text)
    text = _SCHEME.sub(r"\\:", text)
    return _PING.sub("@\u200b", text)


def _escape_lines(text: str) -> str:
    text = _LINE_MARKER.sub(r"\1\\\2", text)
    return _LINE_NUMBER.sub(r"\1\\\2", text)


def _trimmed(address: str) -> str:
    """An address found in running text without the punctuation of the sentence around it."""
    while address:
        shorter = address.rstrip(_TRAILING)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == address:
            break
        address = shorter
    return address


def _runs(text: str, spans: Sequence[Span]) -> Iterator[_Run]:
    """The text from left to right in runs of equal style."""
    changes: dict[int, list[tuple[SpanStyle, int]]] = {0: [], len(text): []}
    for span in spans:
        end = min(span.end, len(text))
        if span.start < end and span.style is not SpanStyle.LINK:
            changes.setdefault(span.start, []).append((span.style, 1))
            changes.setdefault(end, []).append((span.style, -1))
    links = _links(text, spans)
    for start, end, _ in links:
        changes.setdefault(start, [])
        changes.setdefault(end, [])
    open_spans = dict.fromkeys(SpanStyle, 0)
    links.reverse()
    for offset, following in pairwise(sorted(changes)):
        for style, change in changes[offset]:
            open_spans[style] += change
        while links and links[-1][1] <= offset:
            links.pop()
        url = links[-1][2] if links and links[-1][0] <= offset else None
        yield _Run(offset, following, frozenset(style for style, count in open_spans.items() if count), url)


def _links(text: str, spans: Sequence[Span]) -> list[tuple[int, int, str]]:
    """Start, end and address of each link; the first wins where they overlap.

    A link keeps the longest part of its words that has no bracket: parsers disagree on brackets, escaped or not.
    """
    links: list[tuple[int, int, str]] = []
    reached = 0
    for span in sorted((span for span in spans if span.style is SpanStyle.LINK), key=lambda span: span.start):
        start, end = max(span.start, reached), min(span.end, len(text))
        url = safe_link(span.url)
        if url is None or start >= end:
            continue
        reached = end
        cuts = [start - 1, *(start + match.start() for match in _LINK_BREAKERS.finditer(text[start:end])), end]
        length, first = max((after - before - 1, before + 1) for before, after in pairwise(cuts))
        if length:
            links.append((first, first + length, url))
    return links


def _styled(text: str, runs: Sequence[_Run]) -> str:
    pieces: list[str] = []
    for run in runs:
        words = text[run.start : run.end]
        if SpanStyle.CODE in run.styles:
            pieces.append(_code(words))  # and nothing around it: markers do not see where code ends
            continue
        piece = _escape_inline(words, styled=bool(run.styles))
        for style, marker in _STYLES:
            if style in run.styles:
                piece = _outside_spaces(piece, marker, marker)
        pieces.append(piece)
    return _joined(pieces)


def _joined(pieces: Sequence[str]) -> str:
    """Pieces side by side, so that neither markers nor words (`@every` and `one`) become something else together."""
    out = ""
    for piece in filter(None, pieces):
        if out and _MEETING.fullmatch(out[-1] + piece[0]):
            out += _JOINER
        out += piece
    return out


def _outside_spaces(text: str, before: str, after: str) -> str:
    """Markers next to words: Discord ignores those next to white space."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core[0])
    return text[:start] + before + core + after + text[start + len(core) :]


def _code(text: str) -> str:
    words = one_line(text)
    if not words:
        return " " if text else ""
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() else ""
    if "`" not in words:
        return f"{lead}`{words}`{tail}"
    return f"{lead}`` {words.replace('``', f'`{_JOINER}`').replace('``', f'`{_JOINER}`')} ``{tail}"


def _code_block(text: str) -> str:
    lines = visible(text).strip("\n")
    if not lines.strip():
        return ""
    while "```" in lines:
        lines = lines.replace("```", f"``{_JOINER}`")
    return f"```\n{lines}\n```"
