"""One door for all feed formats: looks at the bytes, not at their label, and asks the right reader."""

import re

from bot.errors import FailureReason, NotReadable
from bot.models import Snapshot
from bot.sources.encoding import decode_xml
from bot.sources.json_feed import parse_json_feed
from bot.sources.xml_feed import parse_xml_feed

LOOK_BYTES = 4_096

_FEED_MARK = re.compile(rb"<(?:[a-z0-9_-]{1,20}:)?(?:rss|rdf|feed|channel|item|entry)\b", re.IGNORECASE)
_ITEM_MARKS = (b"<item", b"<entry", b":item", b":entry")
_PAGE_MARK = re.compile(rb"<!doctype\s+html|<html\b|<head\b|<body\b", re.IGNORECASE)


def parse_feed(body: bytes, *, url: str, media_type: str | None, charset: str | None) -> Snapshot:
    """The snapshot of an RSS, RDF, Atom or JSON feed. `media_type` only breaks ties: servers send feeds as anything.

    Raises NotReadable for everything else, broken beyond repair or of another kind.
    """
    start = body[:LOOK_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        raise NotReadable(FailureReason.BAD_RESPONSE, url, "an empty document")
    if start[:1] in (b"{", b"["):
        return parse_json_feed(body, url=url)
    if looks_like_page(body):
        raise NotReadable(FailureReason.NOT_A_FEED, url, f"a page, {media_type or 'without a type'}")
    return parse_xml_feed(body, url=url, charset=charset)


def looks_like_page(body: bytes) -> bool:
    """True for HTML that is not a feed with a wrong beginning."""
    start = _ascii(body[:LOOK_BYTES])
    page, feed = _PAGE_MARK.search(start), _FEED_MARK.search(start)
    return page is not None and (feed is None or page.start() < feed.start())


def mentions_items(body: bytes) -> bool:
    """True where items are, or seem to be, so that a second, more forgiving parser may be worth its time."""
    plain = body.replace(b"\x00", b"").lower()
    return any(mark in plain for mark in _ITEM_MARKS)


def _ascii(start: bytes) -> bytes:
    return decode_xml(start, None).encode("ascii", "replace") if b"\x00" in start else start
