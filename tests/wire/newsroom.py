"""Several feeds and channels of every kind, a bot that may die at any moment, and what must be there in the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bot.messages.follow_up import MOST_PUBLISHED_AN_HOUR
from bot.models import SourceKind
from bot.storage import open_storage
from tests.fakes.discord_wire import BotProcess, DiscordWire, FeedServer, Manners, Message
from tests.fakes.discord_wire.process import environment_for
from tests.fakes.discord_wire.world import ANNOUNCEMENT, FORUM, PUBLIC_THREAD, TEXT, Channel, Guild
from tests.wire.weather import Weather

PLAIN = "<p>Une nouvelle toute simple, sans perspective aucune.</p>"
WITH_POUTINE = "<p>Un résumé en une phrase.</p><h2>La poutine</h2><p>Une poutine bien garnie.</p>"
WITH_VIEWS = (
    "<p>Un résumé en une phrase.</p>"
    "<h2>Point de vue optimiste</h2><p>Le modèle fera gagner des heures à chaque bibliothèque.</p>"
    "<h2>Point de vue pessimiste</h2><p>Chaque bibliothèque paiera le modèle pendant des années.</p>"
)
BODIES = (PLAIN, WITH_POUTINE, WITH_VIEWS)

Kind = tuple[int, dict[str, object]]

KINDS: Sequence[Kind] = (
    (TEXT, {}),
    (TEXT, {"shape": "embed", "header": "{source} : {title}"}),
    (FORUM, {}),
    (TEXT, {"shape": "text"}),
    (ANNOUNCEMENT, {"shape": "card", "publish": True}),
    (TEXT, {"thread": "article", "poll": True}),
    (PUBLIC_THREAD, {"shape": "embed"}),
    (FORUM, {"shape": "text", "poll": True}),
)
"""What channels are like, in turn."""

LIMITS = {
    "post /channels/{channel_id}/messages": (10, 1.0),
    "post /channels/{channel_id}/threads": (10, 1.0),
    "post /channels/{channel_id}/messages/{message_id}/crosspost": (1_000, 1.0),
}

_NAME = re.compile(r"Article [A-Z]\d{4}")


@dataclass(frozen=True)
class Place:
    """A channel, the feeds that it follows by their number, and how they are posted there."""

    channel: Channel
    feeds: tuple[int, ...]
    preferences: dict[str, object]

    @property
    def has_conversations(self) -> bool:
        return self.channel.kind == FORUM or self.preferences.get("thread") == "article"


@dataclass
class Newsroom:
    folder: Path
    discord: DiscordWire
    feeds: Sequence[FeedServer]
    places: Sequence[Place]
    process: BotProcess
    titles: list[list[str]] = field(default_factory=list)
    """By feed, oldest first."""
    bodies: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "bot.db"

    def publish(self, feed: int, chance: random.Random) -> str:
        title = f"Article {chr(65 + feed)}{len(self.titles[feed]):04d}"
        self.titles[feed].append(title)
        self.bodies[title] = chance.choice(BODIES)
        self.feeds[feed].publish(title, self.bodies[title])
        return title

    async def follow(self) -> None:
        """As if moderators had: commands are not what is tested here."""
        now = datetime.now(UTC)
        async with open_storage(f"sqlite:///{self.database}", now=lambda: now) as storage:
            for number, feed in enumerate(self.feeds):
                source = await storage.register.add_source(feed.url, SourceKind.FEED, title=f"Fil {number}", now=now)
                for place in self.places:
                    if number in place.feeds and place.channel.guild:
                        await storage.register.subscribe(
                            source.id,
                            guild_id=place.channel.guild.id,
                            channel_id=place.channel.id,
                            created_by=None,
                            now=now,
                            preferences=json.dumps(place.preferences),
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

    async def age(self) -> None:
        """Between two runs: what was tried was tried ten minutes ago, and Discord has forgotten every nonce.

        What was under way arrives first: nothing is on its way for ten minutes.
        """
        while self.discord.front.under_way:
            await asyncio.sleep(0.05)
        self.discord.state.forget_nonces()
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute(
                "UPDATE deliveries SET lease_until = NULL,"
                " tried_at = strftime('%Y-%m-%d %H:%M:%f000', tried_at, '-10 minutes') WHERE state = 'pending'"
            )

    # --- what is there ---

    def posts(self, place: Place) -> list[Message]:
        """Its messages, or what begins its posts where it is a forum; oldest first."""
        channel = place.channel
        if channel.kind != FORUM:
            return [message for message in self.discord.messages(channel) if message.author is self.discord.state.bot]
        return [self.discord.messages(thread)[0] for thread in self.threads(place)]

    def threads(self, place: Place) -> list[Channel]:
        assert place.channel.guild
        of_place = (each for each in place.channel.guild.threads() if each.parent is place.channel)
        # Threads that channels of their own live in stand beside those that articles opened.
        own = {each.channel.id for each in self.places}
        return sorted((each for each in of_place if each.id not in own), key=lambda each: each.id)

    def posted(self) -> int:
        return sum(
            len(self.threads(place)) if place.channel.kind == FORUM else len(place.channel.messages)
            for place in self.places
        )

    def owed(self) -> int:
        return sum(len(self.titles[feed]) for place in self.places for feed in place.feeds)

    def pending(self) -> int:
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            return int(database.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()[0])

    async def until_complete(self, patience: float = 60) -> None:
        """Until nothing is owed any more, and a little longer, for what should not come; or until nothing has moved for
        so many seconds."""
        seen, moved_at = (-1, -1), time.monotonic()
        while time.monotonic() - moved_at < patience:
            state = (self.posted(), self.pending())
            if state != seen:
                seen, moved_at = state, time.monotonic()
            if state[0] >= self.owed() and not state[1]:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.5)

    def faults(self) -> list[str]:
        found = [fault for place in self.places for fault in self._faults_of(place)]
        return found + self._faults_of_record() + self.discord.violations[:5]

    def _faults_of(self, place: Place) -> list[str]:
        """What is lost, repeated or out of order in a channel, and in the conversations that it opens."""
        name, posts = place.channel.name, self.posts(place)
        shown = [name_of(message) for message in posts]
        counted, expected = Counter(shown), [title for feed in place.feeds for title in self.titles[feed]]
        found = [f"lost in #{name}: {title}" for title in expected if not counted[title]]
        found += [f"{count} times in #{name}: {title}" for title, count in counted.items() if count > 1]
        for feed in place.feeds:
            of_feed = [title for title in shown if title in set(self.titles[feed])]
            if not found and of_feed != self.titles[feed]:
                wrong = [f"{a}, {b}" for a, b in pairwise(of_feed) if a > b]
                found.append(f"out of order in #{name}: {'; '.join(wrong)}")
        if place.has_conversations and not found:
            found += [fault for message in posts for fault in self._faults_of_conversation(place, message)]
        if place.preferences.get("publish") and not found:
            first = posts[:MOST_PUBLISHED_AN_HOUR]
            found += [f"unpublished in #{name}: {name_of(message)}" for message in first if not message.flags & 1]
        return found

    def _faults_of_conversation(self, place: Place, post: Message) -> list[str]:
        assert place.channel.guild
        title = name_of(post)
        thread = place.channel.guild.channels.get(post.id)
        if thread is None:
            return [f"no thread in #{place.channel.name}: {title}"]
        said = [message for message in self.discord.messages(thread) if message.id != post.id]
        polls = sum("poll" in message.data for message in said)
        has_views = self.bodies[title] is WITH_VIEWS
        wanted = (int(has_views), int(has_views and bool(place.preferences.get("poll"))))
        if (len(said) - polls, polls) != wanted:
            return [f"{len(said) - polls} questions and {polls} polls in #{place.channel.name}: {title}"]
        return []

    def _faults_of_record(self) -> list[str]:
        """Where the bot remembers something else than what is there."""
        there = {message.id for place in self.places for message in self.posts(place)}
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            rows = database.execute("SELECT id, state, message_id, last_error FROM deliveries").fetchall()
        return [
            f"delivery {number} is {state}, message {message_id}: {error}"
            for number, state, message_id, error in rows
            if state != "sent" or message_id not in there
        ]


def name_of(message: Message) -> str:
    found = _NAME.search(message.text)
    return found[0] if found else message.text[:40]


@dataclass(frozen=True)
class Plan:
    """What a place is to be: the number of its server, its kind, the numbers of its feeds, its settings."""

    server: int
    kind: int
    feeds: tuple[int, ...]
    preferences: dict[str, object] = field(default_factory=dict)


def mixed(places: int, *, kinds: Sequence[Kind] = KINDS, feeds: int = 3, servers: int = 5) -> list[Plan]:
    """Every third place follows all feeds, the others one."""
    return [
        Plan(number % servers, kind, (number % feeds,) if number % 3 else tuple(range(feeds)), preferences)
        for number in range(places)
        for kind, preferences in [kinds[number % len(kinds)]]
    ]


@asynccontextmanager
async def open_newsroom(
    folder: Path,
    plans: Sequence[Plan],
    *,
    manners: Manners | None = None,
    limits: dict[str, tuple[int, float]] | None = None,
    **settings: str,
) -> AsyncIterator[Newsroom]:
    """A bot whose first checks are done: each channel has the newest article of each of its feeds."""
    async with contextlib.AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordWire(limits=LIMITS if limits is None else limits))
        discord.manners = manners or Manners()
        feeds = range(1 + max(feed for plan in plans for feed in plan.feeds))
        publishers = [await stack.enter_async_context(FeedServer(title=f"Fil {number}")) for number in feeds]
        guilds = [discord.add_guild(f"Cabane {number}") for number in range(1 + max(plan.server for plan in plans))]
        places = [_place(discord, guilds[plan.server], str(number), plan) for number, plan in enumerate(plans)]
        process = BotProcess(folder, environment_for(discord, folder, **settings))
        room = Newsroom(folder, discord, publishers, places, process)
        room.titles = [[] for _ in publishers]
        for feed in feeds:
            room.publish(feed, random.Random(0))
        await room.follow()
        await room.start()
        try:
            await room.until_complete()
            yield room
        except BaseException:
            print(f"--- stderr of the bot ---\n{process.stderr[-6000:]}")
            raise
        finally:
            with contextlib.suppress(AssertionError):
                if process.is_running:
                    await process.stop()


def _place(discord: DiscordWire, guild: Guild, name: str, plan: Plan) -> Place:
    parent = discord.add_channel(guild, f"parent-{name}") if plan.kind == PUBLIC_THREAD else None
    channel = discord.add_channel(guild, name, plan.kind, parent=parent)
    return Place(channel, plan.feeds, plan.preferences)


class Ordeal:
    """Kills at random moments while feeds publish, answers go wrong, the gateway comes and goes, the database is locked
    and the whole machine stands still; the same for the same seed, as far as time allows."""

    def __init__(self, room: Newsroom, seed: int, *, share: float = 0.12) -> None:
        self.room = room
        self.weather = Weather(seed, share=share)
        self.moments: Counter[str] = Counter()
        """How often which thing happened."""
        self._chance = random.Random(seed)
        self._is_over = False

    async def run(self, kills: int) -> None:
        self.room.discord.faults.append(self.weather)
        around = [
            asyncio.create_task(work()) for work in (self._publish, self._trouble_gateway, self._trouble_database)
        ]
        try:
            for number in range(kills):
                await self._live()
                await self._die()
                await self._rise(number)
        finally:
            self._is_over = True
            await asyncio.gather(*around)
        self.weather.is_bad = False
        await self.room.until_complete(patience=90)

    async def _live(self) -> None:
        chance, room = self._chance, self.room
        for _ in range(chance.choice([0, 0, 1, 1, 2])):
            room.publish(chance.randrange(len(room.feeds)), chance)
        if chance.random() < 0.7:
            before, wanted = room.posted(), chance.randrange(1, 30)
            for _ in range(100):
                if room.posted() - before >= wanted:
                    break
                await asyncio.sleep(0.03)
        if chance.random() < 0.04:
            self.moments["frozen"] += 1
            os.kill(room.process.pid, signal.SIGSTOP)
            await asyncio.sleep(7.5)
            os.kill(room.process.pid, signal.SIGCONT)
            await asyncio.sleep(1)
        if chance.random() < 0.03:
            self.moments["outage"] += 1
            self.weather.is_out = True
            await asyncio.sleep(chance.uniform(5, 40))
            self.weather.is_out = False
        await asyncio.sleep(chance.random() * 0.3)

    async def _die(self) -> None:
        self.moments["killed at work"] += 1
        await self.room.kill()
        if self._chance.random() < 0.25:
            self.moments["away for long"] += 1
            await self.room.age()

    async def _rise(self, number: int) -> None:
        while self._chance.random() < 0.25:
            self.moments["killed while starting"] += 1
            await self.room.process.start()
            await asyncio.sleep(self._chance.random() * 2.5)
            await self.room.kill()
        await self.room.start()

    async def _publish(self) -> None:
        chance = random.Random(self._chance.random())
        while not self._is_over:
            await asyncio.sleep(chance.uniform(2, 8))
            self.room.publish(chance.randrange(len(self.room.feeds)), chance)

    async def _trouble_gateway(self) -> None:
        chance, gateway = random.Random(self._chance.random()), self.room.discord.gateway
        while not self._is_over:
            await asyncio.sleep(chance.uniform(1, 8))
            name, leave = chance.choice(
                [
                    ("gateway dropped", gateway.drop),
                    ("told to reconnect", gateway.ask_to_reconnect),
                    ("gateway closed", lambda: gateway.close(4000)),
                    ("session lost", gateway.invalidate),
                ]
            )
            self.moments[name] += 1
            if chance.random() < 0.3:
                gateway.refusals = chance.randrange(1, 3)
            await leave()

    async def _trouble_database(self) -> None:
        chance = random.Random(self._chance.random())
        while not self._is_over:
            await asyncio.sleep(chance.uniform(2, 12))
            self.moments["database locked"] += 1
            await asyncio.to_thread(_lock, self.room.database, chance.uniform(0.2, 3))


def _lock(path: Path, seconds: float) -> None:
    with (
        closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database,
        contextlib.suppress(sqlite3.OperationalError),
    ):
        database.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        database.execute("ROLLBACK")
