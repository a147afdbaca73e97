"""Entry to article: read its format, take off what surrounds the text, find language, title and sections.

    Entry -> Document (blocks) -> front matter and boilerplate off -> language -> sections -> Article

Pure: no I/O, no clock, no settings. Costs a few milliseconds for an ordinary article and is bounded for any; callers
run it off the event loop all the same.
"""

import re
from datetime import UTC, datetime

from bot.articles.blocks import Document, web_address
from bot.articles.characters import clean_characters
from bot.articles.front_matter import Front, strip_front_matter, without_closing_signature
from bot.articles.html import read_html
from bot.articles.labelling import Labeller, default_labeller
from bot.articles.language import settle_language
from bot.articles.markdown import read_markdown
from bot.articles.sectioning import divide
from bot.articles.text import read_text
from bot.models import Article, Block, BodyFormat, Entry, Image, Section

MAX_TITLE = 300
MADE_TITLE = 100
"""Characters at which a title made from the first sentence is cut."""
_SENTENCE = re.compile(r"(?<![A-Z]\.)(?<=[.!?…])[»”\"]?\s+(?=[«“\"A-ZÀ-Þ0-9])")
_SPACES = re.compile(r"[ \t\r\n\f\v]+")


def build_article(
    entry: Entry,
    *,
    source_language: str | None = None,
    labeller: Labeller | None = None,
    threshold: float | None = None,
) -> Article:
    """`threshold` is the confidence below which a section is `other`; None leaves it to the labeller."""
    document = _read_body(entry)
    given_title = _one_line(entry.title)
    author = _one_line(entry.author) or _one_line(document.author)
    front = strip_front_matter(
        document.blocks, title=given_title or _one_line(document.title), author=author, base_url=entry.url
    )
    blocks = without_closing_signature(front.blocks, front.author)
    sample = "\n".join(block.text for block in blocks[:40])
    language = settle_language(
        sample or given_title or "", _first_language(entry.language, document.language, source_language)
    )
    sections = divide(blocks, language, labeller or default_labeller(), threshold)
    return Article(
        title=_title(entry, document, front, sections),
        author=front.author,
        language=language,
        url=web_address(entry.url),
        reference_url=front.reference_url,
        image=_image(entry, document),
        published_at=_aware(entry.published_at),
        updated_at=_aware(entry.updated_at),
        categories=tuple(filter(None, (_one_line(category) for category in entry.categories))),
        sections=sections,
    )


def _read_body(entry: Entry) -> Document:
    match entry.body_format:
        case BodyFormat.HTML:
            return read_html(entry.body, entry.url)
        case BodyFormat.MARKDOWN:
            return read_markdown(entry.body, entry.url)
        case BodyFormat.TEXT:
            return read_text(entry.body)


def _title(entry: Entry, document: Document, front: Front, sections: tuple[Section, ...]) -> str:
    chosen = _one_line(entry.title) or _one_line(front.title) or _one_line(document.title)
    if chosen:
        return shorten(chosen, MAX_TITLE)
    for section in sections:
        for paragraph in section.paragraphs:
            if paragraph.block is not Block.CODE and (made := _title_from(paragraph.text)):
                return made
    return entry.url or entry.identity


def _title_from(text: str) -> str:
    sentence = _SENTENCE.split(_one_line(text) or "", maxsplit=1)[0]
    return shorten(sentence.rstrip(" .…:;,–—-\u00a0\u202f"), MADE_TITLE)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in cut[limit // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" .…:;,!?–—-(«“\"'’\u00a0\u202f") + "…"


def _one_line(text: str | None) -> str | None:
    """Titles and names come as plain text; whatever breaks a line or hides in it goes."""
    if not text:
        return None
    return _SPACES.sub(" ", clean_characters(text[:5_000])).strip() or None


def _first_language(*declared: str | None) -> str | None:
    return next((language for language in declared if language), None)


def _image(entry: Entry, document: Document) -> Image | None:
    if entry.image is not None and web_address(entry.image.url):
        return entry.image
    return document.images[0] if document.images else None


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
