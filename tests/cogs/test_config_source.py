"""How a moderator sets the way a source is posted."""

import json

import pytest
import simcord

from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, look, text_of

FEED = "https://comptoir.example/fil.xml"


def kept(pantry: Pantry) -> dict[str, object]:
    settings: dict[str, object] = json.loads(pantry.subscriptions[-1].preferences)
    return settings


async def edit(world: World, source: str = "#1", **options: object) -> str:
    return text_of(await world.moderator.slash(world.news, "config source edit", source=source, **options))


@pytest.fixture
async def followed(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)


async def test_every_setting_can_be_given_at_once_when_a_source_is_added(world: World, pantry: Pantry) -> None:
    shown = text_of(
        await world.moderator.slash(
            world.news,
            "config source add",
            url=FEED,
            shape="text",
            thread="article",
            archive=60,
            poll=True,
            hourly=3,
            quiet="22:00-07:00",
            first="nothing",
        )
    )
    assert "Rien n’est publié pour l’instant" in shown
    assert kept(pantry) == {
        "first": "nothing",
        "shape": "text",
        "thread": "article",
        "thread_archive_minutes": 60,
        "poll": True,
        "max_per_hour": 3,
        "quiet": ["22:00", "07:00"],
    }


@pytest.mark.usefixtures("followed")
async def test_on_its_own_it_shows_the_settings(world: World, pantry: Pantry) -> None:
    shown = await edit(world)
    assert "Réglages de cette source" in shown
    assert "Forme\u00a0: carte" in shown
    assert f"<#{world.news.id}>" in shown
    assert kept(pantry) == {}


@pytest.mark.usefixtures("followed")
async def test_a_change_is_kept_and_said_in_plain_words(world: World, pantry: Pantry) -> None:
    role = world.guild.create_role("Amateurs de poutine", mentionable=True)
    shown = await edit(world, shape="embed", silent=True, role=role, header="**Nouveau!** {titre}", thread="article")
    assert "Réglages enregistrés" in shown
    for words in ("encadré classique", f"<@&{role.id}>", "\\*\\*Nouveau!\\*\\* {titre}", "sans notification"):
        assert words in shown
    for words in ("un fil par article", "archivée après 1\u00a0jour de silence", "deux questions"):
        assert words in shown
    assert kept(pantry) == {
        "shape": "embed",
        "silent": True,
        "roles": [role.id],
        "header": "**Nouveau!** {titre}",
        "thread": "article",
    }
    listed = text_of(await world.moderator.slash(world.news, "config source list"))
    assert "⚙️ encadré classique · sans notification" in listed
    world.speak(world.moderator, "en-US")
    assert "classic embed · without notification" in text_of(await world.moderator.slash(world.news, "config show"))


@pytest.mark.usefixtures("followed")
async def test_settings_are_set_back_one_by_one_or_all_at_once(world: World, pantry: Pantry) -> None:
    await edit(world, shape="text", header="x", thread="article", archive=60, slow_mode=30, poll=True, poll_hours=48)
    assert "sondage ouvert pendant 2\u00a0jours" in await edit(world, reset="header")
    assert "header" not in kept(pantry)
    assert kept(pantry)["thread_slowmode_seconds"] == 30
    await edit(world, reset="all")
    assert kept(pantry) == {}


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"publish": True}, "Seul un salon d’annonces"),
        ({"poll": True}, "choisissez d’abord un fil par article"),
        ({"title": "{titre}"}, "Seules les publications d’un forum"),
        (
            {"header": "{prix}"},
            "Je ne connais pas «\u00a0prix\u00a0». Entre accolades, vous pouvez écrire\u00a0: {titre}",
        ),
    ],
)
async def test_what_cannot_work_is_refused_in_one_sentence(
    world: World, pantry: Pantry, options: dict[str, object], words: str
) -> None:
    assert words in await edit(world, **options)
    assert kept(pantry) == {}


@pytest.mark.usefixtures("followed")
async def test_nobody_makes_the_bot_mention_everyone(world: World, pantry: Pantry) -> None:
    assert "jamais tout le monde" in await edit(world, role=world.guild.default_role)
    assert kept(pantry) == {}


async def test_a_forum_and_an_announcement_channel_may_follow_a_source(world: World, pantry: Pantry) -> None:
    forum = world.guild.create_forum_channel("débats")
    await world.moderator.slash(world.news, "config source add", url=FEED, channel=forum, shape="text")
    assert pantry.subscriptions[-1].channel_id == forum.id
    assert kept(pantry) == {"shape": "text"}
    shown = await edit(world, "#1", title="🥔 {titre}", poll=True)
    assert "Titre des publications du forum\u00a0: 🥔 {titre}" in shown
    assert "étiquettes choisies" in shown
    assert "déjà sa propre discussion" in await edit(world, "#1", thread="article")
    news = world.guild.create_news_channel("annonces")
    added = await world.moderator.slash(
        world.news, "config source add", url="https://comptoir.example/2", channel=news, publish=True
    )
    assert "publié aussi dans les serveurs abonnés" in text_of(added)
    assert kept(pantry) == {"publish": True}


async def test_settings_that_cannot_work_are_refused_before_anything_is_fetched(world: World, pantry: Pantry) -> None:
    refused = look(await world.moderator.slash(world.news, "config source add", url=FEED, publish=True))
    assert "Seul un salon d’annonces" in refused.text
    assert pantry.sources == {}


@pytest.mark.usefixtures("followed")
async def test_the_permissions_that_settings_need_are_named(world: World) -> None:
    denied = ("create_public_threads", "send_messages_in_threads", "send_polls", "mention_everyone")
    world.deny_bot(world.news, **dict.fromkeys(denied, False))
    role = world.guild.create_role("Silencieux")
    shown = await edit(world, thread="article", poll=True, role=role)
    assert "Créer des fils publics, Envoyer des messages dans les fils, Créer des sondages" in shown
    assert "Mentionner @everyone" in shown


@pytest.mark.usefixtures("followed")
async def test_the_source_is_completed(world: World) -> None:
    choices = await world.moderator.autocomplete(world.news, "config source edit", "source", "compt")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Le Comptoir · #nouvelles", "#1")]


async def test_members_cannot_edit(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, "config source edit", source="#1")
