"""Lists of sources as feed readers exchange them: OPML 2.0 (http://opml.org/spec2.opml). Pure.

Whoever sends such a file may mean harm: entities are refused, and size, depth and number are bounded.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from bot.errors import FailureReason, NotReadable
from bot.models import SourceKind
from bot.sources.draft import clean_title
from bot.sources.encoding import decode_xml
from bot.sources.repair import repair

MAX_BYTES = 10 * 1024 * 1024
MAX_FEEDS = 5_000
MAX_OUTLINES = 100_000
MAX_DEPTH = 32
MAX_FOLDER_LENGTH = 300

_SEPARATOR = "/"
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A source of a list, with the folder that it is filed under; folders in folders are separated by slashes."""

    url: str
    title: str | None = None
    home_url: str | None = None
    folder: str | None = None
    kind: SourceKind = SourceKind.FEED


def read_opml(data: bytes) -> tuple[Outline, ...]:
    """The sources of a list, each address once, in its order.

    Raises NotReadable when it is no such list, is too large, or declares entities.
    """
    if len(data) > MAX_BYTES:
        raise NotReadable(FailureReason.TOO_LARGE, "OPML", f"more than {MAX_BYTES} bytes")
    text = decode_xml(data, None)
    if "<!ENTITY" in text:
        raise NotReadable(FailureReason.NOT_A_FEED, "OPML", "it declares entities")
    body = next((child for child in _root(text) if _name(child) == "body"), None)
    if body is None:
        raise NotReadable(FailureReason.NOT_A_FEED, "OPML", "it has no body")
    found: dict[str, Outline] = {}
    left: list[tuple[etree._Element, tuple[str, ...]]] = [(child, ()) for child in reversed(body)]
    seen = 0
    while left and len(found) < MAX_FEEDS and seen < MAX_OUTLINES:
        element, folders = left.pop()
        seen += 1
        if _name(element) != "outline":
            continue
        title = clean_title(_attribute(element, "text") or _attribute(element, "title"))
        if url := _attribute(element, "xmlUrl"):
            found.setdefault(url, _outline(element, url, title, folders))
        elif len(folders) < MAX_DEPTH:
            inner = (*folders, title.replace(_SEPARATOR, "-")) if title else folders
            left.extend((child, inner) for child in reversed(element))
    return tuple(found.values())


def write_opml(outlines: Iterable[Outline], *, title: str) -> bytes:
    root = etree.Element("opml", {"version": "2.0"})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _printable(title)
    body = etree.SubElement(root, "body")
    groups: dict[tuple[str, ...], etree._Element] = {(): body}
    for each in outlines:
        name = each.title or each.url
        attributes = {"type": "page" if each.kind is SourceKind.PAGE else "rss", "text": name, "title": name}
        attributes |= {"xmlUrl": each.url} | ({"htmlUrl": each.home_url} if each.home_url else {})
        path = tuple(part for part in (each.folder or "").split(_SEPARATOR) if part)[:MAX_DEPTH]
        etree.SubElement(_group(groups, path), "outline", {key: _printable(text) for key, text in attributes.items()})
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _root(text: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, load_dtd=False, no_network=True, collect_ids=False
    )
    try:
        root: etree._Element | None = etree.fromstring(repair(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _name(root) != "opml":
        raise NotReadable(FailureReason.NOT_A_FEED, "OPML", "it is no OPML")
    return root


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _attribute(element: etree._Element, name: str) -> str | None:
    """Attributes by name, whatever their case: readers write xmlurl and xmlURL too."""
    for key, value in element.attrib.items():
        if str(key).lower() == name.lower() and (text := str(value).strip()):
            return text
    return None


def _outline(element: etree._Element, url: str, title: str | None, folders: tuple[str, ...]) -> Outline:
    # A source outside of folders may name its categories instead: comma-separated, each a path (OPML 2.0).
    category = (_attribute(element, "category") or "").split(",")[0].strip(f" {_SEPARATOR}")
    folder = _SEPARATOR.join(folders) or clean_title(category)
    return Outline(
        url=url,
        title=title,
        home_url=_attribute(element, "htmlUrl"),
        folder=folder[:MAX_FOLDER_LENGTH] if folder else None,
        kind=SourceKind.PAGE if (_attribute(element, "type") or "").lower() == "page" else SourceKind.FEED,
    )


def _group(groups: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]) -> etree._Element:
    for depth in range(1, len(path) + 1):
        if path[:depth] not in groups:
            name = _printable(path[depth - 1])
            above = groups[path[: depth - 1]]
            groups[path[:depth]] = etree.SubElement(above, "outline", {"text": name, "title": name})
    return groups[path]


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
