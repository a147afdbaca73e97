"""Many channels that follow one feed, a bot that may die at any moment, and what must be there in the end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.models import SourceKind
from bot.storage import open_storage
from tests.fakes.discord_wire import BotProcess, DiscordWire, FeedServer, Message
from tests.fakes.discord_wire.process import environment_for
from tests.fakes.discord_wire.world import FORUM, TEXT, Channel

BODY = "<p>Un résumé en une phrase.</p><h2>La poutine</h2><p>Une poutine bien garnie.</p>"


@dataclass
class FanOut:
    """`channels` follow `feed`; every published title must come to each of them once, in order."""

    folder: Path
    discord: DiscordWire
    feed: FeedServer
    channels: Sequence[Channel]
    process: BotProcess
    titles: list[str] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'bot.db'}"

    def publish(self) -> str:
        title = f"Article {len(self.titles):04d}"
        self.titles.append(title)
        self.feed.publish(title, BODY)
        return title

    async def follow(self) -> None:
        """As if moderators had: commands are not what is tested here."""
        now = datetime.now(UTC)
        async with open_storage(self.database_url, now=lambda: now) as storage:
            source = await storage.register.add_source(
                self.feed.url, SourceKind.FEED, title="Le Petit Journal", now=now
            )
            for channel in self.channels:
                assert channel.guild
                await storage.register.subscribe(
                    source.id, guild_id=channel.guild.id, channel_id=channel.id, created_by=None, now=now
                )
            await storage.due_sources.release(source.id)

    async def start(self) -> None:
        known = len(self.discord.gateway.identifies)
        await self.process.start()
        deadline = time.monotonic() + 60
        while len(self.discord.gateway.identifies) == known:
            assert self.process.is_running, self.process.stderr[-3000:]
            assert time.monotonic() < deadline, self.process.stderr[-3000:]
            await asyncio.sleep(0.02)

    async def kill(self) -> None:
        await self.process.stop(signal.SIGKILL)

    def shown(self, channel: Channel) -> list[str]:
        """The titles of its messages, or of its posts where it is a forum."""
        assert channel.guild
        if channel.kind != FORUM:
            return [title_of(message) for message in self.discord.messages(channel)]
        posts = sorted((each for each in channel.guild.threads() if each.parent is channel), key=lambda each: each.id)
        return [title_of(self.discord.messages(each)[0]) for each in posts]

    def posted(self) -> int:
        return sum(
            len(self.shown(channel)) if channel.kind == FORUM else len(channel.messages) for channel in self.channels
        )

    def is_complete(self) -> bool:
        return all(set(self.titles) <= set(self.shown(channel)) for channel in self.channels)

    async def until_complete(self, patience: float = 45) -> None:
        """Until every channel has everything, and a little longer, for what should not come any more; or until nothing
        more has come for so many seconds."""
        posted, moved_at = -1, time.monotonic()
        while time.monotonic() - moved_at < patience:
            if self.posted() != posted:
                posted, moved_at = self.posted(), time.monotonic()
            if posted >= len(self.titles) * len(self.channels) and self.is_complete():
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)

    def faults_of(self, channel: Channel) -> list[str]:
        """What is lost, repeated or out of order in a channel."""
        shown = self.shown(channel)
        counted = Counter(shown)
        found = [f"lost in #{channel.name}: {title}" for title in self.titles if not counted[title]]
        found += [f"{count} times in #{channel.name}: {title}" for title, count in counted.items() if count > 1]
        if not found and shown != self.titles:
            found.append(f"out of order in #{channel.name}: {shown}")
        return found

    def check(self) -> None:
        found = [fault for channel in self.channels for fault in self.faults_of(channel)]
        assert not found, found[:20]


def title_of(message: Message) -> str:
    return message.text.partition("](")[0].rpartition("[")[2]


@asynccontextmanager
async def open_fan_out(
    folder: Path,
    *,
    servers: int,
    channels_each: int,
    kind: int = TEXT,
    limits: dict[str, tuple[int, float]] | None = None,
    **settings: str,
) -> AsyncIterator[FanOut]:
    """A bot whose first check is done: each channel has the newest article."""
    async with DiscordWire(limits=limits) as discord, FeedServer() as feed:
        channels = []
        for number in range(servers):
            guild = discord.add_guild(f"Cabane {number}")
            channels += [
                discord.add_channel(guild, f"nouvelles-{number}-{each}", kind) for each in range(channels_each)
            ]
        process = BotProcess(folder, environment_for(discord, folder, **settings))
        fan_out = FanOut(folder, discord, feed, channels, process)
        fan_out.publish()
        await fan_out.follow()
        await fan_out.start()
        try:
            await fan_out.until_complete()
            yield fan_out
        except BaseException:
            print(f"--- stderr of the bot ---\n{process.stderr[-6000:]}")
            raise
        finally:
            with contextlib.suppress(AssertionError):
                if process.is_running:
                    await process.stop()
