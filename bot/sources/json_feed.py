"""JSON Feed 1 and 1.1 (jsonfeed.org)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.errors import FailureReason, NotReadable
from bot.models import BodyFormat, Image, Snapshot, SourceKind
from bot.sources.dates import read_date, read_timestamp
from bot.sources.draft import MAX_ENTRIES, Draft, absolute_link, clean_author, clean_language, clean_title, finish, fold
from bot.sources.encoding import decode_text
from bot.sources.repair import repair_windows
from bot.sources.teaser import Text, text_of


def parse_json_feed(body: bytes, *, url: str) -> Snapshot:
    """Raises NotReadable when `body` is no JSON, or JSON without a list of items."""
    feed = _load(body, url)
    home_url = absolute_link(url, _string(feed.get("home_page_url")))
    language = clean_language(_string(feed.get("language")))
    author = _authors(feed)
    base = home_url or url
    entries = [
        finish(_read_item(item, base), home_url=home_url, language=language, author=", ".join(author) or None)
        for item in feed["items"][:MAX_ENTRIES]
        if isinstance(item, Mapping)
    ]
    return Snapshot(
        kind=SourceKind.FEED,
        title=clean_title(_string(feed.get("title"))),
        home_url=home_url,
        language=language,
        hub_url=_hub(feed.get("hubs"), url),
        self_url=absolute_link(url, _string(feed.get("feed_url"))),
        entries=fold(entries),
    )


def _load(body: bytes, url: str) -> Mapping[str, Any]:
    try:
        feed = json.loads(repair_windows(decode_text(body)), strict=False)
    except (ValueError, RecursionError) as error:
        raise NotReadable(FailureReason.NOT_A_FEED, url, "broken JSON") from error
    if isinstance(feed, list):
        feed = {"items": feed}
    if not isinstance(feed, Mapping) or not isinstance(feed.get("items"), list):
        raise NotReadable(FailureReason.NOT_A_FEED, url, "JSON, but no JSON Feed")
    return feed


def _read_item(item: Mapping[str, Any], base: str) -> Draft:
    draft = Draft(base=base)
    identity = item.get("id", item.get("guid"))
    # Numbers are against the standard and common; 1 and 1.0 are one id.
    draft.id = str(int(identity)) if isinstance(identity, float) and identity.is_integer() else _string(identity)
    draft.link = absolute_link(base, _string(item.get("url")) or _string(item.get("external_url")))
    draft.title = clean_title(_string(item.get("title")))
    draft.content = _content(item)
    if summary := _string(item.get("summary")):
        draft.summary = text_of(summary, None, full=False)
    draft.published_at = _date(item.get("date_published"))
    draft.updated_at = _date(item.get("date_modified"))
    draft.authors = _authors(item)
    draft.language = _string(item.get("language"))
    tags = item.get("tags")
    draft.categories = [tag for tag in (map(clean_title, map(_string, tags)) if isinstance(tags, list) else ()) if tag]
    for rank, name in enumerate(("image", "banner_image")):
        if picture := absolute_link(base, _string(item.get(name))):
            draft.images.append((rank, Image(url=picture)))
    return draft


def _content(item: Mapping[str, Any]) -> Text | None:
    if html := _string(item.get("content_html")):
        return Text(html, BodyFormat.HTML, full=True)
    if text := _string(item.get("content_text")):
        return Text(text, BodyFormat.TEXT, full=True)
    return None


def _authors(thing: Mapping[str, Any]) -> list[str]:
    people = thing.get("authors")
    people = people if isinstance(people, list) else [thing.get("author")]
    names = (_string(one.get("name")) if isinstance(one, Mapping) else _string(one) for one in people[:10])
    return [name for text in names if text and (name := clean_author(text))]


def _date(value: object) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_timestamp(value)
    return read_date(_string(value))


def _hub(hubs: object, url: str) -> str | None:
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, Mapping) and (link := absolute_link(url, _string(hub.get("url")))):
            return link
    return None


def _string(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None
