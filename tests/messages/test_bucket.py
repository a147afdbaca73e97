"""Long windows: what is left in them is used, and what is not is refused rather than waited for."""

from typing import Any, ClassVar

import discord
import pytest
from discord.http import Ratelimit

from bot.messages.bucket import Bucket


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


async def test_discord_py_still_needs_this() -> None:
    """When this fails, `bot.messages.bucket` has had its day."""
    with pytest.raises(discord.RateLimited):
        await after_eight_of_ten(Ratelimit).acquire()
