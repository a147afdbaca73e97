"""From the page that somebody knows to the feed that it announces."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from selectolax.lexbor import LexborHTMLParser

from bot.sources.encoding import decode_html
from bot.sources.markup import plain_text, tame
from bot.sources.urls import canonical_link, host_of, join, split_http

MAX_CANDIDATES = 10

_FEED_TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 1,
    "application/feed+json": 2,
    "application/rdf+xml": 3,
    "application/json": 4,
    "application/xml": 5,
    "text/xml": 5,
    "text/rss+xml": 5,
}
_COMMENTS = re.compile(r"comment|commentaire|/reponses?/", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:/(?:feed|rss|atom|flux)/?$|[/.](?:rss|atom|rdf)$|(?:feed|rss|atom|index|flux)\.(?:xml|json|rss|atom|rdf)$|/feeds?/|"
    r"[?&](?:feed|format)=(?:rss|rss2|atom|feed))",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(r"\b(?:rss|atom|flux|feed)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    url: str
    title: str | None = None
    media_type: str | None = None


def find_feeds(html: bytes | str, url: str) -> tuple[Candidate, ...]:
    """Feeds that a page announces, the likeliest first; then what its visible links call a feed."""
    tree = LexborHTMLParser(tame(decode_html(html, None) if isinstance(html, bytes) else html))
    node = tree.css_first("base[href]")
    base = (join(url, node.attributes.get("href")) if node else None) or url
    found: dict[str, Candidate] = {}
    for candidate in (*_announced(tree, base), *_linked(tree, base)):
        found.setdefault(canonical_link(candidate.url), candidate)
    return tuple(found.values())[:MAX_CANDIDATES]


def _announced(tree: LexborHTMLParser, base: str) -> list[Candidate]:
    ranked: list[tuple[int, Candidate]] = []
    for node in tree.css("link[href]")[:500]:
        attributes = node.attributes
        relations = (attributes.get("rel") or "").lower().split()
        kind = (attributes.get("type") or "").split(";")[0].strip().lower()
        address = attributes.get("href")
        if "feed" not in relations and not ("alternate" in relations and kind in _FEED_TYPES):
            continue
        # WordPress and others announce an API under the same relation.
        if kind == "application/json" and not _FEED_PATH.search(address or ""):
            continue
        if link := join(base, address):
            title = plain_text(attributes.get("title") or "")[:200] or None
            rank = _FEED_TYPES.get(kind, 1) + (50 if _COMMENTS.search(f"{link} {title}") else 0)
            ranked.append((rank, Candidate(link, title, kind or None)))
    return [candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0])]


def _linked(tree: LexborHTMLParser, base: str) -> list[Candidate]:
    found = []
    for node in tree.css("a[href]")[:3_000]:
        link = join(base, node.attributes.get("href"))
        if link is None or _COMMENTS.search(link):
            continue
        words = plain_text((node.text() or node.attributes.get("title") or "")[:200])
        called = len(words) < 40 and _FEED_WORDS.search(words) and "xml" in link
        if called or _FEED_PATH.search(link.partition("#")[0]):
            found.append(Candidate(link, words or None, None))
    return found


def known_feed(url: str) -> str | None:
    """The feed of an address on a site whose feeds have a known form, though its pages may not announce them."""
    parts = split_http(url)
    if parts is None:
        return None
    host = host_of(url).removeprefix("www.").removeprefix("m.")
    path = [piece for piece in parts.path.split("/") if piece]
    for form in (_youtube, _reddit, _mastodon, _bluesky, _substack, _medium):
        if found := form(host, path, parse_qs(parts.query)):
            return found
    return None


_NOT_MASTODON = ("medium.com", "youtube.com", "tiktok.com", "substack.com", "threads.net", "threads.com")
"""Sites that write their people as `/@name` too."""


def _youtube(host: str, path: list[str], query: dict[str, list[str]]) -> str | None:
    if host not in ("youtube.com", "youtube-nocookie.com"):
        return None
    feeds = "https://www.youtube.com/feeds/videos.xml"
    if path[:1] == ["playlist"] and query.get("list"):
        return f"{feeds}?playlist_id={query['list'][0]}"
    if len(path) > 1 and path[0] == "channel":
        return f"{feeds}?channel_id={path[1]}"
    if len(path) > 1 and path[0] == "user":
        return f"{feeds}?user={path[1]}"
    return None  # a handle's page announces its feed itself


def _reddit(host: str, path: list[str], _: dict[str, list[str]]) -> str | None:
    if host not in ("reddit.com", "old.reddit.com", "new.reddit.com") or not path or path[-1] in (".rss", "rss"):
        return None
    if path[0] in ("r", "u", "user") and len(path) > 1 and not path[-1].endswith(".rss"):
        return f"https://www.reddit.com/{'/'.join(path)}/.rss"
    return None


def _mastodon(host: str, path: list[str], _: dict[str, list[str]]) -> str | None:
    plain = len(path) == 1 and re.fullmatch(r"@[A-Za-z0-9_]{1,64}", path[0])
    if not plain or host.endswith(_NOT_MASTODON):
        return None
    return f"https://{host}/{path[0]}.rss"


def _bluesky(host: str, path: list[str], _: dict[str, list[str]]) -> str | None:
    if host == "bsky.app" and len(path) >= 2 and path[0] == "profile" and path[2:] != ["rss"]:
        return f"https://bsky.app/profile/{path[1]}/rss"
    return None


def _substack(host: str, path: list[str], _: dict[str, list[str]]) -> str | None:
    if host.endswith(".substack.com") and path != ["feed"] and path[:1] in ([], ["archive"], ["about"]):
        return f"https://{host}/feed"
    if host == "substack.com" and len(path) == 1 and path[0].startswith("@"):
        return f"https://{path[0][1:]}.substack.com/feed"
    return None


def _medium(host: str, path: list[str], _: dict[str, list[str]]) -> str | None:
    if host == "medium.com" and len(path) == 1 and path[0] != "feed":
        return f"https://medium.com/feed/{path[0]}"
    if host.endswith(".medium.com") and not path:
        return f"https://{host}/feed"
    return None
