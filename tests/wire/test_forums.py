"""Posts in forums, which take no nonce, are made once too: by looking, and by waiting for what may still arrive."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.dispatcher import STILL_ARRIVING, Dispatcher
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from bot.storage.engine import open_engine
from bot.storage.migrations import migrate
from tests.fakes.discord_wire import DiscordWire, Fault
from tests.fakes.discord_wire.world import FORUM, Channel
from tests.storage.world import World
from tests.wire.sample_bot import SampleBot, connected

THREADS = r"POST /channels/\d+/threads"
FAULTS = {
    "reply lost": Fault(THREADS, lost=True, took_effect=True),
    "reply cut": Fault(THREADS, cut=True, took_effect=True),
    "request lost": Fault(THREADS, lost=True),
    "502 that took effect": Fault(THREADS, status=502, took_effect=True),
    "503": Fault(THREADS, status=503),
    "429": Fault(THREADS, status=429, html=True),
}
TOOK_EFFECT = {name for name, fault in FAULTS.items() if fault.took_effect}
WAITS_FOR_NOTHING = {*TOOK_EFFECT, "429"}


class Forum:
    def __init__(self, wire: DiscordWire, channel: Channel, world: World, announcer: DiscordAnnouncer) -> None:
        self.wire, self.channel, self.world, self.announcer = wire, channel, world, announcer
        self.dispatcher = self.restarted()

    def restarted(self) -> Dispatcher:
        """What remembers nothing of the tries of another."""
        self.dispatcher = Dispatcher(self.world.outbox, self.announcer, now=lambda: self.world.now)
        return self.dispatcher

    def titles(self) -> list[str]:
        assert self.channel.guild
        return [thread.name for thread in self.channel.guild.threads()]

    async def until_sent(self) -> timedelta:
        """How long it would have taken."""
        began_at = self.world.now
        while (due_at := await self.world.outbox.next_due_at(self.world.now)) is not None:
            self.world.now = max(self.world.now, due_at)
            for claimed in await self.dispatcher.claim(5):
                await self.dispatcher.deliver(claimed)
        return self.world.now - began_at


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite:///{tmp_path}/forum.db")
    await migrate(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def forum(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forum]:
    async with DiscordWire() as wire:
        channel = wire.add_channel(wire.add_guild(), "forum", FORUM)
        world = World(engine)
        world.now = datetime.now(UTC)
        source = await world.source()
        assert channel.guild
        await world.register.subscribe(
            source.id,
            guild_id=channel.guild.id,
            channel_id=channel.id,
            created_by=None,
            now=world.now,
            preferences=json.dumps({"questions": False}),
        )
        await world.publish(source, "1", "2")
        traffic = Traffic(1_000, clock=time.monotonic)
        async with connected(wire, monkeypatch, SampleBot(trace=traffic.trace())) as client:
            announcer = DiscordAnnouncer(client, traffic, "fr")
            yield Forum(wire, channel, world, announcer)


@pytest.mark.parametrize("name", FAULTS)
async def test_whatever_goes_wrong_each_article_is_posted_once_and_in_order(forum: Forum, name: str) -> None:
    fault = FAULTS[name]
    fault.hits.clear()
    forum.wire.faults.append(fault)
    took = await forum.until_sent()
    assert forum.titles() == ["Article 1", "Article 2"]
    assert (took < timedelta(seconds=5)) == (name in WAITS_FOR_NOTHING)


@pytest.mark.parametrize("took_effect", [True, False])
async def test_after_a_kill_in_the_middle_of_a_try_too(forum: Forum, took_effect: bool) -> None:
    (claimed,) = await forum.dispatcher.claim(5)
    if took_effect:
        await forum.announcer.announce(claimed)
    forum.restarted()
    took = await forum.until_sent()
    assert forum.titles() == ["Article 1", "Article 2"]
    assert (took >= STILL_ARRIVING) is not took_effect
