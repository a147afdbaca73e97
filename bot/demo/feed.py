"""A small publisher on loopback: the sample articles as RSS, as Atom and as pages, released one by one."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import cast

from aiohttp import web
from lxml import etree

from bot.demo.samples import Picture, Sample

NAME = "Le Comptoir numérique"
_HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0
_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_DEFAULT_ATOM = cast("dict[str, str]", {None: _ATOM})
"""lxml's stubs forget that the default namespace has no prefix."""
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Published:
    sample: Sample
    published_at: datetime


class Newsstand:
    """What is published so far, newest first, and what is still to come."""

    def __init__(self, samples: Sequence[Sample], *, now: Callable[[], datetime]) -> None:
        self._now = now
        started_at = now()
        dated = [
            Published(sample, started_at - timedelta(hours=sample.hours_ago))
            for sample in samples
            if sample.hours_ago is not None
        ]
        self.published = sorted(dated, key=lambda item: item.published_at, reverse=True)
        self._waiting = [sample for sample in samples if sample.hours_ago is None]

    def release(self) -> Sample | None:
        """Publish the next article; None when all of them are out."""
        if not self._waiting:
            return None
        sample = self._waiting.pop(0)
        self.published.insert(0, Published(sample, self._now()))
        return sample


@asynccontextmanager
async def serve(newsstand: Newsstand) -> AsyncIterator[str]:
    """Serve the newsstand on a free loopback port; the value is its address, without a slash at the end."""
    runner = web.AppRunner(build_site(newsstand), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, 0).start()
        yield f"http://{_HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def build_site(newsstand: Newsstand) -> web.Application:
    async def rss(request: web.Request) -> web.Response:
        return _conditional(request, newsstand, "application/rss+xml", _rss(newsstand.published, _origin(request)))

    async def atom(request: web.Request) -> web.Response:
        english = [item for item in newsstand.published if item.sample.language == "en"]
        return _conditional(request, newsstand, "application/atom+xml", _atom(english, _origin(request)))

    async def home(_request: web.Request) -> web.Response:
        return web.Response(text=_home(newsstand.published), content_type="text/html")

    async def page(request: web.Request) -> web.Response:
        found = [item for item in newsstand.published if item.sample.slug == request.match_info["slug"]]
        if not found:
            raise web.HTTPNotFound
        return web.Response(text=_page(found[0].sample), content_type="text/html")

    async def image(request: web.Request) -> web.Response:
        pictures = [item.sample.picture for item in newsstand.published]
        name = request.match_info["name"]
        found = [picture for picture in pictures if picture is not None and picture.name == name]
        if not found:
            raise web.HTTPNotFound
        return web.Response(body=found[0].data, content_type="image/png")

    site = web.Application()
    site.router.add_get("/", home)
    site.router.add_get("/rss.xml", rss)
    site.router.add_get("/atom.xml", atom)
    site.router.add_get("/articles/{slug}", page)
    site.router.add_get("/images/{name}", image)
    return site


def _conditional(request: web.Request, newsstand: Newsstand, content_type: str, body: bytes) -> web.Response:
    """304 when the reader already has this version (RFC 9110, section 13)."""
    digest = sha256(body).hexdigest()[:16]
    modified_at = max(item.published_at for item in newsstand.published).replace(microsecond=0)
    known = request.if_none_match
    if known is not None:
        fresh = any(tag.value in (digest, "*") for tag in known)
    else:
        since = request.if_modified_since
        fresh = since is not None and modified_at <= since
    response = (
        web.Response(status=304) if fresh else web.Response(body=body, content_type=content_type, charset="utf-8")
    )
    response.etag = digest
    response.last_modified = modified_at
    return response


