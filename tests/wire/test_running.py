"""Starting, stopping and failing to start, as an operator sees it."""

import signal
from pathlib import Path

import pytest

from tests.fakes.discord_wire import statuses, wait_connected
from tests.fakes.discord_wire.gateway import PRIVILEGED
from tests.wire.conftest import Stage

SYNC = "PUT /applications/{application_id}/commands"


async def test_it_connects_without_privileged_intents_and_registers_its_commands(stage: Stage) -> None:
    async with stage.run():
        assert stage.discord.intents & PRIVILEGED == 0
        assert {"poutine", "perspective", "compare", "article"} <= set(stage.member.commands(stage.news))
        assert "config" in stage.moderator.commands(stage.news)
        assert "config" not in stage.member.commands(stage.news)


async def test_commands_are_sent_once_and_not_again_at_the_next_start(stage: Stage) -> None:
    async with stage.run() as bot:
        await bot.stop()
        await bot.start()
        await wait_connected(bot, stage.discord)
    assert len(stage.discord.requests_to(SYNC)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_and_soon(stage: Stage, number: signal.Signals) -> None:
    async with stage.run() as bot:
        end = await bot.stop(number)
    assert end.code == 0
    assert not end.has_traceback
    assert "Unclosed" not in end.stderr
    assert end.seconds < 5
    assert stage.discord.gateway.closes[-1] in (
        1000,
        4000,
    )  # discord.py's receiver may close with 4000 before its closer


async def test_a_wrong_token_is_one_sentence(stage: Stage) -> None:
    async with stage.run(wait=False, DISCORD_TOKEN="not-this-one") as bot:
        end = await bot.wait()
    assert end.code == 1
    assert end.stdout == ""
    assert len(end.stderr.splitlines()) == 1
    assert "DISCORD_TOKEN" in end.stderr


async def test_a_token_that_only_the_gateway_refuses_ends_it_too(stage: Stage) -> None:
    stage.discord.gateway._token = "changed meanwhile"
    async with stage.run(wait=False) as bot:
        end = await bot.wait()
    assert end.code == 1
    assert not end.has_traceback
    assert "DISCORD_TOKEN" in end.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DISCORD_TOKEN", None),
        ("DATABASE_URL", "postgresql://bot:secret@127.0.0.1:1/news"),
        ("DATABASE_URL", "nothing that we know"),
        ("DISCORD_API_URL", "discord"),
        ("POLL_INTERVAL_SECONDS", "0"),
    ],
)
async def test_a_setting_that_cannot_work_is_one_sentence_that_names_it(
    stage: Stage, setting: str, value: str | None
) -> None:
    async with stage.run(wait=False, **{setting: value}) as bot:
        end = await bot.wait()
    assert end.code == 1
    assert len(end.stderr.splitlines()) == 1
    assert setting in end.stderr
    assert "secret" not in end.stderr


async def test_an_unreadable_env_file_is_one_sentence(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / ".env").write_text("LOG_LEVEL=INFO\nthis is 'not a setting\n")
    async with stage.run(wait=False) as bot:
        end = await bot.wait()
    assert end.code == 1
    assert len(end.stderr.splitlines()) == 1
    assert "2" in end.stderr


async def test_while_discord_is_away_it_keeps_trying_and_still_stops(stage: Stage) -> None:
    async with stage.run(wait=False, DISCORD_API_URL="http://127.0.0.1:1/api/v10") as bot:
        await bot.wait_for_log("next_try_seconds")
        end = await bot.stop()
    assert end.code == 0
    assert not end.has_traceback


async def test_a_log_in_that_fails_at_first_leaves_nothing_open(stage: Stage) -> None:
    stage.discord.faults.append(statuses("GET /users/@me", 503))
    async with stage.run() as bot:
        end = await bot.stop()
    assert end.code == 0
    assert "Unclosed" not in end.stderr


async def test_a_gateway_that_refuses_for_a_while_is_waited_for_without_tracebacks(stage: Stage) -> None:
    stage.discord.gateway.refusals = 2
    async with stage.run() as bot:
        end = await bot.stop()
    assert end.code == 0
    assert not end.has_traceback
