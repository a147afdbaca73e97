"""Supervised services: check due sources, dispatch deliveries, run errands. Siblings of the Discord client.

Each works until it is told to stop, finishes what it holds, and leaves the rest to the next start: whatever was taken
is a lease, so that even a kill only delays it. A job that fails unexpectedly is logged as the bug it is and the
service goes on; only cancelling ends it early.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import structlog

from bot.delivery.dispatcher import Claimed, Dispatcher
from bot.delivery.notices import Bundle, Notices
from bot.delivery.reviser import OwedEdit, Reviser
from bot.errors import StorageError
from bot.metrics import Metrics

T = TypeVar("T")

log = structlog.get_logger(__name__)

LONGEST_SLEEP = timedelta(seconds=30)
"""Another process may have added work; nobody rings a bell across processes."""

SHORTEST_SLEEP = timedelta(milliseconds=50)

FAILED_PASS_WAIT = timedelta(seconds=5)

DELIVERIES_AT_ONCE = 400
"""Places for sends: enough for the whole budget while an answer takes eight seconds. What waits for a channel's limit
or for its turn takes none (see `Dispatches`)."""

DISPATCH_REST = 0.1
"""Seconds between two looks at the queue while there is much to do: each may read a line for every channel."""

NOTICES_AT_ONCE = 4
EDITS_AT_ONCE = 4
ERRAND_SECONDS = 90.0
ERRANDS_AT_ONCE = 8


class Service(Protocol):
    """What the composition root runs beside the Discord client."""

    @property
    def name(self) -> str: ...

    async def run(self) -> None:
        """Work until `stop` is called, then finish what is held and return."""
        ...

    def stop(self) -> None: ...


class Work(Protocol, Generic[T]):
    """Where a pool's jobs come from, and what is done with one."""

    async def take(self, limit: int) -> Sequence[T]:
        """Lease at most `limit` jobs that are due; none when there are none, or when now is no time for work."""
        ...

    async def do(self, job: T) -> None: ...

    async def wait_seconds(self) -> float:
        """How long until there may be a job, if nobody rings."""
        ...


