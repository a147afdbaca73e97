"""What a moderator sees after checking, pausing, resuming or trying a source. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.delivery.dispatcher import Claimed
from bot.locales import Words
from bot.messages.kinds import BRAND
from bot.messages.layout import container, counted, message, text
from bot.messages.permissions import permission_names
from bot.messages.post import NO_MENTIONS, Post, post_of
from bot.messages.replies import error_reply
from bot.messages.source_list import health_lines
from bot.messages.source_name import source_name
from bot.models import Delivery
from bot.upkeep import Checked, Sample, SourceHealth

_GOOD, _WARNING = 0x4F9D5D, 0xC8553D


def checked_card(checked: Checked, words: Words) -> discord.ui.LayoutView:
    """What asking a source at once brought."""
    report, followed = checked.report, checked.health.followed
    lines = ["### " + words("upkeep.checked", source=source_name(followed.source))]
    if report.error is not None:
        lines.append("⚠️ " + error_reply(report.error, words))
    elif report.new or report.changed:
        lines += [
            counted(words, key, number)
            for key, number in (("upkeep.new", report.new), ("upkeep.changed", report.changed))
            if number
        ]
        if report.deliveries:
            lines.append(counted(words, "upkeep.on_the_way", report.deliveries))
    else:
        lines.append(words("upkeep.nothing_new"))
    lines += [f"-# {line}" for line in health_lines(checked.health, words)]
    return message(container(_WARNING if report.error else _GOOD, [text("\n".join(lines))]))


def kept_going_card(health: SourceHealth, key: str, words: Words) -> discord.ui.LayoutView:
    """`key` says what was done: `upkeep.paused_now` or `upkeep.resumed_now`."""
    followed = health.followed
    lines = [words(key, source=source_name(followed.source), channel=f"<#{followed.subscription.channel_id}>")]
    lines += [f"-# {line}" for line in health_lines(health, words)]
    return message(container(BRAND, [text("\n".join(lines))]))


def trial_card(sample: Sample, missing: Sequence[str], words: Words) -> discord.ui.LayoutView:
    """What comes before a trial; `missing` are the permissions that the bot lacks in the channel."""
    followed = sample.followed
    channel = f"<#{followed.subscription.channel_id}>"
    lines = [words("upkeep.trial", source=source_name(followed.source), channel=channel)]
    if sample.newest is None:
        lines = [words("upkeep.trial_empty", source=source_name(followed.source))]
    if missing:
        listed = ", ".join(permission_names(missing, words))
        lines.append("⚠️ " + words("config.added.missing", channel=channel, permissions=listed))
    elif sample.newest is not None:
        lines.append("✅ " + words("upkeep.trial_allowed"))
    return message(container(_WARNING if missing else BRAND, [text("\n".join(lines))]))


def trial_post(sample: Sample, language: str, words: Words) -> Post | None:
    """The source's newest article as its channel would get it, but that it mentions nobody."""
    if sample.newest is None:
        return None
    subscription = sample.followed.subscription
    delivery = Delivery(
        id=0,
        article_id=sample.newest.id,
        subscription_id=subscription.id,
        channel_id=subscription.channel_id,
        next_attempt_at=sample.newest.found_at,
    )
    return replace(post_of(Claimed(delivery, subscription, sample.newest, language), words), mentions=NO_MENTIONS)
