import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.errors import RequestRefused, StorageError
from bot.workers import Errands, Pool


@dataclass
class Jobs:
    """Work whose jobs are numbers; a test decides how each one goes."""

    waiting: list[int]
    done: list[int] = field(default_factory=list)
    gates: dict[int, asyncio.Event] = field(default_factory=dict)
    errors: dict[int, Exception] = field(default_factory=dict)
    passes: list[Exception] = field(default_factory=list)
    all_done: asyncio.Event = field(default_factory=asyncio.Event)
    expected: int = 0

    async def take(self, limit: int) -> Sequence[int]:
        if self.passes:
            raise self.passes.pop()
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    async def do(self, job: int) -> None:
        if gate := self.gates.get(job):
            await gate.wait()
        self.done.append(job)
        if len(self.done) >= self.expected:
            self.all_done.set()
        if error := self.errors.get(job):
            raise error

    async def wait_seconds(self) -> float:
        return 3600.0


async def test_a_pool_does_all_that_is_due_a_few_at_a_time() -> None:
    jobs = Jobs(list(range(10)), expected=10)
    pool = Pool("numbers", jobs, at_once=3)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(pool.run())
        await jobs.all_done.wait()
        pool.stop()
    assert jobs.done == list(range(10))


async def test_a_slow_job_keeps_nobody_else_waiting() -> None:
    jobs = Jobs(list(range(6)), gates={0: asyncio.Event()}, expected=5)
    pool = Pool("numbers", jobs, at_once=2)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(pool.run())
        await jobs.all_done.wait()
        assert jobs.done == [1, 2, 3, 4, 5]
        pool.stop()
        jobs.gates[0].set()
    assert jobs.done[-1] == 0


async def test_a_bell_wakes_a_sleeping_pool() -> None:
    jobs = Jobs([], expected=1)
    pool = Pool("numbers", jobs, at_once=2)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(pool.run())
        await asyncio.sleep(0)
        jobs.waiting.append(7)
        pool.ring()
        await jobs.all_done.wait()
        pool.stop()
    assert jobs.done == [7]


@pytest.mark.parametrize("error", [StorageError("locked"), ZeroDivisionError()])
async def test_a_failing_job_ends_nothing_else(error: Exception) -> None:
    jobs = Jobs([1, 2, 3], errors={1: error}, expected=3)
    pool = Pool("numbers", jobs, at_once=1)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(pool.run())
        await jobs.all_done.wait()
        pool.stop()
    assert jobs.done == [1, 2, 3]


@pytest.mark.parametrize("error", [StorageError("locked"), ZeroDivisionError()])
async def test_a_failing_look_for_work_is_tried_again(error: Exception) -> None:
    jobs = Jobs([1], passes=[error], expected=1)
    pool = Pool("numbers", jobs, at_once=1)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(pool.run())
        await asyncio.sleep(0)
        pool.ring()
        await jobs.all_done.wait()
        pool.stop()
    assert jobs.done == [1]


async def test_a_stopped_pool_finishes_what_it_holds_and_takes_no_more() -> None:
    jobs = Jobs([1], gates={1: asyncio.Event()}, expected=1)
    pool = Pool("numbers", jobs, at_once=4)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        running = group.create_task(pool.run())
        while jobs.waiting:
            await asyncio.sleep(0)
        pool.stop()
        jobs.waiting.append(2)
        await asyncio.sleep(0)
        assert not running.done()
        jobs.gates[1].set()
    assert jobs.done == [1]


async def test_an_errand_brings_back_its_result_or_its_error() -> None:
    errands = Errands()

    async def good() -> int:
        return 42

    async def bad() -> int:
        raise RequestRefused("reading.empty")

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(errands.run())
        assert await errands(good) == 42
        with pytest.raises(RequestRefused):
            await errands(bad)
        errands.stop()


async def test_errands_run_side_by_side() -> None:
    errands = Errands()
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "slow"

    async def quick() -> str:
        gate.set()
        return "quick"

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(errands.run())
        waiting = group.create_task(errands(slow))
        assert await errands(quick) == "quick"
        assert await waiting == "slow"
        errands.stop()


async def test_an_errand_whose_asker_left_hurts_nobody() -> None:
    errands = Errands()
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(errands.run())
        asker = asyncio.create_task(errands(slow))
        await asyncio.sleep(0)
        asker.cancel()
        gate.set()
        errands.stop()
    assert asker.cancelled() or asker.cancelling()
