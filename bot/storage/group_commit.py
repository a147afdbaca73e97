"""One transaction for many who want to write at the same time.

A transaction costs about half a millisecond of CPU for each statement, whoever it is for. So what arrives while one is
being committed waits, and goes into the next one together. Nobody is told that something is stored before it is.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class GroupCommit(Generic[T, R]):
    """`commit` stores a batch in one transaction, all of it or nothing, and returns a result for each of its items."""

    def __init__(
        self,
        commit: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        is_one_items_fault: Callable[[Exception], bool],
        most: int,
        waiting: int,
    ) -> None:
        """At most `most` items a transaction, and `waiting` in line: whoever comes later is kept waiting itself.

        `is_one_items_fault` tells an error that one item of a batch causes from one that all of them would meet.
        """
        self._commit = commit
        self._is_one_items_fault = is_one_items_fault
        self._most = most
        self._line: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._room = asyncio.Semaphore(waiting)
        self._working: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Returns once `item` is committed. Cancelling the caller does not take it back."""
        async with self._room:
            answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            self._line.append((item, answer))
            if self._working is None:
                self._working = asyncio.create_task(self._work(), name="group commit")
            return await answer

    async def close(self) -> None:
        """Wait until everything in line is committed."""
        while self._working is not None:
            await asyncio.wait([self._working])

    async def _work(self) -> None:
        try:
            while self._line:
                batch = [self._line.popleft() for _ in range(min(self._most, len(self._line)))]
                await self._commit_batch(batch)
        finally:
            self._working = None
            while self._line:  # only when this task was cancelled
                self._line.popleft()[1].cancel()

    async def _commit_batch(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._commit([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 — it belongs to whoever awaits the answer
            if len(batch) > 1 and self._is_one_items_fault(error):
                for each in batch:
                    await self._commit_batch([each])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
        except BaseException:
            for _, answer in batch:
                answer.cancel()
            raise
        else:
            for (_, answer), result in zip(batch, results, strict=True):
                if not answer.done():
                    answer.set_result(result)
