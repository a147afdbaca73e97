"""An answer within the three seconds that Discord gives, whatever keeps its words.

A database that somebody else has locked, or one on a network that is slow today, would make "The application did not
respond" of an answer that comes five seconds later. So every answer is given through `say` and `redraw`: when it takes
long, Discord has been told by then that it is under way.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import discord

Interaction = discord.Interaction[Any]

PATIENCE_SECONDS = 1.5
"""Half of what Discord allows: the other half is for the way there and for a busy machine."""

_TURN = "casse-croute: one response at a time"


@contextlib.asynccontextmanager
async def in_time(interaction: Interaction, *, private: bool = True) -> AsyncIterator[None]:
    """What is answered inside may take as long as it must. `private`: whether only the asker is to see it."""
    waiting = asyncio.create_task(_wait(interaction, private=private), name="answer in time")
    try:
        yield
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, discord.HTTPException):
            await waiting


async def hold(interaction: Interaction, *, private: bool = True) -> None:
    """Tell Discord that the answer is under way. A private message that is to be redrawn stays as it is meanwhile."""
    async with _turn(interaction):
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=private, thinking=not _stands_in_private(interaction))


async def say(interaction: Interaction, content: str | None = None, *, private: bool = True, **parts: Any) -> None:
    """Answer with a message of its own."""
    async with _turn(interaction):
        if interaction.response.is_done():
            await interaction.followup.send(content or discord.utils.MISSING, ephemeral=private, **parts)
        else:
            await interaction.response.send_message(content, ephemeral=private, **parts)


async def redraw(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Answer by changing the private message whose button was pressed; anywhere else, with a private one."""
    if not _stands_in_private(interaction):
        await say(interaction, view=view)
        return
    async with _turn(interaction):
        if interaction.response.is_done():
            await interaction.edit_original_response(view=view)
        else:
            await interaction.response.edit_message(view=view)


async def _wait(interaction: Interaction, *, private: bool) -> None:
    await asyncio.sleep(PATIENCE_SECONDS)
    await hold(interaction, private=private)


def _stands_in_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _turn(interaction: Interaction) -> asyncio.Lock:
    return cast(asyncio.Lock, interaction.extras.setdefault(_TURN, asyncio.Lock()))
