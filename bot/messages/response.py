"""An answer within the three seconds that Discord gives, whatever keeps its words.

A database that somebody else has locked, or one on a network that is slow today, would make "The application did not
respond" of an answer that comes five seconds later. So every answer is given through `say` and `redraw`: when it takes
long, Discord has been told by then that it is under way.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import discord

Interaction = discord.Interaction[Any]

PATIENCE_SECONDS = 1.5
"""Half of what Discord allows: the other half is for the way there and for a busy machine."""

TRIES = 3

ALREADY_ANSWERED = 40060
"""discord.com/developers/docs/topics/opcodes-and-status-codes, "JSON Error Codes"."""

_STATE = "casse-croute: the answer so far"


@dataclass
class _State:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One response at a time."""
    is_answered: bool = False
    """Whether Discord has been told anything; discord.py does not know where a reply was lost."""
    is_thinking: bool = False
    """Whether the asker reads that the answer is under way."""


@contextlib.asynccontextmanager
async def in_time(interaction: Interaction, *, private: bool = True) -> AsyncIterator[None]:
    """What is answered inside may take as long as it must. `private`: whether only the asker is to see it."""
    waiting = asyncio.create_task(_wait(interaction, private=private), name="answer in time")
    try:
        yield
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, discord.HTTPException, aiohttp.ClientError):
            await waiting


async def hold(interaction: Interaction, *, private: bool = True) -> None:
    """Tell Discord that the answer is under way. A private message that is to be redrawn stays as it is meanwhile."""
    async with _turn(interaction) as state:
        if not state.is_answered:
            thinking = not _stands_in_private(interaction)
            await _insist(lambda: interaction.response.defer(ephemeral=private, thinking=thinking))
            state.is_answered, state.is_thinking = True, thinking


async def say(interaction: Interaction, content: str | None = None, *, private: bool = True, **parts: Any) -> None:
    """Answer with a message of its own."""
    text = content or discord.utils.MISSING
    async with _turn(interaction) as state:
        if not state.is_answered:
            await _insist(lambda: interaction.response.send_message(content, ephemeral=private, **parts))
        elif state.is_thinking:
            # The same twice, unlike a message that follows: it may be tried again when its reply is lost.
            if file := parts.pop("file", None):
                parts["attachments"] = [file]
            await _insist(lambda: interaction.edit_original_response(content=text, **parts))
        else:
            await interaction.followup.send(text, ephemeral=private, **parts)
        state.is_answered, state.is_thinking = True, False


async def redraw(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Answer by changing the private message whose button was pressed; anywhere else, with a private one."""
    if not _stands_in_private(interaction):
        await say(interaction, view=view)
        return
    async with _turn(interaction) as state:
        if state.is_answered:
            await _insist(lambda: interaction.edit_original_response(view=view))
        else:
            await _insist(lambda: interaction.response.edit_message(view=view))
        state.is_answered = True


async def _insist(request: Callable[[], Awaitable[object]]) -> None:
    """Try again where the connection was lost: Discord takes an answer once, and says when it had it already."""
    for left in reversed(range(TRIES)):
        try:
            await request()
        except aiohttp.ClientError:
            if not left:
                raise
        except discord.HTTPException as error:
            if error.code != ALREADY_ANSWERED:
                raise
            return
        else:
            return


async def _wait(interaction: Interaction, *, private: bool) -> None:
    await asyncio.sleep(PATIENCE_SECONDS)
    await hold(interaction, private=private)


def _stands_in_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


@contextlib.asynccontextmanager
async def _turn(interaction: Interaction) -> AsyncIterator[_State]:
    state = cast(_State, interaction.extras.setdefault(_STATE, _State()))
    async with state.turn:
        state.is_answered = state.is_answered or interaction.response.is_done()
        yield state