class Pool(Generic[T]):
    """Does the jobs of `work`, at most `at_once` together; a slow one keeps its own place busy and no other."""

    def __init__(
        self,
        name: str,
        work: Work[T],
        at_once: int,
        *,
        rest: float = 0.0,
        give_back: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`rest` is the least time between two looks for work, in seconds; three times what a look takes, if longer.

        `give_back` is called at a stop, while the last jobs are finished: for what was leased and not handed out.
        """
        self.name = name
        self._give_back = give_back
        self._rest = rest
        self._work = work
        self._at_once = at_once
        self._bell = asyncio.Event()
        self._stopping = False
        self._busy: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """There may be work now."""
        self._bell.set()

    def stop(self) -> None:
        self._stopping = True
        self.ring()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._bell.clear()
                began_at = time.monotonic()
                seconds = await self._fill(group)
                looked_at = time.monotonic()
                if not self._stopping:
                    await self._sleep(seconds)
                    rest = max(self._rest, 3 * (looked_at - began_at)) if self._rest else 0.0
                    await asyncio.sleep(looked_at + rest - time.monotonic())
            if self._give_back:
                with contextlib.suppress(StorageError):  # what is not given back is a lease, and ends by itself
                    await self._give_back()

    async def _fill(self, group: asyncio.TaskGroup) -> float:
        """Start jobs in the free places; how many seconds to sleep then."""
        try:
            while free := self._at_once - len(self._busy):
                jobs = await self._work.take(free)
                for job in jobs:
                    task = group.create_task(self._guard(job), name=self.name)
                    self._busy.add(task)
                    task.add_done_callback(self._finished)
                if len(jobs) < free:
                    return await self._work.wait_seconds()
        except StorageError as error:
            log.warning("pass failed", service=self.name, error=str(error))
            return FAILED_PASS_WAIT.total_seconds()
        except Exception:
            log.exception("pass failed unexpectedly", service=self.name)
            return FAILED_PASS_WAIT.total_seconds()
        return LONGEST_SLEEP.total_seconds()

    async def _guard(self, job: T) -> None:
        try:
            await self._work.do(job)
        except StorageError as error:
            log.warning("job not finished", service=self.name, error=str(error))
        except Exception:
            log.exception("job failed unexpectedly", service=self.name)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self.ring()

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(
                min(max(seconds, SHORTEST_SLEEP.total_seconds()), LONGEST_SLEEP.total_seconds())
            ):
                await self._bell.wait()


class Dispatches:
    """Work: the deliveries that are owed, while Discord is connected.

    Only as many are taken on as can leave soon within the budget: what waits in the queue waits fairly.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        metrics: Metrics,
        *,
        connected: Callable[[], bool],
        room: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        """`room` says how many sends could leave within about a second."""
        self._room = room
        self._is_full = False
        self._metrics = metrics
        self._dispatcher = dispatcher
        self._connected = connected
        self._now = now

    async def take(self, limit: int) -> Sequence[Claimed]:
        if not self._connected():
            return ()
        room = min(limit, self._room())
        claimed = await self._dispatcher.claim(room) if room else ()
        self._is_full = room < limit and len(claimed) == room
        return claimed

    async def wait_seconds(self) -> float:
        if not self._connected():
            return 0.5
        if self._is_full:
            return DISPATCH_REST
        next_at = await self._dispatcher.next_due_at()
        return LONGEST_SLEEP.total_seconds() if next_at is None else (next_at - self._now()).total_seconds()

    async def do(self, job: Claimed) -> None:
        outcome = await self._dispatcher.deliver(job)
        self._metrics.deliveries.labels(outcome).inc()


class Tellings:
    """Work: the notices that moderators are owed, while Discord is connected."""

    def __init__(self, notices: Notices, *, connected: Callable[[], bool], now: Callable[[], datetime]) -> None:
        self._notices = notices
        self._connected = connected
        self._now = now

    async def take(self, limit: int) -> Sequence[Bundle]:
        return await self._notices.claim(limit) if self._connected() else ()

    async def wait_seconds(self) -> float:
        next_at = await self._notices.next_due_at() if self._connected() else None
        return LONGEST_SLEEP.total_seconds() if next_at is None else (next_at - self._now()).total_seconds()

    async def do(self, job: Bundle) -> None:
        await self._notices.tell(job)


class Edits:
    """Work: the messages that are owed an edit, while Discord is connected. Few at once: posting comes first."""

    def __init__(
        self, reviser: Reviser, metrics: Metrics, *, connected: Callable[[], bool], now: Callable[[], datetime]
    ) -> None:
        self._reviser = reviser
        self._metrics = metrics
        self._connected = connected
        self._now = now

    async def take(self, limit: int) -> Sequence[OwedEdit]:
        return await self._reviser.claim(limit) if self._connected() else ()

    async def wait_seconds(self) -> float:
        next_at = await self._reviser.next_due_at() if self._connected() else None
        return LONGEST_SLEEP.total_seconds() if next_at is None else (next_at - self._now()).total_seconds()

    async def do(self, job: OwedEdit) -> None:
        self._metrics.edits.labels(await self._reviser.revise(job)).inc()


class Rounds:
    """Does one thing again and again, and at once when somebody rings."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]], every: timedelta) -> None:
        self.name = name
        self._work = work
        self._every = every
        self._bell = asyncio.Event()
        self._stopping = False

    def ring(self) -> None:
        self._bell.set()

    def stop(self) -> None:
        self._stopping = True
        self.ring()

    async def run(self) -> None:
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every.total_seconds()):
                    await self._bell.wait()
            self._bell.clear()
            if not self._stopping:
                await self._round()

    async def _round(self) -> None:
        try:
            await self._work()
        except StorageError as error:
            log.warning("round not finished", service=self.name, error=str(error))
        except Exception:
            log.exception("round failed unexpectedly", service=self.name)


class Errands:
    """Runs work for commands that need the network, outside the Discord client's own tasks.

    A command awaits a call of this object; the work runs in `run`, with real time-outs, and its result or its error
    comes back to the caller.
    """

    name = "errands"

    def __init__(self) -> None:
        self._jobs: asyncio.Queue[tuple[Callable[[], Awaitable[Any]], asyncio.Future[Any]] | None] = asyncio.Queue()

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((work, answer))
        return await answer

    def stop(self) -> None:
        self._jobs.put_nowait(None)

    async def run(self) -> None:
        places = asyncio.Semaphore(ERRANDS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while job := await self._jobs.get():
                await places.acquire()
                task = group.create_task(self._do(*job), name="errand")
                task.add_done_callback(lambda _: places.release())

    @staticmethod
    async def _do(work: Callable[[], Awaitable[Any]], answer: asyncio.Future[Any]) -> None:
        try:
            async with asyncio.timeout(ERRAND_SECONDS):
                result = await work()
        except asyncio.CancelledError:
            answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 — it belongs to whoever awaits the answer
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(result)
