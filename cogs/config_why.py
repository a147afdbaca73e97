"""Moderators: why an article was posted, or was not. Its command stands in the group of `config_source`."""

from typing import TYPE_CHECKING, TypeAlias, cast

import discord
from discord import app_commands

from bot.explaining import Explaining, Walk
from bot.messages.asking import answering, article_choices, place_of
from bot.messages.response import say
from bot.messages.translator import described, named
from bot.messages.why_card import missing_card, why_card

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"


class WhyCommands(app_commands.Group):
    """Holds its command only until `setup` moves it to where it is used."""

    def __init__(self, explaining: Explaining) -> None:
        super().__init__(name="why", description="why")
        self._explaining = explaining

    @app_commands.command(
        name=named("why", "command.config.source.why.name"),
        description=described("command.config.source.why.description"),
    )
    @app_commands.rename(article=named("article", "option.article.name"))
    @app_commands.describe(article=described("option.why_article.description"))
    async def why(self, interaction: Asking, article: str | None = None) -> None:
        async with answering(interaction) as words:
            found = await self._explaining.why(place_of(interaction), article)
            view = why_card(found, words) if isinstance(found, Walk) else missing_card(found, words)
            await say(interaction, view=view)

    @why.autocomplete("article")
    async def complete_article(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return await article_choices(interaction, self._explaining, current)


def _source_group(bot: "CasseCroute") -> app_commands.Group:
    config = cast(app_commands.Group, bot.tree.get_command("config"))
    return cast(app_commands.Group, config.get_command("source"))  # `cogs.config_source` is loaded first


async def setup(bot: "CasseCroute") -> None:
    for command in WhyCommands(bot.explaining).commands:
        _source_group(bot).add_command(command)


async def teardown(bot: "CasseCroute") -> None:
    if isinstance(bot.tree.get_command("config"), app_commands.Group):
        _source_group(bot).remove_command("why")
