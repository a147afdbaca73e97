"""An article that is found at night is posted in the morning, whatever happened between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.wire.conftest import Stage
from tests.wire.fan_out import BODY, title_of

NIGHT, MORNING = 23, 24 + 7


def ahead_to(hour: int, *, less: float = 0) -> str:
    """Seconds from now to that hour of today by Toronto's clocks, but for the last few."""
    now = datetime.now(UTC).astimezone(ZoneInfo("America/Toronto"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    there = (midnight + timedelta(days=hour // 24)).replace(hour=hour % 24)
    return str((there.astimezone(UTC) - now.astimezone(UTC)).total_seconds() - less)


async def test_an_article_waits_for_the_end_of_quiet_hours_and_over_a_restart(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(NIGHT)) as bot:
        await stage.follow()
        answer = await stage.moderator.slash(stage.news, "config source edit", source="#1", quiet="22 h à 7 h")
        assert "silence de 22\u00a0h à 7\u00a0h" in answer.text
        await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, channel=stage.lounge)
        await stage.discord.wait_for_message(stage.lounge)
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.lounge, 15, containing="Deux")
        assert [title_of(message) for message in stage.discord.messages(stage.news)] == ["Un"]
        assert bot.is_running
    async with stage.run(CLOCK_AHEAD_SECONDS=ahead_to(MORNING, less=8)):
        await stage.discord.wait_for_message(stage.news, 30, containing="Deux")
    assert [title_of(message) for message in stage.discord.messages(stage.news)] == ["Un", "Deux"]
