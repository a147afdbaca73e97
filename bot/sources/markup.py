"""Small questions about the HTML inside feeds: its text, its first image, its relative addresses."""

import re
from collections.abc import Mapping
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from bot.models import Image
from bot.sources.urls import join

MAX_NESTING = 1_000

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.{0,2000}?-->", re.DOTALL)
_MARKUP = re.compile(
    r"</[a-zA-Z][\w-]*\s*>|<(?:br|p|img|hr|a|div|ul|ol|h[1-6]|blockquote|em|strong|b|i|figure|iframe)\b[^<>]*>"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_DROPPED = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote|tr|table|figure|section|article|pre|hr)\b[^<>]*>", re.IGNORECASE
)
_ELSEWHERE = r"(?!https?:|mailto:|data:|tel:|#|javascript:|[\"'\s>])"
_RELATIVE_HREF = re.compile(rf"href\s*=\s*[\"']?{_ELSEWHERE}")
_RELATIVE_SRC = re.compile(rf"src\s*=\s*[\"']?{_ELSEWHERE}")
_LONG_TAG = 16_384
_HUGE_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG_TAG},}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OPENING_OR_CLOSING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_TAG_OR_REST = re.compile(r"<[^<>]*>?")
_FLAT = "p li td th tr dt dd option area base br col embed hr img input link meta source track wbr"
_NOT_NESTING = frozenset(_FLAT.split(" "))
"""Elements that are empty, or that the next of their kind closes."""
_IMG = re.compile(r"<(?:img|IMG)\b[^<>]{0,4000}>")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_PIXEL = re.compile(r"[01](?:px)?")
_NOT_PICTURES = re.compile(
    r"/(?:smilies|smileys|emoji|emoticons)/|feedburner\.com/~|feeds\.wordpress\.com|/pixel|doubleclick\.|"
    r"gravatar\.com|s\.w\.org/images/core/emoji|\.svg(?:\?|$)|medium\.com/_/stat|stats?\.wp\.com|"
    r"scorecardresearch|spacer\.gif|blank\.gif",
    re.IGNORECASE,
)


def tame(html: str) -> str:
    """`html` as it is, or without its tags when they are built to exhaust an HTML parser.

    The time of such parsers grows with the square of the nesting, and of the number of attributes of one tag.
    """
    return _TAG_OR_REST.sub("\n", html) if _is_wild(html) else html


def _is_wild(html: str) -> bool:
    # Quoted values may be long (pictures as data); what is left of a long tag without them is attributes.
    if any(len(_QUOTED.sub("", match[0])) > _LONG_TAG // 2 for match in _HUGE_TAG.finditer(html)):
        return True
    if html.count("<") < MAX_NESTING:
        return False
    depth = 0
    for match in _OPENING_OR_CLOSING.finditer(html):
        if match[2].lower() in _NOT_NESTING:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_NESTING:
            return True
    return False


def is_markup(text: str) -> bool:
    """True for HTML, False for plain text that may mention `a < b` or `AT&T`."""
    return bool(_MARKUP.search(text) or _ENTITY.search(text))


def plain_text(html: str) -> str:
    """The words of a short piece of HTML (a title, a name) on one line. Text that is not markup stays as it is."""
    if "<" in html:
        html = _TAG.sub("", _DROPPED.sub("", html))
    return " ".join(unescape(html).split()) if "&" in html else " ".join(html.split())


def blocks_of(html: str) -> list[str]:
    """The words of each block of an HTML text: enough to measure it. Rendering it is for `bot.articles`."""
    pieces = _BREAK.split(_DROPPED.sub("", html)) if "<" in html else html.split("\n")
    return [text for piece in pieces if (text := plain_text(piece))]


def first_image(html: str, base: str) -> Image | None:
    """The first picture of a text that is one: no tracking pixel, no smiley, nothing embedded."""
    if "<img" not in html and "<IMG" not in html:
        return None
    for count, match in enumerate(_IMG.finditer(html)):
        attributes = {
            one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(match[0])
        }
        if image := read_image(attributes, base):
            return image
        if count > 20:
            break
    return None


def read_image(attributes: Mapping[str, str | None], base: str) -> Image | None:
    source = attributes.get("src") or ""
    if not source or source.startswith("data:"):
        source = attributes.get("data-src") or attributes.get("data-lazy-src") or attributes.get("data-original") or ""
    if any(_PIXEL.fullmatch((attributes.get(side) or "").strip()) for side in ("width", "height")):
        return None
    url = join(base, source)
    if url is None or _NOT_PICTURES.search(url):
        return None
    return Image(url=url, alt=alt_text(attributes.get("alt")))


def alt_text(text: str | None) -> str | None:
    return plain_text(text or "")[:1_000] or None


def absolute(html: str, base: str) -> str:
    """`html` with its relative addresses made absolute; untouched, byte for byte, when it has none."""
    if not _RELATIVE_HREF.search(html) and not _RELATIVE_SRC.search(html) and "HREF" not in html and "SRC" not in html:
        return html
    tree = LexborHTMLParser(html)
    for name in ("href", "src", "poster"):
        for node in tree.css(f"[{name}]"):
            value = node.attributes.get(name)
            if value and not value.startswith("#") and (url := join(base, value)):
                node.attrs[name] = url
    return tree.body.inner_html or "" if tree.body else html
