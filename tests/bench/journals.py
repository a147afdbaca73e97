"""Journals whose feeds misbehave as feeds do: documents in every format, and the truth about what they published.

The number of each article travels in its categories, which the bot stores and never compares: it tells the judge which
article a document meant, and the bot nothing.
"""

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import urljoin

from bot.sources.urls import canonical_link

FORMATS = ("rss", "rss", "rss", "rss091", "rdf", "atom", "atom", "json")
MARK = "no."

_SYLLABLE_TEXT = """
ba ce di fo gu ha je ki lo mu né pa qui ra so tu va xe yo zé bran cher dril fleu gron plai stra ture
"""
_COMMON_TEXT = "le la un une des que qui pour dans avec selon après depuis cette leur plus sans entre contre vers"
_SYLLABLES = _SYLLABLE_TEXT.split()
_COMMON = _COMMON_TEXT.split()


@dataclass
class Piece:
    """One article as its journal thinks of it."""

    number: int
    title: str
    paragraphs: list[str]
    published_at: datetime
    slug: str


@dataclass
class Show:
    """How a journal shows its articles at the moment. What identifies them is in the first half."""

    scheme: int = 0
    """How ids are made."""
    site: str = "https://journal.test"
    path: int = 0
    """How links are made."""
    text: str = "full"
    dates: str = "true"
    format: str = "rss"
    # From here on nothing that matters to a reader:
    encoding: str = "utf-8"
    tracking: str = "none"
    order: str = "newest"
    escaped: bool = True
    decomposed: bool = False
    curly: bool = False
    wrapped: bool = False
    advertisement: int = 0
    twice: int = 0
    """Articles listed twice in one document."""
    touched_at: datetime | None = None


@dataclass
class Journal:
    """`ids`, `links`, `texts` and `titles` are habits for life; `show` changes, and so does what `weather` it has."""

    chance: random.Random
    now: datetime
    ids: str
    links: str
    texts: str
    titles: str
    dated: bool
    length: int
    name: str
    signed: bool = False
    show: Show = field(default_factory=Show)
    pieces: list[Piece] = field(default_factory=list)
    """The newest first; a late one is put where its date wants it."""
    shown: int | None = None
    count: int = 0

    def publish(self, *, days_late: float = 0) -> Piece:
        self.count += 1
        number = self.count
        title = {
            "unique": lambda: self._words(self.chance.randrange(4, 10)).capitalize(),
            "serial": lambda: f"Épisode {number}",
            "dated": lambda: f"La météo du {self.now:%d %B %Y}, bulletin {number}",
            "recurring": lambda: "La revue de presse",
            "none": lambda: "",
        }[self.titles]()
        amount = {"long": self.chance.randrange(3, 9), "short": 1, "none": 0}[self.texts]
        size = 8 if self.texts == "short" else 45
        paragraphs = [self._words(self.chance.randrange(size, 2 * size)).capitalize() + "." for _ in range(amount)]
        published_at = self.now - timedelta(days=days_late, minutes=self.chance.randrange(200))
        piece = Piece(number, title, paragraphs, published_at, self._words(3).replace(" ", "-"))
        at = next((i for i, each in enumerate(self.pieces) if each.published_at <= published_at), len(self.pieces))
        self.pieces.insert(at, piece)
        return piece

    def edit(self, piece: Piece, *, much: bool) -> None:
        if much:
            piece.paragraphs = [
                self._words(50).capitalize() + "." if self.chance.random() < 0.4 else each for each in piece.paragraphs
            ]
            if piece.paragraphs:
                piece.paragraphs.insert(0, "Mise à jour : " + self._words(30) + ".")
        elif piece.paragraphs:
            at = self.chance.randrange(len(piece.paragraphs))
            words = piece.paragraphs[at].split()
            words[self.chance.randrange(len(words))] = "corrigé"
            piece.paragraphs[at] = " ".join(words)
        if self.titles == "unique" and self.chance.random() < 0.4:
            piece.title = piece.title.removesuffix(" (à jour)") + " (à jour)"

    def listing(self) -> list[Piece]:
        pieces = self.pieces[: self.length if self.shown is None else self.shown]
        match self.show.order:
            case "oldest":
                pieces = pieces[::-1]
            case "any":
                pieces = self.chance.sample(pieces, len(pieces))
        for _ in range(min(self.show.twice, len(pieces))):
            pieces.insert(self.chance.randrange(len(pieces) + 1), self.chance.choice(pieces))
        return pieces

    def signatures(self) -> dict[int, "Signature"]:
        """By what each article that is listed now could be known again."""
        return {piece.number: Signature.of(self, piece) for piece in self.pieces[: self.length]}

    def document(self, pieces: list[Piece]) -> bytes:
        items = [_Item(self, piece, place) for place, piece in enumerate(pieces, 1)]
        text = _DOCUMENTS[self.show.format](self, items)
        if self.show.decomposed:
            text = unicodedata.normalize("NFD", text)
        if self.show.format == "json":
            return text.encode()
        head = f"<?xml version='1.0' encoding='{self.show.encoding}'?>\n"
        return (head + text).encode(self.show.encoding, "xmlcharrefreplace")

    def _words(self, count: int) -> str:
        words = []
        for _ in range(count):
            if self.chance.random() < 0.3:
                words.append(self.chance.choice(_COMMON))
            else:
                words.append("".join(self.chance.choice(_SYLLABLES) for _ in range(self.chance.randrange(1, 4))))
        return " ".join(words)


