"""Moderators: the server's own settings. Its sources are in `config_source`."""

from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.messages.asking import answering, choices_of, server_of, words_of
from bot.messages.config_cards import language_card, log_card, overview_card, time_zone_card
from bot.messages.hours_choices import zone_choices
from bot.messages.permissions import missing_permissions
from bot.messages.response import say
from bot.messages.time_zones import meant_zone
from bot.messages.translator import described, named
from bot.subscriptions import Subscriptions

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ConfigCommands(
    commands.GroupCog,
    group_name=named("config", "command.config.name"),
    group_description=described("command.config.description"),
):
    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    @app_commands.command(
        name=named("show", "command.config.show.name"), description=described("command.config.show.description")
    )
    async def show(self, interaction: Asking) -> None:
        async with answering(interaction) as words:
            overview = await self._subscriptions.overview(server_of(interaction))
            await say(interaction, view=overview_card(overview, interaction.created_at, words))

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
        async with answering(interaction) as words:
            await self._subscriptions.servers.set_language(server_of(interaction), language)
            await say(interaction, view=language_card(language, words))

    @app_commands.command(
        name=named("time-zone", "command.config.time_zone.name"),
        description=described("command.config.time_zone.description"),
    )
    @app_commands.rename(zone=named("city", "option.zone.name"))
    @app_commands.describe(zone=described("option.zone.description"))
    async def time_zone(self, interaction: Asking, zone: app_commands.Range[str, 1, 100]) -> None:
        async with answering(interaction) as words:
            name = meant_zone(zone, words)
            await self._subscriptions.servers.set_time_zone(server_of(interaction), name)
            view = time_zone_card(name, interaction.created_at, words)
            await say(interaction, view=view)

    @time_zone.autocomplete("zone")
    async def complete_zone(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return choices_of(zone_choices(current, interaction.created_at, words_of(interaction)))

    @app_commands.command(
        name=named("log", "command.config.log.name"), description=described("command.config.log.description")
    )
    @app_commands.rename(channel=named("channel", "option.channel.name"))
    @app_commands.describe(channel=described("option.log_channel.description"))
    async def log(self, interaction: Asking, channel: discord.TextChannel | None = None) -> None:
        async with answering(interaction) as words:
            channel_id = channel.id if channel else None
            await self._subscriptions.servers.set_log_channel(server_of(interaction), channel_id)
            missing = missing_permissions(channel.permissions_for(channel.guild.me)) if channel else ()
            await say(interaction, view=log_card(channel_id, missing, words))


async def setup(bot: "CasseCroute") -> None:
    await bot.add_cog(ConfigCommands(bot.subscriptions))
