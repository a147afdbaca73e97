"""A server of many feeds, for benchmarks: about 100 KB each, one item in twenty-five new whenever a feed changes.

In a process of its own, so that it competes with nobody for the interpreter.
"""

import asyncio
import multiprocessing
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

ITEMS = 25
CHANGES_EVERY = 10
"""A feed changes once in so many rounds: a tenth of all feeds in each."""

_VOCABULARY = """
le la les un une des chat maison politique économie ville Québec santé réforme projet ministre annonce selon citoyens
travail école neige fromage sauce table débat question avenir risque chance climat énergie transport logement culture
musique rivière forêt hôpital marché budget quartier village journée semaine rapport étude
"""
_WORDS = _VOCABULARY.split()


def _texts(count: int) -> list[bytes]:
    chance = random.Random(1)

    def paragraph() -> str:
        words = " ".join(chance.choice(_WORDS) for _ in range(chance.randrange(40, 80)))
        return f"<p>{words.capitalize()}, <em>dit-on</em>, <a href='https://journal.test/sujet'>ici</a>.</p>"

    return ["".join(paragraph() for _ in range(11)).encode() for _ in range(count)]


class Feeds:
    """What every feed lists in the current round."""

    def __init__(self) -> None:
        self.round = 0
        self._texts = _texts(499)

    def version(self, feed: int) -> int:
        """How often the feed has changed."""
        return (self.round + CHANGES_EVERY - 1 - feed % CHANGES_EVERY) // CHANGES_EVERY

    def body(self, feed: int) -> bytes:
        newest = ITEMS + self.version(feed)
        head = (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Flux {feed}</title>"
            f"<link>https://journal{feed}.test/</link>"
        )
        items = b"".join(self._item(feed, number) for number in range(newest, newest - ITEMS, -1))
        return head.encode() + items + b"</channel></rss>"

    def _item(self, feed: int, number: int) -> bytes:
        date = f"{1 + number % 28:02d} Oct 2026 {number % 24:02d}:{feed % 60:02d}:00 GMT"
        head = (
            f"<item><guid isPermaLink='false'>{feed}-{number}</guid><title>Ce qui se dit du sujet {feed * 31 + number}"
            f" cette semaine</title><link>https://journal{feed}.test/articles/{number}</link><pubDate>{date}</pubDate>"
            "<description><![CDATA["
        )
        return head.encode() + self._texts[(feed * 31 + number * 7) % 499] + b"]]></description></item>"


async def _serve(port: Connection) -> None:
    feeds = Feeds()

    async def feed(request: web.Request) -> web.Response:
        number = int(request.match_info["feed"])
        etag = f'"{feeds.version(number)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=feeds.body(number), content_type="application/rss+xml", headers={"ETag": etag})

    async def begin(request: web.Request) -> web.Response:
        feeds.round = int(request.match_info["round"])
        return web.Response()

    app = web.Application()
    app.router.add_get("/feeds/{feed}", feed)
    app.router.add_post("/rounds/{round}", begin)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _run(port: Connection) -> None:
    asyncio.run(_serve(port))


@contextmanager
def in_its_process(run: Callable[..., None], *arguments: object) -> Iterator[Any]:
    """What `run` sends through the pipe that it is given first; it is ended with the context."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(there, *arguments), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


@contextmanager
def serving() -> Iterator[str]:
    """The server's address."""
    with in_its_process(_run) as port:
        yield f"http://127.0.0.1:{port}"
