import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import aiosqlite
import pytest
import structlog

from bot.log import HIDDEN, Redaction, set_up_logging

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.GhIjKl." + "a" * 38


@pytest.fixture
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_known_secret_never_appears(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", form, secrets=["hunter22"])  # type: ignore[arg-type]
    log = structlog.get_logger("test")
    log.info("connecting hunter22", url="postgresql://bot:hunter22@db/news", parts={"a": ["hunter22"]})
    logging.getLogger("elsewhere").warning("failed with %s", "hunter22")
    try:
        raise ValueError("hunter22")
    except ValueError:
        log.exception("it broke")
    shown = "\n".join(lines(capsys))
    assert "hunter22" not in shown
    assert shown.count(HIDDEN) >= 4


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN} used",
        "POST https://discord.com/api/webhooks/123456/abcDEF-ghi returned 404",
        "https://discord.com/api/v10/interactions/99/aW50ZXJhY3Rpb24/callback",
        "https://user:pass-word@feeds.example/rss",
        "Authorization: Bearer abcdef",
    ],
)
def test_whatever_has_the_shape_of_a_secret_is_hidden(text: str) -> None:
    shown = Redaction().text(text)
    assert HIDDEN in shown
    for secret in (TOKEN, "abcDEF-ghi", "aW50ZXJhY3Rpb24", "pass-word", "abcdef"):
        assert secret not in shown


def test_ordinary_words_are_left_alone() -> None:
    text = "article 12 posted in channel 99 from https://example.org/feed?x=1:2@3"
    assert Redaction().text(text) == text


@pytest.mark.usefixtures("_logging")
def test_one_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", "text")
    structlog.get_logger("test").info("source failed", url="https://example.org/\n2026 forged line")
    assert len(lines(capsys)) == 1


@pytest.mark.usefixtures("_logging")
def test_json_lines_carry_ids_as_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", "json")
    structlog.get_logger("test").bind(article_id=4).info("article posted")
    event = json.loads(lines(capsys)[0])
    assert event["event"] == "article posted"
    assert event["article_id"] == 4
    assert event["level"] == "info"


@pytest.mark.usefixtures("_logging")
def test_what_a_command_prints_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", "text")
    structlog.get_logger("test").info("hello")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hello" in captured.err


@pytest.mark.usefixtures("_logging")
def test_a_gateway_that_is_away_is_one_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", "text")
    try:
        raise ConnectionRefusedError("at 100%")
    except ConnectionRefusedError:
        logging.getLogger("discord.client").exception("Attempting a reconnect in %.2fs", 0.5)
    (line,) = lines(capsys)
    assert "Attempting a reconnect in 0.50s: ConnectionRefusedError" in line


@pytest.mark.usefixtures("_logging")
def test_what_is_stored_is_not_written_down_by_the_driver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("DEBUG", "text")

    async def store() -> None:
        async with aiosqlite.connect(tmp_path / "x.db") as database:
            await database.execute("SELECT ?", ("hunter22",))

    asyncio.run(store())
    assert "hunter22" not in capsys.readouterr().err
