"""What a page says of itself in its head: title, author, dates, language, picture, its own address."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bot.models import Image
from bot.sources.dates import read_date
from bot.sources.draft import clean_author, clean_language, clean_title
from bot.sources.markup import alt_text, plain_text
from bot.sources.urls import host_of, join

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review|WebPage|CreativeWork)$")
_SEPARATOR = re.compile(r"\s+(?:[|•·»«–—:-]|::)\s+")
_MAX_LINKED_DATA = 200_000

_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "title")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl")
_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued"),
    *("dcterms.created", "dcterms.date", "dcterms.issued", "pubdate", "publishdate", "parsely-pub-date"),
    *("sailthru.date", "article.published", "citation_publication_date", "citation_date", "publication_date"),
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")


@dataclass(frozen=True, slots=True)
class PageMeta:
    title: str | None
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    language: str | None
    image: Image | None
    url: str


def read_meta(tree: LexborHTMLParser, url: str) -> PageMeta:
    named = _read_named(tree)
    linked = _read_linked_data(tree)
    site_name = plain_text(named.get("og:site_name", "")) or None
    return PageMeta(
        title=_title(tree, named, linked, site_name),
        author=_author(tree, named, linked),
        published_at=_date(named, _PUBLISHED, linked.get("datePublished")) or _marked_date(tree),
        updated_at=_date(named, _UPDATED, linked.get("dateModified")),
        language=_language(tree, named, linked),
        image=_image(named, linked, url),
        url=_own_url(tree, named, url),
    )


def _read_named(tree: LexborHTMLParser) -> dict[str, str]:
    named: dict[str, str] = {}
    for node in tree.css("meta")[:500]:
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        content = (attributes.get("content") or "").strip()
        if name and content:
            named.setdefault(name.strip().lower(), content[:4_000])
    return named


def _read_linked_data(tree: LexborHTMLParser) -> Mapping[str, Any]:
    """The first thing of schema.org's that is an article; pages describe themselves in several scripts and graphs."""
    found: Mapping[str, Any] = {}
    for node in tree.css("script[type='application/ld+json']")[:20]:
        text = node.text()
        if not text or len(text) > _MAX_LINKED_DATA:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data, 0):
            kind = thing.get("@type")
            kind = kind[0] if isinstance(kind, list) and kind else kind
            if isinstance(kind, str) and _ARTICLE_TYPES.search(kind):
                if kind.endswith(("Article", "Posting", "Report")):
                    return {**thing, "@type": kind}
                found = found or {**thing, "@type": kind}
    return found


def _things(data: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > 5:
        return
    if isinstance(data, list):
        for one in data[:50]:
            yield from _things(one, depth + 1)
    elif isinstance(data, Mapping):
        yield data
        yield from _things(data.get("@graph"), depth + 1)
        yield from _things(data.get("mainEntity"), depth + 1)


def _title(
    tree: LexborHTMLParser, named: Mapping[str, str], linked: Mapping[str, Any], site_name: str | None
) -> str | None:
    headline = linked.get("headline")
    for candidate in (*(named.get(name) for name in _TITLES[:2]), headline if isinstance(headline, str) else None):
        if candidate and (title := clean_title(candidate)) and title != site_name:
            return _without_site(title, site_name, strict=True)
    headings = [text for node in tree.css("h1")[:5] if (text := clean_title(node.text()))]
    if len(headings) == 1 and headings[0] != site_name:
        return headings[0]
    node = tree.css_first("title")
    title = clean_title(node.text()) if node else None
    if title is None:
        return next(iter(headings), None) or clean_title(named.get("dc.title"))
    for heading in headings:
        if heading in title and heading != site_name:
            return heading
    return _without_site(title, site_name, strict=False)


def _without_site(title: str, site_name: str | None, *, strict: bool) -> str:
    """ "A headline | The Site" is "A headline". Where the site does not give its name, the longer part is kept."""
    parts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(title)]
    for start, end in reversed(parts):
        head, tail = title[:start].strip(), title[end:].strip()
        if site_name and site_name.lower() in tail.lower() and len(tail) < len(head):
            return head
        if site_name and head.lower() == site_name.lower():
            return tail
    if strict or not parts:
        return title
    start, end = parts[-1]
    head, tail = title[:start].strip(), title[end:].strip()
    if title[start:end].strip() == ":":
        return title
    return head if len(head) >= len(tail) else title


def _author(tree: LexborHTMLParser, named: Mapping[str, str], linked: Mapping[str, Any]) -> str | None:
    people = linked.get("author")
    names = []
    for one in (people if isinstance(people, list) else [people])[:5]:
        name = one.get("name") if isinstance(one, Mapping) else one
        if isinstance(name, str) and not name.startswith("http") and (clean := clean_author(name)):
            names.append(clean)
    if names:
        return ", ".join(dict.fromkeys(names))
    for key in _AUTHORS:
        if (value := named.get(key)) and not value.startswith(("http", "@")) and (clean := clean_author(value)):
            return re.sub(r"^(?:by|par)\s+", "", clean, flags=re.IGNORECASE)
    for node in tree.css("[rel~=author], [itemprop=author], .p-author, .byline-name, .author-name")[:3]:
        text = plain_text(node.text()[:200])
        text = re.sub(r"^(?:by|par)\s+", "", text, flags=re.IGNORECASE)
        if 2 < len(text) < 80 and (clean := clean_author(text)):
            return clean
    return None


def _date(named: Mapping[str, str], keys: tuple[str, ...], linked: object) -> datetime | None:
    if isinstance(linked, str) and (date := read_date(linked)):
        return date
    return next((date for key in keys if (date := read_date(named.get(key)))), None)


def _marked_date(tree: LexborHTMLParser) -> datetime | None:
    for selector in ("time[itemprop=datePublished]", "time[pubdate]", "article time[datetime]", "time[datetime]"):
        for node in tree.css(selector)[:1]:
            if date := read_date(node.attributes.get("datetime")):
                return date
    return None


def _language(tree: LexborHTMLParser, named: Mapping[str, str], linked: Mapping[str, Any]) -> str | None:
    root = tree.css_first("html")
    spoken = linked.get("inLanguage")
    candidates = (
        root.attributes.get("lang") or root.attributes.get("xml:lang") if root else None,
        spoken if isinstance(spoken, str) else None,
        named.get("og:locale"),
        named.get("language"),
        named.get("dc.language"),
    )
    return next((tag for one in candidates if (tag := clean_language(one))), None)


def _image(named: Mapping[str, str], linked: Mapping[str, Any], url: str) -> Image | None:
    picture = linked.get("image")
    picture = picture[0] if isinstance(picture, list) and picture else picture
    picture = picture.get("url") if isinstance(picture, Mapping) else picture
    shared = named.get("og:image:secure_url") or named.get("og:image") or named.get("og:image:url")
    candidates = (
        (shared, named.get("og:image:alt")),
        (named.get("twitter:image") or named.get("twitter:image:src"), named.get("twitter:image:alt")),
        (picture if isinstance(picture, str) else None, None),
    )
    for address, alt in candidates:
        if address and (link := join(url, address)):
            return Image(url=link, alt=alt_text(alt))
    return None


def _own_url(tree: LexborHTMLParser, named: Mapping[str, str], url: str) -> str:
    """The address that the page calls its own, when it is of the same host: others are mistakes or syndication."""
    node = tree.css_first("link[rel=canonical]")
    for address in (node.attributes.get("href") if node else None, named.get("og:url")):
        link = join(url, address)
        if link and host_of(link) == host_of(url):
            return link
    return url
