"""What a reader gets: one section, the perspectives side by side, or the whole article. Pure.

Long texts go over pages, and nothing is ever left out silently. A page that no longer exists is the last one.
"""

from collections.abc import Sequence
from functools import partial

import discord

from bot.articles.changes import edited
from bot.locales import Words
from bot.messages import custom_ids
from bot.messages.article_card import byline, changes_button, coverage_line, picture, reference_line, title_line
from bot.messages.kinds import BRAND, CHANGES_EMOJI, COMPARE_EMOJI, face, long_name, names
from bot.messages.layout import (
    Item,
    article_button,
    container,
    divider,
    kind_buttons,
    message,
    pager,
    rows,
    text,
)
from bot.messages.limits import size
from bot.messages.markup import escape_line
from bot.messages.paging import Page, paginate, render_page, whole_page
from bot.models import Article, Kind, Paragraph, Section, Span, SpanStyle, StoredArticle
from bot.reading import Changes, Comparison, SectionAnswer, offered_kinds

PAGE = 2_000
"""Characters of Markdown a page: what a phone shows in three or four screens, and far within Discord's limit."""

COMPARED = 2_400
"""The same for all columns of a comparison together."""

MOST_COMPARED = 6
"""Columns; every other perspective has its button below."""


def section_answer(answer: SectionAnswer, words: Words, page: int = 0) -> discord.ui.LayoutView:
    pages = paginate(answer.section.paragraphs, PAGE) if answer.section else ()
    if not pages:
        return _missing(answer, words)
    number, kind = answer.article.id, answer.kind
    page = min(page, len(pages) - 1)
    buttons = kind_buttons(number, answer.offered, words, without=kind)
    items: list[Item | None] = [
        text(_heading(kind, answer.article, words)),
        text(render_page(pages[page])),
        *pager(page, len(pages), partial(custom_ids.section_id, number, kind), words),
        *rows([*buttons, article_button(number, words)]),
    ]
    return message(container(face(kind).colour, items))


def comparison(compared: Comparison, words: Words, page: int = 0) -> discord.ui.LayoutView:
    """Each perspective beside the others. On a later page stand those that go on."""
    number = compared.article.id
    columns = _columns(compared.sections[:MOST_COMPARED])
    if len(columns) < 2:
        return _nothing_to_compare(compared, words)
    last = max(len(pages) for _, pages in columns) - 1
    page = min(page, last)
    items: list[Item | None] = [
        text(f"### {COMPARE_EMOJI} {words('compare.title')}\n{title_line(compared.article.article, words, mark='-# ')}")
    ]
    for kind, pages in columns:
        if page < len(pages):
            going_on = f" {words('compare.going_on')}" if page else ""
            heading = f"**{face(kind).emoji} {escape_line(long_name(kind, words))}**{going_on}"
            items += [divider(), text(f"{heading}\n{render_page(pages[page])}")]
    items += [
        *pager(page, last + 1, partial(custom_ids.compare_id, number), words),
        *rows([*kind_buttons(number, compared.offered, words, without="compare"), article_button(number, words)]),
    ]
    return message(container(BRAND, items))


def article_answer(stored: StoredArticle, words: Words, page: int = 0) -> discord.ui.LayoutView:
    """The article's own words outside its perspectives, whole, and a button for each of those."""
    article = stored.article
    pages = paginate(_body(article), PAGE)
    page = min(page, max(len(pages) - 1, 0))
    head = "\n".join(filter(None, (title_line(article, words), byline(stored, words))))
    items: list[Item | None] = [
        text(head),
        picture(article, words) if page == 0 else None,
        text(render_page(pages[page]) if pages else ""),
        text(reference_line(article, words)),
        text(coverage_line(stored, words)),
        *pager(page, len(pages), partial(custom_ids.article_id, stored.id), words),
        *rows([*kind_buttons(stored.id, offered_kinds(stored), words), *changes_button(stored, words)]),
    ]
    return message(container(BRAND, items))


