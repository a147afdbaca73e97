"""A web page as a source: the articles that it links to, or the one that it is.

Sites without a feed list their articles on a page, each under its title. What stands in menus, in the middle of a
sentence or at the foot of the page is not a list of articles. Pure, and to be run where a parser may die.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.models import BodyFormat, Entry, Snapshot, SourceKind
from bot.sources.draft import clean_title, identity_of_link
from bot.sources.encoding import decode_html
from bot.sources.markup import blocks_of, plain_text, tame
from bot.sources.page import MAX_PAGE_LENGTH, holds_article, read_page
from bot.sources.page_clean import cut_depths, remove_furniture
from bot.sources.page_meta import read_meta
from bot.sources.urls import canonical_link, host_of, join, split_http

MAX_LINKS = 200
FEWEST_LINKS = 3
"""Fewer are no list: two links stand on any page."""
TITLE_WORDS = 3
TEXT_PER_LINK = 500
"""Characters of text for each link up to which a page is a list with summaries rather than an article with links."""

_MAX_ANCHORS = 3_000
_MAX_TITLE_LENGTH = 300
_MENUS = """header nav, footer, nav, aside, [role=navigation], [role=banner], [role=contentinfo], [role=complementary],
[role=menu], [role=search], script, style, template, noscript, svg, form"""
_HREF = re.compile(r'<a href="([^"]*)"')
_HEADINGS = "h1, h2, h3, h4, h5, h6"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_ELSEWHERE = re.compile(
    r"/(?:tags?|etiquettes?|mots?-cles?|categor(?:y|ies)|categories?|rubriques?|sections?|themes?|topics?|sujets?|"
    r"authors?|auteurs?|autrices?|contributors?|profils?|profiles?|users?|utilisateurs?|login|log-in|signin|sign-in|"
    r"signup|sign-up|register|connexion|inscription|compte|account|mon-compte|search|recherche|cart|panier|checkout|"
    r"subscribe|subscription|abonnements?|abonnez-vous|newsletters?|infolettres?|donate|dons?|contact|a-propos|about|"
    r"privacy|confidentialite|terms|conditions|mentions-legales|legal|cookies?|jobs|emplois|carrieres?|careers|faq|aide|"
    r"help|support|sitemap|plan-du-site|wp-(?:admin|login)|cdn-cgi|feeds?|rss|atom)(?:[/.?#]|$)|/page/\d+/?$|"
    r"\.(?:jpe?g|png|gif|webp|svg|avif|zip|gz|mp[34]|m4a|mov|ics|xml|rss|atom|json|css|js|docx?|xlsx?|pptx?|epub)$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:read|see|view|continue|learn|show|load|lire|voir|en savoir|continuer|poursuivre|afficher|charger|suite|"
    r"more|plus|all|tous|toutes)\b.{0,60}$|(?:lire la suite|read more|en savoir plus|continue reading)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Link:
    url: str
    titles: list[tuple[int, str]] = field(default_factory=list)
    """With a rank: the lower the better."""


def read_site(body: bytes, *, url: str, charset: str | None) -> Snapshot:
    """What a page source lists: the articles that the page links to, newest first as a rule; else its own article.

    Links in its main area that lead to the same host, are titled rather than named, and stand alone. Each is a teaser
    without text. A page with neither comes back with no entries.
    """
    html = decode_html(body, charset)[:MAX_PAGE_LENGTH]
    links = list_links(html, url)
    page = read_page(body, url=url, charset=charset)
    if holds_article(page) and not _is_list(links, page):
        links = ()
    return Snapshot(
        kind=SourceKind.PAGE,
        title=_site_title(html, url) if links else page.title,
        home_url=url,
        language=page.language,
        entries=links or ((page,) if holds_article(page) else ()),
    )


def _is_list(links: Sequence[Entry], page: Entry) -> bool:
    """Whether the text of a page is the summaries of what it links to: the links stand in it, one for every few lines.

    Links to related articles stand outside an article's text.
    """
    inside = {identity_of_link(unescape(href)) for href in _HREF.findall(page.body)}
    listed = sum(link.identity in inside for link in links)
    return listed >= FEWEST_LINKS and sum(map(len, blocks_of(page.body))) <= TEXT_PER_LINK * listed


def list_links(html: str, url: str) -> tuple[Entry, ...]:
    """The article links of a page, in its own order."""
    tree = LexborHTMLParser(tame(html))
    cut_depths(tree)
    language = read_meta(tree, url).language
    base = _base(tree, url)
    links = _gather(_main_area(tree), base, url)
    if len(links) < FEWEST_LINKS:
        # Furniture is recognised by names, and a whole page may be wrapped into one of them.
        tree = LexborHTMLParser(tame(html))
        cut_depths(tree)
        for node in tree.css(_MENUS):
            if node.parent is not None:
                node.remove()
        links = _gather(tree.body, base, url)
    return tuple(_entry(link, language) for link in links[:MAX_LINKS])


def _main_area(tree: LexborHTMLParser) -> LexborNode | None:
    remove_furniture(tree)
    if tree.body is None:
        return None
    mains = [node for node in tree.css("main, [role=main]") if node.css_first("a[href]")]
    return max(mains, key=lambda node: len(node.css("a[href]")), default=tree.body)


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (join(url, node.attributes.get("href")) if node else None) or url


def _gather(area: LexborNode | None, base: str, url: str) -> list[_Link]:
    if area is None:
        return []
    own = canonical_link(url)
    found: dict[str, _Link] = {}
    headed: set[str] = set()
    for anchor in area.css("a[href]")[:_MAX_ANCHORS]:
        link = join(base, anchor.attributes.get("href"))
        if link is None or not _may_be_article(link, url, own):
            continue
        rank, title = _title(anchor)
        if title is None or _is_in_prose(anchor, title):
            continue
        key = identity_of_link(link)
        found.setdefault(key, _Link(link)).titles.append((rank, title))
        if rank == 0:
            headed.add(key)
    if len(headed) >= FEWEST_LINKS:
        # Where articles stand under headings, what does not is not one of them.
        return [link for key, link in found.items() if key in headed]
    return list(found.values())


def _may_be_article(link: str, url: str, own: str) -> bool:
    parts = split_http(link)
    if parts is None or _bare(host_of(link)) != _bare(host_of(url)):
        return False
    if canonical_link(link) == own or (parts.path in ("", "/") and not parts.query):
        return False
    return not _ELSEWHERE.search(parts.path)


def _bare(host: str) -> str:
    return host.removeprefix("www.").removeprefix("m.")


def _title(anchor: LexborNode) -> tuple[int, str | None]:
    """What a link calls its article, ranked: under a heading, around one, or alone."""
    heading = anchor.css_first(_HEADINGS)
    rank = 0 if heading is not None or _is_headed(anchor) else 1
    text = plain_text((heading or anchor).text(separator=" ")[: 4 * _MAX_TITLE_LENGTH])
    if not _is_title(text):
        text = plain_text(anchor.attributes.get("aria-label") or anchor.attributes.get("title") or "")
        rank = 2
    if not _is_title(text):
        return rank, None
    return rank, clean_title(text[:_MAX_TITLE_LENGTH])


def _is_title(text: str) -> bool:
    if _MORE.search(text):
        return False
    return len(_WORD.findall(text)) >= TITLE_WORDS or len(_UNSPACED.findall(text)) >= 2 * TITLE_WORDS


def _is_headed(anchor: LexborNode) -> bool:
    above = anchor.parent
    for _ in range(3):
        if above is None:
            return False
        if above.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            return True
        above = above.parent
    return False


def _is_in_prose(anchor: LexborNode, title: str) -> bool:
    """Whether a link is part of a sentence: most of its paragraph is other text."""
    above = anchor.parent
    while above is not None and above.tag in ("span", "em", "strong", "b", "i", "font", "small"):
        above = above.parent
    if above is None or above.tag not in ("p", "blockquote", "figcaption"):
        return False
    return len(" ".join(above.text().split())) > 2 * len(title)


def _entry(link: _Link, language: str | None) -> Entry:
    _, title = min(link.titles, key=lambda ranked: ranked[0])
    return Entry(
        identity=identity_of_link(link.url),
        title=title,
        url=link.url,
        body_format=BodyFormat.TEXT,
        teaser=True,
        language=language,
    )


def _site_title(html: str, url: str) -> str | None:
    """The page's name; a list is named by its document, since its headings are those of its articles."""
    tree = LexborHTMLParser(tame(html[:200_000]))
    for selector, attribute in (("meta[property='og:site_name']", "content"), ("title", None)):
        node = tree.css_first(selector)
        text = None if node is None else node.attributes.get(attribute) if attribute else node.text()
        if title := clean_title(text):
            return title
    return host_of(url) or None
