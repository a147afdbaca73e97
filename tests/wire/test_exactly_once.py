"""Kills at random moments and every kind of bad answer: nothing lost, nothing repeated, order kept.

`python -m tests.bench.kills` does it at length, in forums too, where a retry may have to wait for a minute.
"""

import os
from pathlib import Path

import pytest

from tests.fakes.discord_wire import Manners
from tests.fakes.discord_wire.world import FORUM
from tests.wire.newsroom import KINDS, Ordeal, mixed, open_newsroom

KILLS = int(os.environ.get("KILLS", "5"))
SEED = int(os.environ.get("SEED", "5"))
WITHOUT_FORUMS = [each for each in KINDS if each[0] != FORUM]


@pytest.mark.timeout(120 + 20 * KILLS)
@pytest.mark.parametrize("manners", [Manners(), Manners.plain()], ids=["usual", "plain"])
async def test_a_bot_that_is_killed_again_and_again_posts_everything_once_and_in_order(
    tmp_path: Path, manners: Manners
) -> None:
    async with open_newsroom(tmp_path, mixed(12, kinds=WITHOUT_FORUMS, servers=3), manners=manners) as room:
        await Ordeal(room, SEED).run(KILLS)
        assert room.faults() == []
