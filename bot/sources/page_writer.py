"""A part of a page written down as plain HTML: blocks, lists, quotes, links, emphasis, pictures, and nothing else."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape

from selectolax.lexbor import LexborNode

from bot.sources.markup import read_image
from bot.sources.urls import join

MAX_DEPTH = 120
"""Deeper than this, only the words are kept."""

_SHORT = 80
_REFRAIN = 4
"""So often nobody says the same in one article."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_INLINE = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "code": "code"}
_INLINE |= dict.fromkeys(("del", "s", "strike"), "del")
_PHRASING_TAGS = """
-text a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark picture q rp rt ruby s
samp small source span strike strong sub sup time tt u var wbr
"""
PHRASING = frozenset(_PHRASING_TAGS.split())
"""Elements that do not begin a paragraph."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_EMPTY = re.compile(r"<(?!img)[^>]*>|&nbsp;|[\s\u00a0\u200b]")


class Writer:
    """For one use. `title` is left out where it stands as a heading: an entry has it already. So are paragraphs that
    `is_furniture`, and short ones that come again and again: the captions of a slide show, the buttons of a list."""

    def __init__(
        self, base: str, title: str | None, *, is_furniture: Callable[[str], bool] = lambda _text: False
    ) -> None:
        self._base = base
        self._is_furniture = is_furniture
        self._title = _fold(title or "")
        self._out: list[str] = []
        self._inline: list[str] = []

    def write(self, root: LexborNode) -> str:
        self._blocks(root, 0)
        self._flush("p")
        times = Counter(each for each in self._out if len(each) < _SHORT)
        text = "\n".join(each for each in self._out if times[each] < _REFRAIN)
        whole = "\n".join(self._out)
        return text if 2 * len(text) > len(whole) else whole  # a text that is all refrain is a song, or a table

    def _blocks(self, node: LexborNode, depth: int) -> None:
        child = node.child
        while child is not None:
            tag = child.tag or ""
            if tag in PHRASING and not _holds_blocks(child, tag):
                self._phrase(child, depth)
            elif depth > MAX_DEPTH:
                self._inline.append(escape(child.text(), quote=False))
            elif not tag.startswith(("-", "!")):
                self._flush("p")
                self._block(child, tag, depth + 1)
            child = child.next

    def _block(self, node: LexborNode, tag: str, depth: int) -> None:
        if tag in _HEADINGS:
            self._phrases(node, depth)
            if tag == "h1" and self._title and _fold("".join(self._inline)) == self._title:
                self._inline.clear()
            self._flush(tag)
        elif tag in ("ul", "ol", "blockquote"):
            self._wrap(node, tag, depth)
        elif tag in ("li", "dd", "dt"):
            self._wrap(node, "li", depth)
        elif tag == "pre":
            self._out.append(f"<pre>{escape(node.text(), quote=False)}</pre>")
        elif tag == "tr":
            cells = [" ".join(cell.text().split()) for cell in node.css("td, th")]
            self._inline.append(escape(" | ".join(cell for cell in cells if cell), quote=False))
            self._flush("p")
        elif tag in ("figcaption", "caption"):
            return
        else:
            self._blocks(node, depth)
            self._flush("p")

    def _wrap(self, node: LexborNode, tag: str, depth: int) -> None:
        outer, self._out = self._out, []
        self._blocks(node, depth)
        self._flush("" if tag == "li" and not self._out else "p")
        if self._out:
            outer.append(f"<{tag}>{''.join(self._out)}</{tag}>")
        self._out = outer

    def _phrases(self, node: LexborNode, depth: int) -> None:
        child = node.child
        while child is not None:
            self._phrase(child, depth)
            child = child.next

    def _phrase(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._inline.append(escape(node.text_content or "", quote=False))
        elif tag == "br":
            self._inline.append("<br>")
        elif tag == "img":
            if image := read_image(node.attributes, self._base):
                self._inline.append(f'<img src="{escape(image.url)}" alt="{escape(image.alt or "")}">')
        elif depth > MAX_DEPTH:
            self._inline.append(escape(node.text(), quote=False))
        elif tag == "a" and (link := join(self._base, node.attributes.get("href"))) and node.text().strip():
            self._inline.append(f'<a href="{escape(link)}">')
            self._phrases(node, depth + 1)
            self._inline.append("</a>")
        elif name := _INLINE.get(tag):
            self._inline.append(f"<{name}>")
            self._phrases(node, depth + 1)
            self._inline.append(f"</{name}>")
        elif not tag.startswith(("-", "!")):
            self._phrases(node, depth + 1)

    def _flush(self, tag: str) -> None:
        html = "".join(self._inline)
        self._inline.clear()
        for part in re.split(r"(?:<br>\s*){2,}", html) if tag == "p" else (html,):
            text = _SPACE.sub(" ", part).strip()
            text = re.sub(r"^(?:<br>\s*)+|(?:\s*<br>)+$", "", text).strip()
            if _EMPTY.sub("", text) and not (tag == "p" and len(text) < _SHORT and self._is_furniture(text)):
                self._out.append(f"<{tag}>{text}</{tag}>" if tag else text)


def _holds_blocks(node: LexborNode, tag: str) -> bool:
    """Inline elements around whole paragraphs: against the standard and common."""
    return tag in ("a", "span", "font", "ins") and node.css_first("p, div, h2, h3, ul, li") is not None


def _fold(text: str) -> str:
    return "".join(re.sub(r"<[^>]*>", "", text).split()).casefold()
