"""How fast articles reach channels, against a wire-level Discord that keeps its published rate limits.

    .venv/bin/python -m tests.bench.delivery            all of these
    .venv/bin/python -m tests.bench.delivery fan-out    one article to 1,000 channels, 45 requests a second
    .venv/bin/python -m tests.bench.delivery fan-out-slowly      the same to 200, 10 requests a second
    .venv/bin/python -m tests.bench.delivery queue      10,000 queued deliveries, the store's part alone
    .venv/bin/python -m tests.bench.delivery drain      10,000 queued deliveries sent, as fast as the bot can
    .venv/bin/python -m tests.bench.delivery fairness   a server with 5,000 due items beside one with one, and people

The bot runs in a process of its own, as in production, and shares the machine with the Discord that judges it.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from bot.delivery.dispatcher import Posted
from bot.storage.engine import open_engine, writing
from bot.storage.migrations import migrate
from bot.storage.schema import subscriptions
from tests.fakes.discord_wire.requests import Request
from tests.fakes.discord_wire.world import TEXT
from tests.storage.world import CABIN, World
from tests.wire.conftest import UNLIMITED
from tests.wire.fan_out import FanOut, open_fan_out
from tests.wire.newsroom import Plan, open_newsroom

BUDGET = 45
"""Requests a second: the setting's default."""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def posts(fan_out: FanOut, since: float) -> Sequence[Request]:
    """In the order in which they arrived."""
    requests = fan_out.discord.requests
    return [each for each in requests if each.at >= since and each.name == "POST /channels/{channel_id}/messages"]


def most_in_a_second(requests: Sequence[Request]) -> int:
    most = first = 0
    for last, request in enumerate(requests):
        while request.at - requests[first].at >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


async def fan_out_to_many(channels: int = 1_000, budget: int = BUDGET) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_fan_out(
            Path(folder), servers=channels // 20, channels_each=20, DISCORD_REQUESTS_PER_SECOND=str(budget)
        ) as fan_out:
            pid = fan_out.process.pid
            began_at, cpu = time.monotonic(), cpu_seconds(pid)
            fan_out.publish()
            await fan_out.until_complete()
            cpu = cpu_seconds(pid) - cpu
            fan_out.check()
            sent = posts(fan_out, began_at)
            seconds = sent[-1].at - sent[0].at
            rate = (len(sent) - 1) / seconds
            print(
                f"one article to {channels:,} channels: {seconds:.1f} s, {rate:.1f} requests a second, "
                f"{rate / budget:.1%} of the budget of {budget}\n"
                f"  at most {most_in_a_second(sent)} in any second, {len(fan_out.discord.front.too_many)} answers 429; "
                f"first post {sent[0].at - began_at:.2f} s after publication; CPU {cpu / len(sent) * 1e3:.1f} ms a post"
            )


async def drain(channels: int = 500, articles: int = 20) -> None:
    """Without a budget or limits to wait for."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_fan_out(
            Path(folder),
            servers=5,
            channels_each=channels // 5,
            limits=UNLIMITED,
            DISCORD_REQUESTS_PER_SECOND="1000",
            LOG_LEVEL="WARNING",
        ) as fan_out:
            fan_out.discord.rate_limits.requests_per_second = 100_000
            pid, before = fan_out.process.pid, fan_out.posted()
            for _ in range(articles):
                fan_out.publish()
            total, costs = channels * articles, []
            for tenth in range(10):
                cpu, reached_at = cpu_seconds(pid), before + total * (tenth + 1) // 10
                while fan_out.posted() < reached_at:
                    await asyncio.sleep(0.1)
                costs.append((cpu_seconds(pid) - cpu) / (total / 10) * 1e3)
            await fan_out.until_complete()
            fan_out.check()
            print(f"{total:,} queued deliveries sent: CPU ms a delivery, by tenths: {_listed(costs)}")


async def queue(channels: int, articles: int) -> None:
    """Claiming and recording, whose cost could grow with the queue."""
    async with _world() as world:
        source = await world.source()
        rows = [
            {
                "source_id": source.id,
                "guild_id": CABIN + number // 20 * 1_000,
                "channel_id": CABIN + number,
                "state": "active",
                "created_at": world.now,
            }
            for number in range(channels)
        ]
        async with writing(world.engine) as connection:
            await connection.execute(insert(subscriptions), rows)
        await world.publish(source, *map(str, range(articles)))
        total, costs, sent, began_at = channels * articles, [], 0, time.process_time()
        while claimed := await world.claim(BUDGET):
            for each in claimed:
                await world.outbox.mark_sent(each.delivery, posted=Posted(each.delivery.id), sent_at=world.now)
                sent += 1
                if sent % (total // 10) == 0:
                    costs.append((time.process_time() - began_at) / (total / 10) * 1e3)
                    began_at = time.process_time()
        print(f"{articles:,} articles queued for {channels:,} channels: CPU ms a delivery, by tenths: {_listed(costs)}")


async def fairness(channels: int = 100, articles: int = 50, rounds: int = 8) -> None:
    """While a server's queue takes minutes, how long does another one's article take, and an answer to a person?"""
    plans = [Plan(0, TEXT, (0,)) for _ in range(channels)] + [Plan(1, TEXT, (1,))]
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        async with open_newsroom(Path(folder), plans, limits={}) as room:
            quiet = room.places[-1]
            assert quiet.channel.guild
            member = room.discord.add_member(quiet.channel.guild, "gaston")
            for _ in range(articles):
                room.publish(0, chance)
            before = room.posted()
            while room.posted() < before + 2 * channels:
                await asyncio.sleep(0.1)
            arrivals, answers = [], []
            for _ in range(rounds):
                shown, began_at = len(room.posts(quiet)), time.monotonic()
                room.publish(1, chance)
                while len(room.posts(quiet)) == shown:
                    await asyncio.sleep(0.01)
                arrivals.append(time.monotonic() - began_at)
                began_at = time.monotonic()
                await member.slash(quiet.channel, "article")
                answers.append(time.monotonic() - began_at)
            left = room.pending()
            print(
                f"{channels * articles:,} due items in one server, {left:,} of them still waiting at the end: another "
                f"server's article arrives {_spread(arrivals)} after publication (checked every second), "
                f"an answer to a person {_spread(answers)} after the question"
            )


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.2f} s (at most {ordered[-1]:.2f} s)"


@asynccontextmanager
async def _world() -> Iterator[World]:  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        await migrate(engine)
        yield World(engine)
        await engine.dispose()


async def queues() -> None:
    for channels, articles in ((100, 100), (1_000, 10), (10_000, 1)):
        await queue(channels, articles)


def _listed(costs: Sequence[float]) -> str:
    return f"{' '.join(f'{cost:.2f}' for cost in costs)}; last to first {costs[-1] / costs[0]:.2f}"


BENCHES: dict[str, Callable[[], Awaitable[None]]] = {
    "fan-out": fan_out_to_many,
    "fan-out-slowly": partial(fan_out_to_many, 200, 10),
    "queue": queues,
    "drain": drain,
    "fairness": fairness,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        asyncio.run(BENCHES[name]())  # type: ignore[arg-type]
