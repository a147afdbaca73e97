"""Moderators: which articles of a source a channel wants."""

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import discord
from discord import app_commands

from bot.errors import CasseCrouteError
from bot.filtering import Filtering, Typed
from bot.locales import choose
from bot.locales import words as words_of
from bot.messages.asking import answering, server_of, source_choices
from bot.messages.filter_cards import (
    added_filter_card,
    choosable,
    filter_choice,
    filters_card,
    removed_filter_card,
    trial_card,
)
from bot.messages.limits import CHOICES
from bot.messages.response import hold, say
from bot.messages.translator import described, named
from bot.models import LANGUAGES

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"
Choices: TypeAlias = list[app_commands.Choice[str]]

MODES = [app_commands.Choice(name=described(f"choice.filter.{each}"), value=each) for each in ("include", "exclude")]
FIELDS = [
    app_commands.Choice(name=described(f"choice.field.{each}"), value=each)
    for each in ("any", "title", "text", "author", "category", "language", "section")
]
NAMES: dict[str, str | app_commands.locale_str] = {
    name: named(name, f"option.{name}.name") for name in ("source", "mode", "words", "field", "pattern")
}
DESCRIPTIONS: dict[str, str | app_commands.locale_str] = {
    "source": described("option.source.any.description"),
    "mode": described("option.filter_mode.description"),
    "words": described("option.words.description"),
    "field": described("option.field.description"),
    "pattern": described("option.pattern.description"),
}
Looked: TypeAlias = app_commands.Range[str, 1, 200]


class FilterCommands(app_commands.Group):
    def __init__(self, filtering: Filtering) -> None:
        super().__init__(
            name=named("filter", "command.config.filter.name"),
            description=described("command.config.filter.description"),
        )
        self._filtering = filtering

    @app_commands.command(
        name=named("add", "command.config.filter.add.name"),
        description=described("command.config.filter.add.description"),
    )
    @app_commands.rename(**NAMES)
    @app_commands.describe(**DESCRIPTIONS)
    @app_commands.choices(mode=MODES, field=FIELDS)
    async def add(
        self,
        interaction: Asking,
        source: str,
        mode: str,
        words: Looked,
        field: str = "any",
        *,
        pattern: bool = False,
    ) -> None:
        async with answering(interaction) as speak:
            typed = Typed(words, mode, field, is_pattern=pattern)
            await hold(interaction)
            trial, added = await self._filtering.add(server_of(interaction), source, typed)
            await say(interaction, view=added_filter_card(trial, added, speak))

    @app_commands.command(
        name=named("remove", "command.config.filter.remove.name"),
        description=described("command.config.filter.remove.description"),
    )
    @app_commands.rename(source=NAMES["source"], which=named("filter", "option.filter.name"))
    @app_commands.describe(source=DESCRIPTIONS["source"], which=described("option.filter.description"))
    async def remove(self, interaction: Asking, source: str, which: str) -> None:
        async with answering(interaction) as speak:
            await hold(interaction)
            trial, removed = await self._filtering.remove(server_of(interaction), source, which)
            await say(interaction, view=removed_filter_card(trial, removed, speak))

    @app_commands.command(
        name=named("list", "command.config.filter.list.name"),
        description=described("command.config.filter.list.description"),
    )
    @app_commands.rename(source=NAMES["source"])
    @app_commands.describe(source=described("option.filter_source.description"))
    async def overview(self, interaction: Asking, source: str | None = None) -> None:
        async with answering(interaction) as speak:
            followed = await self._filtering.list(server_of(interaction), source)
            await say(interaction, view=filters_card(followed, speak))

    @app_commands.command(
        name=named("try", "command.config.filter.try.name"),
        description=described("command.config.filter.try.description"),
    )
    @app_commands.rename(**NAMES)
    @app_commands.describe(**DESCRIPTIONS)
    @app_commands.choices(mode=MODES, field=FIELDS)
    async def rehearse(
        self,
        interaction: Asking,
        source: str,
        mode: str = "include",
        words: Looked | None = None,
        field: str = "any",
        *,
        pattern: bool = False,
    ) -> None:
        """With words, as if there were one filter more."""
        async with answering(interaction) as speak:
            typed = Typed(words, mode, field, is_pattern=pattern) if words else None
            await hold(interaction)
            trial = await self._filtering.rehearse(server_of(interaction), source, typed)
            await say(interaction, view=trial_card(trial, speak))

    @add.autocomplete("source")
    @remove.autocomplete("source")
    @overview.autocomplete("source")
    @rehearse.autocomplete("source")
    async def complete_source(self, interaction: Asking, current: str) -> Choices:
        return await source_choices(interaction, interaction.client.subscriptions, current)

    @remove.autocomplete("which")
    async def complete_filter(self, interaction: Asking, current: str) -> Choices:
        speak = words_of(_language(interaction))
        try:
            filters = await self._filtering.complete(server_of(interaction), _typed(interaction, "source"))
        except CasseCrouteError:
            return []  # a list that stays empty; the command itself will say why
        choices = {f"#{each.key}": filter_choice(each, speak) for each in filters}
        return _matching(choices, current)

    @add.autocomplete("words")
    @rehearse.autocomplete("words")
    async def complete_words(self, interaction: Asking, current: str) -> Choices:
        """Languages and sections are chosen; anything else is the moderator's to write."""
        return _matching(choosable(_typed(interaction, "field"), _language(interaction)), current)


def _typed(interaction: discord.Interaction[Any], option: str) -> str:
    return str(getattr(interaction.namespace, option, None) or "")


def _language(interaction: discord.Interaction[Any]) -> str:
    return choose(interaction.locale.value, default=LANGUAGES[0])


def _matching(names: dict[str, str], current: str) -> Choices:
    """Choices by value, those whose name or value holds what was typed."""
    current = current.strip().casefold()
    found = [
        app_commands.Choice(name=name, value=value)
        for value, name in names.items()
        if current in name.casefold() or current in value.casefold()
    ]
    return found[:CHOICES]


async def setup(bot: "CasseCroute") -> None:
    config = cast(app_commands.Group, bot.tree.get_command("config"))  # `cogs.config` is loaded first
    config.add_command(FilterCommands(bot.filtering))


async def teardown(bot: "CasseCroute") -> None:
    if isinstance(config := bot.tree.get_command("config"), app_commands.Group):
        config.remove_command("filter")
