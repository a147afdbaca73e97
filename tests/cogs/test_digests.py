"""The menu of a digest: any of its articles, in private, for as long as the message exists."""

import discord
import pytest
import simcord

from bot.client import CasseCroute
from bot.locales import words
from bot.messages.custom_ids import OPEN_ID, opened
from bot.messages.post import post_of, send_arguments
from bot.models import Retraction
from tests.fakes.articles import full_article, plain_article, stored
from tests.fakes.kitchen import Pantry, Web, client_over
from tests.fakes.simcord_env import World, look, press, text_of
from tests.messages.posts import digest_as


@pytest.fixture
async def digest(world: World, simcord_bot: CasseCroute) -> discord.Message:
    """In the channel, as it is posted."""
    articles = (stored(plain_article(), 11, "Harbour News"), stored(full_article(), 12))
    post = post_of(digest_as(*articles), words("fr"))
    await simcord_bot.get_partial_messageable(world.news.id).send(**send_arguments(post))
    await world.env.settle()
    return world.posted()[0]


async def choose(world: World, digest: discord.Message, value: str) -> simcord.InteractionResult:
    return await world.member.select(digest, custom_id=OPEN_ID, values=[value])


async def test_any_article_is_opened_in_private_with_its_views(world: World, digest: discord.Message) -> None:
    shown = look(await choose(world, digest, "12"))
    assert shown.ephemeral
    assert "Un modèle de langue qui tient dans un vieux cellulaire" in shown.text
    assert "Une équipe de Sherbrooke" in shown.text
    result = await choose(world, digest, "12")
    turned = look(await press(world.member, result.response, "Poutine"))
    assert "format bébé" in turned.text
    assert "Ferry back in service" in text_of(await choose(world, digest, "11"))
    assert len(world.posted()) == 1


async def test_the_menu_outlives_a_restart(world: World, pantry: Pantry, digest: discord.Message) -> None:
    again = client_over(pantry, Web())
    await world.env.restart_bot(again)
    assert "vieux cellulaire" in text_of(await choose(world, digest, "12"))
    await again.close()


async def test_an_article_that_is_gone_is_said_to_be(world: World, pantry: Pantry, digest: discord.Message) -> None:
    pantry.retracted[12] = Retraction.STRIKE
    shown = look(await choose(world, digest, "12"))
    assert shown.ephemeral
    assert "vieux cellulaire" not in shown.text
    pantry.broken = True
    assert "Mes archives ne répondent pas" in text_of(await choose(world, digest, "11"))


def test_the_menu_leads_nowhere_else() -> None:
    assert opened("12") == 12
    assert [opened(value) for value in ("", "#12", "-1", "١٢", "1" * 19, "1 OR 1")] == [0] * 6
