"""`casse-croute check` against a Discord that answers, refuses or is away."""

import pytest

from tests.fakes.discord_wire import BotProcess
from tests.fakes.discord_wire.process import Exit, environment_for
from tests.wire.conftest import Stage


async def check(stage: Stage, **changes: str | None) -> Exit:
    process = BotProcess(stage.folder, environment_for(stage.discord, stage.folder, **changes))
    await process.start("check")
    return await process.wait()


async def test_when_all_is_fine_every_line_says_so(stage: Stage) -> None:
    end = await check(stage)
    assert end.code == 0
    assert "Casse-croûte" in end.stdout
    assert "✗" not in end.stdout
    assert end.stderr == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DISCORD_TOKEN": "not-this-one"}, "refuses the token"),
        ({"DISCORD_TOKEN": None}, "DISCORD_TOKEN is not set"),
        ({"DISCORD_API_URL": "http://127.0.0.1:1/api/v10"}, "does not answer"),
        ({"DATABASE_URL": "postgresql://bot:secret@127.0.0.1:1/news"}, "DATABASE_URL"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line_and_the_rest_is_still_looked_at(
    stage: Stage, changes: dict[str, str | None], words: str
) -> None:
    end = await check(stage, DEFAULT_LANGUAGE="en", **changes)
    assert end.code == 1
    (wrong,) = [line for line in end.stdout.splitlines() if line.startswith("✗")]
    assert words in wrong
    assert "secret" not in end.stdout + end.stderr
    assert any(line.startswith("✓") for line in end.stdout.splitlines())
