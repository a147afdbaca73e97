"""A server with its people, a publisher, and the bot's process beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.fakes.discord_wire import BotProcess, Can, DiscordWire, FeedServer, run_bot

S = TypeVar("S", bound="Stage")
UNLIMITED = {"post /channels/{channel_id}/messages": (1000, 1.0)}


class Stage:
    """La Cabane: two text channels, a moderator and a member who speak French, and a feed on loopback."""

    def __init__(self, folder: Path, discord: DiscordWire, feed: FeedServer) -> None:
        self.folder = folder
        self.discord = discord
        self.feed = feed
        self.guild = discord.add_guild("La Cabane", locale="fr")
        self.news = discord.add_channel(self.guild, "nouvelles")
        self.lounge = discord.add_channel(self.guild, "salon")
        self.moderator = discord.add_member(self.guild, "colette", permissions=Can.MANAGE_GUILD)
        self.member = discord.add_member(self.guild, "gaston")

    def run(self, *, wait: bool = True, **changes: str | None):
        return run_bot(self.folder, self.discord, wait=wait, **changes)

    async def follow(self) -> None:
        """The moderator follows the feed in the news channel, and its newest article is posted."""
        await self.moderator.slash(self.news, "config source add", url=self.feed.url, channel=self.news)
        await self.discord.wait_for_message(self.news)


@asynccontextmanager
async def open_stage(folder: Path, kind: type[S] = Stage) -> AsyncIterator[S]:  # type: ignore[assignment]
    async with DiscordWire(limits=UNLIMITED) as discord, FeedServer() as feed:
        yield kind(folder, discord, feed)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        yield stage
        assert stage.discord.violations == []


__all__ = ("BotProcess", "Stage", "open_stage", "stage")
