"""The demo as a process: what it says, how it gives way, and how it ends."""

import asyncio
import re
import signal
import socket
import sys

import pytest

from bot.locales import words
from tests.demo.process import running_demo

SPEAK = words("fr")

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_it_gives_way_on_a_busy_port_and_ends_cleanly(end: signal.Signals) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        async with running_demo(port) as demo:
            await demo.line("érablière")
            await demo.line(re.escape(SPEAK("demo.port_taken", port=port)))
            address = await demo.line(r"http://127\.0\.0\.1:(\d+)/#\S+")
            assert int(address[1]) != port
            demo.process.send_signal(end)
            await demo.line(re.escape(SPEAK("demo.stopped")))
            async with asyncio.timeout(15):
                assert await demo.process.wait() == 0
            assert "Traceback" not in "".join(demo.lines)
