"""Moderators: lists of sources in and out of Discord, as other feed readers write them."""

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias, cast

import discord
from discord import app_commands

from bot.errors import RequestRefused
from bot.exchange import LARGEST_FILE, Exchange
from bot.messages.asking import answering, server_of
from bot.messages.channels import DestinationOption, destination_of
from bot.messages.exchange_cards import exported_card, imported_card
from bot.messages.permissions import missing_permissions
from bot.messages.response import hold, say
from bot.messages.translator import described, named
from bot.messages.upload import Upload

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"

NAMES = ("export", "import")
FILE = "casse-croute.opml"
DOWNLOAD_SECONDS = 20.0


class ExchangeCommands(app_commands.Group):
    """Holds its commands only until `setup` moves them to where they are used."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(name="exchange", description="exchange")
        self._exchange = exchange

    @app_commands.command(
        name=named("export", "command.config.export.name"), description=described("command.config.export.description")
    )
    async def export(self, interaction: Asking) -> None:
        async with answering(interaction) as words:
            data, count = await self._exchange.give_file(server_of(interaction))
            if not count:
                raise RequestRefused("exchange.nothing_followed")
            await say(interaction, view=exported_card(count, FILE, words), file=Upload(BytesIO(data), FILE))

    @app_commands.command(
        name=named("import", "command.config.import.name"), description=described("command.config.import.description")
    )
    @app_commands.rename(file=named("file", "option.file.name"), channel=named("channel", "option.channel.name"))
    @app_commands.describe(
        file=described("option.file.description"), channel=described("option.imported_to.description")
    )
    async def import_(
        self,
        interaction: Asking,
        file: discord.Attachment,
        channel: app_commands.Transform[object, DestinationOption] | None = None,
    ) -> None:
        async with answering(interaction) as words:
            destination = destination_of(channel or interaction.channel)
            await hold(interaction)
            taken = await self._exchange.take_file(
                await _downloaded(file), guild_id=server_of(interaction), channel_id=destination.id
            )
            permissions = destination.permissions_for(destination.guild.me)
            missing = missing_permissions(permissions, in_thread=isinstance(destination, discord.Thread))
            view = imported_card(taken, destination.id, missing, words)
            await say(interaction, view=view)


async def _downloaded(file: discord.Attachment) -> bytes:
    if file.size > LARGEST_FILE:
        raise RequestRefused("exchange.too_large")
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            return await file.read()
    except (discord.HTTPException, TimeoutError) as error:
        raise RequestRefused("exchange.not_downloaded") from error


async def setup(bot: "CasseCroute") -> None:
    config = cast(app_commands.Group, bot.tree.get_command("config"))  # `cogs.config` is loaded first
    for command in ExchangeCommands(bot.exchange).commands:
        config.add_command(command)


async def teardown(bot: "CasseCroute") -> None:
    if isinstance(config := bot.tree.get_command("config"), app_commands.Group):
        for name in NAMES:
            config.remove_command(name)
