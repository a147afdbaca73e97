"""The fixtures tell the truth: what they add to SimCord behaves as Discord does."""

import asyncio

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.fakes.simcord_env import Wire, World, beside, look, press, text_of


def news(world: World) -> discord.TextChannel:
    channel = world.env.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


class Card(discord.ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        picture = discord.MediaGalleryItem("https://example.org/frites.png", description="Des frites")
        row: discord.ui.ActionRow[Card] = discord.ui.ActionRow()
        row.add_item(discord.ui.Button(label="Optimiste", emoji="🌞", custom_id="o"))
        row.add_item(discord.ui.Button(label="Lire", url="https://example.org/"))
        self.add_item(
            discord.ui.Container(discord.ui.TextDisplay("# Une nouvelle"), discord.ui.MediaGallery(picture), row)
        )


class Parrot(discord.Client):
    """Says in which language it was asked; hands work to a sibling through a queue."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.orders: asyncio.Queue[asyncio.Future[str]] = asyncio.Queue()

        @self.tree.command()
        async def langue(interaction: discord.Interaction) -> None:
            """Says the languages."""
            await interaction.response.send_message(f"{interaction.locale} {interaction.guild_locale}", ephemeral=True)

        @self.tree.command()
        async def order(interaction: discord.Interaction) -> None:
            """Asks the kitchen."""
            await interaction.response.defer(thinking=True)
            ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            self.orders.put_nowait(ready)
            await interaction.followup.send(await ready)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.send_message("pressed", ephemeral=True)

    async def cook(self) -> None:
        while True:
            ready = await self.orders.get()
            ready.set_result("une galvaude")


@pytest.fixture
def simcord_bot() -> Parrot:
    return Parrot()


async def test_interactions_carry_each_person_s_own_language(world: World) -> None:
    world.speak(world.moderator, "en-US")
    assert text_of(await world.member.slash(world.news, "langue")) == "fr fr"
    assert text_of(await world.moderator.slash(world.news, "langue")) == "en-US fr"


async def test_a_card_shows_its_text_its_images_and_its_buttons(world: World) -> None:
    channel = news(world)
    message = await channel.send(view=Card())
    await world.env.settle()
    shown = look(message)
    assert shown.text == "# Une nouvelle"
    assert shown.images == (("https://example.org/frites.png", "Des frites"),)
    assert shown.button("optimiste").label == "🌞 Optimiste"
    assert shown.button("lire").url == "https://example.org/"
    assert look(await press(world.member, message, "Optimiste")).ephemeral
    assert [posted.id for posted in world.posted()] == [message.id]


async def test_a_lost_reply_leaves_one_message_however_often_the_bot_tries(world: World, wire: Wire) -> None:
    channel = news(world)
    wire.lose_replies(2)
    for _ in range(2):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await channel.send("Une nouvelle", nonce="livraison-7")
    message = await channel.send("Une nouvelle", nonce="livraison-7")
    assert [posted.id for posted in world.posted()] == [message.id]
    assert wire.sent == ["livraison-7"]
    wire.forget_nonces()
    await channel.send("Une nouvelle", nonce="livraison-7")
    assert len(world.posted()) == 2


async def test_a_refused_message_has_no_effect(world: World, wire: Wire) -> None:
    channel = news(world)
    wire.refuse(503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("Une nouvelle")
    assert world.posted() == []


async def test_a_handler_may_wait_for_a_sibling(world: World, simcord_bot: Parrot) -> None:
    async with beside(simcord_bot.cook()):
        assert text_of(await world.member.slash(world.news, "order")) == "une galvaude"


async def test_a_sibling_that_fails_fails_the_test(world: World) -> None:
    async def burn() -> None:
        raise RuntimeError("fire")

    with pytest.raises(ExceptionGroup, match="beside the bot"):
        async with beside(burn()):
            await asyncio.sleep(0)


async def test_the_bot_can_lose_a_permission_and_a_channel(world: World) -> None:
    channel = news(world)
    world.deny_bot(world.news, send_messages=False)
    with pytest.raises(discord.Forbidden):
        await channel.send("Une nouvelle")
    world.delete_channel(world.news)
    with pytest.raises(discord.NotFound):
        await channel.send("Une nouvelle")
