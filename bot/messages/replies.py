"""One sentence for whatever went wrong, and the one place where it is said."""

import contextlib
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import structlog
from babel.dates import format_timedelta

from bot.errors import CasseCrouteError, RequestRefused, SourceError, StorageError
from bot.locales import Words
from bot.messages.cutting import cut
from bot.messages.limits import CONTENT
from bot.messages.markup import escape_line
from bot.messages.response import say

Interaction = discord.Interaction[Any]

UNKNOWN_INTERACTION = 10062
"""Discord's code for an answer after its three seconds: the asker has read that the application did not respond."""

_OUTDATED = discord.app_commands.CommandSignatureMismatch | discord.app_commands.CommandNotFound
"""The asker's Discord still shows a command as it was before an update."""

log = structlog.get_logger(__name__)


def error_reply(error: BaseException, words: Words) -> str:
    """What to tell the person who asked. Never shows `str(error)`, which is for the log."""
    error = _cause(error)
    if isinstance(error, SourceError):
        return cut(_source_reply(error, words), CONTENT)
    if isinstance(error, RequestRefused | StorageError) and words.has(error.key):
        return cut(words(error.key, **_shown(error)), CONTENT)
    if isinstance(error, _OUTDATED):
        return words("error.command_changed")
    if isinstance(error, discord.app_commands.TransformerError):
        return words("error.not_visible")
    return words("error.unexpected")


def expected(error: BaseException) -> bool:
    """Whether an error is part of the day's work rather than a bug."""
    return isinstance(_cause(error), CasseCrouteError | discord.app_commands.TransformerError | _OUTDATED)


async def send_refusal(interaction: Interaction, error: BaseException, words: Words) -> None:
    """Tell the asker, privately, whether or not something was answered already; a bug is logged whole.

    Never raises for Discord's sake: there is nobody left to tell then.
    """
    cause = _cause(error)
    if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_INTERACTION:
        log.warning("answered too late", guild_id=interaction.guild_id)
        return
    if isinstance(cause, aiohttp.ClientError):
        log.warning("answer lost", error=type(cause).__name__, guild_id=interaction.guild_id)
    elif expected(error):
        log.info("request refused", reason=str(_cause(error)), guild_id=interaction.guild_id)
    else:
        log.error("request failed", guild_id=interaction.guild_id, exc_info=error)
    reply = error_reply(error, words)
    with contextlib.suppress(discord.HTTPException, aiohttp.ClientError):
        await say(interaction, reply)


def _cause(error: BaseException) -> BaseException:
    """The error inside those that discord.py wraps around whatever a command raises."""
    if isinstance(error, discord.app_commands.CommandInvokeError):
        return error.original
    return error


def _shown(error: CasseCrouteError) -> dict[str, object]:
    """Parameters that people typed or wrote, so that they format nothing."""
    return {name: escape_line(value) if isinstance(value, str) else value for name, value in error.params.items()}


def _source_reply(error: SourceError, words: Words) -> str:
    sentence = words(error.key, url=escape_line(cut(error.url, 200)))
    if error.retry_after is None:
        return sentence
    wait = format_timedelta(timedelta(seconds=error.retry_after), locale=words.language)
    return f"{sentence} {words('failure.retry_after', wait=wait)}"
