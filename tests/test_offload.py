"""Work off the event loop: results and errors come back, and what overruns is killed without harm to the rest."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from bot.errors import FailureReason, NotReadable
from bot.offload import Offload, WorkerLost


async def test_its_threads_hand_the_lock_over_quickly_while_it_is_open_and_only_then() -> None:
    usual = sys.getswitchinterval()
    async with Offload():
        assert sys.getswitchinterval() <= 0.001
    assert sys.getswitchinterval() == usual


def double(number: int) -> int:
    return 2 * number


def refuse(url: str) -> None:
    raise NotReadable(FailureReason.NOT_A_FEED, url, "detail", status=200)


def spin() -> None:
    while True:
        pass


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def chatter() -> str:
    os.write(1, b"noise on stdout")
    print("more noise")
    return "calm"


def fill_memory() -> int:
    return len(bytearray(8 * 1024**3))


def own_pid() -> int:
    return os.getpid()


async def test_work_runs_on_a_thread_and_gives_its_result() -> None:
    async with Offload() as offload:
        assert await offload.run(double, 21) == 42


async def test_guarded_work_runs_in_another_process_that_is_used_again() -> None:
    async with Offload() as offload:
        first = await offload.run_guarded(own_pid)
        assert first != os.getpid()
        assert await offload.run_guarded(own_pid) == first


async def test_an_error_of_ours_comes_back_whole() -> None:
    async with Offload() as offload:
        with pytest.raises(NotReadable) as caught:
            await offload.run_guarded(refuse, "https://example.org")
    assert caught.value.reason is FailureReason.NOT_A_FEED
    assert caught.value.url == "https://example.org"
    assert caught.value.status == 200
    assert "detail" in str(caught.value)


async def test_work_that_overruns_is_killed_and_the_next_job_gets_a_fresh_process() -> None:
    async with Offload(workers=1) as offload:
        before = await offload.run_guarded(own_pid)
        with pytest.raises(TimeoutError):
            await offload.run_guarded(spin, seconds=0.3)
        assert await offload.run_guarded(own_pid) != before
        assert not _is_alive(before)


async def test_a_worker_that_dies_is_reported_and_replaced() -> None:
    async with Offload(workers=1) as offload:
        with pytest.raises(WorkerLost):
            await offload.run_guarded(die)
        assert await offload.run_guarded(double, 4) == 8


async def test_a_job_that_asks_for_too_much_memory_fails_alone() -> None:
    async with Offload(workers=1) as offload:
        with pytest.raises((MemoryError, WorkerLost)):
            await offload.run_guarded(fill_memory)
        assert await offload.run_guarded(double, 4) == 8


async def test_what_a_library_prints_does_not_disturb_the_answer() -> None:
    async with Offload() as offload:
        assert await offload.run_guarded(chatter) == "calm"


async def test_large_arguments_and_results_pass() -> None:
    async with Offload() as offload:
        assert len(await offload.run_guarded(bytes.upper, b"a" * 5_000_000)) == 5_000_000


async def test_cancelling_the_caller_kills_its_job() -> None:
    async with Offload(workers=1) as offload:
        before = await offload.run_guarded(own_pid)
        job = asyncio.create_task(offload.run_guarded(spin, seconds=60))
        while not offload._busy:
            await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert not _is_alive(before)


async def test_closing_ends_every_worker_even_a_busy_one() -> None:
    async with Offload() as offload:
        pid = await offload.run_guarded(own_pid)
        job = asyncio.create_task(offload.run_guarded(spin, seconds=60))
        while not offload._busy:
            await asyncio.sleep(0)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert not _is_alive(pid)
    with pytest.raises(WorkerLost):
        await job


async def test_a_worker_that_has_nothing_to_do_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.offload.IDLE_SECONDS", 0.01)
    async with Offload() as offload:
        pid = await offload.run_guarded(own_pid)
        async with asyncio.timeout(5):
            while _is_alive(pid):
                await asyncio.sleep(0.01)
        assert await offload.run_guarded(double, 2) == 4


async def test_it_is_used_inside_its_context_only() -> None:
    offload = Offload()
    with pytest.raises(RuntimeError):
        await offload.run(double, 1)
    async with offload:
        assert await offload.run(double, 1) == 2
    with pytest.raises(RuntimeError):
        await offload.run_guarded(double, 1)


async def test_no_process_starts_before_it_is_needed() -> None:
    async with Offload() as offload:
        await offload.run(double, 1)
        assert _children() == set()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _children() -> set[str]:
    task = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not task.exists():
        pytest.skip("this system does not list child processes")
    return set(task.read_text().split())
