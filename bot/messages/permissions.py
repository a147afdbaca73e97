"""What the bot must be allowed in a channel to post there. Pure."""

from collections.abc import Sequence

import discord

from bot.locales import Words

_NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")
"""The last two: for pictures and links of cards, and to find its own message again after a crash."""


def missing_permissions(permissions: discord.Permissions, *, in_thread: bool = False) -> tuple[str, ...]:
    """The names, as discord.py spells them, of what posting needs and `permissions` lacks."""
    needed = ("send_messages_in_threads" if in_thread and name == "send_messages" else name for name in _NEEDED)
    return tuple(name for name in needed if not getattr(permissions, name))


def permission_names(missing: Sequence[str], words: Words) -> tuple[str, ...]:
    """As Discord's own settings call them."""
    return tuple(words(f"permission.{name}") for name in missing)
