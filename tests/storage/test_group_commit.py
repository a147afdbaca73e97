"""Many writers, few transactions."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.storage.group_commit import GroupCommit


class Spoilt(Exception):
    pass


class Ledger:
    """Commits numbers, one batch at a time, when the test lets it."""

    def __init__(self, *, most: int = 3, waiting: int = 100) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.bad: set[int] = set()
        self.down = False
        self.commits = GroupCommit(
            self._commit, is_one_items_fault=lambda error: isinstance(error, Spoilt), most=most, waiting=waiting
        )

    async def _commit(self, batch: Sequence[int]) -> Sequence[int]:
        await self.go.wait()
        self.batches.append(list(batch))
        if self.down:
            raise OSError("the disk is full")
        if self.bad & set(batch):
            raise Spoilt
        return [10 * number for number in batch]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_arrives_during_a_commit_goes_into_the_next_one() -> None:
    ledger = Ledger()
    writers = [asyncio.create_task(ledger.commits.submit(number)) for number in range(6)]
    await settle()
    ledger.go.set()
    assert await asyncio.gather(*writers) == [0, 10, 20, 30, 40, 50]
    assert ledger.batches == [[0, 1, 2], [3, 4, 5]]


async def test_a_lone_writer_does_not_wait_for_company() -> None:
    ledger = Ledger()
    ledger.go.set()
    assert await ledger.commits.submit(4) == 40


async def test_one_bad_item_spoils_nothing_but_itself() -> None:
    ledger = Ledger()
    ledger.bad = {1}
    ledger.go.set()
    results = await asyncio.gather(*(ledger.commits.submit(number) for number in range(3)), return_exceptions=True)
    assert results[::2] == [0, 20]
    assert isinstance(results[1], Spoilt)
    assert ledger.batches == [[0, 1, 2], [0], [1], [2]]


async def test_a_database_that_is_down_is_not_asked_for_each() -> None:
    ledger = Ledger()
    ledger.down = True
    ledger.go.set()
    results = await asyncio.gather(*(ledger.commits.submit(number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(result, OSError) for result in results)
    assert ledger.batches == [[0, 1, 2]]


async def test_closing_waits_for_what_was_handed_over() -> None:
    ledger = Ledger()
    writer = asyncio.create_task(ledger.commits.submit(1))
    await settle()
    closing = asyncio.create_task(ledger.commits.close())
    await settle()
    assert not closing.done()
    ledger.go.set()
    await closing
    assert await writer == 10
    await ledger.commits.close()


async def test_a_writer_that_left_takes_nothing_back() -> None:
    ledger = Ledger()
    writer = asyncio.create_task(ledger.commits.submit(1))
    await settle()
    writer.cancel()
    ledger.go.set()
    await ledger.commits.close()
    assert ledger.batches == [[1]]


async def test_the_line_is_bounded() -> None:
    ledger = Ledger(most=1, waiting=2)
    writers = [asyncio.create_task(ledger.commits.submit(number)) for number in range(5)]
    await settle()
    assert len(ledger.commits._line) <= 2
    ledger.go.set()
    assert await asyncio.gather(*writers) == [0, 10, 20, 30, 40]


async def test_a_killed_worker_leaves_nobody_waiting() -> None:
    ledger = Ledger(most=1)
    writers = [asyncio.create_task(ledger.commits.submit(number)) for number in range(2)]
    await settle()
    working = ledger.commits._working
    assert working is not None
    working.cancel()
    results = await asyncio.gather(*writers, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    ledger.go.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await ledger.commits.submit(3) == 30
