"""What each element of an item means, in RSS, RDF and Atom alike: real feeds mix them all.

`ELEMENTS` is the whole table. Elements that it does not name are left alone.
"""

from collections.abc import Callable
from datetime import datetime
from html import unescape
from urllib.parse import urljoin

from lxml import etree

from bot.models import Image
from bot.sources.dates import read_date
from bot.sources.draft import Draft, absolute_link, clean_author, clean_title
from bot.sources.markup import alt_text
from bot.sources.teaser import Text, text_of
from bot.sources.xml_names import ATOM, RDF, XML, attribute, declared, name_of, unpack, words_of

Read = Callable[[Draft, etree._Element], None]

_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
_PEOPLE = 10

# Ranks of pictures: what is said to be the article's picture before what may be a logo.
_CONTENT, _ENCLOSURE, _THUMBNAIL, _LOGO = 0, 20, 30, 40


def read_item(element: etree._Element, base: str, *, varies: bool) -> Draft:
    """`varies` when the document says `xml:base` anywhere: looking for it costs as much as the rest."""
    draft = Draft(base_of(element, base), document_base=base) if varies else Draft(base)
    draft.id = element.get(f"{RDF}about") or element.get("rdf:about")
    draft.language = element.get(f"{XML}lang")
    if element.keys():  # CDF, the channels of 1997, keeps them there
        draft.link = absolute_link(base, attribute(element, "href"))
        draft.updated_at = read_date(attribute(element, "lastmod"))
    for child in element:
        if read := ELEMENTS.get(name_of(child)):
            read(draft, child)
    return draft


def base_of(element: etree._Element, base: str) -> str:
    """The base of an element: its `xml:base` chain, against the document's own address."""
    chain: list[str] = []
    at: etree._Element | None = element
    while at is not None and len(chain) < 20:
        if value := at.get(f"{XML}base"):
            chain.append(value.strip())
        at = at.getparent()
    for value in reversed(chain):
        try:
            base = urljoin(base, value)
        except ValueError:
            break
    return base


def read_person(element: etree._Element) -> str | None:
    """An Atom person, or RSS's name and mail in one string."""
    for child in element:
        if name_of(child) in ("name", "?:name") and (name := clean_author(words_of(child))):
            return name
    return None if len(element) else clean_author(words_of(element))


def read_title(element: etree._Element) -> str | None:
    """A title in plain words. Atom says when a title is text, in which `<b>` is just that; RSS leaves us to guess."""
    kind = attribute(element, "type").lower()
    if len(element):
        return clean_title(unpack(element))
    literal = kind in ("text", "text/plain") or (not kind and element.tag.startswith(ATOM) and not element.get("mode"))
    text = unpack(element)
    # Entities in a literal title are there because its author escaped it twice, not to be read.
    return " ".join(unescape(text).split())[:1_000] or None if literal else clean_title(text)


def read_link(element: etree._Element, base: str) -> str | None:
    """RSS writes a link as text, Atom as `href`, and some feeds put one inside the other's element."""
    return absolute_link(base, attribute(element, "href") or words_of(element))


def _base(draft: Draft, element: etree._Element) -> str:
    return base_of(element, draft.document_base) if draft.document_base else draft.base


def _id(draft: Draft, element: etree._Element) -> None:
    text = words_of(element).strip()
    if not text:
        return
    draft.id = text
    if attribute(element, "isPermaLink").lower() != "false":
        draft.permalink = absolute_link(draft.base, text) if text.lower().startswith(("http:", "https:", "/")) else None


def _link(draft: Draft, element: etree._Element) -> None:
    relation = attribute(element, "rel").lower() or "alternate"
    kind = attribute(element, "type").lower()
    if relation.endswith("alternate"):
        page = kind in ("", "text/html", "application/xhtml+xml")
        if (page or draft.link is None) and (link := read_link(element, _base(draft, element))):
            draft.link = link
    elif relation == "enclosure" and kind.startswith("image/"):
        _picture(draft, _ENCLOSURE, attribute(element, "href"), attribute(element, "title"))


def _title(draft: Draft, element: etree._Element) -> None:
    draft.title = draft.title or read_title(element)


def _other_title(draft: Draft, element: etree._Element) -> None:
    draft.other_title = draft.other_title or read_title(element)


def _content(draft: Draft, element: etree._Element) -> None:
    kind = attribute(element, "type").lower()
    if kind.startswith("image/"):
        _picture(draft, _CONTENT, attribute(element, "src"), "")
        return
    text = _text(draft, element, kind, full=True)
    if text.value.strip() and (draft.content is None or "html" in kind):
        draft.content = text
        draft.language = element.get(f"{XML}lang") or draft.language


def _encoded(draft: Draft, element: etree._Element) -> None:
    text = _text(draft, element, "html", full=True)
    if text.value.strip():
        draft.content = text


def _summary(draft: Draft, element: etree._Element) -> None:
    text = _text(draft, element, attribute(element, "type"), full=False)
    if text.value.strip() and (draft.summary is None or len(text.value) > len(draft.summary.value)):
        draft.summary = text


def _other_summary(draft: Draft, element: etree._Element) -> None:
    if draft.summary is None:
        _summary(draft, element)


