"""Moderators: which sources the server follows, where, and how their articles are posted."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord
from discord import app_commands

from bot.messages import custom_ids
from bot.messages.asking import answering, choices_of, chosen, require_moderator, server_of, source_choices, words_of
from bot.messages.channels import Destination, DestinationOption, channel_kind, destination_of, missing_for
from bot.messages.config_cards import added_card, removed_card
from bot.messages.credentials_form import WAYS, CredentialsForm
from bot.messages.hours import Clock
from bot.messages.hours_choices import digest_choices, quiet_choices, windows_choices
from bot.messages.response import hold, redraw, say
from bot.messages.settings_card import settings_card
from bot.messages.source_options import RESET_ALL, RESETS, changes_of, settings_too
from bot.messages.translator import described, named
from bot.models import Credentials
from bot.subscriptions import Subscriptions

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"
Choices: TypeAlias = list[app_commands.Choice[str]]

AUTHS = [app_commands.Choice(name=described(f"choice.auth.{each}"), value=each) for each in WAYS]
FIRSTS = [app_commands.Choice(name=described(f"choice.first.{each}"), value=each) for each in ("newest", "nothing")]


class SourceCommands(app_commands.Group):
    def __init__(self, subscriptions: Subscriptions) -> None:
        super().__init__(
            name=named("source", "command.config.source.name"),
            description=described("command.config.source.description"),
        )
        self._subscriptions = subscriptions

    @app_commands.command(
        name=named("add", "command.config.source.add.name"),
        description=described("command.config.source.add.description"),
    )
    @settings_too
    @app_commands.rename(
        url=named("url", "option.url.name"),
        channel=named("channel", "option.channel.name"),
        auth=named("auth", "option.auth.name"),
        first=named("first", "option.first.name"),
    )
    @app_commands.describe(
        url=described("option.url.description"),
        channel=described("option.channel.description"),
        auth=described("option.auth.description"),
        first=described("option.first.description"),
    )
    @app_commands.choices(auth=AUTHS, first=FIRSTS)
    async def add(
        self,
        interaction: Asking,
        /,
        url: str,
        *,
        channel: app_commands.Transform[object, DestinationOption] | None = None,
        auth: str | None = None,
        first: str | None = None,
        **options: object,
    ) -> None:
        async with answering(interaction) as words:
            destination = destination_of(channel or interaction.channel)
            changes = changes_of(options) | ({"first": first} if first else {})
            follow = partial(self._follow, url, destination, changes)
            if auth is None:
                await follow(interaction)
            else:
                await interaction.response.send_modal(CredentialsForm(auth, words, follow))

    async def _follow(
        self,
        url: str,
        destination: Destination,
        changes: Mapping[str, object],
        interaction: discord.Interaction[Any],
        credentials: Callable[[], Credentials | None] = lambda: None,
    ) -> None:
        async with answering(interaction) as words:
            given = credentials()
            await hold(interaction)
            added = await self._subscriptions.add(
                url,
                guild_id=server_of(interaction),
                channel_id=destination.id,
                created_by=interaction.user.id,
                changes=changes,
                channel_kind=channel_kind(destination),
                credentials=given,
            )
            missing = missing_for(destination, added.followed.subscription)
            await say(interaction, view=added_card(added, missing, words))

    @app_commands.command(
        name=named("edit", "command.config.source.edit.name"),
        description=described("command.config.source.edit.description"),
    )
    @settings_too
    @app_commands.rename(source=named("source", "option.source.name"), reset=named("reset", "option.reset.name"))
    @app_commands.describe(
        source=described("option.source.edit.description"), reset=described("option.reset.description")
    )
    @app_commands.choices(reset=RESETS)
    async def edit(self, interaction: Asking, /, source: str, *, reset: str | None = None, **options: object) -> None:
        """Without any option but the source, it shows the settings as they are."""
        async with answering(interaction) as words:
            set_back = RESET_ALL if reset == "all" else [reset] if reset else []
            changes = dict.fromkeys(set_back) | changes_of(options)
            guild = interaction.guild

            def place(channel_id: int) -> object:
                return guild.get_channel_or_thread(channel_id) if guild else None

            server = server_of(interaction)
            followed = await self._subscriptions.edit(
                server, source, changes, kind_of=lambda channel_id: channel_kind(place(channel_id))
            )
            clock = Clock(interaction.created_at, await self._subscriptions.servers.time_zone(server))
            destination = place(followed.subscription.channel_id)
            missing = missing_for(destination, followed.subscription) if isinstance(destination, Destination) else ()
            view = settings_card(followed, channel_kind(destination), missing, clock, words, changed=bool(changes))
            await say(interaction, view=view)

    @app_commands.command(
        name=named("remove", "command.config.source.remove.name"),
        description=described("command.config.source.remove.description"),
    )
    @app_commands.rename(source=named("source", "option.source.name"))
    @app_commands.describe(source=described("option.source.description"))
    async def remove(self, interaction: Asking, source: str) -> None:
        async with answering(interaction) as words:
            followed = await self._subscriptions.remove(server_of(interaction), source)
            await say(interaction, view=removed_card(followed, words))

    @add.autocomplete("quiet")
    @edit.autocomplete("quiet")
    async def complete_quiet(self, interaction: Asking, current: str) -> Choices:
        return choices_of(quiet_choices(current, words_of(interaction)))

    @add.autocomplete("hours")
    @edit.autocomplete("hours")
    async def complete_hours(self, interaction: Asking, current: str) -> Choices:
        return choices_of(windows_choices(current, words_of(interaction)))

    @add.autocomplete("digest")
    @edit.autocomplete("digest")
    async def complete_digest(self, interaction: Asking, current: str) -> Choices:
        return choices_of(digest_choices(current, words_of(interaction)))

    @edit.autocomplete("source")
    @remove.autocomplete("source")
    async def complete_source(self, interaction: Asking, current: str) -> Choices:
        return await source_choices(interaction, self._subscriptions, current)


class InsteadSelect(discord.ui.DynamicItem[discord.ui.Select[Any]], template=custom_ids.INSTEAD):
    """The other feeds of a page, under the private answer that says which one is followed."""

    def __init__(self, item: discord.ui.Select[Any], subscription_id: int) -> None:
        super().__init__(item)
        self.subscription_id = subscription_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast("discord.ui.Select[Any]", item), int(match["subscription"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        asking: Asking = interaction
        async with answering(asking, bugs_too=True) as words:
            require_moderator(asking)
            await hold(asking)
            added = await asking.client.subscriptions.follow_instead(
                server_of(asking), self.subscription_id, chosen(self.item), created_by=asking.user.id
            )
            place = asking.guild.get_channel_or_thread(added.followed.subscription.channel_id) if asking.guild else None
            missing = missing_for(place, added.followed.subscription) if isinstance(place, Destination) else ()
            await redraw(asking, added_card(added, missing, words))


async def setup(bot: "CasseCroute") -> None:
    config = cast(app_commands.Group, bot.tree.get_command("config"))  # `cogs.config` is loaded first
    config.add_command(SourceCommands(bot.subscriptions))
    bot.add_dynamic_items(InsteadSelect)


async def teardown(bot: "CasseCroute") -> None:
    bot.remove_dynamic_items(InsteadSelect)
    if isinstance(config := bot.tree.get_command("config"), app_commands.Group):
        config.remove_command("source")
