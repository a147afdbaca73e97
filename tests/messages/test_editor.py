"""Messages that were posted, edited in place or taken away."""

import time
from datetime import timedelta

import discord
import pytest

from bot.delivery.dispatcher import Claimed
from bot.delivery.reviser import OwedEdit
from bot.errors import DeliveryPostponed, DestinationLost, MessageGone
from bot.locales import words
from bot.messages.editor import DiscordEditor
from bot.messages.post import post_of
from bot.messages.posting import put
from bot.messages.traffic import Traffic
from bot.models import Delivery, Retraction, StoredArticle, Subscription
from tests.fakes.articles import FOUND_AT, full_article, plain_article, stored
from tests.fakes.simcord_env import World, look
from tests.messages.posts import digest_as


@pytest.fixture
def simcord_bot() -> discord.Client:
    return discord.Client(intents=discord.Intents(guilds=True))


def owed(
    world: World,
    article: StoredArticle,
    message_id: int = 1,
    retraction: Retraction | None = None,
    preferences: str = "{}",
    language: str | None = None,
) -> OwedEdit:
    channel_id = world.news.id
    delivery = Delivery(id=7, article_id=12, subscription_id=1, channel_id=channel_id, next_attempt_at=FOUND_AT)
    subscription = Subscription(
        id=1, source_id=3, guild_id=1, channel_id=channel_id, created_at=FOUND_AT, preferences=preferences
    )
    claimed = Claimed(delivery, subscription, article, language)
    return OwedEdit(claimed, message_id, FOUND_AT + timedelta(minutes=2), 0, retraction, "new", None)


def editor_of(client: discord.Client) -> DiscordEditor:
    return DiscordEditor(client, Traffic(1_000, clock=time.monotonic), "fr")


async def posted(world: World, preferences: str = "{}") -> int:
    edit = owed(world, stored(full_article()), preferences=preferences)
    channel = world.env.bot.get_partial_messageable(world.news.id)
    message_id = (await put(channel, post_of(edit.claimed, words("fr")), nonce="cc-7")).message_id
    await world.env.settle()
    return message_id


@pytest.mark.parametrize("preferences", ["{}", '{"shape": "embed"}', '{"shape": "text"}'])
async def test_a_message_shows_the_new_article_in_its_own_shape(world: World, preferences: str) -> None:
    message_id = await posted(world, preferences)
    assert look(world.posted()[0]).button("Poutine")
    changed = stored(plain_article(title="Tout autre chose"))
    await editor_of(world.env.bot).edit(owed(world, changed, message_id, preferences=preferences))
    await world.env.settle()
    (message,) = world.posted()
    shown = look(message)
    assert message.id == message_id
    assert "Tout autre chose" in shown.text
    assert "cellulaire" not in shown.text
    assert not [button for button in shown.buttons if "Poutine" in button.label]
    assert message.flags.components_v2 is (preferences == "{}")


async def test_a_digest_shows_what_became_of_its_articles(world: World) -> None:
    articles = (stored(plain_article(), 11), stored(full_article(), 12))
    claimed = digest_as(*articles, channel_id=world.news.id)
    channel = world.env.bot.get_partial_messageable(world.news.id)
    message_id = (await put(channel, post_of(claimed, words("fr")), nonce="cc-7")).message_id
    await world.env.settle()
    changed = digest_as(*articles, struck=[12], channel_id=world.news.id)
    edit = OwedEdit(changed, message_id, FOUND_AT, 0, None, "new", None)
    await editor_of(world.env.bot).edit(edit)
    await world.env.settle()
    (message,) = world.posted()
    shown = look(message)
    assert message.id == message_id
    assert "retiré par la modération" in shown.text
    assert [option["value"] for option in shown.selects[0]["options"]] == ["11"]


async def test_a_card_stays_a_card_when_its_subscription_has_another_shape_by_now(world: World) -> None:
    message_id = await posted(world)
    world.env.inject_error("PATCH", f"/channels/{world.news.id}/messages/{message_id}", status=400, code=50035)
    edit = owed(world, stored(plain_article()), message_id, preferences='{"shape": "text"}')
    await editor_of(world.env.bot).edit(edit)
    await world.env.settle()
    (message,) = world.posted()
    assert message.flags.components_v2
    assert "Ferry back in service" in look(message).text


@pytest.mark.parametrize("preferences", ["{}", '{"shape": "embed"}', '{"shape": "text"}'])
async def test_a_withdrawn_article_is_struck_through_and_leads_nowhere(world: World, preferences: str) -> None:
    message_id = await posted(world, preferences)
    edit = owed(world, stored(full_article()), message_id, Retraction.STRIKE, preferences)
    await editor_of(world.env.bot).edit(edit)
    await world.env.settle()
    (message,) = world.posted()
    shown = look(message)
    assert "~~Un modèle de langue qui tient dans un vieux cellulaire~~" in shown.text
    assert "retiré par la modération" in shown.text
    assert shown.buttons == ()
    assert shown.images == ()


async def test_or_taken_away(world: World) -> None:
    message_id = await posted(world)
    await editor_of(world.env.bot).delete(owed(world, stored(full_article()), message_id, Retraction.DELETE))
    await world.env.settle()
    assert world.posted() == []


async def test_a_message_that_somebody_deleted_is_gone(world: World) -> None:
    message_id = await posted(world)
    await world.env.bot.get_partial_messageable(world.news.id).get_partial_message(message_id).delete()
    editor = editor_of(world.env.bot)
    for act in (editor.edit, editor.delete):
        with pytest.raises(MessageGone):
            await act(owed(world, stored(full_article()), message_id))


async def test_a_channel_that_is_gone_is_lost(world: World) -> None:
    message_id = await posted(world)
    world.delete_channel(world.news)
    with pytest.raises(DestinationLost) as lost:
        await editor_of(world.env.bot).edit(owed(world, stored(full_article()), message_id))
    assert lost.value.reason == "suspended.channel_gone"


async def test_without_a_connection_nothing_is_blamed() -> None:
    client = discord.Client(intents=discord.Intents.none())

    class Nowhere:
        class news:  # noqa: N801
            id = 5

    with pytest.raises(DeliveryPostponed) as postponed:
        await editor_of(client).edit(owed(Nowhere, stored(full_article())))  # type: ignore[arg-type]
    assert not postponed.value.counted
    await client.close()


async def test_an_edit_is_in_the_server_s_language(world: World) -> None:
    message_id = await posted(world)
    await editor_of(world.env.bot).edit(owed(world, stored(full_article()), message_id, language="en"))
    await world.env.settle()
    assert "By Étienne" in look(world.posted()[0]).text
