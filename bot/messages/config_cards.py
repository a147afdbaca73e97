"""What a moderator sees: settings, sources, and what adding one found. Pure."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.delivery.hours import zone_of
from bot.delivery.preferences import preferences_of
from bot.locales import Words
from bot.messages.article_card import article_container
from bot.messages.choices import instead_row
from bot.messages.cutting import cut
from bot.messages.hours import hours_line
from bot.messages.kinds import BRAND, names
from bot.messages.layout import container, counted, divider, message, text
from bot.messages.limits import TEXT_TOTAL
from bot.messages.markup import escape_line
from bot.messages.permissions import permission_names
from bot.messages.settings_card import settings_line
from bot.messages.source_list import first_sources
from bot.messages.source_name import source_name
from bot.messages.time_zones import city_of, time_of
from bot.subscriptions import Added, Followed, ServerOverview

FOUND = 1_300
"""The most that the words before a preview take."""

_GOOD, _WARNING = 0x4F9D5D, 0xC8553D


def overview_card(overview: ServerOverview, now: datetime, words: Words) -> discord.ui.LayoutView:
    head = [
        "### " + words("config.show.title"),
        words("config.show.language", language=words(f"language.{overview.server.language}")),
        *_time_zone("config.show.time_zone", overview.server.time_zone, now, words),
        *_log_channel(overview, words),
        *([counted(words, "config.show.sources", len(overview.followed))] if overview.followed else ()),
        *([counted(words, "config.show.pending", overview.pending)] if overview.pending else ()),
    ]
    return message(
        container(
            BRAND,
            [text("\n".join(head)), *first_sources(overview.followed, words), text(_hint(overview, words))],
        )
    )


def added_card(added: Added, missing: Sequence[str], words: Words) -> discord.ui.LayoutView:
    """What was found; `missing` are the permissions that the bot lacks in the channel."""
    subscription, source = added.followed.subscription, added.followed.source
    channel = f"<#{subscription.channel_id}>"
    lines = [
        "### " + words("config.added.title"),
        words("config.added.channel", source=source_name(source), channel=channel),
        counted(words, "config.added.articles", added.followed.articles),
    ]
    if added.kinds:
        lines.append(words("config.added.kinds", kinds=escape_line(cut(names(added.kinds, words), 300))))
    elif added.newest is not None:
        lines.append(words("config.added.plain"))
    preferences = preferences_of(subscription)
    if own := settings_line(preferences, words):
        lines.append("⚙️ " + own)
    if missing:
        listed = ", ".join(permission_names(missing, words))
        lines.append("⚠️ " + words("config.added.missing", channel=channel, permissions=listed))
    elif preferences.first == "nothing":
        lines.append(words("config.added.only_later"))
    elif added.newest is not None and (added.report.deliveries or added.already_known):
        lines.append(words("config.added.in_time" if hours_line(preferences, words) else "config.added.soon"))
    found = container(_WARNING if missing else _GOOD, [text("\n".join(lines)), instead_row(added, words)])
    if added.newest is None:
        return message(found)
    label = "-# " + words("config.added.preview")
    found.add_item(divider()).add_item(discord.ui.TextDisplay(label))
    room = TEXT_TOTAL - FOUND
    return message(found, article_container(added.newest, words, room=room))


def removed_card(followed: Followed, words: Words) -> discord.ui.LayoutView:
    channel = f"<#{followed.subscription.channel_id}>"
    return message(
        container(BRAND, [text(words("config.removed", source=source_name(followed.source), channel=channel))])
    )


def language_card(language: str, words: Words) -> discord.ui.LayoutView:
    return message(container(_GOOD, [text(words("config.language.set", language=words(f"language.{language}")))]))


def time_zone_card(time_zone: str, now: datetime, words: Words) -> discord.ui.LayoutView:
    return message(container(_GOOD, [text("".join(_time_zone("config.time_zone.set", time_zone, now, words)))]))


def log_card(channel_id: int | None, missing: Sequence[str], words: Words) -> discord.ui.LayoutView:
    """Where notices go from now on; `missing` are the permissions that the bot lacks there."""
    channel = f"<#{channel_id}>"
    line = words("config.log.default") if channel_id is None else words("config.log.set", channel=channel)
    if not missing:
        return message(container(_GOOD, [text(line)]))
    listed = ", ".join(permission_names(missing, words))
    warning = "⚠️ " + words("config.log.missing", channel=channel, permissions=listed)
    return message(container(_WARNING, [text(f"{line}\n{warning}")]))


def _time_zone(key: str, time_zone: str | None, now: datetime, words: Words) -> list[str]:
    zone = zone_of(time_zone or "")
    if time_zone is None or zone is None:
        return []
    shown = time_of(now.astimezone(zone), words)
    return [words(key, city=city_of(time_zone, words), zone=time_zone, time=shown)]


def _log_channel(overview: ServerOverview, words: Words) -> list[str]:
    channel_id = overview.server.log_channel_id
    return [words("config.show.log", channel=f"<#{channel_id}>")] if channel_id else []


def _hint(overview: ServerOverview, words: Words) -> str:
    return "" if overview.followed else words("upkeep.empty")
