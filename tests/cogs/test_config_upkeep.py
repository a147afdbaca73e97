"""How a moderator keeps sources going."""

import pytest

from bot.errors import FailureReason, FetchFailed
from bot.models import SubscriptionState
from tests.fakes.articles import full_article, stored
from tests.fakes.kitchen import Pantry, Web
from tests.fakes.simcord_env import World, answer_of, look, press, text_of

FEED = "https://comptoir.example/fil.xml"


@pytest.fixture
async def followed(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)


async def ask(world: World, command: str, source: str = "#1") -> str:
    return text_of(await world.moderator.slash(world.news, f"config source {command}", source=source))


@pytest.mark.usefixtures("followed")
async def test_a_source_is_read_at_once_and_what_it_brought_is_said(world: World) -> None:
    said = await ask(world, "check")
    assert "lecture immédiate" in said
    assert "2 nouveaux articles." in said
    assert "3 publications sont en route." in said


@pytest.mark.usefixtures("followed")
async def test_a_source_that_fails_says_why(world: World, web: Web) -> None:
    web.failure = FetchFailed(FailureReason.DNS, FEED)
    assert "Ce site est introuvable" in await ask(world, "check")


@pytest.mark.usefixtures("followed")
async def test_pausing_and_resuming_change_the_subscription_and_say_so(world: World, pantry: Pantry) -> None:
    said = await ask(world, "pause")
    assert f"est en pause dans <#{world.news.id}>" in said
    assert "`/config source reprendre`" in said
    assert pantry.subscriptions[0].state is SubscriptionState.PAUSED
    assert "reprend dans" in await ask(world, "resume")
    assert pantry.subscriptions[0].state is SubscriptionState.ACTIVE


@pytest.mark.usefixtures("followed")
async def test_trying_shows_the_newest_article_as_it_would_be_posted_and_pings_nobody(
    world: World, pantry: Pantry
) -> None:
    pantry.articles.append(stored(full_article()))
    role = world.guild.create_role("Amateurs", mentionable=True)
    await world.moderator.slash(world.news, "config source edit", source="#1", role=role, header="Du nouveau!")
    result = await world.moderator.slash(world.news, "config source test", source="#1")
    assert "paraîtrait dans" in text_of(result)
    (shown,) = result.followups
    assert "Du nouveau!" in text_of(shown)
    assert full_article().title in text_of(shown)
    assert shown.ephemeral
    assert not world.posted()
    assert any("Optimiste" in (button.label or "") for button in look(shown).buttons)


@pytest.mark.usefixtures("followed")
async def test_trying_names_what_the_bot_lacks_in_the_channel(world: World, pantry: Pantry) -> None:
    pantry.articles.append(stored(full_article()))
    world.deny_bot(world.news, send_messages=False)
    said = text_of(await world.moderator.slash(world.lounge, "config source test", source="#1"))
    assert "Envoyer des messages" in said
    assert "toutes les permissions" not in said


@pytest.mark.usefixtures("followed")
async def test_a_source_without_articles_has_nothing_to_try(world: World, pantry: Pantry) -> None:
    pantry.articles.clear()
    result = await world.moderator.slash(world.news, "config source test", source="#1")
    assert "n’a pas encore d’article" in text_of(result)
    assert not result.followups


async def test_a_long_list_turns_its_pages_in_place(world: World) -> None:
    for number in range(12):
        await world.moderator.slash(world.news, "config source add", url=f"{FEED}?{number}")
    result = await world.moderator.slash(world.news, "config source list")
    assert "12 sources suivies" in text_of(result)
    assert "Page 1 sur 2" in text_of(result)
    turned = await press(world.moderator, answer_of(result), "Suivant")
    assert "Page 2 sur 2" in text_of(turned)


@pytest.mark.usefixtures("followed")
async def test_sources_are_completed_and_an_unknown_one_is_refused_kindly(world: World) -> None:
    for command in ("check", "pause", "resume", "test"):
        (choice,) = await world.moderator.autocomplete(world.news, f"config source {command}", "source", "compt")
        assert choice["value"] == "#1"
    assert "ne suit aucune source nommée" in await ask(world, "pause", "inconnue")


@pytest.mark.usefixtures("followed")
async def test_it_speaks_english_too(world: World) -> None:
    world.speak(world.moderator, "en-US")
    assert "2 new articles." in await ask(world, "check")
    assert "is paused in" in await ask(world, "pause")
