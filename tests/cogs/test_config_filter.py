"""How a moderator chooses which articles of a source are posted."""

import json
from typing import Any

import pytest
import simcord

from tests.fakes.articles import full_article, stored
from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, look, text_of

FEED = "https://comptoir.example/fil.xml"


def kept(pantry: Pantry) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = json.loads(pantry.subscriptions[0].preferences).get("filters", [])
    return filters


async def ask(world: World, command: str, **options: object) -> str:
    result = await world.moderator.slash(world.news, f"config filter {command}", **options)
    assert look(result).ephemeral
    return text_of(result)


@pytest.fixture
async def followed(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)


@pytest.mark.usefixtures("followed")
async def test_a_filter_is_kept_and_its_effect_is_said_at_once(world: World, pantry: Pantry) -> None:
    said = await ask(world, "add", source="#1", mode="exclude", words=" Téléphone,  promo ", field="text")
    assert "Filtre ajouté" in said
    assert "Sauf · texte\u00a0: Téléphone, promo" in said
    assert "Derniers articles qui passeraient\u00a0: 1 sur 2." in said
    assert "Vaut pour les prochains articles" in said
    assert kept(pantry) == [{"mode": "exclude", "field": "text", "words": "Téléphone, promo"}]
    world.speak(world.moderator, "en-US")
    said = await ask(world, "add", source="#1", mode="include", words="analogy", field="section")
    assert "Only · section: Poutine" in said
    assert "Last articles that would pass: 0 of 2." in said


@pytest.mark.usefixtures("followed")
async def test_a_dry_run_says_what_would_pass_and_why_and_keeps_nothing(world: World, pantry: Pantry) -> None:
    said = await ask(world, "try", source="#1", words="modèle de langue", field="title")
    assert "à l’essai, pas enregistré" in said
    assert "**Derniers articles qui passeraient\u00a0: 1 sur 2.**" in said
    assert "✅ Un modèle de langue qui tient dans un vieux cellulaire\n-# répond à\u00a0: Seulement · titre" in said
    assert "⛔ Ferry back in service\n-# ne répond pas à\u00a0: Seulement · titre\u00a0: modèle de langue" in said
    assert kept(pantry) == []
    await ask(world, "add", source="#1", mode="exclude", words=r"\bferr(y|ies)\b", pattern=True)
    world.speak(world.moderator, "en-US")
    said = await ask(world, "try", source="#1")
    assert "⛔ Ferry back in service\n-# left out by: Except · anywhere: pattern \\\\bferr(y\\|ies)\\\\b" in said
    assert "on trial" not in said


@pytest.mark.usefixtures("followed")
async def test_without_filters_everything_passes_and_is_said_to(world: World, pantry: Pantry) -> None:
    assert "Sans filtre, tout est publié." in await ask(world, "try", source="#1")
    assert "Aucun filtre" in await ask(world, "list")
    pantry.articles.clear()
    assert "n’a pas encore d’article à essayer" in await ask(world, "try", source="#1")


@pytest.mark.usefixtures("followed")
async def test_filters_are_listed_and_counted_among_the_settings(world: World) -> None:
    await ask(world, "add", source="#1", mode="include", words="français", field="language")
    await ask(world, "add", source="#1", mode="exclude", words="@everyone **pub**")
    for options in ({}, {"source": "#1"}):
        listed = await ask(world, "list", **options)
        assert f"→ <#{world.news.id}>\n- Seulement · langue\u00a0: français\n- Sauf · partout" in listed
        assert "\\*\\*pub\\*\\*" in listed
    settings = text_of(await world.moderator.slash(world.news, "config source edit", source="#1"))
    assert "2 filtres (`/config filtre liste`)" in settings
    assert "⚙️ 2 filtres" in text_of(await world.moderator.slash(world.news, "config source list"))


