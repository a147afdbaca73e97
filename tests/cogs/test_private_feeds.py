"""Private feeds, as a moderator adds them: what opens one goes through a form and is never seen again."""

import base64

import pytest
import simcord

from bot.errors import FailureReason, FetchFailed
from tests.fakes.kitchen import Pantry, Web
from tests.fakes.simcord_env import World, look, text_of

FEED = "https://comptoir.example/prive.xml"
SECRET = "cheddar-vieilli"
PAIR = base64.b64encode(f"simone:{SECRET}".encode()).decode()


async def add(world: World, way: str, **fields: str) -> simcord.InteractionResult:
    form = await world.moderator.slash(world.news, "config source add", url=FEED, auth=way)
    assert form.modal is not None
    return await world.moderator.submit_modal(form, fields)


@pytest.mark.parametrize(
    ("way", "fields", "sent"),
    [
        (
            "basic",
            {"user": "simone", "password": SECRET},
            f"Basic {PAIR}",
        ),
        ("bearer", {"token": SECRET}, f"Bearer {SECRET}"),
        ("header", {"header": "X-Api-Key", "value": SECRET}, SECRET),
    ],
)
async def test_a_form_opens_a_private_feed(
    world: World, pantry: Pantry, way: str, fields: dict[str, str], sent: str
) -> None:
    shown = look(await add(world, way, **fields))
    assert shown.ephemeral
    assert "Source ajoutée" in shown.text
    (source,) = pantry.sources.values()
    assert source.owner_guild_id == world.guild.id
    assert source.credentials is not None
    assert source.credentials.value.get_secret_value() == sent
    listed = text_of(await world.moderator.slash(world.news, "config source list"))
    assert "🔒 flux privé" in listed
    assert SECRET not in shown.text + listed


async def test_what_cannot_be_a_header_is_refused_and_not_repeated(world: World, pantry: Pantry) -> None:
    shown = look(await add(world, "header", header="Host", value=SECRET))
    assert shown.ephemeral
    assert "Je ne peux pas envoyer cet en-tête" in shown.text
    assert SECRET not in shown.text
    assert pantry.sources == {}


async def test_a_site_that_refuses_them_says_so_and_nothing_is_stored(world: World, web: Web, pantry: Pantry) -> None:
    web.failure = FetchFailed(FailureReason.UNAUTHORISED, FEED, status=401)
    shown = look(await add(world, "bearer", token=SECRET))
    assert "refuse celui que j’ai" in shown.text
    assert pantry.sources == {}


async def test_giving_new_ones_replaces_the_old_ones(world: World, pantry: Pantry) -> None:
    await add(world, "bearer", token="vieux")
    shown = look(await add(world, "bearer", token=SECRET))
    assert "Les nouveaux accès ont remplacé les anciens" in shown.text
    (source,) = pantry.sources.values()
    assert source.credentials is not None
    assert source.credentials.value.get_secret_value() == f"Bearer {SECRET}"
    assert len(pantry.subscriptions) == 1
