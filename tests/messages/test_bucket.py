"""Long windows: what is left in them is used, and what is not is refused rather than waited for."""

import asyncio
from typing import Any, ClassVar

import discord
import pytest
from discord.http import Ratelimit

from bot.messages.bucket import Bucket, Gate


class Response:
    """One that left two of ten requests in a window of ten minutes."""

    headers: ClassVar = {"X-Ratelimit-Limit": "10", "X-Ratelimit-Remaining": "2", "X-Ratelimit-Reset-After": "600"}


def after_eight_of_ten(kind: type[Ratelimit]) -> Ratelimit:
    bucket = kind(30.0)
    answer: Any = Response()
    bucket.update(answer)
    return bucket


async def test_what_is_left_of_a_long_window_is_used() -> None:
    bucket = after_eight_of_ten(Bucket)
    await bucket.acquire()
    await bucket.acquire()
    with pytest.raises(discord.RateLimited):
        await bucket.acquire()


class LastOfAWindow(Response):
    headers: ClassVar = {"X-Ratelimit-Limit": "1", "X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset-After": "0.2"}


async def use_up(bucket: Ratelimit) -> float:
    """Seconds from the answer that uses a short window up until whoever asked has it."""
    answer: Any = LastOfAWindow()
    async with bucket:
        bucket.update(answer)
        answered_at = asyncio.get_running_loop().time()
    return asyncio.get_running_loop().time() - answered_at


async def test_who_uses_a_window_up_is_not_kept_waiting_but_the_next_one_is() -> None:
    bucket = Bucket(30.0)
    assert await use_up(bucket) < 0.15
    began_at = asyncio.get_running_loop().time()
    await asyncio.gather(use_up(bucket))
    assert 0.1 < asyncio.get_running_loop().time() - began_at < 5


async def test_discord_py_still_keeps_it_waiting() -> None:
    assert await use_up(Ratelimit(30.0)) > 0.15


async def test_discord_py_still_needs_this() -> None:
    """When this fails, `bot.messages.bucket` has had its day."""
    with pytest.raises(discord.RateLimited):
        await after_eight_of_ten(Ratelimit).acquire()


async def test_a_gate_that_nobody_opens_opens_by_itself() -> None:
    gate = Gate(0.05)
    assert gate.is_set()
    gate.clear()
    assert not gate.is_set()
    await asyncio.wait_for(gate.wait(), 5)