@pytest.mark.usefixtures("followed")
async def test_a_filter_is_removed_by_the_choice_that_completion_offers(world: World, pantry: Pantry) -> None:
    await ask(world, "add", source="#1", mode="exclude", words="pub")
    await ask(world, "add", source="#1", mode="include", words="poutine", field="title")
    choices = await world.moderator.autocomplete(world.news, "config filter remove", "filter", "pout", source="#1")
    assert [choice["name"] for choice in choices] == ["Seulement · titre\u00a0: poutine"]
    said = await ask(world, "remove", source="#1", filter=choices[0]["value"])
    assert "Filtre retiré" in said
    assert "- Seulement · titre\u00a0: poutine" in said
    assert [each["words"] for each in kept(pantry)] == ["pub"]
    assert "Sans filtre, tout est publié." in await ask(world, "remove", source="#1", filter="PUB")
    assert kept(pantry) == []
    assert "n’a pas de filtre «\u00a0pub\u00a0»" in await ask(world, "remove", source="#1", filter="pub")


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"words": " , "}, "Il n’y a rien à chercher"),
        ({"words": "(poutine", "pattern": True}, "une parenthèse de trop ou de moins"),
        ({"words": "(?!a)", "pattern": True}, "regarde autour du texte"),
        ({"words": "klingon", "field": "language"}, "Je ne connais pas la langue «\u00a0klingon\u00a0»"),
        ({"words": "ketchup", "field": "section"}, "Je ne connais pas la section"),
        ({"words": "fr", "field": "language", "pattern": True}, "un motif n’y sert à rien"),
        ({"words": "x", "source": "#9"}, "#9"),
    ],
)
async def test_a_bad_filter_gets_one_sentence_and_is_not_kept(
    world: World, pantry: Pantry, options: dict[str, object], words: str
) -> None:
    for command in ("add", "try"):
        said = await ask(world, command, **{"source": "#1", "mode": "exclude"} | options)
        assert words in said
        assert "\n" not in said
    assert kept(pantry) == []


@pytest.mark.usefixtures("followed")
async def test_there_are_twenty_filters_at_most_and_none_twice(world: World, pantry: Pantry) -> None:
    for number in range(20):
        await ask(world, "add", source="#1", mode="exclude", words=f"mot{number}")
    assert "vingt filtres au plus" in await ask(world, "add", source="#1", mode="exclude", words="mot20")
    assert "y est déjà" in await ask(world, "add", source="#1", mode="exclude", words="mot3")
    assert len(kept(pantry)) == 20


@pytest.mark.usefixtures("followed")
async def test_languages_and_sections_are_completed_in_the_moderator_s_language(world: World) -> None:
    async def complete(current: str, **options: object) -> list[tuple[str, str]]:
        choices = await world.moderator.autocomplete(
            world.news, "config filter add", "words", current, source="#1", **options
        )
        return [(choice["name"], choice["value"]) for choice in choices]

    assert ("français", "fr") in await complete("franç", field="language")
    assert len(await complete("", field="language")) == 25
    assert await complete("poutine", field="section") == [("Poutine", "analogy")]
    assert await complete("pout", field="title") == []
    world.speak(world.moderator, "en-US")
    assert ("French", "fr") in await complete("fren", field="language")
    sources = await world.moderator.autocomplete(world.news, "config filter try", "source", "compt")
    assert [choice["value"] for choice in sources] == ["#1"]


@pytest.mark.usefixtures("followed")
async def test_a_broken_database_leaves_completions_empty(world: World, pantry: Pantry) -> None:
    pantry.broken = True
    assert await world.moderator.autocomplete(world.news, "config filter remove", "filter", "", source="#1") == []


@pytest.mark.parametrize("command", ["add", "remove", "list", "try"])
async def test_members_cannot_touch_filters(world: World, command: str) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, f"config filter {command}")


@pytest.mark.usefixtures("followed")
async def test_sections_are_asked_for_as_the_server_sees_them(world: World, pantry: Pantry) -> None:
    pantry.articles[:] = [stored(full_article(), 12)]
    said = await ask(world, "try", source="#1", words="analogy", field="section")
    assert "1 sur 1" in said