def _rss(published: Sequence[Published], origin: str) -> bytes:
    root = etree.Element("rss", nsmap={"content": _CONTENT, "dc": _DC, "media": _MEDIA, "atom": _ATOM}, version="2.0")
    channel = etree.SubElement(root, "channel")
    _text(channel, "title", NAME)
    _text(channel, "link", f"{origin}/")
    _text(channel, "description", "Les articles de la démonstration, écrits pour Casse-croûte.")
    _text(channel, "language", "fr-CA")
    etree.SubElement(channel, f"{{{_ATOM}}}link", rel="self", href=f"{origin}/rss.xml", type="application/rss+xml")
    for item in published:
        sample = item.sample
        element = etree.SubElement(channel, "item")
        _text(element, "title", sample.title)
        _text(element, "link", f"{origin}/articles/{sample.slug}")
        _text(element, "guid", f"casse-croute-demo:{sample.slug}").set("isPermaLink", "false")
        _text(element, "pubDate", format_datetime(item.published_at))
        _text(element, f"{{{_DC}}}language", sample.language)
        if sample.author:
            _text(element, f"{{{_DC}}}creator", sample.author)
        if sample.picture:
            media = etree.SubElement(
                element, f"{{{_MEDIA}}}content", url=_address(origin, sample.picture), medium="image"
            )
            _text(media, f"{{{_MEDIA}}}description", sample.picture.alt)
        body = etree.SubElement(element, f"{{{_CONTENT}}}encoded")
        body.text = etree.CDATA(_body(sample, origin))
    return _serialise(root)


def _atom(published: Sequence[Published], origin: str) -> bytes:
    root = etree.Element("feed", nsmap=_DEFAULT_ATOM, attrib={_XML_LANG: "en"})
    _text(root, "title", f"{NAME}, in English")
    _text(root, "id", "tag:casse-croute.example,2026:demo")
    etree.SubElement(root, "link", rel="self", href=f"{origin}/atom.xml")
    etree.SubElement(root, "link", rel="alternate", href=f"{origin}/")
    if published:
        _text(root, "updated", published[0].published_at.isoformat())
    for item in published:
        sample = item.sample
        entry = etree.SubElement(root, "entry", attrib={_XML_LANG: sample.language})
        _text(entry, "title", sample.title)
        _text(entry, "id", f"tag:casse-croute.example,2026:demo/{sample.slug}")
        _text(entry, "published", item.published_at.isoformat())
        _text(entry, "updated", item.published_at.isoformat())
        etree.SubElement(entry, "link", rel="alternate", href=f"{origin}/articles/{sample.slug}")
        if sample.author:
            _text(etree.SubElement(entry, "author"), "name", sample.author)
        _text(entry, "content", _body(sample, origin)).set("type", "html")
    return _serialise(root)


def _home(published: Sequence[Published]) -> str:
    links = "".join(
        f'<li lang="{item.sample.language}"><a href="/articles/{item.sample.slug}">{escape(item.sample.title)}</a></li>'
        for item in published
    )
    feeds = (
        f'<link rel="alternate" type="application/rss+xml" title="{NAME}" href="/rss.xml">'
        f'<link rel="alternate" type="application/atom+xml" title="{NAME}, in English" href="/atom.xml">'
    )
    return _document("fr", NAME, feeds, f"<h1>{NAME}</h1><ul>{links}</ul>")


def _page(sample: Sample) -> str:
    body = f"<article><h1>{escape(sample.title)}</h1>{_body(sample, '')}</article>"
    return _document(sample.language, sample.title, "", body)


def _document(language: str, title: str, head: str, body: str) -> str:
    style = "body{font:18px/1.6 Georgia,serif;max-width:42em;margin:2em auto;padding:0 1em}img{max-width:100%}"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>{head}'
        f"<style>{style}</style></head><body>{body}</body></html>"
    )


def _body(sample: Sample, origin: str) -> str:
    if sample.picture is None:
        return sample.html
    picture = sample.picture
    return f'<p><img src="{_address(origin, picture)}" alt="{escape(picture.alt)}"></p>\n{sample.html}'


def _address(origin: str, picture: Picture) -> str:
    return f"{origin}/images/{picture.name}"


def _origin(request: web.Request) -> str:
    return str(request.url.origin())


def _text(parent: etree._Element, tag: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, tag)
    element.text = text
    return element


def _serialise(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
