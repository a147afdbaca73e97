"""A few of the histories of `tests/bench/histories.py`: documents in, deliveries out, through reader and database."""

import pytest

from tests.bench.histories import run


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_told_twice_and_nothing_is_missed(seed: int) -> None:
    for history in await run(sources=12, rounds=20, seed=seed):
        assert history.repeated() == [], history.diary
        assert history.missed() == [], history.diary
        assert not history.flooded(), history.diary
        assert len(history.told_first) <= 1, history.diary
        assert history.listed or history.seeds, history.diary
