"""Pure CPU work, off the event loop.

Ordinary work runs on a few threads: lxml releases the GIL, and what does not is short. Work on large or suspicious
documents runs in a worker process that is killed when it overruns. `ProcessPoolExecutor` cannot do that: it leaves an
overrunning job running, and killing its worker breaks the pool for everybody.
"""

import asyncio
import contextlib
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

T = TypeVar("T")

THREADS = 2
WORKERS = 2
JOBS_PER_WORKER = 200
"""A worker is replaced after so many jobs, so that what a library leaks stays bounded."""
IDLE_SECONDS = 120.0
ADDRESS_SPACE_BYTES = 2 * 1024**3
STARTUP_SECONDS = 20.0

SWITCH_SECONDS = 0.0005
"""How long a busy thread may keep Python's lock from others. Python's own 5 ms is paid at every turn between the event
loop and a database's thread, which made answers take three times as long while articles were being understood."""

_PIECE_BYTES = 256 * 1024
"""Copied in one turn of the event loop, to or from a worker."""

_LENGTH = struct.Struct(">Q")
_BOOT = "import json,sys; sys.path[:] = json.loads(sys.argv[1]); from bot.offload import serve; serve()"


class WorkerLost(RuntimeError):
    """The worker process died of its job: memory, a crash in a C library, or somebody's kill."""


