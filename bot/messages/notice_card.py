"""What moderators are told when something needs them. Pure."""

import discord

from bot.delivery.notices import Bundle, Notice
from bot.locales import Words
from bot.messages.cutting import cut
from bot.messages.layout import container, message, text
from bot.messages.markup import escape_line
from bot.messages.plain import one_line

NAME = 60
_WARNING = 0xC8553D
_LOST_CHANNEL = "notice.suspended"
"""Of a channel, which comes back by itself; a source that was given up waits for a moderator."""


def notice_card(bundle: Bundle, words: Words) -> discord.ui.LayoutView:
    lines = [f"- {_line(each, words)}" for each in bundle.notices]
    tail = [words("notice.hope")] if any(each.key == _LOST_CHANNEL for each in bundle.notices) else []
    if bundle.log_channel_id is None:
        tail.append(words("notice.where"))
    return message(
        container(
            _WARNING,
            [
                text(f"### ⚠️ {words('notice.title')}"),
                text("\n".join(lines)),
                text("\n".join(f"-# {line}" for line in tail)),
            ],
        )
    )


def _line(notice: Notice, words: Words) -> str:
    reason = str(notice.params.get("reason"))
    return words(
        notice.key,
        source=escape_line(cut(one_line(str(notice.params.get("source") or "")), NAME)),
        channel=f"<#{notice.params.get('channel_id')}>",
        reason=words(reason) if words.has(reason) else words("suspended.refused"),
    )
