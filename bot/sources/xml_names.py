"""Element names of XML feeds as short words ("dc:creator", "title"), whatever prefix or namespace a feed wrote."""

import base64
import binascii
from functools import lru_cache

from lxml import etree

_PLAIN = (
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0",
    "http://purl.org/net/rss1.1#",
    "http://my.netscape.com/rdf/simple/0.9",
    "http://channel.netscape.com/rdf/simple/0.9",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss",
    "http://purl.org/rss/1.0/modules/rss091#",
    "http://purl.org/echo",
    "http://purl.org/pie",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "uri/of/echo/namespace#",
)
_FAMILIES = {
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://video.search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://purl.org/rss/1.0/modules/taxonomy": "taxo",
}

ATOM = ("{http://www.w3.org/2005/Atom}", "{http://purl.org/atom/ns#}")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML = "{http://www.w3.org/XML/1998/namespace}"


@lru_cache(maxsize=4_096)
def short_name(tag: str) -> str:
    """Lower-cased; names of namespaces that we do not read begin with "?", so that they match nothing."""
    if not tag.startswith("{"):
        return tag.lower()
    uri, _, local = tag[1:].rpartition("}")
    uri = uri.strip().lower().rstrip("/")
    if (uri.startswith(_PLAIN) and not uri.startswith("http://purl.org/rss/1.0/modules/")) or uri in _PLAIN:
        return local.lower()
    return f"{_FAMILIES.get(uri, '?')}:{local.lower()}"


def name_of(element: etree._Element) -> str:
    """The short name of an element; "" for what is none (comments, entities)."""
    return short_name(element.tag) if isinstance(element.tag, str) else ""


def attribute(element: etree._Element, name: str) -> str:
    """An attribute without namespace, also when all its letters are small or capital; "" when it is missing."""
    value = element.get(name)
    if not value and element.keys():
        value = element.get(name.lower()) or element.get(name.upper())
    return value.strip() if value else ""


def words_of(element: etree._Element) -> str:
    return element.text or "" if len(element) == 0 else "".join(map(str, element.itertext()))


def markup_of(element: etree._Element) -> str:
    """What is inside an element, as HTML when it holds elements: XHTML content, or markup that nobody escaped."""
    if len(element) == 0:
        return element.text or ""
    for inner in element.iterdescendants():
        if isinstance(inner.tag, str):
            inner.tag = inner.tag.rpartition("}")[2].rpartition(":")[2]
    etree.cleanup_namespaces(element)
    pieces = [_escape(element.text or "")]
    pieces += [etree.tostring(inner, encoding="unicode", method="html", with_tail=True) for inner in element]
    return "".join(pieces)


def unpack(element: etree._Element) -> str:
    """What is inside an element, decoded where `mode="base64"` (Atom 0.3) or its type (Atom 1.0) asks for it."""
    kind = attribute(element, "type").lower()
    packed = "/" in kind and not kind.startswith(("text/", "multipart/")) and not kind.endswith(("+xml", "/xml"))
    if len(element) or (attribute(element, "mode").lower() != "base64" and not packed):
        return markup_of(element)
    try:
        return base64.b64decode(element.text or "", validate=False).decode()
    except (binascii.Error, ValueError):
        return "" if packed else element.text or ""


def declared(element: etree._Element, name: str) -> str | None:
    """`xml:lang` or `xml:base` as it holds for an element: its own or its nearest ancestor's."""
    at: etree._Element | None = element
    while at is not None:
        value = at.get(f"{XML}{name}")
        if value is not None:
            return value.strip()
        at = at.getparent()
    return None


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
