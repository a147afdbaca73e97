"""What every command and button needs of an interaction: where it was asked, and somebody to tell what went wrong."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.errors import CasseCrouteError, RequestRefused
from bot.locales import Words, choose, words
from bot.messages.article_card import choice_name
from bot.messages.replies import send_refusal
from bot.messages.response import in_time
from bot.messages.source_name import source_choice
from bot.models import LANGUAGES
from bot.reading import ArticleTitle, Place
from bot.subscriptions import Subscriptions

Interaction = discord.Interaction[Any]


class Completing(Protocol):
    async def complete(self, place: Place, text: str) -> Sequence[ArticleTitle]: ...


def server_of(interaction: Interaction) -> int:
    """Raises RequestRefused outside servers, where Discord shows none of our commands."""
    if interaction.guild_id is None:
        raise RequestRefused("error.servers_only")
    return interaction.guild_id


def place_of(interaction: Interaction) -> Place:
    channel = interaction.channel
    channels = (interaction.channel_id, channel.parent_id if isinstance(channel, discord.Thread) else None)
    return Place(server_of(interaction), tuple(each for each in channels if each))


async def article_choices(
    interaction: Interaction, titles_of: Completing, current: str
) -> list[app_commands.Choice[str]]:
    """The completion of every `article` option: titles that hold what was typed."""
    speak = words_of(interaction)
    try:
        titles = await titles_of.complete(place_of(interaction), current)
    except CasseCrouteError:
        return []  # a list that stays empty; the command itself will say why
    return choices_of([(choice_name(title, speak), f"#{title.id}") for title in titles])


def words_of(interaction: Interaction) -> Words:
    """Those of a completion, which has no time to ask for the server's language."""
    return words(choose(interaction.locale.value, default=LANGUAGES[0]))


def choices_of(pairs: Iterable[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """What people read, and what it stands for."""
    return [app_commands.Choice(name=name, value=value) for name, value in pairs]


async def source_choices(
    interaction: Interaction, sources: Subscriptions, current: str
) -> list[app_commands.Choice[str]]:
    """The completion of every `source` option: what the server follows whose title or address holds what was typed."""
    try:
        followed = await sources.complete(server_of(interaction), current)
    except CasseCrouteError:
        return []  # a list that stays empty; the command itself will say why
    guild = interaction.guild
    channels = {each.id: each.name for each in (*guild.channels, *guild.threads)} if guild else {}
    return choices_of(
        (source_choice(each, channels.get(each.subscription.channel_id)), f"#{each.subscription.id}")
        for each in followed
    )


def chosen(menu: object) -> str:
    """What was chosen in a menu. Raises RequestRefused when nothing was."""
    values = getattr(menu, "values", None) or ()
    if not values:
        raise RequestRefused("error.nothing_chosen")
    return str(values[0])


def require_moderator(interaction: Interaction) -> None:
    """For what moderators' messages hold: Discord keeps others from their commands, but not from an old button."""
    if not interaction.permissions.manage_guild:
        raise RequestRefused("error.moderators_only")


@contextlib.asynccontextmanager
async def answering(interaction: Interaction, *, private: bool = True, bugs_too: bool = False) -> AsyncIterator[Words]:
    """Gives the asker's words, and tells the asker what went wrong inside. However long it takes, Discord is answered
    in time; `private` says for whom.

    Bugs pass, to the command tree's own boundary; buttons have none, and catch them here (`bugs_too`).
    """
    async with in_time(interaction, private=private):
        speak = words(await interaction.client.language_of(interaction))
        try:
            yield speak
        except CasseCrouteError as error:
            await send_refusal(interaction, error, speak)
        except Exception as error:
            if not bugs_too:
                raise
            await send_refusal(interaction, error, speak)
