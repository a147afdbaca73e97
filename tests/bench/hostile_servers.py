"""Servers that mean harm, one to an address of its own, in a process of their own; and the good ones beside them."""

import asyncio
import gzip
import io
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection

from tests.bench.feeds import in_its_process

MIB = 1024 * 1024
ITEMS = 20

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\n"


def _feed(items: int, text: str = "Un paragraphe qui dit ce qui est arrivé, à qui, et ce qu’on en pense.") -> bytes:
    listed = "".join(
        f"<item><guid>{number}</guid><title>Article {number}</title><link>https://journal.test/{number}</link>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
        for number in range(items)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Flux</title>{listed}</channel></rss>".encode()


def _whole(body: bytes, *, headers: bytes = b"", status: bytes = b"") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = status or _HEAD
        writer.write(head + headers + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()

    return answer


def _raw(*pieces: bytes, pause: float = 0.0, again: bool = False) -> Answer:
    """Sends these, with a pause after each; `again` sends the last one for ever."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        while again:
            writer.write(pieces[-1])
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def _silence(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


def _entities(levels: int = 12) -> bytes:
    declared = "<!ENTITY e0 'ha'>" + "".join(
        f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, levels)
    )
    return (
        f"<?xml version='1.0'?><!DOCTYPE rss [{declared}]><rss version='2.0'><channel><title>&e{levels - 1};</title>"
        f"<item><guid>1</guid><title>&e{levels - 1};</title></item></channel></rss>"
    ).encode()


_EXTERNAL = (
    b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY secret SYSTEM 'file:///etc/passwd'>]><rss version='2.0'><channel>"
    b"<title>Flux</title><item><guid>1</guid><title>&secret;</title></item></channel></rss>"
)


def _bomb() -> bytes:
    """A gigabyte of white space, in a megabyte."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as file:
        file.write(b"<?xml version='1.0'?><rss version='2.0'><channel>")
        for _ in range(1_024):
            file.write(b" " * MIB)
    return made.getvalue()


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("feed.xml", _feed(1))
    return made.getvalue()


def hostile() -> Mapping[str, Answer]:
    """By name; each answers whatever is asked, and every time."""
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: "
    return {
        "silence": _silence,
        "slow headers": _raw(_HEAD, b"X", pause=1.0, again=True),
        "slow body": _raw(_HEAD + b"Content-Length: 1000000\r\n\r\n", b"<", pause=1.0, again=True),
        "endless body": _raw(_HEAD + b"\r\n", b" " * 65_536, again=True),
        "endless chunks": _raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk, again=True),
        "body in crumbs": _raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 4_000, again=True),
        "endless header": _raw(_HEAD + b"X-Long: ", b"x" * 65_536, again=True),
        "endless headers": _raw(_HEAD, b"X-More: 1\r\n" * 1_000, again=True),
        "gzip bomb": _whole(_bomb(), headers=b"Content-Encoding: gzip\r\n"),
        "gzip cut off": _whole(gzip.compress(_feed(ITEMS))[:-20], headers=b"Content-Encoding: gzip\r\n"),
        "unknown coding": _whole(_feed(1), headers=b"Content-Encoding: rot13\r\n"),
        "redirect to itself": _raw(redirect + b"/feed\r\n\r\n"),
        "longer and longer": _raw(redirect + b"x/x\r\n\r\n"),
        "redirect to a file": _raw(redirect + b"file:///etc/passwd\r\n\r\n"),
        "redirect to nowhere": _raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        "length too long": _raw(_HEAD + b"Content-Length: 100000\r\n\r\n" + _feed(1)),
        "length negative": _raw(_HEAD + b"Content-Length: -1\r\n\r\n" + _feed(1)),
        "no HTTP": _raw(b"\x00\xff\xfe\r\n\r\n" * 100),
        "an end at once": _raw(b""),
        "entity bomb": _whole(_entities()),
        "outside entity": _whole(_EXTERNAL),
        "deep nesting": _whole(b"<?xml version='1.0'?><rss>" + b"<a>" * 400_000),
        "one huge tag": _whole(b"<?xml version='1.0'?><rss " + b"a='1' " * 500_000 + b">"),
        "a zip": _whole(_archive()),
        "nine megabytes of items": _whole(_feed(45_000)),
        "fifty megabytes": _whole(b" " * (50 * MIB)),
        "five thousand items": _whole(_feed(5_000)),
        "challenge": _whole(
            b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
            headers=b"Server: cloudflare\r\ncf-mitigated: challenge\r\n",
            status=b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n",
        ),
        "server error": _whole(b"", status=b"HTTP/1.1 500 No\r\n"),
        "too many requests": _whole(b"", status=b"HTTP/1.1 429 Slow down\r\nRetry-After: 999999999\r\n"),
    }


async def _serve(port: Connection, good: int) -> None:
    where: dict[str, tuple[str, int]] = {}
    answers = {**hostile(), **{f"good {number}": _whole(_feed(ITEMS)) for number in range(good)}}
    for number, (name, answer) in enumerate(answers.items()):
        host = f"127.1.{number // 200}.{1 + number % 200}"
        server = await asyncio.start_server(_answering(answer), host, 0)
        where[name] = (host, server.sockets[0].getsockname()[1])
    port.send(where)
    await asyncio.Event().wait()


def _answering(answer: Answer) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        writer.close()

    return serve


def _run(port: Connection, good: int) -> None:
    asyncio.run(_serve(port, good))


@contextmanager
def serving(good: int) -> Iterator[Mapping[str, tuple[str, int]]]:
    """Host and port of each, by name; the good ones are called `good 0` and on."""
    with in_its_process(_run, good) as where:
        yield where
