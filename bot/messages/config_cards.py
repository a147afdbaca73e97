"""What a moderator sees: settings, sources, and what adding one found. Pure."""

from collections.abc import Sequence

import discord

from bot.delivery.preferences import preferences_of
from bot.locales import Words
from bot.messages.article_card import article_container
from bot.messages.choices import instead_row
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND, names
from bot.messages.layout import container, counted, divider, message, text
from bot.messages.limits import CHOICE_NAME, TEXT_TOTAL, size
from bot.messages.links import host_of
from bot.messages.markup import escape_line
from bot.messages.permissions import permission_names
from bot.messages.plain import one_line
from bot.messages.settings_card import settings_line
from bot.messages.source_name import source_name
from bot.models import SourceState, SubscriptionState
from bot.subscriptions import SOURCES_LISTED, Added, Followed, ServerOverview

LIST = 3_000
"""Characters for a list of sources; whoever follows more reads how many there are besides."""

FOUND = 1_300
"""The most that the words before a preview take."""

_GOOD, _WARNING = 0x4F9D5D, 0xC8553D


def overview_card(overview: ServerOverview, words: Words) -> discord.ui.LayoutView:
    head = [
        "### " + words("config.show.title"),
        words("config.show.language", language=words(f"language.{overview.language}")),
        *_log_channel(overview, words),
        counted(words, "config.show.sources", len(overview.followed)),
        counted(words, "config.show.pending", overview.pending),
    ]
    return message(
        container(BRAND, [text("\n".join(head)), *_list(overview.followed, words), text(_hint(overview, words))])
    )


def sources_card(followed: Sequence[Followed], words: Words) -> discord.ui.LayoutView:
    head = "### " + words("config.list.title")
    if not followed:
        return message(container(BRAND, [text(f"{head}\n{words('config.list.empty')}")]))
    return message(container(BRAND, [text(head), *_list(followed, words)]))


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
    if own := settings_line(preferences_of(subscription), words):
        lines.append("⚙️ " + own)
    if missing:
        listed = ", ".join(permission_names(missing, words))
        lines.append("⚠️ " + words("config.added.missing", channel=channel, permissions=listed))
    elif added.newest is not None and (added.report.deliveries or added.already_known):
        lines.append(words("config.added.soon"))
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


def choice_name(followed: Followed, channel: str | None) -> str:
    """A source as a completion lists it: title, and the channel where the same source may be followed twice."""
    source = followed.source
    name = one_line(source.title or "") or host_of(source.url) or source.url
    if not channel:
        return cut(name, CHOICE_NAME)
    suffix = f" · #{cut(one_line(channel), 40)}"
    return cut(name, CHOICE_NAME - size(suffix)) + suffix


def _list(followed: Sequence[Followed], words: Words) -> list[discord.ui.Item[discord.ui.LayoutView] | None]:
    """As many sources as one message holds, and how many more there are."""
    blocks: list[str] = []
    length = 0
    for each in followed[:SOURCES_LISTED]:
        block = _source_lines(each, words)
        length += size(block) + 1
        if length > LIST:
            break
        blocks.append(block)
    if not blocks:
        return []
    left = len(followed) - len(blocks)
    more = counted(words, "config.list.more", left) if left else ""
    return [divider(), text("\n".join(blocks)), text(f"-# {more}" if more else "")]


def _source_lines(followed: Followed, words: Words) -> str:
    source, subscription = followed.source, followed.subscription
    kept = counted(words, "config.articles", followed.articles)
    line = f"**{source_name(source)}** → <#{subscription.channel_id}> · {kept}"
    if source.last_checked_at:
        line += " · " + words("config.list.checked", when=f"<t:{int(source.last_checked_at.timestamp())}:R>")
    if source.owner_guild_id is not None:
        line += " · 🔒 " + words("config.list.private")
    own = settings_line(preferences_of(subscription), words)
    troubles = (f"-# ⚠️ {trouble}" for trouble in _troubles(followed, words))
    return "\n".join([line, *([f"-# ⚙️ {own}"] if own else ()), *troubles])


def _troubles(followed: Followed, words: Words) -> list[str]:
    source, subscription = followed.source, followed.subscription
    troubles: list[str] = []
    if subscription.state is SubscriptionState.PAUSED:
        troubles.append(words("config.list.paused"))
    if subscription.state is SubscriptionState.SUSPENDED:
        reason = subscription.suspended_reason or ""
        troubles.append(words(reason) if words.has(reason) else words("suspended.refused"))
    if source.state is SourceState.SUSPENDED or source.failures:
        key = f"failure.{source.last_failure}"
        sentence = words(key, url=escape_line(cut(source.url, 100))) if words.has(key) else ""
        troubles.append(sentence or words("config.list.failing"))
    return troubles


def log_card(channel_id: int | None, missing: Sequence[str], words: Words) -> discord.ui.LayoutView:
    """Where notices go from now on; `missing` are the permissions that the bot lacks there."""
    channel = f"<#{channel_id}>"
    line = words("config.log.default") if channel_id is None else words("config.log.set", channel=channel)
    if not missing:
        return message(container(_GOOD, [text(line)]))
    listed = ", ".join(permission_names(missing, words))
    warning = "⚠️ " + words("config.log.missing", channel=channel, permissions=listed)
    return message(container(_WARNING, [text(f"{line}\n{warning}")]))


def _log_channel(overview: ServerOverview, words: Words) -> list[str]:
    channel_id = overview.server.log_channel_id
    return [words("config.show.log", channel=f"<#{channel_id}>")] if channel_id else []


def _hint(overview: ServerOverview, words: Words) -> str:
    return "" if overview.followed else words("config.list.empty")
