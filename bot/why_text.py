"""How `casse-croute why` tells an article's way in a terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from bot.delivery.stages import Place, Step
from bot.explaining import Missing, Walk
from bot.locales import Words
from bot.messages.filter_cards import filter_choice
from bot.messages.plain import one_line
from bot.messages.source_list import health_lines
from bot.messages.why_card import Pen, missing_line, step_lines, try_line


def as_text(found: Walk | Missing, words: Words) -> str:
    lines = _walk(found, words) if isinstance(found, Walk) else _missing(found, words)
    return "\n".join(lines) + "\n"


def _walk(walk: Walk, words: Words) -> Iterator[str]:
    pen = Pen(_when, partial(_link, walk.guild_id), filter_choice, one_line)

    def say(step: Step) -> Iterator[str]:
        yield from (f"  {line.removeprefix('-# ')}" for line in step_lines(step, pen=pen, words=words))

    url = walk.article.article.url
    yield one_line(walk.article.article.title) + (f" <{one_line(url)}>" if url else "")
    for step in walk.steps:
        yield from say(step)
    if not walk.accounts:
        yield "  ⛔ " + words("why.none_follow", source=one_line(walk.article.source_title))
    for account in walk.accounts:
        yield ""
        yield words("cli.why.channel", channel=account.subscription.channel_id)
        for step in account.steps:
            yield from say(step)
        for each in account.tries:
            yield "    " + try_line(each, _when(each.at), one_line(each.detail or ""), words)


def _missing(missing: Missing, words: Words) -> Iterator[str]:
    yield words("why.missing")
    yield missing_line(missing, words, one_line)
    for each in missing.sources:
        source = each.followed.source
        yield ""
        yield f"{one_line(source.title or source.url)} <{one_line(source.url)}>"
        yield from (
            f"  {line}" for line in health_lines(each, words, past=_when, future=lambda moment, _: _when(moment))
        )
    if missing.sources:
        yield ""
        yield words("why.missing.fix")


def _link(guild_id: int, place: Place) -> str:
    parts = (guild_id, place.channel_id, *([place.message_id] if place.message_id else ()))
    return "https://discord.com/channels/" + "/".join(map(str, parts))


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
