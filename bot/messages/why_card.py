"""Why an article was posted, or was not, as a moderator reads it. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import discord

from bot.articles.filters import Filter
from bot.delivery.stages import Place, Sentence, Sign, Step, Try, Value
from bot.delivery.typed_filters import language_names
from bot.explaining import Account, Missing, Walk
from bot.locales import Words
from bot.messages.article_card import title_line
from bot.messages.cutting import cut
from bot.messages.filter_cards import filter_line
from bot.messages.kinds import BRAND, names
from bot.messages.layout import container, counted, divider, message, text
from bot.messages.limits import size
from bot.messages.markup import escape_line
from bot.messages.plain import one_line
from bot.messages.source_list import health_lines
from bot.messages.source_name import source_name

ROOM = 3_400
"""Characters for all that is told of an article."""

PIECE = 100
"""Of whatever somebody else wrote: a title, an error."""

SIGNS = {Sign.DONE: "✅", Sign.WAITS: "⏳", Sign.STOPPED: "⛔"}

_COLOURS = {Sign.DONE: 0x4F9D5D, Sign.WAITS: BRAND, Sign.STOPPED: 0xC8553D}


@dataclass(frozen=True, slots=True)
class Pen:
    """How a surface writes what fills a sentence."""

    when: Callable[[datetime], str]
    place: Callable[[Place], str]
    filter: Callable[[Filter, Words], str]
    piece: Callable[[str], str]
    """What somebody else wrote."""


def why_card(walk: Walk, words: Words) -> discord.ui.LayoutView:
    say = partial(step_lines, pen=Pen(_when, partial(_link, walk.guild_id), filter_line, _piece), words=words)
    head = ["### " + words("why.title"), title_line(walk.article.article, words, mark="-# "), *_all(walk.steps, say)]
    if not walk.accounts:
        head.append("⛔ " + words("why.none_follow", source=_piece(walk.article.source_title)))
    room = ROOM - size("\n".join(head))
    blocks: list[str] = []
    for each in walk.accounts:
        block = "\n".join([f"**<#{each.subscription.channel_id}>**", *_all(each.steps, say), *_tries(each, words)])
        room -= size(block) + 2
        if room < 0:
            break
        blocks.append(block)
    left = len(walk.accounts) - len(blocks)
    more = counted(words, "why.more", left) if left else ""
    signs = {each.sign for each in walk.accounts}
    worst = next((sign for sign in (Sign.STOPPED, Sign.WAITS) if sign in signs), Sign.DONE)
    return message(
        container(
            _COLOURS[worst],
            [
                text("\n".join(head)),
                *([divider(), text("\n\n".join(blocks))] if blocks else ()),
                text(f"-# {more}" if more else ""),
            ],
        )
    )


def missing_card(missing: Missing, words: Words) -> discord.ui.LayoutView:
    """What could have brought the article, how it is doing, and what to do."""
    blocks: list[str] = []
    room = ROOM - 800
    for each in missing.sources:
        block = "\n".join([f"**{source_name(each.followed.source)}**", *health_lines(each, words)])
        room -= size(block) + 1
        if room < 0:
            break
        blocks.append(block)
    left = len(missing.sources) - len(blocks)
    lines = [*blocks, *([f"-# {counted(words, 'upkeep.more', left)}"] if left else ())]
    return message(
        container(
            _COLOURS[Sign.STOPPED],
            [
                text("### " + words("why.missing") + "\n" + missing_line(missing, words, _piece)),
                *([divider(), text("\n".join(lines)), text("-# " + words("why.missing.fix"))] if blocks else ()),
            ],
        )
    )


def missing_line(missing: Missing, words: Words, piece: Callable[[str], str]) -> str:
    if not missing.sources:
        return words("upkeep.empty")
    if missing.from_host:
        return words("why.missing.host", host=piece(missing.host or ""))
    if missing.host:
        return words("why.missing.no_host", host=piece(missing.host))
    return words("why.missing.words", wanted=piece(missing.wanted))


def step_lines(step: Step, *, pen: Pen, words: Words) -> list[str]:
    """A stage as one sentence, and what to do about it."""
    filled = {name: _written(name, value, pen, words) for name, value in step.params.items()}
    sentence = words(f"why.{step.key}", **filled)
    fix = [f"-# 💡 {words(f'why.fix.{step.fix}')}"] if step.fix else []
    return [f"{SIGNS[step.sign]} {sentence}", *fix]


def try_line(one: Try, when: str, detail: str, words: Words) -> str:
    outcome = words(f"why.try.{one.outcome}")
    return f"{when} {outcome}" + (f" ({detail})" if detail else "")


def _all(steps: Iterable[Step], say: Callable[[Step], list[str]]) -> list[str]:
    return [line for step in steps for line in say(step)]


def _tries(account: Account, words: Words) -> list[str]:
    """Where there is more to say of them than that one went well."""
    if len(account.tries) < 2:
        return []
    told = (try_line(each, _when(each.at, "T"), _piece(each.detail or ""), words) for each in account.tries)
    return [f"-# {words('why.tries_listed')} {' · '.join(told)}"]


def _written(name: str, value: Value, pen: Pen, words: Words) -> str:
    match value:
        case datetime():
            return pen.when(value)
        case Place():
            return pen.place(value)
        case Sentence():
            return words(value.key) if words.has(value.key) else words("suspended.refused")
        case tuple():
            filters = [pen.filter(each, words) for each in value[:3] if not isinstance(each, str)]
            kinds = [each for each in value if isinstance(each, str)]
            return "; ".join(filters) or pen.piece(names(kinds, words)) or words("why.some_filter")
    spelt = str(value)
    return language_names(words.language).get(spelt, spelt) if name == "language" else pen.piece(spelt)


def _link(guild_id: int, place: Place) -> str:
    if place.message_id is None:
        return f"<#{place.channel_id}>"
    return f"https://discord.com/channels/{guild_id}/{place.channel_id}/{place.message_id}"


def _piece(value: str) -> str:
    return escape_line(cut(one_line(value), PIECE))


def _when(moment: datetime, style: str = "f") -> str:
    return f"<t:{int(moment.timestamp())}:{style}>"
