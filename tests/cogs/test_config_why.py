"""How a moderator learns why an article was posted, or was not."""

from dataclasses import replace
from datetime import timedelta

import pytest
import simcord

from bot.articles.filters import Filter, trace_of
from bot.delivery.stages import Fate, Try
from bot.models import DeliveryState
from tests.fakes.articles import FOUND_AT
from tests.fakes.kitchen import NOW, Pantry
from tests.fakes.simcord_env import World, look, text_of

FEED = "https://comptoir.example/fil.xml"
PENDING = Fate(DeliveryState.PENDING, 1, created_at=FOUND_AT, due_at=FOUND_AT)


@pytest.fixture
async def followed(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)


async def why(world: World, **options: object) -> str:
    result = await world.moderator.slash(world.news, "config source why", **options)
    assert look(result).ephemeral
    return text_of(result)


@pytest.mark.usefixtures("followed")
async def test_an_article_is_walked_stage_by_stage(world: World, pantry: Pantry) -> None:
    tries = (Try(FOUND_AT, "postponed", "503"), Try(NOW, "sent", None))
    sent = {"state": DeliveryState.SENT, "channel_id": world.news.id, "message_id": 77, "sent_at": NOW, "failures": 1}
    pantry.fates[1] = replace(PENDING, **sent, last_error="503", tries=tries)
    at = f"<t:{int(FOUND_AT.timestamp())}:f>"
    said = await why(world, article="#12")
    assert "Un modèle de langue qui tient dans un vieux cellulaire" in said
    for sentence in (
        f"✅ Récupéré le {at} dans Le Comptoir.",
        f"✅ Reconnu comme nouveau le {at}.",
        f"✅ Compris le {at}.",
        f"**<#{world.news.id}>**\n✅ Aucun filtre ne l’a écarté",
        f"✅ Publication prévue le {at}.",
        f"✅ Essais ratés\u00a0: 1, le dernier le {at} (503).",
        f"https://discord.com/channels/{world.guild.id}/{world.news.id}/77",
        "Derniers essais",
    ):
        assert sentence in said
    world.speak(world.moderator, "en-US")
    assert f"✅ Fetched from Le Comptoir on {at}." in await why(world, article="#12")


@pytest.mark.usefixtures("followed")
async def test_where_it_stopped_and_what_to_do_is_said(world: World, pantry: Pantry) -> None:
    never = (Filter(mode="exclude", field="title", words="modèle"),)
    pantry.fates[1] = replace(PENDING, state=DeliveryState.FILTERED, held_reason=trace_of(never))
    said = await why(world)
    assert "par un filtre. Sauf · titre\u00a0: modèle" in said
    assert "💡 Pour voir les filtres\u00a0: `/config filtre liste`" in said
    pantry.fates[1] = replace(PENDING, due_at=NOW + timedelta(minutes=5), failures=2, last_error="**503**")
    assert (
        f"Essais ratés\u00a0: 2 (\\*\\*503\\*\\*). Prochain essai le <t:{int(NOW.timestamp()) + 300}:f>"
        in await why(world)
    )
    del pantry.fates[1]
    world.speak(world.moderator, "en-US")
    assert "⛔ The source was paused in this channel" in await why(world)


@pytest.mark.usefixtures("followed")
async def test_an_article_is_meant_by_its_address_or_that_of_its_message(world: World, pantry: Pantry) -> None:
    assert "Ferry back in service" in await why(world, article="https://harbour.example/ferry")
    pantry.posted[123] = pantry.articles[0]
    link = f"https://discord.com/channels/{world.guild.id}/{world.news.id}/123"
    assert "Ferry back in service" in await why(world, article=link)
    choices = await world.moderator.autocomplete(world.news, "config source why", "article", "ferry")
    assert [choice["value"] for choice in choices] == ["#11"]


@pytest.mark.usefixtures("followed")
async def test_an_address_that_was_never_fetched_tells_how_its_source_is(world: World, pantry: Pantry) -> None:
    failing = {"failures": 2, "last_failure": "dns", "failing_since": NOW, "last_success_at": FOUND_AT}
    pantry.sources[1] = pantry.sources[1].model_copy(update=failing)
    said = await why(world, article="https://www.comptoir.example/perdu")
    assert "n’est pas dans mes archives" in said
    assert "De comptoir.example, ce serveur suit" in said
    assert "Ce site est introuvable" in said
    assert f"Début de la panne : <t:{int(NOW.timestamp())}:R>" in said
    assert "`/config source vérifier`" in said
    world.speak(world.moderator, "en-US")
    assert "This server follows nothing from ailleurs.example" in await why(world, article="https://ailleurs.example/x")
    assert "No title matches “xyz”" in await why(world, article="xyz")


async def test_a_server_that_follows_nothing_is_told_how_to_begin(world: World, pantry: Pantry) -> None:
    assert "ne suit encore aucune source" in await why(world, article="https://comptoir.example/x")
    pantry.articles.clear()
    said = await why(world)
    assert "\n" not in said


async def test_members_cannot_ask(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, "config source why")
