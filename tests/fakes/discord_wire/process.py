"""The bot as its operator runs it: a process with an environment, signals, an exit code and two streams."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.discord_wire.wire import DiscordWire

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Exit:
    code: int
    stdout: str
    stderr: str
    seconds: float
    """From the signal, or from the start when it ended by itself."""

    @property
    def has_traceback(self) -> bool:
        return "Traceback" in self.stdout + self.stderr


@dataclass(eq=False)
class BotProcess:
    folder: Path
    """An empty directory of its own: working directory, database, logs."""
    environment: dict[str, str]
    runs: int = 0
    _process: asyncio.subprocess.Process | None = None
    _started_at: float = field(default=0, init=False)

    async def start(self, *arguments: str) -> None:
        """Start `casse-croute run`, or with other arguments."""
        assert self._process is None, "already running"
        self.runs += 1
        script = Path(sys.executable).with_name("casse-croute")
        command = [str(script)] if script.exists() else [sys.executable, "-m", "bot"]
        if "CLOCK_AHEAD_SECONDS" in self.environment:
            command = [sys.executable, "-m", "tests.fakes.shifted_bot"]
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        with self._log("out").open("wb") as out, self._log("err").open("wb") as err:
            self._started_at = time.monotonic()
            self._process = await asyncio.create_subprocess_exec(
                *command, *(arguments or ("run",)), cwd=work, env=self.environment, stdout=out, stderr=err
            )

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def stderr(self) -> str:
        """Of the present or last run."""
        return self._log("err").read_text(errors="replace") if self.runs else ""

    @property
    def stdout(self) -> str:
        return self._log("out").read_text(errors="replace") if self.runs else ""

    async def wait_for_log(self, pattern: str, *, within: float = 40) -> None:
        """Until a line on stderr matches."""
        deadline = time.monotonic() + within
        while not re.search(pattern, self.stderr):
            assert time.monotonic() < deadline, f"{pattern!r} never came; stderr ends:\n{self.stderr[-3000:]}"
            await asyncio.sleep(0.02)

    async def stop(self, number: int = signal.SIGTERM, *, within: float = 40) -> Exit:
        """Send a signal and wait for the end. AssertionError when it does not come, after a kill."""
        assert self._process
        at = time.monotonic()
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._finish(at, within)

    async def wait(self, *, within: float = 60) -> Exit:
        """Wait for a process that ends by itself."""
        return await self._finish(self._started_at, within)

    async def _finish(self, since: float, within: float) -> Exit:
        assert self._process
        try:
            async with asyncio.timeout(within):
                code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise AssertionError(f"still running {within} s later; stderr ends:\n{self.stderr[-3000:]}") from None
        finally:
            self._process = None
        return Exit(code, self.stdout, self.stderr, time.monotonic() - since)

    def _log(self, name: str) -> Path:
        return self.folder / f"run-{self.runs}.{name}"


def environment_for(discord: DiscordWire, folder: Path, **changes: str | None) -> dict[str, str]:
    """Nothing of the tester's own environment but what Python needs; None takes a variable away."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    settings: dict[str, str | None] = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "POLL_INTERVAL_SECONDS": "1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "LOG_LEVEL": "INFO",
        **changes,
    }
    return kept | {name: value for name, value in settings.items() if value is not None}


@contextlib.asynccontextmanager
async def run_bot(
    folder: Path, discord: DiscordWire, *, wait: bool = True, **changes: str | None
) -> AsyncIterator[BotProcess]:
    """A bot that is connected (with `wait`). It is stopped at the end, and its stderr shown when the test failed."""
    process = BotProcess(folder, environment_for(discord, folder, **changes))
    await process.start()
    try:
        if wait:
            await wait_connected(process, discord)
        yield process
    except BaseException:
        print(f"--- stderr of the bot ---\n{process.stderr[-6000:]}")
        raise
    finally:
        if process.is_running:
            await process.stop()


async def wait_connected(process: BotProcess, discord: DiscordWire, *, within: float = 60) -> None:
    """Until the running process has identified; fails at once when it ends instead."""
    deadline = time.monotonic() + within
    while not (discord.gateway.live and discord.commands):
        if not process.is_running:
            raise AssertionError(f"the bot ended instead of connecting; stderr:\n{process.stderr[-3000:]}")
        if time.monotonic() > deadline:
            raise AssertionError(f"the bot did not connect within {within} s; stderr:\n{process.stderr[-3000:]}")
        await asyncio.sleep(0.02)
