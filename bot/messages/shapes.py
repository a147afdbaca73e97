"""An article in the older shapes: a classic embed, or plain text; below either, the buttons of the card. Pure."""

import discord

from bot.locales import Words
from bot.messages.article_card import (
    SUMMARY,
    article_buttons,
    byline,
    coverage_line,
    date_of,
    reference_line,
    shown_title,
    summary_of,
    title_line,
    updated_note,
)
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND
from bot.messages.layout import buttons_below
from bot.messages.limits import CONTENT, EMBED_TITLE, IMAGE_URL, size
from bot.messages.links import image_link, passes_for_another, safe_link
from bot.messages.markup import escape_line
from bot.messages.paging import excerpt
from bot.messages.plain import one_line
from bot.models import StoredArticle

NAME = 100

_WORTH_READING = 100
"""An excerpt shorter than this is left to the button."""


def embed_shape(stored: StoredArticle, words: Words) -> tuple[discord.Embed, discord.ui.View | None]:
    article = stored.article
    title = shown_title(article, words)
    link = safe_link(article.url, IMAGE_URL)
    hides = link is not None and passes_for_another(title, link)
    summary, was_cut = excerpt(summary_of(article), SUMMARY)
    reference = reference_line(article, words)
    # Not every client sets small text small inside an embed; some show its marks. Its footer tells no times.
    covered = coverage_line(stored, words).removeprefix("-# ")
    last_lines = "\n".join(filter(None, (reference.removeprefix("-# "), covered, updated_note(stored, words))))
    shown_link = f"<{link}>" if hides and link and len(link) < SUMMARY else ""
    embed = discord.Embed(
        title=_escaped(title, EMBED_TITLE),
        url=None if hides else link,
        description="\n\n".join(filter(None, (shown_link, summary, last_lines))) or None,
        colour=BRAND,
    )
    if author := cut(one_line(article.author or ""), NAME):
        embed.set_author(name=words("card.author", author=author))
    if source := cut(one_line(stored.source_title), NAME):
        embed.set_footer(text=source)
    if date_of(article.published_at):
        embed.timestamp = article.published_at
    if picture := image_link(article.image.url if article.image else None):
        embed.set_image(url=picture)
    return embed, buttons_below(article_buttons(stored, words, was_cut=was_cut))


def text_shape(stored: StoredArticle, words: Words, *, room: int = CONTENT) -> tuple[str, discord.ui.View | None]:
    """Within `room` characters; 1,100 hold any title with its link. What does not fit is a press away."""
    article = stored.article
    title = title_line(article, words, mark="### ")
    left = room - size(title)
    line = _if_it_fits(byline(stored, words), left - 1)
    left -= size(line) + 1
    reference = _if_it_fits(reference_line(article, words), left // 2 - 2)
    covered = _if_it_fits(coverage_line(stored, words), (left - size(reference)) // 2 - 2)
    reference = "\n".join(filter(None, (reference, covered)))
    left = min(SUMMARY, left - size(reference) - 4)
    paragraphs = summary_of(article)
    summary, was_cut = excerpt(paragraphs, left) if left > _WORTH_READING else ("", bool(paragraphs))
    head = "\n".join(filter(None, (title, line)))
    content = "\n\n".join(filter(None, (head, summary, reference)))
    return content, buttons_below(article_buttons(stored, words, was_cut=was_cut))


def _if_it_fits(line: str, room: int) -> str:
    return line if size(line) <= room else ""


def _escaped(text: str, limit: int) -> str:
    """Each character takes two at most once it is escaped, and most take one."""
    escaped = escape_line(text)
    return escaped if size(escaped) <= limit else escape_line(cut(text, limit // 2))
