"""A publisher whose feed misbehaves as feeds do, and who knows the truth: which articles there really are."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.models import Entry
from bot.sources.draft import hash_of, identity_of_link

HOME = "https://journal.test/"
_TEXT = (
    "poutine fromage sauce table débat ministre école neige village projet avenir climat voisin marché travail loi "
    "santé musique quartier forêt rivière train prix enfant mémoire langue science hiver usine ferme port bateau "
    "histoire voix jardin lumière route hôpital logement impôt vote culture film livre pain café sirop érable"
)
_WORDS = _TEXT.split()


@dataclass
class Piece:
    """One article as its publisher thinks of it."""

    number: int
    title: str
    body: str
    published_at: datetime
    slug: str


@dataclass
class Publisher:
    """`ids`, `links`, `texts` and `titles` are habits for life; the rest changes with `misbehave`."""

    chance: random.Random
    now: datetime
    ids: str
    links: str
    texts: str
    titles: str
    dates: bool
    length: int
    pieces: list[Piece] = field(default_factory=list)
    """In the order listed, the newest first; a late one is put where its date wants it."""
    scheme: int = 0
    """How ids are made; a new one re-numbers everything."""
    site: str = "https://journal.test"
    tracking: bool = False
    touched_at: datetime | None = None
    wrapping: int = 0
    shuffled: bool = False
    down: int = 0
    shown: int | None = None
    count: int = 0
    renumbered: bool = False
    """Since its readers last saw it; so for the next."""
    moved: bool = False
    touched: bool = False
    """Ever."""

    def publish(self, *, days_late: int = 0) -> None:
        self.count += 1
        number = self.count
        title = {
            "unique": self._words(5).capitalize(),
            "serial": f"Épisode {number}",
            "recurring": "La revue de presse",
        }[self.titles]
        amount = {"long": 70, "short": 8, "none": 0}[self.texts]
        published_at = self.now - timedelta(days=days_late, minutes=self.chance.randrange(200))
        piece = Piece(number, title, self._words(amount), published_at, f"{number}-{self._words(2).replace(' ', '-')}")
        at = next((i for i, each in enumerate(self.pieces) if each.published_at <= published_at), len(self.pieces))
        self.pieces.insert(at, piece)

    def is_knowable(self) -> bool:
        """Whether anybody could know its articles again after all that was changed at once."""
        return (
            (self.ids == "guid" and not self.renumbered)
            or (self.links == "own" and not self.moved)
            or self.texts == "long"
            or (self.dates and not self.touched and (self.texts != "none" or self.titles != "recurring"))
        )

    def edit(self) -> None:
        """A small one: a word of the text, or a word more in the title."""
        piece = self.chance.choice(self.pieces[: self.length])
        words = piece.body.split()
        if words:
            words[self.chance.randrange(len(words))] = "corrigé"
            piece.body = " ".join(words)
        if self.titles == "unique" and self.chance.random() < 0.5 and "encore" not in piece.title:
            piece.title += " encore"

    def listing(self) -> list[tuple[int, Entry]]:
        """The number of each piece listed, and the entry that the parser makes of it."""
        pieces = self.pieces[: self.length if self.shown is None else self.shown]
        listed = [(piece.number, self._entry(piece, place)) for place, piece in enumerate(pieces, 1)]
        if self.shuffled:
            self.chance.shuffle(listed)
        return listed

    def _entry(self, piece: Piece, place: int) -> Entry:
        url = None
        if self.links == "own":
            url = f"{self.site}/{piece.slug}/" + ("?utm_source=rss&utm_medium=feed" if self.tracking else "")
        elif self.links == "home":
            url = HOME
        body = (" " * self.wrapping + "\n").join(piece.body.split(" ")) if self.wrapping else piece.body
        entry = Entry(
            identity="",
            title=piece.title,
            url=url,
            body=f"<p>{body}</p>" if body else "",
            published_at=max(self.touched_at or piece.published_at, piece.published_at) if self.dates else None,
        )
        return replace(entry, identity=self._identity(piece, place, entry))

    def _identity(self, piece: Piece, place: int, entry: Entry) -> str:
        if self.ids == "guid":
            return f"scheme {self.scheme}: {hash_of(str(self.scheme), str(piece.number))}"
        if self.ids == "place":
            return f"item-{place}"
        return identity_of_link(entry.url) if self.links == "own" and entry.url else hash_of(entry.title, entry.body)

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choice(_WORDS) for _ in range(count))
