"""Discord's own limits are kept without being run into, and nobody waits for somebody else's."""

from pathlib import Path

from tests.wire.fan_out import open_fan_out

BRISK = {"post /channels/{channel_id}/messages": (3, 1.0)}


async def test_a_channel_that_is_full_waits_without_a_429_and_in_order(tmp_path: Path) -> None:
    async with open_fan_out(tmp_path, servers=1, channels_each=2, limits=BRISK) as fan_out:
        for _ in range(9):
            fan_out.publish()
        await fan_out.until_complete()
        fan_out.check()
        assert fan_out.discord.front.too_many == []


async def test_a_long_limit_of_one_channel_keeps_no_place_and_no_other_waiting(tmp_path: Path) -> None:
    """Two posts in half a minute in each: with few places for sends, all would be taken."""
    slow = {"post /channels/{channel_id}/messages": (2, 12.0)}
    async with open_fan_out(tmp_path, servers=2, channels_each=3, limits=slow) as fan_out:
        fan_out.publish()
        fan_out.publish()
        await fan_out.until_complete()
        fan_out.check()
        assert fan_out.discord.front.too_many == []
        assert "delivery postponed" in fan_out.process.stderr
