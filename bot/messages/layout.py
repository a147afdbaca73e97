"""The parts that every message is laid out from (Components V2). Pure.

Buttons are plain: their custom ids say everything, and templates answer them (`cogs.reading`), so that a message works
for as long as it exists. Hence a view is stopped as soon as it is made: discord.py would otherwise keep it in memory
for as long as the bot runs, and start a timer for it.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import discord
from babel.numbers import format_decimal

from bot.locales import Words
from bot.messages.custom_ids import OPEN_ID, article_id, compare_id, has_button, section_id
from bot.messages.cutting import cut
from bot.messages.kinds import ARTICLE_EMOJI, COMPARE_EMOJI, face, in_order, is_perspective, short_name
from bot.messages.limits import BUTTON_LABEL, BUTTONS_PER_ROW, CHOICES, OPTION_LABEL, ROWS_BELOW

Button = discord.ui.Button[Any]
Item = discord.ui.Item[Any]

MOST_KINDS = 15
"""Buttons for kinds on one message, so that hostile articles stay within Discord's forty components."""


def message(*items: Item) -> discord.ui.LayoutView:
    """A message ready to be sent. Make it where an event loop runs, or discord.py keeps it (see above)."""
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def container(colour: int, items: Iterable[Item | None]) -> discord.ui.Container[Any]:
    return discord.ui.Container(*(item for item in items if item is not None), accent_colour=colour)


def text(content: str) -> Item | None:
    """None for nothing: Discord refuses an empty text."""
    return discord.ui.TextDisplay(content) if content.strip() else None


def counted(words: Words, key: str, n: int) -> str:
    """The sentence for `n` things, the number as its language writes it: 1 234 or 1,234."""
    return words.plural(key, n, n=format_decimal(n, locale=words.language))


def divider() -> Item:
    return discord.ui.Separator()


def rows(buttons: Sequence[Button]) -> list[Item]:
    starts = range(0, len(buttons), BUTTONS_PER_ROW)
    return [discord.ui.ActionRow(*buttons[start : start + BUTTONS_PER_ROW]) for start in starts]


def buttons_below(buttons: Sequence[Button]) -> discord.ui.View | None:
    """The same buttons for a message of the older kind, which shows them below; see above for why it is stopped."""
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for index, each in enumerate(buttons[: BUTTONS_PER_ROW * ROWS_BELOW]):
        each.row = index // BUTTONS_PER_ROW
        view.add_item(each)
    view.stop()
    return view


def button(label: str, custom_id: str, *, emoji: str | None = None, disabled: bool = False) -> Button:
    return Button(label=cut(label, BUTTON_LABEL), custom_id=custom_id, emoji=emoji, disabled=disabled)


def kind_buttons(number: int, offered: Iterable[str], words: Words, *, without: str | None = None) -> list[Button]:
    """A button for each kind, then one to compare where there are two perspectives to compare."""
    kinds = [kind for kind in in_order(offered) if has_button(kind)]
    buttons = [
        button(short_name(kind, words), section_id(number, kind), emoji=face(kind).emoji)
        for kind in islice(kinds, MOST_KINDS)
        if kind != without
    ]
    if without != "compare" and sum(map(is_perspective, kinds)) > 1:
        buttons.append(button(words("button.compare"), compare_id(number), emoji=COMPARE_EMOJI))
    return buttons


def article_button(number: int, words: Words) -> Button:
    return button(words("button.article"), article_id(number), emoji=ARTICLE_EMOJI)


def open_menu(articles: Iterable[tuple[int, str, str]], words: Words) -> Item | None:
    """A menu that opens any of these articles in private; of each its id, its title, and a line about it."""
    options = [
        discord.SelectOption(
            label=cut(title, OPTION_LABEL), value=str(number), description=cut(about, OPTION_LABEL) or None
        )
        for number, title, about in islice(articles, CHOICES)
    ]
    if not options:
        return None
    menu = discord.ui.Select[Any](custom_id=OPEN_ID, placeholder=words("digest.open"), options=options)
    return discord.ui.ActionRow(menu)


def pager(page: int, pages: int, custom_id: Callable[[int], str], words: Words) -> list[Item]:
    """Previous and next, always at the same place; nothing for a single page."""
    if pages < 2:
        return []
    previous = button(words("button.previous"), custom_id(max(page - 1, 0)), emoji="◀️", disabled=page == 0)
    following = button(words("button.next"), custom_id(min(page + 1, pages - 1)), emoji="▶️", disabled=page == pages - 1)
    indicator = discord.ui.TextDisplay[Any]("-# " + words("answer.page", page=page + 1, pages=pages))
    return [indicator, discord.ui.ActionRow(previous, following)]
