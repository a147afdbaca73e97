"""How a moderator says when articles are posted, and by whose clocks."""

import json

import pytest
import simcord

from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, text_of

FEED = "https://comptoir.example/fil.xml"


def kept(pantry: Pantry) -> dict[str, object]:
    settings: dict[str, object] = json.loads(pantry.subscriptions[-1].preferences)
    return settings


@pytest.fixture(autouse=True)
async def followed(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)


async def edit(world: World, **options: object) -> str:
    return text_of(await world.moderator.slash(world.news, "config source edit", source="#1", **options))


async def offers(world: World, command: str, option: str, text: str) -> list[tuple[str, str]]:
    choices = await world.moderator.autocomplete(world.news, command, option, text)
    return [(choice["name"], choice["value"]) for choice in choices]


async def test_hours_are_typed_as_people_say_them_and_said_back(world: World, pantry: Pantry) -> None:
    assert "publié à toute heure" in await edit(world)
    shown = await edit(world, quiet="22 h à 7 h", hours="lun-ven 7h-23h; fin de semaine 10h-18h", hourly=3)
    for words in (
        "silence de 22\u00a0h à 7\u00a0h",
        "publié du lundi au vendredi de 7\u00a0h à 23\u00a0h; le samedi et le dimanche de 10\u00a0h à 18\u00a0h",
        "au plus 3 articles par heure, les autres à leur tour",
        "heure locale : Toronto, où il est ",
    ):
        assert words in shown
    assert kept(pantry) == {
        "quiet": ["22:00", "07:00"],
        "windows": [
            {"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "23:00"},
            {"days": [5, 6], "start": "10:00", "end": "18:00"},
        ],
        "max_per_hour": 3,
    }
    listed = text_of(await world.moderator.slash(world.news, "config source list"))
    assert "⚙️ silence de 22\u00a0h à 7\u00a0h · publié du lundi" in listed
    await edit(world, reset="windows")
    assert "windows" not in kept(pantry)
    await edit(world, reset="all")
    assert kept(pantry) == {}


async def test_in_english_too(world: World) -> None:
    world.speak(world.moderator, "en-US")
    shown = await edit(world, quiet="10 pm to 7 am", digest="every Friday 4 pm")
    assert "quiet from 10:00 p.m. to 7:00 a.m." in shown
    assert "digest every Friday at 4:00 p.m." in shown
    assert "next digest: <t:" in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quiet": "la nuit"}, "Je ne comprends pas ces heures de silence."),
        ({"hours": "lundi"}, "Je ne comprends pas ces heures."),
        ({"digest": "bientôt"}, "Je ne comprends pas quand envoyer le condensé."),
        ({"quiet": "8h-20h", "hours": "9h-17h"}, "rien ne serait jamais publié"),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(
    world: World, pantry: Pantry, options: dict[str, object], words: str
) -> None:
    assert words in await edit(world, **options)
    assert kept(pantry) == {}


async def test_hours_are_completed(world: World) -> None:
    command = "config source edit"
    assert ("silence de 22\u00a0h à 7\u00a0h", "22:00-07:00") in await offers(world, command, "quiet", "")
    assert await offers(world, command, "quiet", "21h-6h") == [("silence de 21\u00a0h à 6\u00a0h", "21h-6h")]
    assert ("publié du lundi au vendredi de 8\u00a0h à 18\u00a0h", "mon-fri 08:00-18:00") in await offers(
        world, command, "hours", "lundi"
    )
    assert ("condensé tous les jours à midi", "midi") in await offers(world, command, "digest", "midi")


async def test_a_server_chooses_its_time_zone_by_a_city(world: World, pantry: Pantry) -> None:
    assert "Fuseau horaire\u00a0: Toronto, où il est " in text_of(
        await world.moderator.slash(world.news, "config show")
    )
    ((name, value),) = await offers(world, "config time-zone", "city", "MONTREAL")
    assert name.startswith("Montréal · ")
    assert value == "America/Toronto"
    answer = text_of(await world.moderator.slash(world.news, "config time-zone", city="Europe/Paris"))
    assert "cette heure locale : Paris (Europe/Paris), où il est " in answer
    assert pantry.time_zones == {world.guild.id: "Europe/Paris"}
    assert "heure locale : Paris" in await edit(world, quiet="22h-7h")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("vancouver", "America/Vancouver"),
        ("québec", "America/Toronto"),
        ("europe/paris", "Europe/Paris"),
        ("utc", "UTC"),
    ],
)
async def test_a_city_that_was_typed_out_is_understood(world: World, pantry: Pantry, typed: str, zone: str) -> None:
    await world.moderator.slash(world.news, "config time-zone", city=typed)
    assert pantry.time_zones == {world.guild.id: zone}


@pytest.mark.parametrize("typed", ["Saint", "nulle part", "../Paris"])
async def test_a_city_that_is_not_clear_is_refused(world: World, pantry: Pantry, typed: str) -> None:
    answer = text_of(await world.moderator.slash(world.news, "config time-zone", city=typed))
    assert "Choisissez une ville dans la liste" in answer
    assert pantry.time_zones == {}


async def test_cities_are_found_in_both_languages_without_accents(world: World) -> None:
    assert any(
        value == "America/St_Johns" for _, value in await offers(world, "config time-zone", "city", "terre neuve")
    )
    world.speak(world.moderator, "en-US")
    assert any(value == "Europe/London" for _, value in await offers(world, "config time-zone", "city", "londres"))
    usual = await offers(world, "config time-zone", "city", "")
    assert usual[0][1] == "America/Toronto"
    assert all(len(name) <= 100 for name, _ in usual)


async def test_members_choose_no_time_zone(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, "config time-zone", city="Paris")
