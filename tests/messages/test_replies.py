"""Whatever goes wrong is one sentence in the asker's language, and never a technical one."""

import discord
import pytest
from discord import app_commands

from bot.errors import FailureReason, FetchFailed, RequestRefused, SourceError, StorageError
from bot.locales import words
from bot.messages.replies import error_reply, expected
from tests.messages.markdown import read

FR, EN = words("fr"), words("en")


@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_failure_of_a_source_is_a_sentence_that_says_what_to_do(reason: FailureReason) -> None:
    error = SourceError(reason, "https://comptoir.example/fil", "errno 110", status=502)
    for speak in (FR, EN):
        reply = error_reply(error, speak)
        assert reply.endswith(".")
        assert "errno" not in reply
        assert "{" not in reply


def test_the_wait_that_a_site_asks_for_is_told() -> None:
    error = FetchFailed(FailureReason.RATE_LIMITED, "https://comptoir.example/", retry_after=7_200)
    assert error_reply(error, FR).endswith("Le site demande d’attendre 2\u00a0heures.")
    assert error_reply(error, EN).endswith("The site asks me to wait 2 hours.")


def test_what_a_person_typed_is_repeated_harmlessly() -> None:
    hostile = "@everyone **[x](https://evil.example)** {wanted}"
    for error in (
        RequestRefused("reading.not_found", wanted=hostile),
        SourceError(FailureReason.BAD_ADDRESS, hostile),
    ):
        seen = read(error_reply(error, FR))
        assert not seen.effects
        assert not seen.links


def test_a_bug_says_nothing_of_itself() -> None:
    for error in (ValueError("secret"), RequestRefused("no.such.key"), KeyError("x")):
        assert error_reply(error, FR) == FR("error.unexpected")


def test_errors_are_recognised_inside_those_of_discord_py() -> None:
    class Command:
        name, qualified_name = "poutine", "poutine"

    for inner, known in ((StorageError("locked"), True), (ValueError("x"), False)):
        wrapped = app_commands.CommandInvokeError(Command(), inner)  # type: ignore[arg-type]
        assert expected(wrapped) is known
    wrapped = app_commands.CommandInvokeError(Command(), StorageError("locked"))  # type: ignore[arg-type]
    assert error_reply(wrapped, EN) == EN("error.storage")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (app_commands.CommandNotFound("poutine", []), "vient de changer"),
        (
            app_commands.TransformerError(3, discord.AppCommandOptionType.channel, app_commands.Transformer()),
            "Je ne vois pas ce que vous avez choisi",
        ),
    ],
)
def test_what_discord_still_shows_but_cannot_be_used_is_no_bug(error: app_commands.AppCommandError, said: str) -> None:
    assert said in error_reply(error, FR)
    assert expected(error)