def changes_answer(changes: Changes, words: Words, page: int = 0) -> discord.ui.LayoutView:
    """Section by section, what is gone struck through and what is new in bold."""
    number = changes.article.id
    pages = paginate(_changed(changes, words), PAGE)
    page = min(page, max(len(pages) - 1, 0))
    head = f"### {CHANGES_EMOJI} {words('changes.title')}\n{title_line(changes.article.article, words, mark='-# ')}"
    items: list[Item | None] = [
        text(head),
        text(render_page(pages[page]) if pages else words("changes.elsewhere")),
        *pager(page, len(pages), partial(custom_ids.changes_id, number), words),
        *rows([*kind_buttons(number, offered_kinds(changes.article), words), article_button(number, words)]),
    ]
    return message(container(BRAND, items))


def _changed(changes: Changes, words: Words) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    if changes.title is not None:
        paragraphs.append(_bold(words("changes.heading")))
        paragraphs.append(edited(changes.title, changes.article.article.title))
    for section in changes.sections:
        paragraphs.append(_bold(f"{face(section.kind).emoji} {long_name(section.kind, words)}"))
        paragraphs.extend(section.paragraphs)
    return paragraphs


def _bold(line: str) -> Paragraph:
    return Paragraph(text=line, spans=(Span(start=0, end=len(line), style=SpanStyle.BOLD),))


def _heading(kind: str, stored: StoredArticle, words: Words) -> str:
    title = title_line(stored.article, words, mark="-# ")
    return f"### {face(kind).emoji} {escape_line(long_name(kind, words))}\n{title}"


def _missing(answer: SectionAnswer, words: Words) -> discord.ui.LayoutView:
    key = f"answer.missing.{answer.kind}"
    sentence = (
        words(key) if words.has(key) else words("answer.missing.own", name=escape_line(long_name(answer.kind, words)))
    )
    offered = [kind for kind in answer.offered if kind != answer.kind]
    return _instead(_heading(answer.kind, answer.article, words), sentence, answer.article, offered, words)


def _nothing_to_compare(compared: Comparison, words: Words) -> discord.ui.LayoutView:
    heading = f"### {COMPARE_EMOJI} {words('compare.title')}\n{title_line(compared.article.article, words, mark='-# ')}"
    sentence = words("compare.one" if compared.sections else "compare.none")
    return _instead(heading, sentence, compared.article, compared.offered, words)


def _instead(
    heading: str, sentence: str, stored: StoredArticle, offered: Sequence[str], words: Words
) -> discord.ui.LayoutView:
    """A kind word, and what there is instead."""
    there_is = (
        words("answer.offered", kinds=escape_line(names(offered, words))) if offered else words("answer.ordinary")
    )
    buttons = [*kind_buttons(stored.id, offered, words), article_button(stored.id, words)]
    return message(container(BRAND, [text(heading), text(f"{sentence} {there_is}"), *rows(buttons)]))


def _columns(sections: Sequence[Section]) -> list[tuple[str, tuple[Page, ...]]]:
    """Each section over pages; those of one number fit one message. A short section leaves its room to longer ones."""
    sizes = {
        section.kind: size(render_page(whole)) for section in sections if (whole := whole_page(section.paragraphs))
    }
    shares: dict[str, int] = {}
    left = COMPARED
    for position, kind in enumerate(sorted(sizes, key=lambda kind: sizes[kind])):
        shares[kind] = left // (len(sizes) - position)
        left -= min(sizes[kind], shares[kind])
    return [(each.kind, paginate(each.paragraphs, shares[each.kind])) for each in sections if each.kind in shares]


def _body(article: Article) -> list[Paragraph]:
    """Summary and other sections in the article's order, each unknown heading as a line of its own."""
    paragraphs: list[Paragraph] = []
    for section in article.sections:
        if section.kind not in (Kind.SUMMARY, Kind.OTHER):
            continue
        if section.heading and section.kind == Kind.OTHER:
            paragraphs.append(_bold(section.heading))
        paragraphs.extend(section.paragraphs)
    return paragraphs
