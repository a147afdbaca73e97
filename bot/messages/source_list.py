"""The sources that a server follows: how each is doing, and what a moderator can do about it. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import discord

from bot.delivery.preferences import preferences_of
from bot.locales import Words
from bot.messages.custom_ids import sources_id
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND
from bot.messages.layout import container, counted, divider, message, pager, text
from bot.messages.limits import size
from bot.messages.markup import escape_line
from bot.messages.settings_card import settings_line
from bot.messages.source_name import source_name
from bot.models import SubscriptionState
from bot.subscriptions import Followed
from bot.upkeep import Condition, SourceHealth, health_of

ROOM = 3_000
"""Characters for the sources of one page."""

PER_PAGE = 10

Item = discord.ui.Item[Any]
_SAME_DAY = timedelta(hours=12)


def sources_card(followed: Sequence[Followed], words: Words, page: int = 0) -> discord.ui.LayoutView:
    """`page` counts from 0; one that is no longer there shows the last."""
    head = "### " + words("upkeep.title")
    if not followed:
        return message(container(BRAND, [text(f"{head}\n{words('upkeep.empty')}")]))
    pages = list(_pages(_source_lines(each, words) for each in followed))
    page = min(page, len(pages) - 1)
    return message(
        container(
            BRAND,
            [
                text(f"{head}\n{counted(words, 'config.show.sources', len(followed))}"),
                divider(),
                text("\n".join(pages[page])),
                *pager(page, len(pages), sources_id, words),
            ],
        )
    )


def first_sources(followed: Sequence[Followed], words: Words) -> list[Item | None]:
    """As many sources as one page holds, and how many more there are."""
    if not followed:
        return []
    shown = next(_pages(_source_lines(each, words) for each in islice(followed, PER_PAGE)))
    left = len(followed) - len(shown)
    more = counted(words, "upkeep.more", left) if left else ""
    return [divider(), text("\n".join(shown)), text(f"-# {more}" if more else "")]


def in_discord(moment: datetime) -> str:
    """Discord shows it in the reader's own language, and keeps it current."""
    return f"<t:{int(moment.timestamp())}:R>"


def hour_in_discord(moment: datetime, last: datetime | None) -> str:
    """What is to come as a clock shows it: told as a distance, it would soon be "5 minutes ago" on a message.

    The date goes without saying soon after `last`, when the source was last asked.
    """
    style = "t" if last and moment - last < _SAME_DAY else "f"
    return f"<t:{int(moment.timestamp())}:{style}>"


def health_lines(
    health: SourceHealth,
    words: Words,
    *,
    past: Callable[[datetime], str] = in_discord,
    future: Callable[[datetime, datetime | None], str] = hour_in_discord,
) -> list[str]:
    """How a source is doing: what went well or wrong and when, when it is read next, and what a moderator can do.

    `past` writes a moment that was, and `future` one to come, with when the source was last asked.
    """

    def told(moment: datetime | None) -> str:
        return past(moment) if moment else words("upkeep.some_time")

    followed = health.followed
    asked = max(filter(None, (health.last_success_at, health.last_failure_at)), default=None)
    following = words("upkeep.next", when=future(health.next_check_at, asked)) if health.next_check_at else ""
    lines: list[str] = []
    match health.condition:
        case Condition.PAUSED:
            lines.append("⏸️ " + words("upkeep.paused"))
        case Condition.SUSPENDED:
            lines += [
                "⛔ " + words("upkeep.given_up", since=told(health.failing_since)),
                _reason(health, words),
            ]
        case Condition.FAILING:
            lines.append("⚠️ " + _reason(health, words))
            failing = words("upkeep.failing", since=told(health.failing_since))
            lines.append(f"{failing} {following} {words('upkeep.try_now')}")
        case Condition.UNREAD:
            lines.append("⏳ " + words("upkeep.unread"))
        case Condition.WELL:
            lines.append(f"✅ {words('upkeep.read', when=told(health.last_success_at))} {following}")
    if health.condition in (Condition.FAILING, Condition.SUSPENDED):
        success = health.last_success_at
        lines.append(words("upkeep.last_success", when=told(success)) if success else words("upkeep.never"))
    if followed.subscription.state is SubscriptionState.SUSPENDED:
        reason = followed.subscription.suspended_reason or ""
        lines.append("⚠️ " + (words(reason) if words.has(reason) else words("suspended.refused")))
    return lines


def _pages(blocks: Iterable[str]) -> Iterator[list[str]]:
    page: list[str] = []
    length = 0
    for block in blocks:
        if page and (len(page) == PER_PAGE or length + size(block) > ROOM):
            yield page
            page, length = [], 0
        page.append(block)
        length += size(block) + 1
    if page:
        yield page


def _source_lines(followed: Followed, words: Words) -> str:
    source, subscription = followed.source, followed.subscription
    kept = counted(words, "config.articles", followed.articles)
    line = f"**{source_name(source)}** → <#{subscription.channel_id}> · {kept}"
    if source.owner_guild_id is not None:
        line += " · 🔒 " + words("upkeep.private")
    own = settings_line(preferences_of(subscription), words)
    health = (f"-# {each}" for each in health_lines(health_of(followed), words))
    return "\n".join([line, *([f"-# ⚙️ {own}"] if own else ()), *health])


def _reason(health: SourceHealth, words: Words) -> str:
    url = escape_line(cut(health.followed.source.url, 100))
    return words(health.reason, url=url) if health.reason and words.has(health.reason) else words("upkeep.failed")
