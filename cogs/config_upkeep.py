"""Moderators: keep sources going. Its commands stand in the group of `config_source`."""

import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord
from discord import app_commands

from bot.locales import words as words_of
from bot.messages import custom_ids
from bot.messages.asking import answering, require_moderator, server_of, source_choices
from bot.messages.channels import Destination, missing_for
from bot.messages.post import send_arguments
from bot.messages.response import hold, redraw, say
from bot.messages.source_list import sources_card
from bot.messages.translator import described, named
from bot.messages.upkeep_cards import checked_card, kept_going_card, trial_card, trial_post
from bot.subscriptions import Subscriptions

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"

NAMES = ("list", "check", "pause", "resume", "test")


class UpkeepCommands(app_commands.Group):
    """Holds its commands only until `setup` moves them to where they are used."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        super().__init__(name="upkeep", description="upkeep")
        self._subscriptions = subscriptions
        self._upkeep = subscriptions.upkeep

    @app_commands.command(
        name=named("list", "command.config.source.list.name"),
        description=described("command.config.source.list.description"),
    )
    async def overview(self, interaction: Asking) -> None:
        async with answering(interaction) as words:
            followed = await self._subscriptions.list(server_of(interaction))
            await say(interaction, view=sources_card(followed, words))

    @app_commands.command(
        name=named("check", "command.config.source.check.name"),
        description=described("command.config.source.check.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.any.description"))
    async def check(self, interaction: Asking, source: str) -> None:
        async with answering(interaction) as words:
            await hold(interaction)
            checked = await self._upkeep.check_now(server_of(interaction), source)
            await say(interaction, view=checked_card(checked, words))

    @app_commands.command(
        name=named("pause", "command.config.source.pause.name"),
        description=described("command.config.source.pause.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.any.description"))
    async def pause(self, interaction: Asking, source: str) -> None:
        async with answering(interaction) as words:
            health = await self._upkeep.pause(server_of(interaction), source)
            view = kept_going_card(health, "upkeep.paused_now", words)
            await say(interaction, view=view)

    @app_commands.command(
        name=named("resume", "command.config.source.resume.name"),
        description=described("command.config.source.resume.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.any.description"))
    async def resume(self, interaction: Asking, source: str) -> None:
        async with answering(interaction) as words:
            health = await self._upkeep.resume(server_of(interaction), source)
            view = kept_going_card(health, "upkeep.resumed_now", words)
            await say(interaction, view=view)

    @app_commands.command(
        name=named("test", "command.config.source.test.name"),
        description=described("command.config.source.test.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.any.description"))
    async def test(self, interaction: Asking, source: str) -> None:
        async with answering(interaction) as words:
            sample = await self._upkeep.sample(server_of(interaction), source)
            subscription = sample.followed.subscription
            place = interaction.guild.get_channel_or_thread(subscription.channel_id) if interaction.guild else None
            missing = missing_for(place, subscription) if isinstance(place, Destination) else ("view_channel",)
            await say(interaction, view=trial_card(sample, missing, words))
            language = await self._subscriptions.servers.language(server_of(interaction))
            if post := trial_post(sample, language, words_of(language)):
                await say(interaction, **send_arguments(post))

    @check.autocomplete("source")
    @pause.autocomplete("source")
    @resume.autocomplete("source")
    @test.autocomplete("source")
    async def complete_source(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return await source_choices(interaction, self._subscriptions, current)


class SourcesButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=custom_ids.SOURCES):
    """Another page of the list of sources, in the private answer that shows it."""

    def __init__(self, item: discord.ui.Button[Any], page: int) -> None:
        super().__init__(item)
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast("discord.ui.Button[Any]", item), int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        asking: Asking = interaction
        async with answering(asking, bugs_too=True) as words:
            require_moderator(asking)
            followed = await asking.client.subscriptions.list(server_of(asking))
            await redraw(asking, sources_card(followed, words, self.page))


def _source_group(bot: "CasseCroute") -> app_commands.Group:
    config = cast(app_commands.Group, bot.tree.get_command("config"))
    return cast(app_commands.Group, config.get_command("source"))  # `cogs.config_source` is loaded first


async def setup(bot: "CasseCroute") -> None:
    group = _source_group(bot)
    for command in UpkeepCommands(bot.subscriptions).commands:
        group.add_command(command)
    bot.add_dynamic_items(SourcesButton)


async def teardown(bot: "CasseCroute") -> None:
    bot.remove_dynamic_items(SourcesButton)
    if isinstance(bot.tree.get_command("config"), app_commands.Group):
        for name in NAMES:
            _source_group(bot).remove_command(name)
