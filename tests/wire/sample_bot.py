"""The smallest bot that uses what ours uses, on real discord.py: it proves the fake, not the project."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord_wire import DiscordWire


class Perspective(ui.DynamicItem[ui.Button], template=r"view:(?P<kind>\w+):(?P<article>\d+)"):
    def __init__(self, kind: str, article: int) -> None:
        super().__init__(ui.Button(label=kind.capitalize(), custom_id=f"view:{kind}:{article}"))
        self.kind = kind

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(match["kind"], int(match["article"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        layout = ui.LayoutView(timeout=None)
        layout.add_item(ui.TextDisplay(f"**{self.kind}** in {interaction.locale}"))
        layout.stop()
        await interaction.response.send_message(view=layout, ephemeral=True)


class French(app_commands.Translator):
    async def translate(self, string, locale, context):
        return {"add": "ajouter", "url": "adresse"}.get(string.message) if locale is discord.Locale.french else None


class Question(ui.Modal, title="Une question"):
    words = ui.Label(text="Vos mots", component=ui.TextInput(custom_id="words"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Vous dites : {self.words.component.value}")


class SampleBot(commands.Bot):
    def __init__(self, intents: int = 1, trace: aiohttp.TraceConfig | None = None) -> None:
        super().__init__(
            commands.when_mentioned,
            http_trace=trace,
            intents=discord.Intents._from_value(intents),
            max_messages=None,
            guild_ready_timeout=0.1,
        )
        self.allowed_mentions = discord.AllowedMentions.none()
        self.tree.add_command(_config_group())
        for command in (poutine, slow, silent, paged, ask, broken):
            self.tree.add_command(command)
        self.tree.add_command(menu)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Perspective)
        await self.tree.set_translator(French())
        await self.tree.sync()
        _, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's five seconds."""


def card(text: str, kinds: tuple[str, ...] = ("neutral", "optimistic")) -> ui.LayoutView:
    layout = ui.LayoutView(timeout=None)
    row: ui.ActionRow = ui.ActionRow(
        *(ui.Button(label=kind.capitalize(), custom_id=f"view:{kind}:7") for kind in kinds)
    )
    layout.add_item(ui.Container(ui.TextDisplay(text), ui.Separator(), row, accent_colour=0xAA5500))
    layout.stop()
    return layout


def _config_group() -> app_commands.Group:
    config = app_commands.Group(
        name="config", description="Set up", guild_only=True, default_permissions=discord.Permissions(manage_guild=True)
    )
    source = app_commands.Group(name="source", description="Sources", parent=config)

    @source.command(name="add", description="Follow a source")
    async def add(interaction: discord.Interaction, url: str, channel: discord.TextChannel) -> None:
        may = channel.permissions_for(channel.guild.me).send_messages
        await interaction.response.send_message(f"{url} in {channel.mention}: {may}", ephemeral=True)

    return config


@app_commands.command(name="poutine", description="The analogy")
async def poutine(interaction: discord.Interaction, article: str | None = None, share: bool = False) -> None:
    await interaction.response.send_message(
        embed=discord.Embed(title="Poutine", description=article), ephemeral=not share
    )


@poutine.autocomplete("article")
async def _articles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{current}…", value="#1")]


@app_commands.command(name="slow", description="Thinks first")
async def slow(interaction: discord.Interaction, twice: bool = False) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await asyncio.sleep(0.2)
    if twice:
        await interaction.followup.send("first")
        await interaction.followup.send("second", ephemeral=True)
    else:
        await interaction.edit_original_response(view=card("thought"))


@app_commands.command(name="silent", description="Never answers")
async def silent(interaction: discord.Interaction) -> None: ...


@app_commands.command(name="ask", description="Opens a form")
async def ask(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Question())


@app_commands.command(name="broken", description="Breaks limits")
async def broken(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("x" * 2001)


class Pages(ui.View):
    @ui.button(label="Suivant", custom_id="next")
    async def next(self, interaction: discord.Interaction, button: ui.Button) -> None:
        await interaction.response.edit_message(content="page 2")

    @ui.select(
        custom_id="pick",
        options=[discord.SelectOption(label="Un", value="1"), discord.SelectOption(label="Deux", value="2")],
    )
    async def pick(self, interaction: discord.Interaction, select: ui.Select) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"picked {select.values[0]}")


@app_commands.command(name="paged", description="Two pages")
async def paged(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("page 1", view=Pages())


@app_commands.context_menu(name="Perspectives")
async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"about {message.id}", ephemeral=True)


@contextlib.asynccontextmanager
async def connected(
    discord_wire: DiscordWire, monkeypatch: pytest.MonkeyPatch, bot: SampleBot | None = None
) -> AsyncIterator[SampleBot]:
    monkeypatch.setattr(Route, "BASE", discord_wire.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    bot = bot or SampleBot()
    async with bot:
        task = asyncio.create_task(bot.start(discord_wire.token))
        try:
            ready = asyncio.create_task(bot.wait_until_ready())
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if task.done():
                task.result()
            yield bot
        finally:
            await bot.close()
            await asyncio.wait({task}, timeout=2)
            task.cancel()
