"""Discord's channels as settings see them: what each can be for a subscription. Pure."""

from typing import Any

import discord
from discord import app_commands

from bot.delivery.preferences import ChannelKind, Preferences, preferences_of
from bot.errors import RequestRefused
from bot.messages.permissions import missing_permissions
from bot.models import Subscription

Destination = discord.TextChannel | discord.ForumChannel | discord.Thread
"""Where articles can be posted."""


_TYPES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


class DestinationOption(app_commands.Transformer):
    """An option that offers such channels. discord.py's own would offer media channels with forums, a type that
    Discord's description of commands does not have."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(_TYPES)

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> object:
        """What cannot be seen stays what it was, for `destination_of` to refuse."""
        del interaction
        return value.resolve() or value


def channel_kind(channel: object) -> ChannelKind | None:
    """None for what cannot be seen, or cannot be posted to."""
    match channel:
        case discord.Thread():
            return ChannelKind.THREAD
        case discord.ForumChannel():
            return ChannelKind.FORUM
        case discord.TextChannel():
            return ChannelKind.ANNOUNCEMENT if channel.is_news() else ChannelKind.TEXT
        case _:
            return None


def destination_of(channel: object) -> Destination:
    """Raises RequestRefused where articles cannot be posted, or that cannot be seen: Discord offers people archived
    threads too, and private ones that the bot is not in."""
    if isinstance(channel, app_commands.AppCommandChannel | app_commands.AppCommandThread) and channel.type in _TYPES:
        raise RequestRefused("error.not_visible")
    if not isinstance(channel, Destination):
        raise RequestRefused("config.source.channel")
    return channel


def missing_for(channel: Destination, subscription: Subscription) -> tuple[str, ...]:
    """The permissions that posting there with these settings needs, and the bot lacks."""
    permissions = channel.permissions_for(channel.guild.me)
    preferences = preferences_of(subscription)
    missing = missing_permissions(permissions, in_thread=isinstance(channel, discord.Thread))
    further = (name for name in _further(channel, preferences) if not getattr(permissions, name))
    return tuple(dict.fromkeys((*missing, *further)))


def _further(channel: Destination, preferences: Preferences) -> list[str]:
    needed: list[str] = []
    in_forum = isinstance(channel, discord.ForumChannel)
    if preferences.thread == "article" and not in_forum:
        needed.append("create_public_threads")
    if (preferences.thread == "article" or in_forum) and (preferences.questions or preferences.poll):
        needed.append("send_messages_in_threads")
    if preferences.poll:
        needed.append("send_polls")
    roles = filter(None, map(channel.guild.get_role, preferences.roles))
    if not all(role.mentionable for role in roles):
        needed.append("mention_everyone")
    return needed
