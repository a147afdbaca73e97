"""The demo as a process of its own, as a newcomer starts it."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Demo:
    process: asyncio.subprocess.Process
    lines: list[str]

    async def line(self, pattern: str) -> re.Match[str]:
        """The next line that the demo prints which holds `pattern`."""
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if match := re.search(pattern, line):
                    return match
        raise AssertionError(f"the demo never said {pattern!r}, but: {''.join(self.lines)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running_demo(port: int) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--no-browser",
        "--port",
        str(port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "DEFAULT_LANGUAGE": "fr", "PYTHONUTF8": "1"},
    )
    try:
        yield Demo(process, [])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
