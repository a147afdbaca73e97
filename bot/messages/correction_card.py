"""What a moderator corrects: an article's passages, a select of kinds below each, a few a page. Pure.

The message holds everything but the choices that are not saved, which are stored: a page that was open over a restart
goes on where it was.
"""

from functools import partial
from typing import Any

import discord

from bot.articles.corrections import Passage
from bot.corrections import Corrected, Review, kinds_to_choose
from bot.locales import Words
from bot.messages.article_card import title_line
from bot.messages.custom_ids import cancel_id, passage_id, review_id, save_id
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND, face, long_name, names
from bot.messages.layout import Item, container, counted, message, pager, text
from bot.messages.limits import CHOICES, OPTION_LABEL
from bot.messages.markup import escape_line
from bot.messages.paging import excerpt
from bot.messages.plain import one_line
from bot.models import Block, Kind
from bot.reading import offered_kinds

PASSAGES = 5
"""A page: three components each, and enough of every text to know it by."""

SHOWN = 450
"""Characters of a passage, cut after a sentence where there is one."""

_GOOD = 0x4F9D5D


def review_card(review: Review, words: Words, page: int = 0) -> discord.ui.LayoutView:
    number = review.article.id
    pages = -(-len(review.passages) // PASSAGES)
    page = max(0, min(page, pages - 1))
    first = page * PASSAGES
    head = f"### 🏷️ {words('correct.title')}\n{title_line(review.article.article, words, mark='-# ')}"
    items: list[Item | None] = [text(f"{head}\n{words('correct.hint')}")]
    for at, passage in enumerate(review.passages[first : first + PASSAGES], first):
        items += [text(_passage(at + 1, passage, words)), _select(number, page, passage, words)]
    unsaved = f"-# {counted(words, 'correct.unsaved', review.unsaved)}" if review.unsaved else ""
    items += [*pager(page, pages, partial(review_id, number), words), text(unsaved), _end(number, words)]
    return message(container(BRAND, items))


def corrected_card(corrected: Corrected, words: Words) -> discord.ui.LayoutView:
    offered = offered_kinds(corrected.article)
    lines = [
        "### ✅ " + words("correct.saved"),
        title_line(corrected.article.article, words, mark="-# "),
        words("correct.offered", kinds=escape_line(names(offered, words))) if offered else words("correct.plain"),
        counted(words, "correct.messages", corrected.messages) if corrected.messages else "",
        "-# " + words("correct.learns"),
    ]
    return message(container(_GOOD, [text("\n".join(filter(None, lines)))]))


def cancelled_card(words: Words) -> discord.ui.LayoutView:
    return message(container(BRAND, [text(words("correct.cancelled"))]))


def _passage(number: int, passage: Passage, words: Words) -> str:
    paragraph = passage.paragraph
    if paragraph.block is not Block.CODE:  # the number stands where a list or a quote would begin
        paragraph = paragraph.model_copy(update={"block": Block.TEXT})
    shown, _ = excerpt([paragraph], SHOWN)
    heading = escape_line(cut(one_line(passage.heading or ""), 100))
    above = "-# " + words("correct.heading", heading=heading) if heading else ""
    return "\n".join(filter(None, (above, f"**{number}.** {shown}")))


def _select(number: int, page: int, passage: Passage, words: Words) -> Item:
    select = discord.ui.Select[Any](
        custom_id=passage_id(number, page, passage.mark), options=_options(passage.label.kind, words)
    )
    return discord.ui.ActionRow(select)


def _options(present: str, words: Words) -> list[discord.SelectOption]:
    kinds = list(kinds_to_choose())
    if present not in kinds:  # of a lexicon that is not there any more
        kinds.append(present)
    return [
        discord.SelectOption(
            label=cut(long_name(kind, words), OPTION_LABEL),
            value=kind,
            emoji=None if kind == Kind.OTHER else face(kind).emoji,
            default=kind == present,
        )
        for kind in kinds[:CHOICES]
    ]


def _end(number: int, words: Words) -> Item:
    return discord.ui.ActionRow(
        discord.ui.Button[Any](
            label=words("button.save"), custom_id=save_id(number), style=discord.ButtonStyle.success
        ),
        discord.ui.Button[Any](label=words("button.cancel"), custom_id=cancel_id(number)),
    )