class _Item:
    """A piece as it is listed at this moment."""

    def __init__(self, journal: Journal, piece: Piece, place: int) -> None:
        show = journal.show
        self.number = f"{MARK} {piece.number}"
        self.title = piece.title
        self.author = "Rosaire Tremblay" if journal.signed else None
        self.link = self._link(journal, piece)
        self.id = self._id(journal, piece, place)
        self.date: datetime | None = None
        if journal.dated and show.dates != "none":
            self.date = max(show.touched_at or piece.published_at, piece.published_at)
        paragraphs = piece.paragraphs
        if show.text == "excerpt" and paragraphs:
            paragraphs = [" ".join(paragraphs[0].split()[:30]) + " […]"]
        elif show.text == "none":
            paragraphs = []
        if show.curly:
            paragraphs = [each.replace("'", "’").replace(" : ", "\u00a0: ") for each in paragraphs]
        if show.wrapped:
            paragraphs = [each.replace(" ", " \n ", 3) for each in paragraphs]
        body = "".join(f"<p>{escape(each, quote=False)}</p>" for each in paragraphs)
        if body and show.advertisement:
            body += f'<p><a href="https://pub.test/{show.advertisement}">Abonnez-vous à l’infolettre</a></p>'
        self.body = body

    @staticmethod
    def _link(journal: Journal, piece: Piece) -> str | None:
        show = journal.show
        if journal.links == "none":
            return None
        if journal.links == "home":
            return f"{show.site}/"
        link = (
            f"{show.site}/{piece.slug}/",
            f"{show.site}/articles/{piece.number}",
            f"{show.site}/{piece.published_at:%Y/%m}/{piece.slug}.html",
            f"{show.site}/index.php?p={piece.number}",
        )[show.path % 4]
        tracking = {
            "none": "",
            "fixed": "utm_source=rss&utm_medium=feed&utm_campaign=flux",
            "each": f"utm_source=rss&fbclid={journal.chance.randrange(10**9)}",
        }.get(show.tracking, "")
        if tracking:
            link += ("&" if "?" in link else "?") + tracking
        if show.tracking == "relative":
            return link.removeprefix(show.site)
        return link + ("#xtor=RSS-1" if show.tracking == "fragment" else "")

    def _id(self, journal: Journal, piece: Piece, place: int) -> str | None:
        show = journal.show
        match journal.ids:
            case "opaque":
                return f"urn:x:{random.Random(f'{show.scheme} {journal.name} {piece.number}').getrandbits(64):x}"
            case "wordpress":
                return f"{show.site}/?p={piece.number + 1000 * show.scheme}"
            case "link":
                return self.link
            case "number":
                return str(piece.number + 10_000 * show.scheme)
            case "place":
                return f"item-{place}"
        return None

    def text(self, show: Show) -> str:
        if show.escaped:
            return escape(self.body, quote=False)
        return f"<![CDATA[{self.body}]]>"


@dataclass(frozen=True)
class Signature:
    id: str | None
    link: str | None
    title: str
    words: tuple[str, ...]
    date: datetime | None

    @classmethod
    def of(cls, journal: Journal, piece: Piece) -> "Signature":
        item = _Item(journal, piece, 0)
        own = journal.links == "own" and item.link is not None
        return cls(
            id=None if journal.ids == "place" or (journal.ids == "link" and not own) else item.id,
            link=canonical_link(urljoin(f"{journal.show.site}/", item.link or "")).partition("://")[2] if own else None,
            title=piece.title if journal.titles in ("unique", "serial", "dated") else "",
            words=tuple(item.body.split()) if journal.texts == "long" and journal.show.text == "full" else (),
            date=item.date,
        )

    def is_at(self, other: "Signature") -> bool:
        return bool((self.id and self.id == other.id) or (self.link and self.link == other.link))

    def shows(self, other: "Signature") -> bool:
        """Whether a careful reader who saw `other` knows the article again in this one."""
        if self.is_at(other):
            return True
        if self.words and other.words:
            return len({*self.words} & {*other.words}) > 0.8 * len({*self.words, *other.words})
        return bool(self.title and self.date) and (self.title, self.date) == (other.title, other.date)


