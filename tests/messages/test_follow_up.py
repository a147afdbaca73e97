"""What comes after an article was posted: forum posts, threads, questions, polls and publications, each once."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
import simcord

from bot.delivery.dispatcher import Claimed
from bot.messages.follow_up import MOST_PUBLISHED_AN_HOUR, FollowUps
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from tests.fakes.articles import full_article, plain_article, stored
from tests.fakes.simcord_env import Wire, World, look
from tests.messages.posts import claimed_as, digest_as

TITLE = "Un modèle de langue qui tient dans un vieux cellulaire"


@pytest.fixture
def simcord_bot() -> discord.Client:
    return discord.Client(intents=discord.Intents(guilds=True))


@pytest.fixture
def announcer(world: World) -> DiscordAnnouncer:
    return DiscordAnnouncer(world.env.bot, Traffic(1_000, clock=time.monotonic), "fr")


def owed(channel: simcord.ChannelHandle, **preferences: object) -> Claimed:
    return claimed_as(stored(full_article()), channel_id=channel.id, **preferences)


def again(claimed: Claimed) -> Claimed:
    """The same, as it is claimed after a crash."""
    tried_at = claimed.article.found_at - timedelta(minutes=1)
    return replace(claimed, delivery=claimed.delivery.model_copy(update={"tried_at": tried_at}))


def said_in(world: World, thread: simcord.ChannelHandle) -> list[discord.Message]:
    return [each for each in world.posted(thread) if each.type is discord.MessageType.default]


def requests(world: World, ending: str) -> list[Any]:
    return [each for each in world.env.http_requests if each.method == "POST" and each.path.endswith(ending)]


async def test_an_article_becomes_a_forum_post_with_its_title_and_questions(
    world: World, announcer: DiscordAnnouncer
) -> None:
    forum = world.guild.create_forum_channel("débats")
    posted = await announcer.announce(owed(forum, forum_title="🥔 {titre}", poll=True, thread_archive_minutes=4320))
    await world.env.settle()
    (thread,) = forum.threads
    assert thread.name == f"🥔 {TITLE}"
    assert posted.thread_id == thread.id
    card, questions, poll = said_in(world, thread)
    assert card.id == posted.message_id
    assert look(card).button("Poutine")
    assert questions.content.startswith("### 💬 Pour lancer la discussion\n")
    assert poll.poll is not None
    assert poll.poll.question == "Quel point de vue vous convainc le plus?"
    assert [answer.text for answer in poll.poll.answers] == [
        "Neutre",
        "Optimiste",
        "Pessimiste",
        "Je ne sais pas encore",
    ]
    assert posted.detail is None


@pytest.mark.parametrize("shape", ["card", "embed", "text"])
async def test_every_shape_may_begin_a_forum_post(world: World, announcer: DiscordAnnouncer, shape: str) -> None:
    forum = world.guild.create_forum_channel("débats")
    claimed = owed(forum, shape=shape, questions=False, header="Bonjour {auteur}", silent=True)
    posted = await announcer.announce(claimed)
    await world.env.settle()
    (first,) = said_in(world, forum.threads[0])
    assert "Bonjour Étienne" in look(first).text
    assert look(first).button("Comparer")
    assert posted.message_id == first.id


async def test_a_forum_s_tags_are_chosen_by_view_and_category(world: World, announcer: DiscordAnnouncer) -> None:
    handle = world.guild.create_forum_channel("débats")
    forum = world.env.bot.get_channel(handle.id)
    assert isinstance(forum, discord.ForumChannel)
    names = ("poutine", "Pessimistic", "Sport", "Téléphones", "Secret")
    await forum.edit(available_tags=[discord.ForumTag(name=name, moderated=name == "Secret") for name in names])
    await world.env.settle()
    article = stored(full_article(categories=("TELEPHONES", "secret")))
    await announcer.announce(claimed_as(article, channel_id=handle.id, questions=False))
    await world.env.settle()
    thread = world.env.bot.get_channel(handle.threads[0].id)
    assert isinstance(thread, discord.Thread)
    assert [tag.name for tag in thread.applied_tags] == ["poutine", "Pessimistic", "Téléphones"]


async def test_a_thread_per_article_opens_under_the_message(world: World, announcer: DiscordAnnouncer) -> None:
    settings = {"thread": "article", "thread_archive_minutes": 60, "thread_slowmode_seconds": 30}
    posted = await announcer.announce(owed(world.news, **settings))
    await world.env.settle()
    (thread,) = world.news.threads
    assert posted.thread_id == posted.message_id == thread.id
    (opened,) = requests(world, "/threads")
    assert opened.json == {"name": TITLE, "auto_archive_duration": 60, "rate_limit_per_user": 30}
    (questions,) = said_in(world, thread)
    assert "débrancher" in questions.content


async def test_a_digest_opens_no_conversation(world: World, announcer: DiscordAnnouncer) -> None:
    articles = (stored(plain_article(), 11), stored(full_article(), 12))
    posted = await announcer.announce(digest_as(*articles, channel_id=world.news.id, thread="article", poll=True))
    await world.env.settle()
    assert posted.thread_id is None
    assert posted.detail is None
    assert world.news.threads == []
    assert look(world.posted()[0]).selects


async def test_a_digest_in_a_forum_is_a_post_named_by_its_day(world: World, announcer: DiscordAnnouncer) -> None:
    handle = world.guild.create_forum_channel("débats")
    forum = world.env.bot.get_channel(handle.id)
    assert isinstance(forum, discord.ForumChannel)
    await forum.edit(available_tags=[discord.ForumTag(name=name) for name in ("Sport", "Poutine")])
    await world.env.settle()
    articles = (stored(plain_article(), 11, "Harbour News"), stored(full_article(), 12))
    posted = await announcer.announce(digest_as(*articles, channel_id=handle.id))
    await world.env.settle()
    (thread,) = handle.threads
    assert posted.thread_id == thread.id
    assert thread.name == "🗞️ Condensé du 2 mars 2026 · Harbour News"
    assert len(said_in(world, thread)) == 1
    opened = world.env.bot.get_channel(thread.id)
    assert isinstance(opened, discord.Thread)
    assert [tag.name for tag in opened.applied_tags] == ["Poutine"]


async def test_nothing_is_done_twice_after_a_crash(world: World, wire: Wire, announcer: DiscordAnnouncer) -> None:
    claimed = owed(world.news, thread="article", poll=True)
    first = await announcer.announce(claimed)
    second = await announcer.announce(again(claimed))
    found = await announcer.find(again(claimed), since=claimed.article.found_at.replace(year=2020))
    await world.env.settle()
    assert first == second == found
    (thread,) = world.news.threads
    assert len(said_in(world, thread)) == 2
    assert len(said_in(world, world.news)) == 1


async def test_what_a_crash_cut_short_is_finished(world: World, wire: Wire, announcer: DiscordAnnouncer) -> None:
    await announcer.announce(owed(world.news))
    wanted = again(owed(world.news, thread="article", poll=True))
    posted = await announcer.announce(wanted)
    await world.env.settle()
    assert len(said_in(world, world.news)) == 1
    (thread,) = world.news.threads
    assert thread.id == posted.thread_id
    assert len(said_in(world, thread)) == 2


async def test_a_thread_that_cannot_be_opened_does_not_cost_the_article(
    world: World, announcer: DiscordAnnouncer
) -> None:
    world.deny_bot(world.news, create_public_threads=False)
    posted = await announcer.announce(owed(world.news, thread="article"))
    await world.env.settle()
    assert [message.id for message in said_in(world, world.news)] == [posted.message_id]
    assert posted.thread_id is None
    assert posted.detail is not None
    assert posted.detail.startswith("thread: ")


async def test_an_announcement_is_published_once(world: World, wire: Wire, announcer: DiscordAnnouncer) -> None:
    channel = world.guild.create_news_channel("annonces")
    claimed = owed(channel, publish=True)
    assert (await announcer.announce(claimed)).detail is None
    assert (await announcer.announce(again(claimed))).detail is None
    assert len(world.posted(channel)) == 1
    assert requests(world, "/crosspost")


async def test_a_text_channel_publishes_nothing(world: World, announcer: DiscordAnnouncer) -> None:
    assert (await announcer.announce(owed(world.news, publish=True))).detail is None
    assert not requests(world, "/crosspost")


async def test_beyond_discord_s_hourly_budget_posts_stay_unpublished_and_say_so(
    world: World, announcer: DiscordAnnouncer
) -> None:
    channel, clock = world.guild.create_news_channel("annonces"), [0.0]
    announcer._follow_ups = FollowUps(world.env.bot, clock=lambda: clock[0])

    async def announce(number: int) -> str | None:
        claimed = owed(channel, publish=True)
        delivery = claimed.delivery.model_copy(update={"id": number})
        return (await announcer.announce(replace(claimed, delivery=delivery))).detail

    assert [await announce(number) for number in range(1, 11)] == [None] * MOST_PUBLISHED_AN_HOUR
    assert "stays unpublished" in (await announce(11) or "")
    clock[0] = 3_601.0
    assert await announce(12) is None
    assert len(world.posted(channel)) == 12


async def test_plain_news_starts_no_conversation_by_itself(world: World, announcer: DiscordAnnouncer) -> None:
    await announcer.announce(claimed_as(stored(plain_article()), channel_id=world.news.id, thread="article", poll=True))
    await world.env.settle()
    (thread,) = world.news.threads
    assert said_in(world, thread) == []


async def test_roles_are_mentioned_and_nobody_else(world: World, announcer: DiscordAnnouncer) -> None:
    role, other = (world.guild.create_role(name, mentionable=True) for name in ("Curieux", "Autres"))
    header = f"<@&{other.id}> @everyone <@{world.member.id}>"
    for shape in ("card", "embed", "text"):
        claimed = owed(world.news, shape=shape, header=header, roles=[role.id])
        delivery = claimed.delivery.model_copy(update={"id": len(shape)})
        posted = await announcer.announce(replace(claimed, delivery=delivery))
        message = world.env.backend.get_message(world.news.id, posted.message_id)
        assert list(message.ping_role_ids) == [role.id]
        assert not message.mention_everyone


async def test_a_silent_post_and_its_thread_notify_nobody(world: World, announcer: DiscordAnnouncer) -> None:
    await announcer.announce(owed(world.news, silent=True, shape="embed"))
    (sent,) = requests(world, "/messages")
    assert sent.json["flags"] == 1 << 12
