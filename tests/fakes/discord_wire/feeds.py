"""A publisher on loopback whose feed the test changes while the bot watches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from types import TracebackType
from typing import Self

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    title: str | None
    html: str
    published_at: datetime
    author: str | None = None
    image_url: str | None = None


@dataclass
class FeedServer:
    """`async with FeedServer() as feed:`; change `items`, `status` or `format` at any time."""

    title: str = "Le Petit Journal"
    language: str = "fr"
    format: str = "rss"
    """"rss", "atom" or "json"."""
    items: list[Item] = field(default_factory=list)
    status: int = 200
    requests: list[tuple[str, int]] = field(default_factory=list)
    """Path and status, oldest first."""
    _runner: web.AppRunner | None = None
    _port: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/feed", self._serve_feed)
        app.router.add_get("/", self._serve_home)
        app.router.add_get("/articles/{id}", self._serve_article)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def home_url(self) -> str:
        """A page that announces the feed."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def url(self) -> str:
        return f"{self.home_url}feed"

    def publish(
        self,
        title: str | None,
        paragraphs: Sequence[str] | str,
        *,
        author: str | None = None,
        image_url: str | None = None,
    ) -> Item:
        """Add an item on top, newer than all others. Paragraphs, or HTML as one string."""
        html = paragraphs if isinstance(paragraphs, str) else "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
        number = len(self.items) + 1
        published = datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=number)
        item = Item(f"item-{number}", title, html, published, author, image_url)
        self.items.insert(0, item)
        return item

    def link(self, item: Item) -> str:
        return f"{self.home_url}articles/{item.id}"

    async def _serve_feed(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return self._answer(request, web.Response(status=self.status))
        body = {"rss": self._rss, "atom": self._atom, "json": self._json}[self.format]()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return self._answer(request, web.Response(status=304, headers={"ETag": etag}))
        kind = "application/feed+json" if self.format == "json" else f"application/{self.format}+xml"
        return self._answer(request, web.Response(body=body, content_type=kind, headers={"ETag": etag}))

    async def _serve_home(self, request: web.Request) -> web.Response:
        page = (
            f"<!doctype html><html lang={self.language}><head><title>{escape(self.title)}</title>"
            f'<link rel="alternate" type="application/rss+xml" title="{escape(self.title)}" href="/feed"></head>'
            "<body><h1>Accueil</h1></body></html>"
        )
        return self._answer(request, web.Response(text=page, content_type="text/html"))

    async def _serve_article(self, request: web.Request) -> web.Response:
        item = next((each for each in self.items if each.id == request.match_info["id"]), None)
        if item is None:
            return self._answer(request, web.Response(status=404))
        page = f"<!doctype html><html lang={self.language}><body><article>{item.html}</article></body></html>"
        return self._answer(request, web.Response(text=page, content_type="text/html"))

    def _answer(self, request: web.Request, response: web.Response) -> web.Response:
        self.requests.append((request.path, response.status))
        return response

    def _rss(self) -> bytes:
        entries = "".join(
            f"<item><guid isPermaLink='false'>{item.id}</guid>"
            + (f"<title>{escape(item.title)}</title>" if item.title else "")
            + f"<link>{self.link(item)}</link><pubDate>{format_datetime(item.published_at)}</pubDate>"
            + (f"<dc:creator>{escape(item.author)}</dc:creator>" if item.author else "")
            + (f'<enclosure url="{escape(item.image_url)}" type="image/png" length="1"/>' if item.image_url else "")
            + f"<content:encoded>{escape(item.html)}</content:encoded></item>"
            for item in self.items
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{escape(self.title)}</title>'
            f"<link>{self.home_url}</link><language>{self.language}</language>{entries}</channel></rss>"
        ).encode()

    def _atom(self) -> bytes:
        entries = "".join(
            f"<entry><id>{item.id}</id><title>{escape(item.title or '')}</title><link href='{self.link(item)}'/>"
            f"<updated>{item.published_at.isoformat()}</updated><published>{item.published_at.isoformat()}</published>"
            + (f"<author><name>{escape(item.author)}</name></author>" if item.author else "")
            + f"<content type='html'>{escape(item.html)}</content></entry>"
            for item in self.items
        )
        return (
            f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{self.language}">'
            f"<id>{self.home_url}</id><title>{escape(self.title)}</title>{entries}</feed>"
        ).encode()

    def _json(self) -> bytes:
        items = [
            {
                "id": item.id,
                "url": self.link(item),
                "content_html": item.html,
                "date_published": item.published_at.isoformat(),
                **({"title": item.title} if item.title else {}),
                **({"authors": [{"name": item.author}]} if item.author else {}),
            }
            for item in self.items
        ]
        version = "https://jsonfeed.org/version/1.1"
        feed = {
            "version": version,
            "title": self.title,
            "home_page_url": self.home_url,
            "language": self.language,
            "items": items,
        }
        return json.dumps(feed).encode()
