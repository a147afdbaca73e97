"""Forums, threads and announcement channels over real sockets: one conversation an article, whatever goes wrong."""

import asyncio
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.fakes.discord_wire import Fault
from tests.fakes.discord_wire.world import ANNOUNCEMENT, FORUM, Channel
from tests.wire.conftest import Stage

BODY = (
    "<p>Un résumé en une phrase.</p>"
    "<h2>Point de vue optimiste</h2><p>Le modèle fera gagner des heures à chaque bibliothèque.</p>"
    "<h2>Point de vue pessimiste</h2><p>Chaque bibliothèque paiera le modèle pendant des années.</p>"
    "<h2>La poutine</h2><p>Une poutine {} fromage.</p>"
)
ADD, EDIT = "config source add", "config source edit"


def threads(stage: Stage, parent: Channel) -> list[Channel]:
    return [channel for channel in stage.guild.channels.values() if channel.is_thread and channel.parent is parent]


async def until_said(stage: Stage, thread: Channel, count: int) -> None:
    await stage.discord.until(lambda: len(stage.discord.messages(thread)) >= count, 10, f"{count} messages")


async def test_a_forum_gets_a_post_an_article_and_commands_know_which_is_meant(stage: Stage) -> None:
    forum = stage.discord.add_channel(stage.guild, "débats", FORUM, tags=("Poutine", "Optimistic", "Sport"))
    stage.feed.publish("Un", BODY.format("sans"))
    async with stage.run():
        await stage.moderator.slash(stage.news, ADD, url=stage.feed.url, channel=forum, shape="text")
        await stage.discord.until(lambda: len(threads(stage, forum)) == 1, 10, "a post")
        shown = await stage.moderator.slash(stage.news, EDIT, source="#1", title="🥔 {titre}", poll=True, slow_mode=30)
        assert "Réglages enregistrés" in shown.text
        stage.feed.publish("Deux", BODY.format("avec"))
        await stage.discord.until(lambda: len(threads(stage, forum)) == 2, 10, "another post")
        first, second = threads(stage, forum)
        await until_said(stage, second, 3)
        assert (first.name, second.name) == ("Un", "🥔 Deux")
        assert [forum.tags[tag] for tag in second.applied_tags] == ["Poutine", "Optimistic"]
        assert second.slow_mode_seconds == 30
        starter, questions, poll = stage.discord.messages(second)
        assert starter.text.startswith("### [Deux]")
        assert "> Le modèle fera gagner des heures à chaque bibliothèque." in questions.text
        assert len(poll.data["poll"]["answers"]) == 3
        assert "sans fromage" in (await stage.member.slash(first, "poutine")).text
        assert "avec fromage" in (await stage.member.click(starter, "Poutine")).text


async def test_a_kill_after_a_forum_post_repeats_nothing_and_finishes_it(stage: Stage) -> None:
    forum = stage.discord.add_channel(stage.guild, "débats", FORUM)
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        stage.discord.faults.append(Fault(r"POST /channels/\d+/threads", took_effect=True, lost=True, times=None))
        await stage.moderator.slash(stage.news, ADD, url=stage.feed.url, channel=forum)
        await stage.discord.until(lambda: len(threads(stage, forum)) == 1, 10, "a post")
        await bot.stop(signal.SIGKILL)
        stage.discord.faults.clear()
        _let_waits_run_out(stage)
        await bot.start()
        await bot.wait_for_log("article posted")
        (thread,) = threads(stage, forum)
        await until_said(stage, thread, 2)
        assert len(stage.discord.messages(thread)) == 2


@pytest.mark.parametrize("lost", [r"POST /channels/\d+/messages", r"POST /channels/\d+/messages/\d+/threads"])
async def test_a_lost_reply_opens_one_thread_with_one_opening(stage: Stage, lost: str) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        stage.discord.faults.append(Fault(lost, took_effect=True, status=502))
        await stage.moderator.slash(stage.news, ADD, url=stage.feed.url, channel=stage.news, thread="article")
        await bot.wait_for_log("article posted")
        (thread,) = threads(stage, stage.news)
        assert len(stage.discord.messages(stage.news)) == 1
        assert len(stage.discord.messages(thread)) == 1


async def test_a_kill_between_a_post_and_its_thread_opens_it_afterwards(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        stage.discord.faults.append(Fault(r"POST /channels/\d+/messages/\d+/threads", delay_seconds=30))
        await stage.moderator.slash(stage.news, ADD, url=stage.feed.url, channel=stage.news, thread="article")
        await stage.discord.wait_for_message(stage.news)
        await asyncio.sleep(0)
        await bot.stop(signal.SIGKILL)
        stage.discord.faults.clear()
        _let_waits_run_out(stage)
        await bot.start()
        await bot.wait_for_log("article posted")
        (thread,) = threads(stage, stage.news)
        assert len(stage.discord.messages(stage.news)) == 1
        assert len(stage.discord.messages(thread)) == 1


async def test_announcements_are_published(stage: Stage) -> None:
    channel = stage.discord.add_channel(stage.guild, "annonces", ANNOUNCEMENT)
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.moderator.slash(stage.news, ADD, url=stage.feed.url, channel=channel, publish=True, shape="embed")
        await bot.wait_for_log("article posted")
        (message,) = stage.discord.messages(channel)
        assert message.flags & 1


def _let_waits_run_out(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.folder / "bot.db")) as database, database:
        database.execute(
            "UPDATE deliveries SET lease_until = NULL, next_attempt_at = created_at,"
            " tried_at = strftime('%Y-%m-%d %H:%M:%f000', tried_at, '-2 minutes')"
        )
