"""An entry while a feed is being read: what its elements said, and the one normalised shape that comes of it.

Quirks of identity, and of which text and which picture are the article's, end here.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.models import BodyFormat, Entry, Image
from bot.sources.markup import absolute, first_image, plain_text, tame
from bot.sources.teaser import Text, is_teaser
from bot.sources.urls import canonical_link, is_http, join

MAX_ENTRIES = 5_000
MAX_BODY_LENGTH = 1_000_000
MAX_TITLE_LENGTH = 1_000
MAX_IDENTITY_LENGTH = 1_000
MAX_CATEGORIES = 25


@dataclass(slots=True)
class Draft:
    base: str
    """What relative addresses of this item's own elements stand against."""
    document_base: str | None = None
    """Where chains of `xml:base` begin; None in documents that have none."""
    id: str | None = None
    link: str | None = None
    permalink: str | None = None
    """An id that says it is an address too."""
    title: str | None = None
    other_title: str | None = None
    content: Text | None = None
    summary: Text | None = None
    authors: list[str] = field(default_factory=list)
    other_authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    images: list[tuple[int, Image]] = field(default_factory=list)
    """With a rank: the lower the better."""
    image_alt: str | None = None
    categories: list[str] = field(default_factory=list)


def finish(draft: Draft, *, home_url: str | None, language: str | None, author: str | None) -> Entry:
    """The entry that a draft amounts to, with what its feed says about all of them."""
    url = draft.link or draft.permalink
    body = _choose_body(draft)
    title = draft.title or draft.other_title
    text = Text("", BodyFormat.HTML)
    if body:
        text = Text(body.value[:MAX_BODY_LENGTH], body.format, body.full)
    base = (body and body.base) or url or draft.base
    if text.format is BodyFormat.HTML:
        text.value = tame(text.value)
        text.value = absolute(text.value, base) if base else text.value
    names = list(dict.fromkeys(draft.authors or draft.other_authors))
    return Entry(
        identity=_identify(draft, url, title, text.value, home_url),
        title=title,
        url=url,
        author=", ".join(names)[:300] or author,
        published_at=draft.published_at or draft.updated_at,
        updated_at=draft.updated_at,
        body=text.value,
        body_format=text.format,
        teaser=url is not None and is_teaser(text),
        language=clean_language(draft.language) or language,
        image=_choose_image(draft, text, base),
        categories=tuple(dict.fromkeys(draft.categories))[:MAX_CATEGORIES],
    )


def fold(entries: list[Entry]) -> tuple[Entry, ...]:
    """`entries` with one of each identity. Feeds that give different articles the same id get their links instead."""
    shared: dict[str, list[Entry]] = {}
    for entry in entries:
        shared.setdefault(entry.identity, []).append(entry)
    if len(shared) == len(entries):
        return tuple(entries)
    kept: dict[str, Entry] = {}
    for entry in entries:
        versions = shared[entry.identity]
        one = _renamed(entry) if len(versions) > 1 and _are_different(versions) else entry
        known = kept.get(one.identity)
        if known is None or (known.updated_at and one.updated_at and one.updated_at > known.updated_at):
            kept[one.identity] = one
    return tuple(kept.values())


def _are_different(versions: list[Entry]) -> bool:
    """No two have the same title or the same link: not versions of one article."""
    titles = {entry.title for entry in versions}
    links = {entry.url and canonical_link(entry.url) for entry in versions}
    return len(titles) == len(links) == len(versions)


def _renamed(entry: Entry) -> Entry:
    return replace(entry, identity=identity_of_link(entry.url) if entry.url else hash_of(entry.title, entry.body))


def clean_title(title: str | None) -> str | None:
    """A title in plain words, whether it was written as text or as HTML."""
    return plain_text((title or "")[: 4 * MAX_TITLE_LENGTH])[:MAX_TITLE_LENGTH] or None


def clean_language(tag: str | None) -> str | None:
    """A language tag as it is declared ("fr-CA"), or None for what is not one."""
    tag = (tag or "").strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", tag) else None


def clean_author(text: str) -> str | None:
    """The name in "mail (Name)", "Name <mail>" or "Name"; None for a mail address alone, not ours to spread."""
    text = plain_text(text[:1_000])
    if match := re.fullmatch(r"\S+@\S+\s*\((.{1,200})\)", text):
        text = match[1].strip()
    text = re.sub(r"\s*(?:<[^<>\s]*@[^<>\s]*>|\([^()\s]*@[^()\s]*\)|&lt;\S+@\S+&gt;)\s*$", "", text).strip(' ,;"')
    if not text or re.fullmatch(r"(?:mailto:)?\S+@\S+", text):
        return None
    return text[:200]


def identity_of_link(url: str) -> str:
    """A link as an identity: a site that moves to https publishes nothing new."""
    link = canonical_link(url)
    return hash_of(link) if len(link) > MAX_IDENTITY_LENGTH else link.replace("http://", "https://", 1)


def hash_of(*parts: str | None) -> str:
    words = "\n".join(" ".join((part or "").split()) for part in parts)
    return "sha256:" + hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _identify(draft: Draft, url: str | None, title: str | None, body: str, home_url: str | None) -> str:
    if draft.id and (identity := " ".join(draft.id.split())):
        return identity if len(identity) <= MAX_IDENTITY_LENGTH else hash_of(identity)
    # Feeds without pages of their own link every item to the same front page.
    if url and not (home_url and canonical_link(url) == canonical_link(home_url)):
        return identity_of_link(url)
    return hash_of(title, body)


def _choose_body(draft: Draft) -> Text | None:
    content, summary = draft.content, draft.summary
    if content is None or not content.value.strip():
        return summary
    if summary and len(summary.value) > 2 * len(content.value) and is_teaser(content):
        return summary
    return content


def _choose_image(draft: Draft, text: Text, base: str) -> Image | None:
    inside = first_image(text.value, base) if text.format is BodyFormat.HTML else None
    if not draft.images:
        return inside
    best = min(draft.images, key=lambda ranked: ranked[0])[1]
    if best.alt:
        return best
    alt = inside.alt if inside and inside.url == best.url else draft.image_alt
    return Image(url=best.url, alt=alt)


def absolute_link(base: str, link: str | None) -> str | None:
    link = (link or "").strip()
    return join(base, link) if base else (link if is_http(link) else None)
