"""Kills, lost replies, errors and a gateway that comes and goes: nothing is lost, nothing is posted twice."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.fakes.discord_wire import Fault, Manners, NoAnswer, wait_connected
from tests.wire.conftest import Stage

BODY = "<p>Un résumé en une phrase.</p><h2>La poutine</h2><p>Une poutine bien garnie.</p>"


def titles(stage: Stage) -> list[str]:
    """The posted titles, oldest first."""
    return [message.text.partition("](")[0].removeprefix("## [") for message in stage.discord.messages(stage.news)]


FAULTS = {
    "reply lost": Fault(lost=True, took_effect=True),
    "request lost": Fault(lost=True),
    "error after effect": Fault(status=502, took_effect=True),
    "unavailable": Fault(status=503),
    "rate limited": Fault(status=429, retry_after=0.3),
}


async def test_a_failing_send_is_repeated_until_it_is_there_once(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await bot.wait_for_log("article_id=1")
        for number, (name, fault) in enumerate(FAULTS.items(), 2):
            stage.discord.faults[:] = [fault]
            stage.feed.publish(name, BODY)
            await bot.wait_for_log(f"article posted.*article_id={number}")
            assert len(fault.hits) == 1
    assert titles(stage) == ["Un", *FAULTS]


async def test_what_appeared_during_an_absence_is_posted_once_after_it(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await bot.wait_for_log("article posted")
        await bot.stop(signal.SIGKILL)
        stage.feed.publish("Deux", BODY)
        await bot.start()
        await wait_connected(bot, stage.discord)
        await stage.discord.wait_for_message(stage.news, 20, containing="Deux")
        stage.feed.publish("Trois", BODY)
        await stage.discord.wait_for_message(stage.news, 20, containing="Trois")
    assert titles(stage) == ["Un", "Deux", "Trois"]


async def test_a_kill_between_the_effect_and_its_record_repeats_nothing(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        stage.discord.faults.append(Fault(took_effect=True, lost=True, times=None))
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.news, containing="Deux")
        await bot.stop(signal.SIGKILL)
        stage.discord.faults.clear()
        _let_leases_run_out(stage)
        await bot.start()
        await bot.wait_for_log("article posted")
    assert titles(stage) == ["Un", "Deux"]


def _let_leases_run_out(stage: Stage) -> None:
    """What two minutes of waiting would do."""
    with closing(sqlite3.connect(stage.folder / "bot.db")) as database, database:
        database.execute("UPDATE deliveries SET lease_until = NULL")


async def test_long_after_a_kill_what_was_posted_is_found_and_not_sent_again(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        stage.discord.faults.append(Fault(took_effect=True, lost=True, times=None))
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.news, containing="Deux")
        await bot.stop(signal.SIGKILL)
        stage.discord.faults.clear()
        stage.discord.state.forget_nonces()
        with sqlite3.connect(stage.folder / "bot.db") as database:
            database.execute("UPDATE deliveries SET tried_at = datetime(tried_at, '-10 minutes')")
        database.close()
        sends = len(stage.discord.requests_to("POST /channels/{channel_id}/messages"))
        await bot.start()
        await bot.wait_for_log("found=True", within=60)
        assert len(stage.discord.requests_to("POST /channels/{channel_id}/messages")) == sends
        stage.feed.publish("Trois", BODY)
        await stage.discord.wait_for_message(stage.news, 20, containing="Trois")
    assert titles(stage) == ["Un", "Deux", "Trois"]


@pytest.mark.parametrize("ahead", ["3600", "-3600"])
async def test_a_clock_far_from_discords_repeats_nothing(stage: Stage, ahead: str) -> None:
    stage.discord.manners = Manners(nonce_seconds=0)
    stage.feed.publish("Un", BODY)
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead) as bot:
        await stage.follow()
        stage.discord.faults.append(Fault(took_effect=True, lost=True))
        stage.feed.publish("Deux", BODY)
        await bot.wait_for_log("found=True", within=60)
    assert titles(stage) == ["Un", "Deux"]


async def test_answers_and_posts_survive_every_way_the_gateway_leaves(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    gateway = stage.discord.gateway
    async with stage.run() as bot:
        await stage.follow()
        card = stage.discord.messages(stage.news)[0]
        for leave in (gateway.drop, gateway.ask_to_reconnect, lambda: gateway.close(1000), lambda: gateway.close(4000)):
            resumed = len(gateway.resumes)
            await leave()
            await stage.discord.until(lambda before=resumed: len(gateway.resumes) > before, 10, "a resume")
            assert "bien garnie" in (await stage.member.click(card, "Poutine")).text
        await gateway.invalidate()
        await stage.discord.wait_ready(20, identifies=2)
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.news, 20, containing="Deux")
        end = await bot.stop()
    assert not end.has_traceback
    assert titles(stage) == ["Un", "Deux"]


async def test_an_event_that_cannot_be_read_is_left_out(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        for name in ("INTERACTION_CREATE", "GUILD_CREATE", "CHANNEL_UPDATE"):
            await stage.discord.gateway.dispatch(name, {"id": "5"}, 0)
        await bot.wait_for_log("event not understood")
        (card,) = stage.discord.messages(stage.news)
        assert "bien garnie" in (await stage.member.click(card, "Poutine")).text
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.news, 20, containing="Deux")
        end = await bot.stop()
    assert end.code == 0


async def test_an_answer_that_is_on_its_way_is_finished_before_it_stops(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        card = stage.discord.messages(stage.news)[0]
        stage.discord.faults.append(Fault(r"POST /interactions/.*", delay_seconds=0.5, times=1))
        press = asyncio.create_task(stage.member.click(card, "Poutine"))
        await stage.discord.until(lambda: stage.discord.requests[-1].path.endswith("/callback"), 5, "the callback")
        end = await bot.stop()
        assert "bien garnie" in (await press).text
    assert end.code == 0
    assert not end.has_traceback


async def test_an_answer_that_comes_too_late_is_one_line_in_the_log(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        card = stage.discord.messages(stage.news)[0]
        os.kill(bot.pid, signal.SIGSTOP)
        with pytest.raises(NoAnswer):
            await stage.member.click(card, "Poutine")
        os.kill(bot.pid, signal.SIGCONT)
        await bot.wait_for_log("answered too late")
        assert "bien garnie" in (await stage.member.click(card, "Poutine")).text
        end = await bot.stop()
    assert not end.has_traceback
