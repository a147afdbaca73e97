"""What stands around an article without being part of it: author, reference, date, and the site's own lines.

Each is recognised only where and how such lines are written; a sentence of the author's that merely resembles one
stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.articles.blocks import TextBlock, web_address
from bot.articles.characters import fold
from bot.articles.headings import Sureness, is_furniture, match_heading
from bot.articles.lexicon import lexicons
from bot.articles.text import lines_are_wrapped
from bot.models import Block

TOP = 8
"""Blocks at the start in which author and date lines are looked for."""
_URL = re.compile(r"https?://[^\s<>\"]{1,2000}|www\.[^\s<>\"]{1,2000}", re.IGNORECASE)
_NAME_WORD = re.compile(r"^[^\W\d_](?:[^\W\d_]|[-’'.])*\.?$")
_INITIALLY_UPPER = re.compile(r"^(?:[dDlL][’'])?[^\W\d_a-zà-öø-ÿ]")
_SPLIT_NAMES = re.compile(r"\s*(?:,|&|\bet\b|\band\b)\s*")
_NICKNAME = re.compile(r"\s[«“\"(‘][^»”\")’]{1,30}[»”\")’]\s")
_TITLES_AFTER = re.compile(r"(?:,\s*(?:[^\W\d_]{1,4}\.\s?){1,3})?(?:\s*\([^()]{1,30}\))?$")
_EDGE_PUNCTUATION = " \t\u00a0\u202f:–—-|•·,"
_SENTENCE_END = re.compile(r"[.!?…]\s*[»”\"]?\s*$")
_NUMERIC_DATE = re.compile(r"^\d{1,4}\s\d{1,2}\s\d{1,4}(?:\s\d{1,2}(?:\s|h)\d{0,2}.{0,12})?$")


@dataclass(frozen=True, slots=True)
class Front:
    """`blocks` are what is left: the article itself."""

    blocks: tuple[TextBlock, ...]
    title: str | None = None
    author: str | None = None
    reference_url: str | None = None


def strip_front_matter(
    blocks: Sequence[TextBlock], *, title: str | None, author: str | None, base_url: str | None
) -> Front:
    """`title` and `author` are what the source said; lines that only repeat them are taken out."""
    lines = _separate_lines(_without_furniture(blocks))
    remaining, reference = _take_reference(lines, base_url)
    above = next((i for i, line in enumerate(remaining) if line is not lines[i]), 0)
    kept, found_title, found_author = _take_top(remaining, title, author, above if reference else 0)
    return Front(tuple(kept), found_title, found_author, reference)


def _separate_lines(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    """A paragraph whose first lines are front matter ("Par X<br>Article en référence…") becomes one block per line."""
    separated: list[TextBlock] = []
    for block in blocks:
        lines = block.lines() if "\n" in block.text and block.block is not Block.CODE else ()
        if any(
            _reference_part(line) is not None or _named_author(line.text) or is_boilerplate(line.text) for line in lines
        ):
            separated.extend(line for line in lines if not is_boilerplate(line.text))
        elif len(lines) > 2 and not lines_are_wrapped([[line.text for line in lines]]) and _mostly_sentences(lines):
            separated.extend(lines)
        else:
            separated.append(block)
    return separated


def _mostly_sentences(lines: Sequence[TextBlock]) -> bool:
    """Paragraphs kept apart by single line breaks, unlike an address or a poem."""
    return sum(len(line.text) > 80 and bool(_SENTENCE_END.search(line.text)) for line in lines) > len(lines) * 0.6


def _without_furniture(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    kept: list[TextBlock] = []
    below: int | None = None
    for block in blocks:
        if block.level is not None and below is not None and block.level <= below:
            below = None
        if block.level is not None and below is None and kept and is_furniture(block.text):
            below = block.level
        if below is None and not (block.block is not Block.CODE and is_boilerplate(block.text)):
            kept.append(block)
    return kept


def is_boilerplate(text: str) -> bool:
    if len(text) > 300:
        return False
    folded = fold(text)
    if not folded:
        return True
    return any(pattern.search(folded) for lexicon in lexicons() for pattern in lexicon.boilerplate)


# -- reference ---------------------------------------------------------------------------------------------------------


def _take_reference(lines: list[TextBlock], base_url: str | None) -> tuple[list[TextBlock], str | None]:
    for index, line in enumerate(lines):
        rest = _reference_part(line)
        if rest is None:
            continue
        edge = index < TOP or index >= len(lines) - 3
        if rest.weak and not edge:
            continue
        url = _first_address(rest.block, base_url)
        if url is not None:
            return lines[:index] + lines[index + 1 :], url
        following = lines[index + 1] if index + 1 < len(lines) else None
        if not rest.weak and following is not None and _is_only_address(following):
            return lines[:index] + lines[index + 2 :], _first_address(following, base_url)
        if not rest.weak and not rest.block.text.strip(_EDGE_PUNCTUATION):
            return lines[:index] + lines[index + 1 :], None
    return lines, None


@dataclass(frozen=True, slots=True)
class _Reference:
    block: TextBlock
    """What follows the words "Article en référence"."""
    weak: bool


def _reference_part(line: TextBlock) -> _Reference | None:
    if len(line.text) > 2_300 or line.block is Block.CODE:
        return None
    visible = _URL.sub(" ", line.text)
    if len(visible) > 250:
        return None
    folded = fold(visible[:120])
    for lexicon in lexicons():
        for phrases, weak in ((lexicon.reference, False), (lexicon.reference_weak, True)):
            for phrase in phrases:
                if folded == phrase or folded.startswith(phrase + " "):
                    rest = line.cut(_end_of_words(line.text, phrase))
                    linked = bool(line.links()) or bool(_URL.search(line.text))
                    # A sentence that begins with these words has none of: a colon, a link at once, nothing more.
                    opens = line.text[_end_of_words(line.text, phrase) :].lstrip()[:1] in (
                        "",
                        ":",
                        "–",
                        "—",
                        "-",
                        "(",
                        "→",
                    )
                    whole = folded == phrase or opens or _URL.match(rest.text) is not None
                    if whole and (linked or not weak):
                        return _Reference(rest if rest.links() or _URL.search(rest.text) else line, weak)
    return None


def _end_of_words(text: str, phrase: str) -> int:
    """Where the folded `phrase` ends in `text`."""
    words = phrase.count(" ") + 1
    position = 0
    for match in re.finditer(r"[^\W_]+", text):
        words -= 1
        position = match.end()
        if words == 0:
            break
    return position


def _first_address(block: TextBlock, base_url: str | None) -> str | None:
    for url in block.links():
        return url
    match = _URL.search(block.text)
    if match is None:
        return None
    address = match[0].rstrip(".,;:!?»”’'\"*_")
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1]
    return web_address(address if "://" in address else f"https://{address}", base_url)


def _is_only_address(block: TextBlock) -> bool:
    return bool(block.links() or _URL.search(block.text)) and len(_URL.sub("", block.text)) < 120


# -- author, date, title -----------------------------------------------------------------------------------------------


def _take_top(
    lines: list[TextBlock], title: str | None, author: str | None, above: int
) -> tuple[list[TextBlock], str | None, str | None]:
    """Walks down to the first real paragraph, taking out title, author and date lines.

    `above` lines stood above the reference line; the last of them is the author's, even when no person signs.
    """
    kept: list[TextBlock] = []
    short_top = sum(1 for _ in _leading_short(lines))
    known_title, known_author = fold(title or ""), fold(author or "")
    taken = 0
    for position, line in enumerate(lines[:short_top]):
        folded = fold(line.text)
        plain = line.level is None
        heading = match_heading(line.text, marked=not plain)
        repeats_author = plain and known_author and folded.removeprefix("par ").removeprefix("by ") == known_author
        if (known_title and folded == known_title) or repeats_author:
            taken += 1
        elif heading is None and author is None and (named := _named_author(line.text)):
            author, taken = named, taken + 1
        elif heading is None and is_date_line(line.text):
            taken += 1
        elif plain and heading is None and author is None and _bare_name(line.text, evident=above > 0 or taken > 0):
            author, taken = line.text.strip(_EDGE_PUNCTUATION), taken + 1
        elif plain and heading is None and author is None and position == above - 1 and _signs(line.text):
            author, taken = re.sub(r"^(?:[Pp]ar|[Bb]y) ", "", line.text), taken + 1
        elif not title and not plain and not kept and (heading is None or heading.sureness is Sureness.PARTIAL):
            title, taken = line.text, taken + 1
        else:
            kept.append(line)
    if (
        not title
        and len(kept) == 1
        and kept[0].level is None
        and _is_title_line(kept[0], evident=taken > 0 or above > 0)
    ):
        title = kept.pop().text
    return kept + lines[short_top:], title, author


def _leading_short(lines: Sequence[TextBlock]) -> "list[TextBlock]":
    leading = []
    for line in lines[:TOP]:
        text = line.text
        is_short = len(text) <= 160 and line.block in (Block.TEXT, Block.QUOTE)
        if not is_short or (line.level is None and len(text) > 60 and _SENTENCE_END.search(text)):
            break
        leading.append(line)
    return leading if len(leading) < len(lines) else leading[: len(lines) - 1]


def _is_title_line(line: TextBlock, *, evident: bool) -> bool:
    unfinished = not re.search(r"[.:;,]\s*$", line.text)
    return unfinished and evident and match_heading(line.text, marked=True) is None


def _signs(text: str) -> bool:
    """Whether a line above the reference can be who wrote ("Rédaction technologies") rather than a title."""
    return len(text.split()) <= 4 and len(text) <= 60 and not re.search(r"[.:;,?!…]\s*$", text)


def _named_author(text: str) -> str | None:
    """X in "Par X" and its kind; the name may be followed by a date ("Par X, le 12 mars 2025")."""
    if len(text) > 140:
        return None
    for lexicon in lexicons():
        for phrase in lexicon.author:
            folded = fold(text)
            if not folded.startswith(phrase + " "):
                continue
            rest = text[_end_of_words(text, phrase) :].strip(_EDGE_PUNCTUATION)
            name = re.split(r"\s*[|•·–—]\s*|,\s*(?=le\s|on\s|\d)|\s+(?=le \d|\d)", rest)[0].strip(_EDGE_PUNCTUATION)
            name = re.sub(r"(?<!\.[A-Z])(?<!\bJr)\.$", "", name)
            tail = rest[len(name) :].strip(_EDGE_PUNCTUATION + ".")
            if _is_name(name) and (not tail or is_date_line(tail) or len(tail) < 40):
                return name
    return None


def _is_name(text: str) -> bool:
    names = [name for name in _SPLIT_NAMES.split(_NICKNAME.sub(" ", _TITLES_AFTER.sub("", text))) if name]
    return bool(names) and len(text) <= 100 and all(_is_one_name(name) for name in names)


def _is_one_name(text: str) -> bool:
    words = text.split()
    if not 1 <= len(words) <= 5 or not all(_NAME_WORD.match(word) for word in words):
        return False
    particles = frozenset[str]().union(*(lexicon.particles for lexicon in lexicons()))
    return all(_INITIALLY_UPPER.match(word) or fold(word) in particles for word in words)


def _bare_name(text: str, *, evident: bool) -> bool:
    """Whether a line that is nothing but a name is the author's: 2 to 4 words, and none of them a common one."""
    # "Chère Denise," opens a letter, and belongs to it.
    if text.rstrip().endswith((",", ":", ";", "!")):
        return False
    text = text.strip(_EDGE_PUNCTUATION)
    words = _NICKNAME.sub(" ", text).split()
    if not 2 <= len(words) <= 5 or not _is_name(text) or text.isupper():
        return False
    frame = frozenset[str]().union(*(lexicon.frame for lexicon in lexicons()))
    particles = frozenset[str]().union(*(lexicon.particles for lexicon in lexicons()))
    common = [word for word in words if fold(word) in frame and fold(word) not in particles]
    return not common and (evident or len(words) <= 3)


