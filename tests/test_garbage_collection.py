"""The garbage collector: what came with the program is left out, and what is thrown away is found all the same."""

import gc
import weakref

from bot.garbage_collection import collect, collected_in_rounds


class Ring:
    def __init__(self) -> None:
        self.me = self


async def test_full_collections_come_in_rounds_only() -> None:
    usual = gc.get_threshold()
    with collected_in_rounds():
        assert gc.get_freeze_count() > 1_000
        gc.collect(0)
        full = gc.get_stats()[2]["collections"]
        kept = [Ring() for _ in range(200_000)]
        assert gc.get_stats()[2]["collections"] == full
        gone = weakref.ref(kept[0])
        gc.collect(1)
        del kept
        assert gone() is not None
        await collect()
        assert gone() is None
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


async def test_what_was_thrown_away_young_is_found_without_a_round() -> None:
    with collected_in_rounds():
        gone = weakref.ref(Ring())
        made = [[] for _ in range(100_000)]  # type: list[list[int]]
        assert gone() is None
        del made
