"""What moderators do, and what they see."""

import discord
import pytest
import simcord

from bot.errors import FailureReason, FetchFailed
from tests.fakes.kitchen import Pantry, Web
from tests.fakes.simcord_env import World, look, text_of

FEED = "https://comptoir.example/fil.xml"


async def test_members_do_not_see_the_settings(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, "config show")


async def test_adding_a_source_says_what_was_found_and_shows_its_card(world: World) -> None:
    shown = look(await world.moderator.slash(world.news, "config source add", url=FEED))
    assert shown.ephemeral
    for words in ("Source ajoutée", "Le Comptoir", "2 articles trouvés", "Neutre, Optimiste, Pessimiste et Poutine"):
        assert words in shown.text
    assert f"<#{world.news.id}>" in shown.text
    assert "Un modèle de langue qui tient dans un vieux cellulaire" in shown.text
    assert "permissions" not in shown.text


async def test_a_source_may_be_added_to_another_channel(world: World, pantry: Pantry) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED, channel=world.lounge)
    assert pantry.subscriptions[0].channel_id == world.lounge.id


async def test_missing_permissions_are_named(world: World) -> None:
    world.deny_bot(world.lounge, send_messages=False, embed_links=False)
    result = await world.moderator.slash(world.news, "config source add", url=FEED, channel=world.lounge)
    assert "Il me manque des permissions" in text_of(result)
    assert "Envoyer des messages, Intégrer des liens" in text_of(result)


async def test_a_source_that_fails_is_one_plain_sentence(world: World, web: Web, pantry: Pantry) -> None:
    web.failure = FetchFailed(FailureReason.SERVER_ERROR, FEED, status=502)
    shown = look(await world.moderator.slash(world.news, "config source add", url=FEED))
    assert shown.ephemeral
    assert shown.text == "Ce site est en panne de son côté. Réessayez plus tard."
    assert pantry.subscriptions == []


async def test_the_same_source_twice_in_a_channel_is_refused(world: World) -> None:
    await world.moderator.slash(world.news, "config source add", url=FEED)
    again = await world.moderator.slash(world.news, "config source add", url=FEED)
    assert "suit déjà Le Comptoir" in text_of(again)


async def test_listing_showing_and_removing(world: World, pantry: Pantry) -> None:
    assert "aucune source" in text_of(await world.moderator.slash(world.news, "config source list"))
    await world.moderator.slash(world.news, "config source add", url=FEED)
    pantry.pending = 1
    listed = text_of(await world.moderator.slash(world.news, "config source list"))
    assert "Le Comptoir" in listed
    assert "2 articles" in listed
    overview = text_of(await world.moderator.slash(world.news, "config show"))
    assert "1 source suivie" in overview
    assert "1 publication en attente" in overview
    assert "français" in overview
    choices = await world.moderator.autocomplete(world.news, "config source remove", "source", "compt")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Le Comptoir · #nouvelles", "#1")]
    removed = await world.moderator.slash(world.news, "config source remove", source="#1")
    assert "C’est fait" in text_of(removed)
    assert pantry.subscriptions == []
    gone = await world.moderator.slash(world.news, "config source remove", source="#1")
    assert "aucune source nommée" in text_of(gone)


async def test_language_is_chosen_for_the_server(world: World, pantry: Pantry) -> None:
    shown = text_of(await world.moderator.slash(world.news, "config language", language="en"))
    assert "je publie maintenant en anglais" in shown
    assert pantry.languages == {world.guild.id: "en"}


async def test_everything_speaks_english_too(world: World) -> None:
    world.speak(world.moderator, "en-US")
    added = text_of(await world.moderator.slash(world.news, "config source add", url=FEED))
    for words in ("Source added", "2 articles found.", "Neutral, Optimistic, Pessimistic, and Poutine"):
        assert words in added
    assert "1 source followed" in text_of(await world.moderator.slash(world.news, "config show"))


async def test_a_lost_database_is_one_sentence(world: World, pantry: Pantry) -> None:
    pantry.broken = True
    for command in ("config show", "config source list"):
        assert "Mes archives ne répondent pas" in text_of(await world.moderator.slash(world.news, command))
    assert await world.moderator.autocomplete(world.news, "config source remove", "source", "x") == []


async def test_a_thread_may_follow_a_source_and_a_voice_channel_may_not(world: World, pantry: Pantry) -> None:
    channel = world.env.bot.get_channel(world.lounge.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="Jasette", type=discord.ChannelType.public_thread)
    await world.env.settle()
    (thread,) = world.lounge.threads
    await world.moderator.slash(thread, "config source add", url=FEED)
    assert pantry.subscriptions[0].channel_id == thread.id
    voice = world.guild.create_voice_channel("Vocal")
    refused = await world.moderator.slash(voice, "config source add", url=FEED)
    assert "Je ne peux pas publier dans ce genre de salon" in text_of(refused)
