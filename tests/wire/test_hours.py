"""What is found at night is posted in the morning, once, whatever happens meanwhile."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.fakes.discord_wire import Fault, wait_connected
from tests.wire.conftest import Stage
from tests.wire.fan_out import BODY, title_of

NIGHT, MORNING = 23, 24 + 7


def ahead_to(hour: int, *, less: float = 0) -> str:
    """Seconds from now to that hour of today by Toronto's clocks, but for the last few."""
    now = datetime.now(UTC).astimezone(ZoneInfo("America/Toronto"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    there = (midnight + timedelta(days=hour // 24)).replace(hour=hour % 24)
    return str((there.astimezone(UTC) - now.astimezone(UTC)).total_seconds() - less)


async def set_in_news(stage: Stage, words: str, **settings: str) -> None:
    """The news channel and the lounge follow the feed, and the news channel has settings of its own."""
    await stage.follow()
    answer = await stage.moderator.slash(stage.news, "config source edit", source="#1", **settings)
    assert words in answer.text
    await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, channel=stage.lounge)
    await stage.discord.wait_for_message(stage.lounge)


async def test_an_article_waits_for_the_end_of_quiet_hours_and_over_a_restart(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(NIGHT)):
        await set_in_news(stage, "silence de 22\u00a0h à 7\u00a0h", quiet="22 h à 7 h")
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.lounge, 15, containing="Deux")
        assert [title_of(message) for message in stage.discord.messages(stage.news)] == ["Un"]
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(MORNING, less=8)):
        await stage.discord.wait_for_message(stage.news, 30, containing="Deux")
    assert [title_of(message) for message in stage.discord.messages(stage.news)] == ["Un", "Deux"]


async def test_a_digest_is_posted_once_although_its_sender_is_killed_before_it_knows(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(NIGHT)):
        await set_in_news(stage, "condensé tous les jours à 7\u00a0h", digest="chaque jour à 7 h")
        for title in ("Deux", "Trois", "Quatre"):
            stage.feed.publish(title, BODY)
            await stage.discord.wait_for_message(stage.lounge, 15, containing=title)
        assert len(stage.discord.messages(stage.news)) == 1
    lost = Fault(rf"POST /channels/{stage.news.id}/messages", lost=True, took_effect=True, delay_seconds=0.3)
    stage.discord.faults.append(lost)
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(MORNING, less=2)) as bot:
        digest = await stage.discord.wait_for_message(stage.news, 30, containing="Condensé")
        await bot.stop(signal.SIGKILL)
        await bot.start()
        await wait_connected(bot, stage.discord)
        await bot.wait_for_log("article posted")
        await asyncio.sleep(1.0)
    assert len(lost.hits) == 1
    assert stage.discord.messages(stage.news)[1:] == [digest]
    for title in ("Deux", "Trois", "Quatre"):
        assert digest.text.count(f"[{title}]") == 1
