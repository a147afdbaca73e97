"""RSS 0.9x and 2.0, RDF and Atom, in one pass over one tree: where the items are, and what the feed says of itself."""

from collections.abc import Iterator

from lxml import etree

from bot.errors import FailureReason, NotReadable
from bot.models import Entry, Snapshot, SourceKind
from bot.sources.draft import MAX_ENTRIES, Draft, clean_language, finish, fold
from bot.sources.encoding import decode_xml, is_labelled_utf8
from bot.sources.repair import has_windows_letters, repair
from bot.sources.urls import host_of
from bot.sources.xml_item import base_of, read_item, read_link, read_person, read_title
from bot.sources.xml_names import attribute, declared, name_of, words_of

_ROOTS = ("rss", "rdf:rdf", "rdf", "feed", "channel", "rss:rss", "?:rss")
_ITEMS = ("item", "entry")
_NAMING = ("guid", "id", "link")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_MAX_TTL_SECONDS = 30 * 86_400


def parse_xml_feed(body: bytes, *, url: str, charset: str | None) -> Snapshot:
    """Raises NotReadable when `body` is no XML feed, even a broken one."""
    root, cut = _parse(body, charset)
    if root is None or not _is_feed(root):
        raise NotReadable(FailureReason.NOT_A_FEED, url, "not RSS, RDF or Atom")
    return _Feed(root, url, varies=b"xml:base" in body, cut=cut).snapshot()


def _parse(body: bytes, charset: str | None) -> tuple[etree._Element | None, bool]:
    """The document's tree: strictly parsed, else repaired and strictly parsed, else whatever can be recovered; and
    whether it was cut off."""
    healthy = is_labelled_utf8(body, charset) and b"<!DOCTYPE" not in body[:4_096] and not has_windows_letters(body)
    if healthy:
        try:
            return _tree(body, recover=False), False
        except etree.XMLSyntaxError:
            pass
    data = repair(decode_xml(body, charset)).encode("utf-8", "replace")
    for recover in (False, True):
        try:
            root = _tree(data, recover=recover)
        except etree.XMLSyntaxError:
            continue
        cut = recover and root is not None and not _is_closed(root, data)
        if cut and root is not None:
            _drop_unfinished(root, data)
        return root, cut
    return None, False


def _is_closed(element: etree._Element, data: bytes) -> bool:
    """Whether `data` closes an element of this name, the last time it opens one."""
    name = element.tag.rpartition("}")[2].rpartition(":")[2]
    name = f"{element.prefix}:{name}" if element.prefix else name
    return data.rfind(f"</{name}".encode()) > data.rfind(f"<{name}".encode())


def _drop_unfinished(root: etree._Element, data: bytes) -> None:
    """Leave out what stood where the document was cut off: half an address is another address.

    That is the last item; where there is no other, what is whole of it may do.
    """
    items = [element for element in root.iter(etree.Element) if name_of(element) in _ITEMS]
    if not items or _is_closed(items[-1], data):
        return
    unfinished = items[-1]
    while len(items) == 1 and len(unfinished):
        unfinished = unfinished[-1]
    if len(items) > 1 or name_of(unfinished) in _NAMING:
        _drop(unfinished)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _tree(data: bytes, *, recover: bool) -> etree._Element | None:
    # Without huge_tree libxml2 itself stops at 256 levels, 10 MB of one text and any amplification of entities.
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    return etree.fromstring(data, parser)  # None when there was nothing to recover


def _is_feed(root: etree._Element) -> bool:
    name = name_of(root)
    if name in _ROOTS or name in _ITEMS:
        return True
    return name not in ("html", "xhtml:html", "opml") and any(name_of(child) in _ROOTS for child in root)


