"""Several articles in one message: all of them told alike, and a menu that opens any of them. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import discord
from babel.dates import format_date

from bot.delivery.digests import Digest
from bot.locales import Words
from bot.messages.article_card import shown_title, summary_of, updated_note
from bot.messages.cutting import cut, cut_at_sentence
from bot.messages.kinds import BRAND, face, in_order, long_name, names, short_name
from bot.messages.layout import Item, container, counted, divider, open_menu, text
from bot.messages.limits import size
from bot.messages.links import safe_link
from bot.messages.markup import escape_line, linked
from bot.messages.paging import excerpt
from bot.messages.plain import one_line
from bot.models import Kind, StoredArticle
from bot.reading import offered_kinds

LINK = 150
"""A longer address would take the room of several titles; the menu leads there too."""

SOURCE = 60
ANALOGY = 300
MOST_EMOJI = 8
_TITLE_OF_ANALOGY = 60


class _Detail(NamedTuple):
    """How much is told of each article, in characters; no article gets more than another."""

    title: int
    summary: int
    names: bool
    """Of its views, rather than their emoji alone."""
    link: int


_DETAILS = (
    _Detail(120, 240, names=True, link=LINK),
    _Detail(120, 140, names=True, link=LINK),
    _Detail(100, 100, names=False, link=LINK),
    _Detail(100, 60, names=False, link=LINK),
    _Detail(100, 0, names=False, link=LINK),
    _Detail(100, 0, names=False, link=0),
    _Detail(50, 0, names=False, link=0),
)
"""The most first."""


def digest_container(digest: Digest, source_title: str, words: Words, *, room: int) -> discord.ui.Container[Any]:
    """Within `room` characters of text; 1,000 hold at least one article."""
    head = f"## {escape_line(digest_title(digest, words))}\n{_count(digest, source_title, words)}"
    analogy = _analogy(digest, words)
    entries, left_out = _entries(digest, words, room - size(head) - size(analogy))
    more = counted(words, "post.summed_up", digest.more + left_out) if digest.more + left_out else ""
    parts = [
        text(head),
        text(entries),
        divider() if analogy else None,
        text(analogy),
        text(f"-# {more}" if more else ""),
        _menu(digest, words),
    ]
    return container(BRAND, parts)


def digest_title(digest: Digest, words: Words) -> str:
    return words("digest.title", date=day_of(digest.day, words))


def day_of(day: date, words: Words) -> str:
    shown = format_date(day, "long", locale=words.language)
    return shown.replace("1 ", "1er ", 1) if words.language == "fr" and day.day == 1 else shown


def digest_lines(digest: Digest, source_title: str, words: Words, *, room: int) -> str:
    """The titles alone, for a plain message."""
    head = f"**{escape_line(digest_title(digest, words))}**\n{_count(digest, source_title, words)}"
    titles = [_title(each, digest, _DETAILS[-1], words) for each in digest.articles]
    lines, _ = _newest_that_fit(titles, "\n", room - size(head) - 1)
    return "\n".join(filter(None, (head, lines)))


def _count(digest: Digest, source_title: str, words: Words) -> str:
    source = escape_line(cut(one_line(source_title), SOURCE))
    number = digest.more + len(digest.articles)
    return "-# " + " · ".join(filter(None, (counted(words, "config.articles", number), source)))


def _entries(digest: Digest, words: Words, room: int) -> tuple[str, int]:
    """As much of every article as fits, and how many of the oldest are left out where not even their titles do."""
    found, left_out = "", len(digest.articles)
    for detail in _DETAILS:
        entries = [_entry(each, digest, detail, words) for each in digest.articles]
        found, left_out = _newest_that_fit(entries, "\n\n" if detail.summary else "\n", room)
        if not left_out:
            break
    return found, left_out


def _newest_that_fit(entries: Sequence[str], gap: str, room: int) -> tuple[str, int]:
    """Those entries in their order, and how many do not fit."""
    kept: list[str] = []
    for entry in reversed(entries):
        room -= size(entry) + len(gap)
        if room < 0:
            break
        kept.insert(0, entry)
    return gap.join(kept), len(entries) - len(kept)


def _entry(stored: StoredArticle, digest: Digest, detail: _Detail, words: Words) -> str:
    title = _title(stored, digest, detail, words)
    if stored.id in digest.struck:
        return f"{title} · {words('digest.retracted')}"
    kinds = in_order(offered_kinds(stored))
    if not detail.names:
        title = " · ".join(filter(None, (title, "".join(face(kind).emoji for kind in kinds[:MOST_EMOJI]))))
    views = " · ".join(f"{face(kind).emoji} {escape_line(short_name(kind, words))}" for kind in kinds)
    notes = " · ".join(filter(None, (views if detail.names else "", updated_note(stored, words))))
    return "\n".join(filter(None, (title, _summary(stored, detail.summary), f"-# {notes}" if notes else "")))


def _title(stored: StoredArticle, digest: Digest, detail: _Detail, words: Words) -> str:
    title = cut(shown_title(stored.article, words), detail.title)
    if stored.id in digest.struck:
        return f"~~{escape_line(title)}~~"
    return f"**{linked(title, safe_link(stored.article.url, detail.link))}**"


def _summary(stored: StoredArticle, room: int) -> str:
    """Its first words on one line."""
    first = next((line for each in summary_of(stored.article) if (line := one_line(each.text))), "")
    return escape_line(cut_at_sentence(first, room)) if room else ""


def _analogy(digest: Digest, words: Words) -> str:
    """That of the newest article that has one."""
    for stored in reversed(digest.articles):
        section = stored.article.section(Kind.ANALOGY)
        if section is None or stored.id in digest.struck:
            continue
        told, _ = excerpt(section.paragraphs, ANALOGY)
        title = escape_line(cut(shown_title(stored.article, words), _TITLE_OF_ANALOGY))
        if told:
            return f"{face(Kind.ANALOGY).emoji} **{escape_line(long_name(Kind.ANALOGY, words))}** · {title}\n{told}"
    return ""


def _menu(digest: Digest, words: Words) -> Item | None:
    return open_menu(
        (
            (each.id, shown_title(each.article, words), names(offered_kinds(each), words))
            for each in digest.articles
            if each.id not in digest.struck
        ),
        words,
    )
