"""What a moderator sees of a list of sources that came in or goes out. Pure."""

from collections.abc import Mapping, Sequence

import discord

from bot.exchange import Taken
from bot.locales import Words
from bot.messages.kinds import BRAND
from bot.messages.layout import container, counted, message, text
from bot.messages.permissions import permission_names

_GOOD, _WARNING = 0x4F9D5D, 0xC8553D


def exported_card(count: int, name: str, words: Words) -> discord.ui.LayoutView:
    """`name` is that of the file sent with it."""
    line = counted(words, "exchange.given", count)
    return message(
        container(BRAND, [text(f"{line}\n-# {words('exchange.no_secrets')}"), discord.ui.File(f"attachment://{name}")])
    )


def imported_card(
    taken: Mapping[Taken, int], channel_id: int, missing: Sequence[str], words: Words
) -> discord.ui.LayoutView:
    """`missing` are the permissions that the bot lacks in the channel."""
    channel = f"<#{channel_id}>"
    lines = ["### " + words("exchange.title", channel=channel)]
    lines += [counted(words, f"exchange.{each.value}", taken.get(each, 0)) for each in Taken if taken.get(each)]
    if missing:
        listed = ", ".join(permission_names(missing, words))
        lines.append("⚠️ " + words("config.added.missing", channel=channel, permissions=listed))
    return message(container(_WARNING if missing else _GOOD, [text("\n".join(lines))]))
