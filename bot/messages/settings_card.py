"""A subscription's settings in plain words. Pure."""

from collections.abc import Sequence
from datetime import timedelta

import discord
from babel.dates import format_timedelta

from bot.delivery.preferences import DEFAULT, ChannelKind, Preferences, preferences_of
from bot.locales import Words
from bot.messages.hours import Clock, hours_line, hours_lines
from bot.messages.kinds import BRAND
from bot.messages.layout import container, counted, message, text
from bot.messages.markup import escape_line
from bot.messages.permissions import permission_names
from bot.messages.source_name import source_name
from bot.subscriptions import Followed

_GOOD, _WARNING = 0x4F9D5D, 0xC8553D


def settings_card(
    followed: Followed, kind: ChannelKind | None, missing: Sequence[str], clock: Clock, words: Words, *, changed: bool
) -> discord.ui.LayoutView:
    """Every setting that means something in such a channel; `missing` are the permissions that the bot lacks there."""
    channel = f"<#{followed.subscription.channel_id}>"
    title = words("settings.changed" if changed else "settings.title")
    preferences = preferences_of(followed.subscription)
    hours = hours_lines(followed.subscription, preferences, clock, words)
    lines = [
        f"### {title}",
        words("settings.of", source=source_name(followed.source), channel=channel),
        "",
        *(f"- {line}" for line in (*_all(preferences, kind, words), *hours)),
    ]
    if missing:
        listed = ", ".join(permission_names(missing, words))
        lines += ["", "⚠️ " + words("config.added.missing", channel=channel, permissions=listed)]
    colour = _WARNING if missing else _GOOD if changed else BRAND
    return message(container(colour, [text("\n".join(lines))]))


def settings_line(preferences: Preferences, words: Words) -> str:
    """What differs from the defaults, for a list; empty when nothing does."""
    own = [
        _shape(preferences, words) if preferences.shape != DEFAULT.shape else "",
        words("settings.publish") if preferences.publish else "",
        words("settings.silent") if preferences.silent else "",
        _roles(preferences, words) if preferences.roles else "",
        words("settings.has_header") if preferences.header else "",
        words("settings.thread.article") if preferences.thread == "article" else "",
        words("settings.has_poll") if preferences.poll else "",
        words("settings.has_title") if preferences.forum_title else "",
        hours_line(preferences, words),
        counted(words, "settings.filters", len(preferences.filters)) if preferences.filters else "",
    ]
    return " · ".join(filter(None, own))


def _all(preferences: Preferences, kind: ChannelKind | None, words: Words) -> list[str]:
    in_forum, threaded = kind is ChannelKind.FORUM, preferences.thread == "article"
    lines = [
        words("settings.shape", shape=_shape(preferences, words)),
        _roles(preferences, words) if preferences.roles else words("settings.no_roles"),
        words("settings.header", text=escape_line(preferences.header)) if preferences.header else "",
        words("settings.silent") if preferences.silent else words("settings.loud"),
        words("settings.publish") if preferences.publish else "",
    ]
    if in_forum:
        title = escape_line(preferences.forum_title or "{title}")
        lines.append(words("settings.forum_title", text=title))
        lines.append(words("settings.tags" if preferences.forum_tags else "settings.no_tags"))
    elif kind is not ChannelKind.THREAD:
        lines.append(words(f"settings.thread.{preferences.thread}"))
    if in_forum or threaded:
        lines += _conversation(preferences, words)
    if preferences.filters:
        lines.append(f"{counted(words, 'settings.filters', len(preferences.filters))} (`{words('filters.listed')}`)")
    return [line for line in lines if line]


def _conversation(preferences: Preferences, words: Words) -> list[str]:
    slow = preferences.thread_slowmode_seconds
    archive = _lasting(timedelta(minutes=preferences.thread_archive_minutes), words)
    return [
        words("settings.archive", wait=archive),
        words("settings.slow_mode", wait=_lasting(timedelta(seconds=slow), words)) if slow else "",
        words("settings.questions" if preferences.questions else "settings.no_questions"),
        words("settings.poll", wait=_lasting(timedelta(hours=preferences.poll_hours), words))
        if preferences.poll
        else "",
    ]


def _shape(preferences: Preferences, words: Words) -> str:
    return words(f"settings.shape.{preferences.shape}")


def _roles(preferences: Preferences, words: Words) -> str:
    return words("settings.roles", roles=" ".join(f"<@&{role}>" for role in preferences.roles))


def _lasting(wait: timedelta, words: Words) -> str:
    """In the largest unit that says it exactly enough: "3 jours"."""
    return format_timedelta(wait, locale=words.language, threshold=1)
