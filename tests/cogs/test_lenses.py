"""A community's own perspectives, from its files to what readers see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.articles.builder import build_article
from bot.articles.lexicon import use_overlays
from bot.client import CasseCroute, command_payload
from bot.lexicon_dir import read_lexicon_dir
from bot.models import BodyFormat, Entry
from tests.fakes.articles import stored
from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, look, press, text_of

BODY = """
Le conseil a voté la construction d’un parc au centre du village.

## Optimiste

Un parc, ce sont des enfants dehors et des voisins qui se parlent.

## Vu d’ici

Le parc remplace le stationnement de l’aréna : le samedi, on marchera.

## Et l’éthique ?

On a exproprié deux familles, et personne n’en parle.
"""


@pytest.fixture(autouse=True)
def _example() -> Iterator[None]:
    use_overlays(read_lexicon_dir(Path(__file__).parent.parent.parent / "docs" / "lexicons"))
    yield
    use_overlays({})


@pytest.fixture
def pantry() -> Pantry:
    article = build_article(Entry("id", title="Un parc au village", body=BODY, body_format=BodyFormat.MARKDOWN))
    return Pantry(articles=[stored(article, 12)])


async def test_the_card_has_a_button_for_each_of_them_in_the_reader_s_language(world: World) -> None:
    await world.member.slash(world.news, "article", share=True)
    labels = [button.label for button in look(world.posted()[0]).buttons]
    assert labels[:4] == ["🌞 Optimiste", "📍 D’ici", "🧭 Éthique", "🔀 Comparer"]
    world.speak(world.member, "en-GB")
    shown = look(await press(world.member, world.posted()[0], "D’ici"))
    assert "📍 Seen from here" in shown.text
    assert "le samedi, on marchera" in shown.text
    assert shown.button("Ethical")


async def test_comparing_sets_them_beside_the_others(world: World) -> None:
    shown = text_of(await world.member.slash(world.news, "compare"))
    for words in ("Point de vue optimiste", "Vu d’ici", "Point de vue éthique", "exproprié deux familles"):
        assert words in shown


async def test_perspective_offers_them_after_those_that_ship(world: World, simcord_bot: CasseCroute) -> None:
    (command,) = (each for each in await command_payload(simcord_bot.tree) if each["name"] == "perspective")
    (view,) = (option for option in command["options"] if option["name"] == "view")
    assert [choice["value"] for choice in view["choices"]][:3] == ["neutral", "optimistic", "pessimistic"]
    added = {choice["value"]: choice for choice in view["choices"][3:]}
    assert added["local"]["name"] == "Local"
    assert added["local"]["name_localizations"] == {"fr": "D’ici", "en-US": "Local", "en-GB": "Local"}
    assert "exproprié" in text_of(await world.member.slash(world.news, "perspective", view="ethical"))


async def test_an_article_without_one_says_so_by_its_name(world: World, pantry: Pantry) -> None:
    pantry.articles.append(stored(build_article(Entry("id", title="Rien", body="Rien.")), 13))
    shown = text_of(await world.member.slash(world.news, "perspective", view="local"))
    assert "Cet article n’a pas de section «\u00a0Vu d’ici\u00a0»." in shown
