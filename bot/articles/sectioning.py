"""Blocks to sections: headings decide where there are some, a labeller where there are none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.articles.blocks import TextBlock
from bot.articles.headings import HeadingMatch, Sureness, believed, match_heading
from bot.articles.labelling import MAX_PARAGRAPHS, Labeller, Run, served
from bot.models import Block, Kind, Paragraph, Section, SpanStyle

LEAD = 2
"""Paragraphs that stand as the summary of an article of whose sections none is sure."""

_DECORATION = re.compile(
    r"^\s*(?:[*_]{1,3}|={2,}|-{2,}|#{1,6}|[\[(~|>•]|—|–)\s*(.+?)\s*(?:[*_]{1,3}|=*|-*|#*|[\])~|<•]|—|–)\s*:?\s*$"
)
_SENTENCE_END = re.compile(r"(?<!\.)\.\s*$|[,;]\s*$|[.!?…]\s*[»”\"]\s*$")
_RUN_IN = re.compile(r"^(.{2,60}?)\s*(?::|\.\s|\s[–—-]\s)\s*(?=\S)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    """A block, and what kind of heading it may be. `marked`: its author made it look like one."""

    block: TextBlock
    match: HeadingMatch | None = None
    marked: bool = False
    opens: bool = False
    """Bold at the start of the paragraph that it heads."""

    @property
    def heading(self) -> bool:
        return self.marked or self.match is not None


def divide(
    blocks: Sequence[TextBlock], language: str, labeller: Labeller, threshold: float | None = None
) -> tuple[Section, ...]:
    """Below `threshold`, or the labeller's own, a section that has no heading is `other`."""
    # "Voici les points clés : …" is no heading in an article whose headings stand by themselves.
    lines = list(_heading_lines(blocks, plain=False))
    if not believed([line.match for line in lines if line.match]):
        lines = list(_heading_lines(blocks))
    if believed([line.match for line in lines if line.match]):
        return _headed(_with_bare_headings(_with_opening_headings(lines)))
    if any(line.marked for line in lines):
        return _ordinary_headed(list(_heading_lines(blocks, run_in=False)))
    if lines and _is_summary_heading(lines[0]):
        return _ordinary_headed(_with_bare_headings([replace(lines[0], marked=True), *lines[1:]]))
    return _bare(blocks, language, labeller, threshold)


# -- headings ----------------------------------------------------------------------------------------------------------


def _heading_lines(blocks: Sequence[TextBlock], *, run_in: bool = True, plain: bool = True) -> Iterator[_Line]:
    """`run_in`: headings may open their paragraph, in bold, or where `plain`, in nothing but words and a colon."""
    for block in blocks:
        if block.level is not None:
            yield _Line(block, match_heading(block.text, marked=True), marked=True)
        elif block.block in (Block.CODE, Block.QUOTE):
            yield _Line(block)
        elif _decorated(block):
            text = _undecorated(block.text)
            yield _Line(replace(block, text=text, spans=()), match_heading(text, marked=True), marked=True)
        elif len(block.text) <= 80 and not _SENTENCE_END.search(block.text):
            yield _Line(block, match_heading(block.text, marked=False))
        elif run_in:
            yield from _run_in(block, plain=plain)
        else:
            yield _Line(block)


def _decorated(block: TextBlock) -> bool:
    """A short line all in bold, in capitals, or between signs ("=== Poutine ===")."""
    text = block.text
    if block.block is not Block.TEXT or len(text) > 80 or "\n" in text or not text:
        return False
    bold = any(
        span.style is SpanStyle.BOLD and span.start == 0 and span.end >= len(text.rstrip(" :")) for span in block.spans
    )
    if bold:
        return not _SENTENCE_END.search(text)
    match = _DECORATION.match(text)
    return bool(
        match and len(match[1]) < len(text.rstrip(" :")) - 1 and text[-1] not in ".,;" and not match[1][0].isspace()
    )


def _undecorated(text: str) -> str:
    match = _DECORATION.match(text)
    return (match[1] if match else text).strip()


def _run_in(block: TextBlock, *, plain: bool) -> Iterator[_Line]:
    """A heading at the start of its paragraph: "**Optimiste :** C’est une victoire…", or plain before a colon."""
    bold = _bold_opening(block)
    end = 0
    match: HeadingMatch | None = None
    if bold:
        end, match = bold, match_heading(block.text[:bold], marked=True)
    elif plain and (opening := _RUN_IN.match(block.text)) and ":" in opening[0]:
        match = match_heading(opening[1], marked=False)
        end = opening.end()
        # One weak word before a colon ("Attention :") opens ordinary sentences too; a phrase of three does not.
        if match is not None and match.sureness < Sureness.STRONG and len(opening[1].split()) < 3:
            match = None
    rest = _after_opening(block, end)
    if match is None or not rest.text:
        yield _Line(block)
        return
    yield _Line(TextBlock(block.text[:end].rstrip(_AFTER_OPENING)), match, opens=bool(bold))
    yield _Line(rest)


_AFTER_OPENING = " :–—-.\u00a0\u202f"


def _bold_opening(block: TextBlock) -> int:
    """Where the bold words that begin a paragraph end; 0 where there are none."""
    return next(
        (
            span.end
            for span in block.spans
            if span.style is SpanStyle.BOLD and span.start == 0 and span.end <= min(60, len(block.text) - 1)
        ),
        0,
    )


