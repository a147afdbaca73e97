"""Lists of sources in and out of Discord."""

import pytest

from bot.exchange import LARGEST_FILE
from bot.sources.opml import Outline, read_opml, write_opml
from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, answer_of, text_of

LIST = (
    Outline("https://comptoir.example/fil.xml", "Le Comptoir", folder="Cuisine"),
    Outline("https://quai.example/feed", "Le Quai"),
    Outline("ftp://vieux.example/", "Vieux"),
)


async def import_(world: World, data: bytes, **options: object) -> str:
    result = await world.moderator.slash(world.news, "config import", file=("liste.opml", data), **options)
    return text_of(result)


async def test_a_list_is_followed_in_the_channel_and_what_became_of_it_is_said(world: World, pantry: Pantry) -> None:
    said = await import_(world, write_opml(LIST, title="Mes fils"))
    assert f"Liste importée dans <#{world.news.id}>" in said
    assert "2 sources ajoutées" in said
    assert "1 adresse ne peut pas être suivie." in said
    assert {each.channel_id for each in pantry.subscriptions} == {world.news.id}
    assert "2 sources y étaient déjà suivies." in await import_(world, write_opml(LIST[:2], title="Encore"))


async def test_another_channel_may_be_named_and_what_the_bot_lacks_there_is_said(world: World, pantry: Pantry) -> None:
    world.deny_bot(world.lounge, send_messages=False)
    said = await import_(world, write_opml(LIST[:1], title="Mes fils"), channel=world.lounge)
    assert "Envoyer des messages" in said
    assert pantry.subscriptions[0].channel_id == world.lounge.id


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG", "n’est pas une liste OPML"),
        (b"<!DOCTYPE opml [<!ENTITY a 'a'>]><opml><body/></opml>", "n’est pas une liste OPML"),
        (write_opml((), title="Vide"), "ne contient aucune source"),
        (b" " * (LARGEST_FILE + 1), "trop gros"),
    ],
)
async def test_what_is_no_list_is_refused_in_one_sentence(world: World, pantry: Pantry, data: bytes, said: str) -> None:
    assert said in await import_(world, data)
    assert not pantry.subscriptions


async def test_what_is_followed_comes_out_as_a_list(world: World) -> None:
    assert "ne suit encore aucune source" in text_of(await world.moderator.slash(world.news, "config export"))
    await import_(world, write_opml(LIST, title="Mes fils"))
    result = await world.moderator.slash(world.news, "config export")
    assert "2 sources" in text_of(result)
    answer = answer_of(result)
    assert answer.ephemeral
    (attachment,) = answer.attachments
    assert attachment.filename == "casse-croute.opml"
    assert {each.url for each in read_opml(await attachment.read())} == {each.url for each in LIST[:2]}
