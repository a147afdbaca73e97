"""A web page as one entry: its article, without what surrounds it (reader mode)."""

import re

from selectolax.lexbor import LexborHTMLParser

from bot.models import BodyFormat, Entry
from bot.sources.draft import identity_of_link
from bot.sources.encoding import decode_html
from bot.sources.markup import blocks_of, first_image, plain_text, tame
from bot.sources.page_clean import cut_depths, is_lone_line, remove_furniture, remove_tails
from bot.sources.page_main import find_main
from bot.sources.page_meta import PageMeta, read_meta
from bot.sources.page_writer import Writer

MAX_PAGE_LENGTH = 3_000_000
ENOUGH_LENGTH = 250
"""Less text than this makes our own reading of a page doubtful, and another one worth its time."""
ARTICLE_BYTES = 400
PARAGRAPH_BYTES = 60
"""In bytes of UTF-8, since a character of Chinese says as much as three of French."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_ENOUGH_WORDS = 5
_SHARED = 0.25


def read_page(body: bytes, *, url: str, charset: str | None) -> Entry:
    """The page's article. Pages without one come back with whatever text they have: see `holds_article`."""
    html = tame(decode_html(body, charset)[:MAX_PAGE_LENGTH])
    tree = LexborHTMLParser(html)
    cut_depths(tree)
    meta = read_meta(tree, url)
    remove_furniture(tree)
    text = _write(tree, meta)
    if sum(map(len, blocks_of(text))) < ENOUGH_LENGTH and len(html) > 4 * ENOUGH_LENGTH:
        text = _second_opinion(html, url, text)
    return Entry(
        identity=identity_of_link(meta.url) if meta.url else url,
        title=meta.title,
        url=meta.url,
        author=meta.author,
        published_at=meta.published_at or meta.updated_at,
        updated_at=meta.updated_at,
        body=text,
        body_format=BodyFormat.HTML,
        language=meta.language,
        image=meta.image or first_image(text, url),
    )


def holds_article(entry: Entry) -> bool:
    """Whether a page's entry reads like an article: paragraphs, rather than a list of links and captions."""
    blocks = (len(block.encode("utf-8", "replace")) for block in blocks_of(entry.body))
    return sum(length for length in blocks if length > PARAGRAPH_BYTES) >= ARTICLE_BYTES


def is_about(page: Entry, entry: Entry) -> bool:
    """Whether a page is the article that an entry announces, rather than a consent wall or a front page.

    An announcement shares words with its article; too few words prove nothing.
    """
    wanted = _words(f"{entry.title or ''} {plain_text(entry.body[:4_000])}")
    if len(wanted) < _ENOUGH_WORDS:
        return True
    return len(wanted & _words(f"{page.title or ''} {' '.join(blocks_of(page.body))}")) >= _SHARED * len(wanted)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _write(tree: LexborHTMLParser, meta: PageMeta) -> str:
    root = tree.body
    if root is None:
        return ""
    part = find_main(root)
    remove_tails(part)
    return Writer(meta.url or "", meta.title, is_furniture=is_lone_line).write(part)


def _second_opinion(html: str, url: str, own: str) -> str:
    """trafilatura's reading, where it finds clearly more. Imported here: it is large and seldom needed."""
    import trafilatura

    try:
        text = trafilatura.extract(
            html, url=url or None, fast=True, output_format="html", include_links=True, include_images=True,
            include_formatting=True, include_comments=False,
        )  # fmt: skip
    except (ValueError, AttributeError, TypeError, RecursionError, IndexError, KeyError):
        return own
    if not text:
        return own
    tree = LexborHTMLParser(text)
    if tree.body is None:
        return own
    other = Writer(url, None).write(tree.body)
    return other if sum(map(len, blocks_of(other))) > 1.5 * sum(map(len, blocks_of(own))) else own