class _Feed:
    def __init__(self, root: etree._Element, url: str, *, varies: bool, cut: bool) -> None:
        self._root = root
        self._cut = cut
        self._varies = varies
        self._url = url
        self.title: str | None = None
        self.home_url: str | None = None
        self.language = clean_language(declared(root, "lang"))
        self.author: str | None = None
        self.hub_url: str | None = None
        self.self_url: str | None = None
        self.ttl_seconds: int | None = None
        self.skip_hours: tuple[int, ...] = ()
        self.skip_days: tuple[int, ...] = ()
        self._period: int | None = None
        self._frequency = 1

    def snapshot(self) -> Snapshot:
        items: list[etree._Element] = []
        for element in self._walk():
            if name_of(element) in _ITEMS:
                if len(items) < MAX_ENTRIES:
                    items.append(element)
            else:
                self._describe(element)
        base, varies = self._base(), self._varies
        entries = [self._finish(read_item(item, base, varies=varies)) for item in items]
        ttl = self.ttl_seconds or (self._period // self._frequency if self._period else None)
        return Snapshot(
            kind=SourceKind.FEED,
            title=self.title,
            home_url=self.home_url,
            language=self.language,
            ttl_seconds=min(ttl, _MAX_TTL_SECONDS) if ttl else None,
            skip_hours=self.skip_hours,
            skip_days=self.skip_days,
            hub_url=self.hub_url,
            self_url=self.self_url,
            cut=self._cut,
            entries=fold(entries),
        )

    def _walk(self) -> Iterator[etree._Element]:
        """The children of the feed's containers, in the document's order, items among them.

        RDF keeps items beside their channel, RSS inside it, and broken feeds anywhere in between.
        """
        if name_of(self._root) in _ITEMS:
            yield self._root
            return
        containers = [self._root]
        while containers:
            for child in containers.pop(0):
                name = name_of(child)
                if name in _ROOTS or name in ("items", "entries"):
                    containers.append(child)
                elif name:
                    yield child

    def _describe(self, element: etree._Element) -> None:
        match name_of(element):
            case "title":
                self.title = self.title or read_title(element)
            case "dc:title" | "itunes:title" if self.title is None:
                self.title = read_title(element)
            case "link":
                self._link(element)
            case "language" | "dc:language":
                self.language = clean_language(words_of(element)) or self.language
            case "author" | "itunes:author" | "dc:creator":
                self.author = self.author or read_person(element)
            case "ttl":
                self.ttl_seconds = _number(words_of(element), 60) or self.ttl_seconds
            case "skiphours":
                hours = {_number(text, 1) for text in _words_of_each(element, "hour")}
                self.skip_hours = tuple(sorted({hour % 24 for hour in hours if hour is not None and hour <= 24}))
            case "skipdays":
                days = {text.strip().lower() for text in _words_of_each(element, "day")}
                self.skip_days = tuple(number for number, day in enumerate(_DAYS) if day in days)
            case "sy:updateperiod":
                self._period = _PERIODS.get(words_of(element).strip().lower())
            case "sy:updatefrequency":
                self._frequency = _number(words_of(element), 1) or 1

    def _link(self, element: etree._Element) -> None:
        relation = attribute(element, "rel").lower() or "alternate"
        link = read_link(element, base_of(element, self._url))
        if relation == "hub":
            self.hub_url = self.hub_url or link
        elif relation == "self":
            self.self_url = self.self_url or link
        elif relation == "alternate" and link and (self.home_url is None or attribute(element, "type") == "text/html"):
            self.home_url = link

    def _base(self) -> str:
        """What relative links of items stand against: feeds that live on another host mean their site."""
        if self.home_url and host_of(self.home_url) != host_of(self._url):
            return self.home_url
        return self._url

    def _finish(self, draft: Draft) -> Entry:
        return finish(draft, home_url=self.home_url, language=self.language, author=self.author)


def _words_of_each(element: etree._Element, name: str) -> Iterator[str]:
    return (words_of(child) for child in element if name_of(child) == name)


def _number(text: str, unit: int) -> int | None:
    text = text.strip()
    return int(text) * unit if text.isascii() and text.isdigit() and 0 < len(text) < 8 else None