def _text(draft: Draft, element: etree._Element, kind: str, *, full: bool) -> Text:
    """The element's text; markup that stands in it unescaped makes it HTML, whatever it is called."""
    own = _base(draft, element) if draft.document_base and declared(element, "base") else None
    kind = "html" if len(element) else kind
    return text_of(unpack(element), kind, full=full, base=own)


def _author(draft: Draft, element: etree._Element) -> None:
    if (name := read_person(element)) and len(draft.authors) < _PEOPLE:
        draft.authors.append(name)


def _other_author(draft: Draft, element: etree._Element) -> None:
    if (name := read_person(element)) and len(draft.other_authors) < _PEOPLE:
        draft.other_authors.append(name)


def _published(draft: Draft, element: etree._Element) -> None:
    draft.published_at = read_date(words_of(element)) or draft.published_at


def _created(draft: Draft, element: etree._Element) -> None:
    draft.published_at = draft.published_at or read_date(words_of(element))


def _updated(draft: Draft, element: etree._Element) -> None:
    date: datetime | None = read_date(words_of(element))
    draft.updated_at = date or draft.updated_at


def _category(draft: Draft, element: etree._Element) -> None:
    name = attribute(element, "label") or attribute(element, "term") or words_of(element)
    if len(draft.categories) < 100 and (text := clean_title(name[:200])):
        draft.categories.append(text)


def _language(draft: Draft, element: etree._Element) -> None:
    draft.language = words_of(element).strip() or draft.language


def _enclosure(draft: Draft, element: etree._Element) -> None:
    kind = attribute(element, "type").lower()
    address = attribute(element, "url") or attribute(element, "href")
    if kind.startswith("image/") or (not kind and _is_picture(address)):
        _picture(draft, _ENCLOSURE, address, "")


def _media_content(draft: Draft, element: etree._Element) -> None:
    kind = attribute(element, "type").lower()
    medium = attribute(element, "medium").lower()
    address = attribute(element, "url")
    if medium == "image" or kind.startswith("image/") or (not medium and not kind and _is_picture(address)):
        width = attribute(element, "width")
        # Of several sizes of one picture, the largest comes first.
        size = min(int(width) // 200, 10) if width.isascii() and width.isdigit() and len(width) < 6 else 0
        _picture(draft, _CONTENT + 10 - size, address, "")
    _read_media(draft, element, {"media:description": _image_alt, "media:title": _media_title})


def _media_group(draft: Draft, element: etree._Element) -> None:
    # YouTube gives a video's whole description here.
    _read_media(draft, element, {**_MEDIA, "media:description": _other_summary})


def _read_media(draft: Draft, element: etree._Element, table: dict[str, Read]) -> None:
    for child in element:
        if read := table.get(name_of(child)):
            read(draft, child)


def _thumbnail(draft: Draft, element: etree._Element) -> None:
    _picture(draft, _THUMBNAIL, attribute(element, "url") or words_of(element), "")


def _logo(draft: Draft, element: etree._Element) -> None:
    address = attribute(element, "href") or attribute(element, "url")
    inner = next((words_of(child) for child in element if name_of(child) == "url"), "")
    _picture(draft, _LOGO, address or inner or words_of(element), "")


def _image_alt(draft: Draft, element: etree._Element) -> None:
    draft.image_alt = draft.image_alt or alt_text(words_of(element)[:2_000])


def _media_title(draft: Draft, element: etree._Element) -> None:
    _other_title(draft, element)
    _image_alt(draft, element)


def _picture(draft: Draft, rank: int, address: str, alt: str) -> None:
    if len(draft.images) < 20 and (url := absolute_link(draft.base, address)):
        draft.images.append((rank, Image(url=url, alt=alt_text(alt))))


def _is_picture(address: str) -> bool:
    return address.lower().partition("?")[0].endswith(_PICTURE_ENDINGS)


_MEDIA: dict[str, Read] = {
    "media:content": _media_content,
    "media:thumbnail": _thumbnail,
    "media:title": _media_title,
    "media:text": _image_alt,
}

ELEMENTS: dict[str, Read] = {
    **_MEDIA,
    "media:group": _media_group,
    "media:description": _image_alt,
    "guid": _id,
    "id": _id,
    "dc:identifier": lambda draft, element: None if draft.id else _id(draft, element),
    "link": _link,
    "title": _title,
    "dc:title": _other_title,
    "itunes:title": _other_title,
    "content": _content,
    "content:encoded": _encoded,
    "xhtml:body": _encoded,
    "body": _encoded,
    "fullitem": _encoded,
    "description": _summary,
    "summary": _summary,
    "tagline": _other_summary,
    "abstract": _other_summary,
    "dc:description": _other_summary,
    "itunes:summary": _other_summary,
    "author": _author,
    "dc:creator": _author,
    "dc:author": _author,
    "itunes:author": _other_author,
    "media:credit": _other_author,
    "pubdate": _published,
    "published": _published,
    "issued": _published,
    "dcterms:issued": _created,
    "created": _created,
    "dcterms:created": _created,
    "updated": _updated,
    "modified": _updated,
    "dcterms:modified": _updated,
    "dc:date": _updated,
    "category": _category,
    "dc:subject": _category,
    "dc:language": _language,
    "language": _language,
    "enclosure": _enclosure,
    "itunes:image": _logo,
    "image": _logo,
}
