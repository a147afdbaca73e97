"""The simulated server: today's date, French in the command picker, announcements told apart from answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import discord
from discord import app_commands

from bot.demo.stage import SERVER, Stage, open_stage

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


class French(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        return {"Answers": "Répond", "Bright": "Ensoleillé"}.get(string.message) if locale.value == "fr" else None


class Echo(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(description="Answers")
        @app_commands.choices(view=[app_commands.Choice(name="Bright", value="b")])
        async def answer(interaction: discord.Interaction, view: str = "b") -> None:
            await interaction.response.send_message(interaction.locale.value)

    async def setup_hook(self) -> None:
        await self.tree.set_translator(French())
        await self.tree.sync()


@asynccontextmanager
async def on_stage() -> AsyncIterator[tuple[Echo, Stage]]:
    """Not a fixture: SimCord's clock belongs to the task that opened it."""
    client = Echo()
    async with open_stage(client, now=lambda: NOW) as stage:
        yield client, stage


async def say(client: Echo, stage: Stage, text: str) -> discord.Message:
    channel = client.get_channel(stage.news.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send(text)


async def test_the_server_is_called_la_cabane_and_lives_today() -> None:
    async with on_stage() as (client, stage):
        message = await say(client, stage, "Bonjour")
        assert stage.guild.name == SERVER
        assert abs(message.created_at - NOW) < timedelta(seconds=1)


async def test_the_picker_describes_commands_in_french() -> None:
    async with on_stage() as (_client, stage):
        command = next(iter(stage.commands()))
        assert command["description"] == "Répond"
        assert command["options"][0]["choices"][0]["name"] == "Ensoleillé"


async def test_everybody_s_discord_is_in_french_but_the_visitor_s() -> None:
    async with on_stage() as (_client, stage):
        for person, language in ((stage.member, "fr"), (stage.moderator, "fr"), (stage.visitor, "en")):
            result = await person.slash(stage.news, "answer")
            assert result.response is not None
            assert result.response.content.startswith(language)


async def test_answers_to_people_are_not_announcements() -> None:
    async with on_stage() as (client, stage):
        await stage.member.slash(stage.news, "answer")
        assert stage.announcements() == []
        await say(client, stage, "Une nouvelle")
        assert len(stage.announcements()) == 1
        assert await stage.until_posted(1, 5)
        assert not await stage.until_posted(2, 0.01)
