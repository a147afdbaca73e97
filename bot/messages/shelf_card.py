"""The list of articles that a search found. Pure."""

import discord

from bot.locales import Words
from bot.messages.article_card import choice_name, date_of
from bot.messages.cutting import cut
from bot.messages.kinds import ARTICLE_EMOJI, BRAND
from bot.messages.layout import container, divider, message, open_menu, text
from bot.messages.markup import escape_line
from bot.messages.plain import one_line
from bot.reading import ArticleTitle, Shelf

TITLE = 90
"""Characters; twenty-five titles share one message, and each may take twice as many once it is escaped."""

ROOM = 3_600


def shelf_card(shelf: Shelf, words: Words) -> discord.ui.LayoutView:
    wanted = escape_line(cut(one_line(shelf.wanted), TITLE))
    head = words("shelf.found", wanted=wanted) if wanted else words("shelf.newest")
    lines = [_line(each, words) for each in shelf.titles]
    while len("\n".join(lines)) > ROOM:
        lines.pop()
    is_whole = shelf.is_whole and len(lines) == len(shelf.titles)
    menu = open_menu(((each.id, choice_name(each, words), "") for each in shelf.titles), words)
    return message(
        container(
            BRAND,
            [
                text(f"### {ARTICLE_EMOJI} {head}"),
                divider(),
                text("\n".join(lines)),
                text("" if is_whole else f"-# {words('shelf.more')}"),
                menu,
            ],
        )
    )


def _line(title: ArticleTitle, words: Words) -> str:
    name = escape_line(cut(one_line(title.title), TITLE)) or words("card.untitled")
    date = date_of(title.published_at)
    return f"- {name}{f' · {date}' if date else ''}"
