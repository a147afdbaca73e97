"""Kills at random moments and every kind of bad answer: nothing lost, nothing repeated, order kept.

`KILLS=200 .venv/bin/pytest tests/wire/test_exactly_once.py -k killed --timeout 3600` does it at length.
"""

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.wire.conftest import UNLIMITED
from tests.wire.fan_out import Weather, open_fan_out

KILLS = int(os.environ.get("KILLS", "12"))
SEED = int(os.environ.get("SEED", "5"))


@pytest.mark.timeout(120 + 20 * KILLS)
async def test_a_bot_that_is_killed_again_and_again_posts_everything_once_and_in_order(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    weather = Weather(SEED, share=0.1)
    async with open_fan_out(tmp_path, servers=6, channels_each=5, limits=UNLIMITED) as fan_out:
        fan_out.discord.faults.append(weather)
        for _ in range(KILLS):
            for _ in range(chance.choice([1, 1, 2, 3])):
                fan_out.publish()
            if chance.random() < 0.8:
                await _until_some_arrive(fan_out, chance.randrange(1, 25))
            await asyncio.sleep(chance.random() * 0.15)
            await fan_out.kill()
            await fan_out.start()
        weather.is_bad = False
        await fan_out.until_complete()
        fan_out.check()


async def _until_some_arrive(fan_out, count: int) -> None:
    before = fan_out.posted()
    for _ in range(100):
        if fan_out.posted() - before >= count:
            return
        await asyncio.sleep(0.05)


@pytest.mark.timeout(120)
async def test_bad_answers_of_every_kind_lose_and_repeat_nothing(tmp_path: Path) -> None:
    weather = Weather(SEED)
    async with open_fan_out(tmp_path, servers=4, channels_each=5, limits=UNLIMITED) as fan_out:
        fan_out.discord.faults.append(weather)
        gateway = fan_out.discord.gateway
        number = 0
        # On a busy machine less is sent, and so less goes wrong, in the same time.
        while number < 12 or sum(weather.made.values()) <= 20:
            number += 1
            fan_out.publish()
            await asyncio.sleep(0.6)
            if number % 4 == 1:
                await gateway.drop()
            elif number % 4 == 3:
                await gateway.ask_to_reconnect()
        weather.is_bad = False
        await fan_out.until_complete()
        fan_out.check()
