"""An article as a channel sees it: title, picture, the beginning of its summary, and a button for each view. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from babel.dates import format_date

from bot.locales import Words
from bot.messages.custom_ids import changes_id
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND, CHANGES_EMOJI
from bot.messages.layout import Button, Item, article_button, button, container, kind_buttons, message, rows, text
from bot.messages.limits import CHOICE_NAME, IMAGE_DESCRIPTION, INLINE_LINK, TEXT_TOTAL, size
from bot.messages.links import host_of, image_link, safe_link
from bot.messages.markup import escape_line, linked
from bot.messages.paging import excerpt
from bot.messages.plain import one_line
from bot.models import Article, Kind, Paragraph, StoredArticle
from bot.reading import ArticleTitle, offered_kinds

TITLE = 200
NAME = 60
SUMMARY = 1_000
"""A card invites to read; who wants all of it presses a button."""
COVERAGE = 600

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2199
"""What Discord's clients show sensibly."""


def article_card(stored: StoredArticle, words: Words) -> discord.ui.LayoutView:
    return message(article_container(stored, words))


def article_container(stored: StoredArticle, words: Words, *, room: int = TEXT_TOTAL) -> discord.ui.Container[Any]:
    """The card within `room` characters of text; 3,200 hold any title, names and links."""
    article = stored.article
    head = "\n".join(filter(None, (title_line(article, words), byline(stored, words))))
    foot = "\n".join(filter(None, (reference_line(article, words), coverage_line(stored, words))))
    paragraphs = summary_of(article)
    left = min(SUMMARY, room - size(head) - size(foot))
    summary, was_cut = excerpt(paragraphs, left) if left > 100 else ("", bool(paragraphs))
    buttons = article_buttons(stored, words, was_cut=was_cut)
    return container(BRAND, [text(head), picture(article, words), text(summary), text(foot), *rows(buttons)])


def article_buttons(stored: StoredArticle, words: Words, *, was_cut: bool) -> list[Button]:
    """A button for each view, and one for the whole article where the post does not show all of it."""
    buttons = kind_buttons(stored.id, offered_kinds(stored), words)
    if was_cut or stored.article.section(Kind.OTHER):
        buttons.append(article_button(stored.id, words))
    return [*buttons, *changes_button(stored, words)]


def changes_button(stored: StoredArticle, words: Words) -> list[Button]:
    """For an article that says something else by now."""
    if stored.revised_at is None:
        return []
    return [button(words("button.changes"), changes_id(stored.id), emoji=CHANGES_EMOJI)]


def title_line(article: Article, words: Words, *, mark: str = "## ") -> str:
    return mark + linked(shown_title(article, words), article.url)


def shown_title(article: Article, words: Words) -> str:
    return cut(one_line(article.title), TITLE) or words("card.untitled")


def byline(stored: StoredArticle, words: Words) -> str:
    """Author, date and source, each where it is known."""
    author = cut(one_line(stored.article.author or ""), NAME)
    source = cut(one_line(stored.source_title), NAME)
    parts = (
        words("card.author", author=escape_line(author)) if author else "",
        date_of(stored.article.published_at),
        escape_line(source) if source != author else "",
        updated_note(stored, words),
    )
    line = " · ".join(filter(None, parts))
    return f"-# {line}" if line else ""


def updated_note(stored: StoredArticle, words: Words) -> str:
    if stored.revised_at is None:
        return ""
    return words("card.updated", when=f"<t:{int(stored.revised_at.timestamp())}:f>")


def reference_line(article: Article, words: Words) -> str:
    """What the article is about, by the name of its host, which the link cannot hide."""
    url = safe_link(article.reference_url)
    return "-# " + words("card.reference", link=linked(host_of(url), url)) if url else ""


def coverage_line(stored: StoredArticle, words: Words) -> str:
    """Where else the server's sources tell this story: posted once, and not hidden."""
    told = [
        linked(name, safe_link(each.url, INLINE_LINK))
        for each in stored.also_in
        if (name := cut(one_line(each.source_title), NAME))
    ]
    while told and sum(map(size, told)) > COVERAGE:
        told.pop()
    return "-# " + words("card.also_in", sources=", ".join(told)) if told else ""


def picture(article: Article, words: Words) -> Item | None:
    image = article.image
    url = image_link(image.url) if image else None
    if image is None or url is None:
        return None
    described = one_line(image.alt or "") or words("card.image", title=shown_title(article, words))
    item = discord.MediaGalleryItem(url, description=cut(described, IMAGE_DESCRIPTION))
    return discord.ui.MediaGallery(item)


def summary_of(article: Article) -> Sequence[Paragraph]:
    section = article.section(Kind.SUMMARY) or article.section(Kind.OTHER)
    return section.paragraphs if section else ()


def date_of(moment: datetime | None) -> str:
    """As everybody's own Discord writes it; empty when it is not known, or can hardly be true."""
    if moment is None or not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        return ""
    return f"<t:{int(moment.timestamp())}:D>"


def choice_name(title: ArticleTitle, words: Words) -> str:
    """A title as a completion lists it, with its date where it is known."""
    date = format_date(title.published_at, "d MMM y", locale=words.language) if title.published_at else ""
    suffix = f" · {date}" if date else ""
    return (cut(one_line(title.title), CHOICE_NAME - len(suffix)) or f"#{title.id}") + suffix