class Offload:
    """Threads and worker processes, both started when first needed and gone when the context ends.

    What is passed to `run_guarded`, and what comes back, must be picklable; its function must be at a module's top.
    """

    def __init__(self, *, threads: int = THREADS, workers: int = WORKERS) -> None:
        self._threads = threads
        self._executor: ThreadPoolExecutor | None = None
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._retired: deque[_Worker] = deque(maxlen=8)
        """Killed, and to be waited for at the end at the latest; the event loop reaps them before."""
        self._open = False
        self._usual_switch_seconds = sys.getswitchinterval()

    async def __aenter__(self) -> Self:
        if self._open:
            raise RuntimeError("Offload is already open.")
        self._usual_switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_SECONDS, self._usual_switch_seconds))
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="offload")
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        sys.setswitchinterval(self._usual_switch_seconds)
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        workers = [*self._idle, *self._busy, *self._retired]
        self._idle.clear()
        for worker in workers:
            if worker.retirement is not None:
                worker.retirement.cancel()
            worker.kill()
        for worker in workers:
            await worker.wait()

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run short, pure work on a thread. It cannot be interrupted: use `run_guarded` for what might not end."""
        return await asyncio.get_running_loop().run_in_executor(self._ready(), lambda: work(*args))

    async def run_guarded(self, work: Callable[..., T], *args: object, seconds: float = 10.0) -> T:
        """Run work in a process of its own; the time counts from when a worker is free to take it.

        Raises TimeoutError when it overruns, WorkerLost when it takes the process down, else whatever `work` raises.
        """
        executor = self._ready()
        job = await asyncio.get_running_loop().run_in_executor(executor, pickle.dumps, (work, args, seconds))
        async with self._slots:
            reply = await self._send(job, seconds)
        done, value = await asyncio.get_running_loop().run_in_executor(self._ready(), _open_reply, reply)
        if done:
            return value  # type: ignore[no-any-return]
        raise _rebuild(*value)

    async def _send(self, job: bytes, seconds: float) -> bytes:
        worker = self._idle.pop() if self._idle else await _Worker.start()
        if worker.retirement is not None:
            worker.retirement.cancel()
        self._busy.add(worker)
        try:
            async with asyncio.timeout(seconds):
                reply = await worker.ask(job)
        except BaseException:
            # Its pipe is in an unknown state: only a new process is safe.
            worker.kill()
            await worker.wait()
            raise
        finally:
            self._busy.discard(worker)
        if self._open and worker.jobs < JOBS_PER_WORKER:
            self._rest(worker)
        else:
            worker.kill()
            await worker.wait()
        return reply

    def _rest(self, worker: "_Worker") -> None:
        """Keep a worker for the next job, for a while: it holds as much memory as the bot itself."""
        self._idle.append(worker)
        worker.retirement = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire, worker)

    def _retire(self, worker: "_Worker") -> None:
        self._idle.remove(worker)
        self._retired.append(worker)
        worker.kill()

    def _ready(self) -> ThreadPoolExecutor:
        if not self._open or self._executor is None:
            raise RuntimeError("Offload is not open.")
        return self._executor


class _Worker:
    """One child process that takes pickled jobs on its stdin, one at a time, and answers on its stdout."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.jobs = 0
        self.retirement: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _BOOT,
            json.dumps(sys.path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C goes to the whole foreground group; the parent decides when its workers end.
            start_new_session=True,
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(STARTUP_SECONDS):
                await worker._read()
        except BaseException:
            worker.kill()
            await worker.wait()
            raise
        return worker

    async def ask(self, job: bytes) -> bytes:
        self.jobs += 1
        assert self._process.stdin is not None  # noqa: S101 - the type checker's; it was asked for above
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(_LENGTH.pack(len(job)))
            view = memoryview(job)
            for start in range(0, len(job), _PIECE_BYTES):
                self._process.stdin.write(view[start : start + _PIECE_BYTES])
                await self._process.stdin.drain()
        return await self._read()

    async def _read(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101
        try:
            (left,) = _LENGTH.unpack(await self._process.stdout.readexactly(_LENGTH.size))
            pieces = []
            while left:
                pieces.append(await self._process.stdout.readexactly(min(left, _PIECE_BYTES)))
                left -= len(pieces[-1])
            return b"".join(pieces)
        except asyncio.IncompleteReadError:
            code = await self._process.wait()
            if code == -getattr(signal, "SIGXCPU", 0):
                raise TimeoutError("the work used up its CPU time") from None
            raise WorkerLost(f"the worker ended with {code}") from None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self) -> None:
        await self._process.wait()
        # Closes the pipes now rather than when the transport is collected.
        transport: asyncio.SubprocessTransport = self._process._transport  # type: ignore[attr-defined]
        transport.close()


def _open_reply(reply: bytes) -> tuple[bool, Any]:
    try:
        done, value = pickle.loads(reply)  # noqa: S301 - from our own worker
    except Exception as error:
        # Code that was replaced on disk under a running bot: the worker has the new one, we have the old.
        raise WorkerLost("the worker's answer cannot be read") from error
    return done, value


def _rebuild(kind: type[BaseException], args: Sequence[object], state: dict[str, object]) -> BaseException:
    """Make the worker's exception again without calling its `__init__`, whose parameters are not its `args`."""
    error = kind.__new__(kind, *args)
    error.args = tuple(args)
    error.__dict__.update(state)
    return error


def serve() -> None:
    """The worker's life: answer jobs until the parent closes the pipe."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # A library that prints must not write into the replies.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory()
    _reply(replies, b"")
    jobs = sys.stdin.buffer
    while len(head := jobs.read(_LENGTH.size)) == _LENGTH.size:
        _reply(replies, _answer(jobs.read(_LENGTH.unpack(head)[0])))


def _answer(job: bytes) -> bytes:
    try:
        work, args, seconds = pickle.loads(job)  # noqa: S301 - from the parent process, over a private pipe
        _limit_cpu(seconds)
        return pickle.dumps((True, work(*args)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the caller's to see
        try:
            return pickle.dumps((False, (type(error), error.args, error.__dict__)))
        except Exception:  # noqa: BLE001
            return pickle.dumps((False, (RuntimeError, (repr(error)[:500],), {})))


def _reply(stream: BinaryIO, data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds.
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _limit_cpu(seconds: float) -> None:
    """A second line of defence: it ends the worker even when the parent is gone or stuck."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
