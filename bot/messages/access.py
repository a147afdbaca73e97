"""Where the bot may speak, as far as the gateway told; nothing is asked of Discord."""

from typing import TypeAlias

import discord

Channel: TypeAlias = discord.abc.GuildChannel | discord.Thread


class DiscordAccess:
    """Implements `delivery.suspensions.Access`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def obstacle(self, guild_id: int, channel_id: int) -> str | None:
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return "suspended.server_gone"
        channel = guild.get_channel_or_thread(channel_id)
        if channel is None:
            return "suspended.channel_gone"
        return _obstacle_in(channel)


def _obstacle_in(channel: Channel) -> str | None:
    if not isinstance(channel, discord.abc.Messageable | discord.ForumChannel):
        return "suspended.not_a_text_channel"
    permissions = channel.permissions_for(channel.guild.me)
    if not permissions.view_channel:
        return "suspended.no_access"
    if isinstance(channel, discord.Thread):
        if channel.locked and not permissions.manage_threads:
            return "suspended.thread_archived"
        return None if permissions.send_messages_in_threads else "suspended.cannot_send"
    return None if permissions.send_messages else "suspended.cannot_send"


def speaking_place(client: discord.Client, guild_id: int, wanted: int | None) -> discord.abc.Messageable | None:
    """The channel wanted, else the server's system channel, whichever the bot may write in; None when neither."""
    guild = client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        return None
    chosen = guild.get_channel_or_thread(wanted) if wanted else None
    for channel in (chosen, guild.system_channel):
        if isinstance(channel, discord.abc.Messageable) and _obstacle_in(channel) is None:
            return channel
    return None