def is_date_line(text: str) -> bool:
    """Whether a line says when, or how long it takes to read, and nothing else."""
    if len(text) > 100:
        return False
    folded = fold(text)
    if _NUMERIC_DATE.match(folded):
        return True
    for lexicon in lexicons():
        rest = folded
        for phrase in lexicon.date:
            if rest.startswith(phrase + " "):
                rest = rest[len(phrase) + 1 :]
                break
        if _NUMERIC_DATE.match(rest):
            return True
        words = rest.split()
        known = lexicon.months | lexicon.weekdays | lexicon.particles
        dated = any(word in lexicon.months for word in words) and any(word.isdigit() for word in words)
        spare = [
            word for word in words if word not in known and not re.match(r"^\d{1,4}(?:st|nd|rd|th|er|h\d*)?$", word)
        ]
        if dated and set(spare) <= {
            "a",
            "at",
            "le",
            "min",
            "read",
            "minutes",
            "lecture",
            "de",
            "am",
            "pm",
            "est",
            "h",
            "mis",
            "jour",
            "utc",
        }:
            return True
    return False


def without_closing_signature(blocks: Sequence[TextBlock], author: str | None) -> tuple[TextBlock, ...]:
    """Drops a last line that only repeats the author's name ("— Patrick Bélanger")."""
    if (
        author
        and len(blocks) > 1
        and fold(blocks[-1].text) in (fold(author), f"par {fold(author)}", f"by {fold(author)}")
    ):
        return tuple(blocks[:-1])
    return tuple(blocks)
