"""HTML to blocks: one walk over the tree, without recursion and without ever serialising it.

It does not look for the article in a page (`sources.page` does); it drops only what can never be part of one.
"""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.blocks import BlockWriter, Document, web_address
from bot.articles.characters import clean_characters
from bot.articles.text import read_text
from bot.models import Block, SpanStyle

MAX_SOURCE = 2_000_000
"""Characters of markup looked at."""
MAX_TAGS = 15_000
"""Lexbor takes time squared in the depth of nesting: 0.5 s for this many nested elements, 92 s for 200,000."""
MAX_NODES = 100_000


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DROPPED = _names(
    """
    script style noscript template head svg math iframe object embed canvas audio video map form button input select
    textarea nav aside dialog menu figcaption frameset datalist
    """
)
_BLOCKS = _names(
    """
    p div section article main ul ol li blockquote pre table tr dl dt dd figure hr address details summary center
    header body html fieldset h1 h2 h3 h4 h5 h6 tbody thead tfoot caption hgroup footer
    """
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STYLES = {
    **dict.fromkeys(("b", "strong"), SpanStyle.BOLD),
    **dict.fromkeys(("i", "em", "cite", "dfn"), SpanStyle.ITALIC),
    **dict.fromkeys(("s", "strike", "del"), SpanStyle.STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), SpanStyle.CODE),
}
_FURNITURE = _names(
    """
    share sharing share-buttons sharedaddy sd-sharing social-share addtoany_share_save_container jp-relatedposts
    related-posts related-articles yarpp newsletter newsletter-signup subscribe-form cookie-banner cookie-notice
    cookie-consent breadcrumb breadcrumbs comments comment-list post-navigation feedflare sidebar author-box
    visually-hidden screen-reader-text sr-only advertisement
    """
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>|.*\Z)", re.DOTALL)
_OPEN_TAG = re.compile(r"<[a-zA-Z]")
_ATTRIBUTE = r"""[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]++))?+"""
_TAG_BOMB = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:[\s/]{_ATTRIBUTE}){{200}}")
_ANY_TAG = re.compile(r"<(?:/?[a-zA-Z!?][^<>]{0,5000}>?)")


def read_html(body: str, base_url: str | None = None) -> Document:
    """The blocks of a fragment or a whole document. Markup made to exhaust a parser is read as plain text."""
    body = _COMMENT.sub("", body[:MAX_SOURCE])
    tags = sum(1 for _ in _OPEN_TAG.finditer(body))
    if tags == 0 and "&" not in body:
        return read_text(body)
    if tags > MAX_TAGS or _TAG_BOMB.search(body):
        return read_text(_ANY_TAG.sub("\n", body))
    tree = LexborHTMLParser(body)
    title = tree.css_first("head > title")
    page = tree.root.attributes.get("lang") if tree.root is not None else None
    walk = _Walk(base_url)
    walk.run(_article_root(tree))
    return Document(
        tuple(walk.writer.blocks),
        tuple(walk.writer.images),
        title=clean_characters(title.text()).strip() or None if title is not None else None,
        language=page,
    )


def _article_root(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in ("article", "main"):
        found = tree.css(selector)
        if len(found) == 1:
            return found[0]
    return tree.body


@dataclass(slots=True)
class _Walk:
    base_url: str | None
    writer: BlockWriter = field(default_factory=BlockWriter)
    _quotes: int = 0
    _lists: list[Block] = field(default_factory=list)
    _items: int = 0
    _code: int = 0
    _level: int | None = None
    _styled: list[bool] = field(default_factory=list)

    def run(self, root: LexborNode | None) -> None:
        node = root.child if root is not None else None
        ancestors: list[LexborNode] = []
        seen = 0
        while node is not None and seen < MAX_NODES and not self.writer.full:
            seen += 1
            child = node.child if self._enter(node) else None
            if child is not None:
                ancestors.append(node)
                node = child
                continue
            following = node.next
            while following is None and ancestors:
                parent = ancestors.pop()
                self._leave(parent.tag or "")
                following = parent.next
            node = following
        self.writer.end_block(self._block(), self._level)

    def _enter(self, node: LexborNode) -> bool:
        """Writes what starts here; True when its children are wanted. What it opens, `_leave` closes."""
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            self.writer.write(text, verbatim=self._code > 0)
            return False
        if tag in _DROPPED or tag.startswith("-") or _is_furniture(node, tag) or (tag == "footer" and not self._quotes):
            return False
        if tag == "br":
            self.writer.break_line()
        elif tag == "img":
            self._picture(node)
        elif tag in ("td", "th"):
            if not self.writer.empty:
                self.writer.write(" | ")
        elif tag in _BLOCKS:
            self.writer.end_block(self._block(), self._level)
            self._step(tag, 1)
        return self._open_inline(node, tag)

    def _open_inline(self, node: LexborNode, tag: str) -> bool:
        if node.child is None:
            # An empty element is never left, so it must not have opened anything either.
            if tag in _BLOCKS:
                self._step(tag, -1)
            return False
        if tag == "a":
            url = web_address(node.attributes.get("href"), self.base_url)
            self._styled.append(url is not None and self.writer.open(SpanStyle.LINK, url))
        elif (style := _STYLES.get(tag)) is not None:
            self._styled.append(not (self._code and style is SpanStyle.CODE) and self.writer.open(style))
        return True

    def _leave(self, tag: str) -> None:
        if tag == "a" or tag in _STYLES:
            if self._styled.pop():
                self.writer.close(SpanStyle.LINK if tag == "a" else _STYLES[tag])
        elif tag in _BLOCKS:
            self.writer.end_block(self._block(), self._level)
            self._step(tag, -1)

    def _step(self, tag: str, by: int) -> None:
        """Keeps count of where the walk stands, going in (1) and coming out (-1) alike."""
        if tag in _HEADINGS:
            self._level = _HEADINGS[tag] if by > 0 else None
        elif tag == "blockquote":
            self._quotes += by
        elif tag == "pre":
            self._code += by
        elif tag == "li":
            self._items += by
        elif tag in ("ul", "ol"):
            if by > 0:
                self._lists.append(Block.NUMBERED if tag == "ol" else Block.ITEM)
            else:
                self._lists.pop()

    def _block(self) -> Block:
        if self._code:
            return Block.CODE
        if self._items:
            return self._lists[-1] if self._lists else Block.ITEM
        return Block.QUOTE if self._quotes else Block.TEXT

    def _picture(self, node: LexborNode) -> None:
        attributes = node.attributes
        if attributes.get("width") in ("0", "1") or attributes.get("height") in ("0", "1"):
            return  # a tracking pixel
        address = attributes.get("src") or ""
        if not address or address.startswith("data:"):
            address = attributes.get("data-src") or attributes.get("data-lazy-src") or ""
        self.writer.picture(address, attributes.get("alt"), self.base_url)


def _is_furniture(node: LexborNode, tag: str) -> bool:
    if tag in ("b", "i", "em", "strong", "p", "br", "a", "li"):
        return False
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(attributes.get("style") or ""):
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower().split()
    return not _FURNITURE.isdisjoint(names)