def _tag(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>" if text else ""


def _rss(journal: Journal, items: list[_Item]) -> str:
    return "".join(_rss_pieces(journal, items, "2.0"))


def _rss091(journal: Journal, items: list[_Item]) -> str:
    return "".join(_rss_pieces(journal, items, "0.91"))


def _rss_pieces(journal: Journal, items: list[_Item], version: str) -> Iterator[str]:
    yield f"<rss version='{version}' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
    yield _tag("title", journal.name) + _tag("link", f"{journal.show.site}/") + _tag("description", "Un journal.")
    for item in items:
        yield "<item>" + _tag("category", item.number) + _tag("title", item.title) + _tag("link", item.link)
        if item.id:
            permanent = "true" if item.id == item.link else "false"
            yield f"<guid isPermaLink='{permanent}'>{escape(item.id)}</guid>"
        yield _tag("pubDate", item.date and format_datetime(item.date))
        yield _tag("dc:creator", item.author)
        yield f"<description>{item.text(journal.show)}</description></item>\n" if item.body else "</item>\n"
    yield "</channel></rss>"


def _rdf(journal: Journal, items: list[_Item]) -> str:
    def pieces() -> Iterator[str]:
        yield "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
        yield "xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        yield f"<channel rdf:about='{journal.show.site}/'>" + _tag("title", journal.name)
        yield _tag("link", f"{journal.show.site}/") + "</channel>\n"
        for item in items:
            about = f" rdf:about='{escape(item.id)}'" if item.id else ""
            yield (
                f"<item{about}>" + _tag("dc:subject", item.number) + _tag("title", item.title) + _tag("link", item.link)
            )
            yield _tag("dc:date", item.date and item.date.isoformat()) + _tag("dc:creator", item.author)
            yield f"<description>{item.text(journal.show)}</description></item>\n" if item.body else "</item>\n"
        yield "</rdf:RDF>"

    return "".join(pieces())


def _atom(journal: Journal, items: list[_Item]) -> str:
    def pieces() -> Iterator[str]:
        yield "<feed xmlns='http://www.w3.org/2005/Atom'>" + _tag("title", journal.name) + _tag("id", journal.name)
        yield f"<link href='{journal.show.site}/'/><updated>{journal.now.isoformat()}</updated>\n"
        for item in items:
            yield f"<entry><category term='{item.number}'/>" + _tag("title", item.title) + _tag("id", item.id)
            if item.link:
                yield f"<link rel='alternate' href='{escape(item.link)}'/>"
            yield _tag("published", item.date and item.date.isoformat())
            yield _tag("updated", item.date and item.date.isoformat())
            yield f"<author>{_tag('name', item.author)}</author>" if item.author else ""
            yield f"<content type='html'>{item.text(journal.show)}</content></entry>\n" if item.body else "</entry>\n"
        yield "</feed>"

    return "".join(pieces())


def _json(journal: Journal, items: list[_Item]) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": journal.name,
            "home_page_url": f"{journal.show.site}/",
            "items": [
                {
                    name: value
                    for name, value in {
                        "id": item.id,
                        "url": item.link,
                        "title": item.title,
                        "content_html": item.body,
                        "date_published": item.date and item.date.isoformat(),
                        "authors": [{"name": item.author}] if item.author else None,
                        "tags": [item.number],
                    }.items()
                    if value
                }
                for item in items
            ],
        },
        ensure_ascii=journal.show.escaped,
    )


_DOCUMENTS: dict[str, Callable[[Journal, list[_Item]], str]] = {
    "rss": _rss,
    "rss091": _rss091,
    "rdf": _rdf,
    "atom": _atom,
    "json": _json,
}


def founded(chance: random.Random, name: str, now: datetime) -> Journal:
    """A journal with habits by which a careful reader could follow it."""
    while True:
        journal = Journal(
            chance,
            now,
            ids=chance.choice(["opaque", "opaque", "wordpress", "wordpress", "link", "number", "none", "place"]),
            links=chance.choice(["own"] * 6 + ["none", "home"]),
            texts=chance.choice(["long", "long", "short", "none"]),
            titles=chance.choice(["unique"] * 4 + ["serial", "dated", "recurring", "none"]),
            dated=chance.random() < 0.85,
            length=chance.choice([1, 5, 10, 10, 20, 20, 50]),
            name=name,
            signed=chance.random() < 0.5,
        )
        if is_possible(journal):
            break
    journal.show.format = chance.choice(FORMATS)
    journal.show.path = chance.randrange(4)
    journal.show.escaped = chance.random() < 0.5
    journal.show.text = "excerpt" if journal.texts == "long" and chance.random() < 0.3 else "full"
    journal.show.encoding = chance.choice(["utf-8", "utf-8", "iso-8859-1", "windows-1252", "utf-16"])
    start = journal.now
    articles = chance.randrange(1, 40)
    for back in range(articles, 0, -1):
        journal.now = start - timedelta(hours=back * chance.choice([5, 7, 12]))
        journal.publish()
    journal.pieces.sort(key=lambda piece: piece.published_at, reverse=True)
    journal.now = start
    return journal


def is_possible(journal: Journal) -> bool:
    """A feed that shows nothing by which one article could be told from another cannot be followed by anybody."""
    if journal.titles in ("none", "recurring") and journal.texts != "long":
        return journal.links == "own" or (journal.ids in ("opaque", "wordpress", "number") and journal.texts == "short")
    if journal.ids == "link" and journal.links != "own":
        return False
    return not (journal.ids in ("none", "place") and journal.links != "own" and journal.texts == "none")


START = datetime(2026, 3, 2, 6, tzinfo=UTC)
