"""Moderators: the server's settings and its sources."""

from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused, StorageError
from bot.messages.asking import answering, server_of
from bot.messages.config_cards import (
    added_card,
    choice_name,
    language_card,
    log_card,
    overview_card,
    removed_card,
    sources_card,
)
from bot.messages.permissions import missing_permissions
from bot.messages.translator import described, named
from bot.subscriptions import Subscriptions

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"
Choices: TypeAlias = list[app_commands.Choice[str]]
Destination: TypeAlias = discord.TextChannel | discord.Thread


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ConfigCommands(
    commands.GroupCog,
    group_name=named("config", "command.config.name"),
    group_description=described("command.config.description"),
):
    source = app_commands.Group(
        name=named("source", "command.config.source.name"),
        description=described("command.config.source.description"),
    )

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    @app_commands.command(
        name=named("show", "command.config.show.name"), description=described("command.config.show.description")
    )
    async def show(self, interaction: Asking) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            overview = await self._subscriptions.overview(server_of(interaction))
            await interaction.response.send_message(view=overview_card(overview, words), ephemeral=True)

    @app_commands.command(
        name=named("language", "command.config.language.name"),
        description=described("command.config.language.description"),
    )
    @app_commands.rename(language=named("language", "option.language.name"))
    @app_commands.describe(language=described("option.language.description"))
    @app_commands.choices(
        language=[
            app_commands.Choice(name=described("choice.fr"), value="fr"),
            app_commands.Choice(name=described("choice.en"), value="en"),
        ]
    )
    async def language(self, interaction: Asking, language: str) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            await self._subscriptions.set_language(server_of(interaction), language)
            await interaction.response.send_message(view=language_card(language, words), ephemeral=True)

    @app_commands.command(
        name=named("log", "command.config.log.name"), description=described("command.config.log.description")
    )
    @app_commands.rename(channel=named("channel", "option.channel.name"))
    @app_commands.describe(channel=described("option.log_channel.description"))
    async def log(self, interaction: Asking, channel: discord.TextChannel | None = None) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            channel_id = channel.id if channel else None
            await self._subscriptions.set_log_channel(server_of(interaction), channel_id)
            missing = missing_permissions(channel.permissions_for(channel.guild.me)) if channel else ()
            await interaction.response.send_message(view=log_card(channel_id, missing, words), ephemeral=True)

    @source.command(
        name=named("add", "command.config.source.add.name"),
        description=described("command.config.source.add.description"),
    )
    @app_commands.rename(url=named("url", "option.url.name"), channel=named("channel", "option.channel.name"))
    @app_commands.describe(url=described("option.url.description"), channel=described("option.channel.description"))
    async def add(self, interaction: Asking, url: str, channel: discord.TextChannel | None = None) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            destination = destination_of(interaction, channel)
            await interaction.response.defer(ephemeral=True, thinking=True)
            added = await self._subscriptions.add(
                url,
                guild_id=server_of(interaction),
                channel_id=destination.id,
                created_by=interaction.user.id,
            )
            missing = missing_permissions(
                destination.permissions_for(destination.guild.me), in_thread=isinstance(destination, discord.Thread)
            )
            await interaction.followup.send(view=added_card(added, missing, words), ephemeral=True)

    @source.command(
        name=named("list", "command.config.source.list.name"),
        description=described("command.config.source.list.description"),
    )
    async def list(self, interaction: Asking) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            followed = await self._subscriptions.list(server_of(interaction))
            await interaction.response.send_message(view=sources_card(followed, words), ephemeral=True)

    @source.command(
        name=named("remove", "command.config.source.remove.name"),
        description=described("command.config.source.remove.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.description"))
    async def remove(self, interaction: Asking, source: str) -> None:
        async with answering(interaction, await interaction.client.language_of(interaction)) as words:
            followed = await self._subscriptions.remove(server_of(interaction), source)
            await interaction.response.send_message(view=removed_card(followed, words), ephemeral=True)

    @remove.autocomplete("source")
    async def complete_source(self, interaction: Asking, current: str) -> Choices:
        try:
            followed = await self._subscriptions.complete(server_of(interaction), current)
        except StorageError:
            return []  # a list that stays empty; the command itself will say why
        guild = interaction.guild
        channels = {each.id: each.name for each in (*guild.channels, *guild.threads)} if guild else {}
        return [
            app_commands.Choice(
                name=choice_name(each, channels.get(each.subscription.channel_id)), value=f"#{each.subscription.id}"
            )
            for each in followed
        ]


def destination_of(interaction: Asking, channel: discord.TextChannel | None) -> Destination:
    """The channel asked for, else the present one. Raises RequestRefused where articles cannot be posted."""
    destination = channel or interaction.channel
    if not isinstance(destination, discord.TextChannel | discord.Thread):
        raise RequestRefused("config.source.channel")
    return destination


async def setup(bot: "CasseCroute") -> None:
    await bot.add_cog(ConfigCommands(bot.subscriptions))
