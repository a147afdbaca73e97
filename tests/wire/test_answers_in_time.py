"""The application always responds: whatever holds an answer up, and whatever was pressed, in three seconds."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator

import pytest

from tests.fakes.discord_wire import Fault, wait_connected
from tests.fakes.discord_wire.components import walk
from tests.wire.conftest import Stage
from tests.wire.test_journey import VIEWS, article_html

LONGER_THAN_DISCORD_WAITS = 4.0


@contextlib.asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Somebody else writes to the database for longer than Discord waits for an answer."""
    with contextlib.closing(sqlite3.connect(stage.folder / "bot.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        releasing = asyncio.get_running_loop().call_later(LONGER_THAN_DISCORD_WAITS, database.execute, "ROLLBACK")
        try:
            yield
        finally:
            releasing.cancel()


async def test_what_has_to_wait_for_the_database_is_answered_in_time_and_then_in_full(stage: Stage) -> None:
    stage.feed.publish("Un", article_html(*VIEWS))
    async with stage.run():
        await stage.follow()
        review = await stage.moderator.slash(stage.news, "config article correct")
        async with locked(stage):
            said, turned = await asyncio.gather(
                stage.moderator.slash(stage.news, "config language", language="en"),
                stage.moderator.select(review, _menus(review)[0], "optimistic"),
            )
        assert "anglais" in said.text
        assert said.ephemeral
        assert turned.message is review.message
        assert "1 choix pas encore enregistré" in turned.text
        assert min(said.completed_ms, turned.completed_ms) > 3_000


async def test_buttons_and_forms_that_nothing_answers_any_more_say_so(stage: Stage) -> None:
    stage.feed.publish("Un", article_html(*VIEWS))
    async with stage.run() as bot:
        await stage.follow()
        (card,) = stage.discord.messages(stage.news)
        form = await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, auth="bearer")
        await bot.stop()
        await bot.start()
        await wait_connected(bot, stage.discord)
        assert "Relancez la commande" in (await stage.moderator.submit_modal(form, {"token": "jeton"})).text
        button = next(each for _, each in walk(card.components) if each.get("custom_id"))
        button["custom_id"] = "cc0:poutine"
        old = await stage.member.click(card, "cc0:poutine")
        assert "Ce bouton ne sert plus" in old.text
        assert old.ephemeral
        assert "Traceback" not in bot.stderr


async def test_members_cannot_press_what_a_moderator_can(stage: Stage) -> None:
    stage.feed.publish("Un", article_html(*VIEWS))
    async with stage.run():
        await stage.follow()
        review = await stage.moderator.slash(stage.news, "config article correct")
        refused = [
            await stage.member.select(review, _menus(review)[0], "other"),
            await stage.member.click(review, "cc1:rs:1"),
            await stage.member.click(review, "cc1:rc:1"),
        ]
        assert {each.text for each in refused} == {"Seule l’équipe de modération peut faire cela."}
        with contextlib.closing(sqlite3.connect(stage.folder / "bot.db")) as database:
            assert database.execute("SELECT count(*) FROM corrections").fetchone() == (0,)


@pytest.mark.parametrize("took_effect", [False, True])
@pytest.mark.parametrize("where", [r"POST /interactions/.*/callback", r"PATCH /webhooks/.*"])
async def test_an_answer_whose_reply_is_lost_is_there_once(stage: Stage, where: str, took_effect: bool) -> None:
    stage.feed.publish("Un", article_html(*VIEWS))
    async with stage.run() as bot:
        await stage.follow()
        before = len(stage.news.messages)
        stage.discord.faults.append(Fault(where, lost=True, took_effect=took_effect))
        answer = await stage.moderator.slash(stage.news, "config source check", source="#1")
        assert "rien de nouveau" in answer.text
        await stage.member.slash(stage.news, "poutine")  # whatever else was to come has come
        assert [len(each.hits) for each in stage.discord.faults] == [1]
        assert len(stage.news.messages) - before == 2
        assert "Traceback" not in bot.stderr


async def test_numbers_that_no_message_has_are_not_found(stage: Stage) -> None:
    stage.feed.publish("Un", article_html())
    async with stage.run() as bot:
        await stage.follow()
        link = f"https://discord.com/channels/1/{'9' * 19}/{'9' * 19}"
        answer = await stage.moderator.slash(stage.news, "config source why", article=link)
        assert "pas dans mes archives" in answer.text
        assert "Traceback" not in bot.stderr


async def test_the_list_of_sources_is_sent_as_discord_describes_files(stage: Stage) -> None:
    stage.feed.publish("Un", article_html())
    async with stage.run():
        await stage.follow()
        answer = await stage.moderator.slash(stage.news, "config export")
        assert "1 source" in answer.text  # and `stage` has seen no request that does not conform


def _menus(review: object) -> list[str]:
    message = review.message  # type: ignore[attr-defined]
    return [each["custom_id"] for _, each in walk(message.components) if each["type"] == 3]
