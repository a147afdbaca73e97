"""feedparser, for the few feeds that our own reader cannot make sense of. Slow, and slower on hostile input: run it
only where it can be killed (`Offload.run_guarded`)."""

from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from bot.errors import FailureReason, NotReadable
from bot.models import Entry, Snapshot, SourceKind
from bot.sources.draft import MAX_ENTRIES, Draft, absolute_link, clean_author, clean_language, clean_title, finish, fold
from bot.sources.feed import mentions_items
from bot.sources.teaser import text_of


def parse_with_feedparser(body: bytes, *, url: str, media_type: str | None, charset: str | None) -> Snapshot:
    """Raises NotReadable when feedparser finds no entry either."""
    if not mentions_items(body):
        raise NotReadable(FailureReason.NOT_A_FEED, url, "there is nothing like an item")
    import feedparser  # type: ignore[import-untyped]

    kind = media_type or "application/xml"
    headers = {"content-type": f"{kind}; charset={charset}" if charset else kind, "content-location": url}
    # Given bytes, feedparser would first try them as a file's name.
    parsed = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False)
    if not parsed.entries:
        raise NotReadable(FailureReason.NOT_A_FEED, url, "feedparser finds no entries")
    feed = parsed.feed
    home_url = absolute_link(url, feed.get("link"))
    language = clean_language(feed.get("language"))
    entries = [_read(item, url, home_url, language) for item in parsed.entries[:MAX_ENTRIES]]
    return Snapshot(
        kind=SourceKind.FEED,
        title=clean_title(feed.get("title")),
        home_url=home_url,
        language=language,
        entries=fold(entries),
    )


def _read(item: Any, url: str, home_url: str | None, language: str | None) -> Entry:
    draft = Draft(base=url, id=item.get("id"), link=absolute_link(url, item.get("link")))
    draft.title = clean_title(item.get("title"))
    for content in item.get("content", ()):
        draft.content = text_of(content.get("value", ""), content.get("type"), full=True)
    if item.get("summary"):
        draft.summary = text_of(item["summary"], item.get("summary_detail", {}).get("type"), full=False)
    if name := clean_author(item.get("author", "")):
        draft.authors.append(name)
    draft.published_at = _date(item.get("published_parsed"))
    draft.updated_at = _date(item.get("updated_parsed") if "updated_parsed" in item else None)
    draft.categories = [tag for one in item.get("tags", ()) if (tag := clean_title(one.get("term")))]
    return finish(draft, home_url=home_url, language=language, author=None)


def _date(moment: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(moment), UTC) if moment else None
    except (ValueError, OverflowError, OSError):
        return None