def _after_opening(block: TextBlock, end: int) -> TextBlock:
    rest = block.cut(end)
    while end and rest.text[:1] in (":", "–", "—", "-", "."):
        rest = rest.cut(1)
    return rest


def _with_opening_headings(lines: list[_Line]) -> list[_Line]:
    """Where headings open their paragraphs in bold, bold words before a colon or a full stop are an unknown one."""
    if not any(line.opens for line in lines):
        return lines
    seen = []
    for line in lines:
        end = 0 if line.heading or line.block.block is not Block.TEXT else _bold_opening(line.block)
        name, rest = line.block.text[:end], _after_opening(line.block, end)
        if name.rstrip("\u00a0\u202f ").endswith((":", ".")) or (end and line.block.text[end:].lstrip()[:1] in ":–—"):
            seen += [_Line(TextBlock(name.rstrip(_AFTER_OPENING)), marked=True, opens=True), _Line(rest)]
        else:
            seen.append(line)
    return seen


def _with_bare_headings(lines: list[_Line]) -> list[_Line]:
    """In a headed article, a short unfinished line between paragraphs is a heading too, if an unknown one."""
    seen = []
    for position, line in enumerate(lines):
        text = line.block.text
        following = lines[position + 1] if position + 1 < len(lines) else None
        bare = (
            not line.heading
            and line.block.block is Block.TEXT
            and len(text) <= 60
            and len(text.split()) <= 8
            and not re.search(r"[.!,;…»”\"]\s*$", text)
            and following is not None
            and not following.heading
            and len(following.block.text) > 80
        )
        seen.append(replace(line, marked=True) if bare else line)
    return seen


@dataclass(slots=True)
class _Draft:
    kind: str
    heading: str | None
    blocks: list[TextBlock]


def _headed(lines: Sequence[_Line]) -> tuple[Section, ...]:
    """Each kind once: a second heading of the same kind stays as `other`, and so does an unknown one."""
    drafts = [_Draft(Kind.SUMMARY, None, [])]
    for line in lines:
        if line.heading:
            kind = line.match.kind if line.match else Kind.OTHER
            drafts.append(_Draft(kind, _tidy_heading(line.block.text), []))
        else:
            drafts[-1].blocks.append(line.block)
    first, *rest = drafts
    if any(draft.kind == Kind.SUMMARY and draft.blocks for draft in rest):
        first.kind = Kind.OTHER
    sections, used = [], set[str]()
    for draft in drafts:
        kind = Kind.OTHER if draft.kind in used else draft.kind
        if draft.blocks:
            used.add(draft.kind)
            sections.append(Section(kind=kind, heading=draft.heading, paragraphs=paragraphs(draft.blocks)))
    return tuple(sections)


def _ordinary_headed(lines: Sequence[_Line]) -> tuple[Section, ...]:
    """No perspective among the headings: the summary is what is headed so, or else the lead; the rest is `other`."""
    drafts = [_Draft(Kind.OTHER, None, [])]
    for line in lines:
        if line.marked:
            named = Kind.SUMMARY if _is_summary_heading(line) else Kind.OTHER
            drafts.append(_Draft(named, _tidy_heading(line.block.text), []))
        else:
            drafts[-1].blocks.append(line.block)
    drafts = [draft for draft in drafts if draft.blocks]
    summary = next((draft for draft in drafts if draft.kind == Kind.SUMMARY), drafts[0] if drafts else None)
    return tuple(
        Section(
            kind=Kind.SUMMARY if draft is summary else Kind.OTHER,
            heading=draft.heading,
            paragraphs=paragraphs(draft.blocks),
        )
        for draft in drafts
    )


def _is_summary_heading(line: _Line) -> bool:
    return line.match is not None and line.match.kind == Kind.SUMMARY and line.match.sureness > Sureness.WEAK


def _tidy_heading(text: str) -> str:
    return text.strip().rstrip(":").rstrip(" \u00a0\u202f")[:200] or text.strip()[:200]


# -- no headings -------------------------------------------------------------------------------------------------------


def _bare(
    blocks: Sequence[TextBlock], language: str, labeller: Labeller, threshold: float | None
) -> tuple[Section, ...]:
    """Ordinary news is all summary: it has no view that something else would have to be kept apart from."""
    if not blocks:
        return ()
    runs: Sequence[Run] = [Run(Kind.OTHER, 0, len(blocks), 1.0)]
    if 1 < len(blocks) <= MAX_PARAGRAPHS:
        runs = labeller.label([block.text for block in blocks], language)
    if all(run.kind == Kind.OTHER for run in runs):
        runs = [Run(Kind.SUMMARY, 0, len(blocks), min(run.confidence for run in runs))]
    runs = served(runs, labeller.threshold if threshold is None else threshold)
    if all(run.kind == Kind.OTHER for run in runs):
        lead = min(LEAD, len(blocks))
        runs = [Run(Kind.SUMMARY, 0, lead, 1.0)]
        if lead < len(blocks):
            runs.append(Run(Kind.OTHER, lead, len(blocks), 1.0))
    return tuple(
        Section(kind=run.kind, confidence=run.confidence, paragraphs=paragraphs(blocks[run.start : run.end]))
        for run in runs
    )


def paragraphs(blocks: Sequence[TextBlock]) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(text=block.text, block=block.block, spans=block.spans) for block in blocks)
