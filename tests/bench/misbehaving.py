"""A source that misbehaves for weeks, and who knows the truth about what was told of it."""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.errors import FailureReason, FetchFailed
from bot.updates.announcing import FEW
from tests.bench.journals import Journal, Piece, Signature

ROUND = timedelta(hours=6)

_CHANGES = (
    *("dates touched", "dates as they were", "no dates", "re-numbered", "https", "www", "site moved", "links changed"),
    *(
        "tracking",
        "tracking",
        "re-encoded",
        "re-encoded",
        "format",
        "re-ordered",
        "re-ordered",
        "excerpts",
        "typography",
    ),
    *("advertisement", "listed twice", "redirect"),
)
_LOG_IN = b"<!DOCTYPE html><html><head><title>Hotel</title></head><body><form>Log in</form></body></html>"


@dataclass
class History:
    """One journal, what it listed, and what the bot told of it."""

    journal: Journal
    number: int
    first: str
    address: str
    weather: str = "fair"
    down: int = 0
    moved_to: str | None = None
    seen: dict[int, Signature] = field(default_factory=dict)
    """By what each article was last shown to the bot."""
    seeds: set[int] | None = None
    """Listed at the first check; None before it."""
    archive: int = 0
    """How many there were then."""
    listed: set[int] = field(default_factory=set)
    """In whole documents, since."""
    told: Counter[int] = field(default_factory=Counter)
    told_first: list[int] = field(default_factory=list)
    flood: int = 0
    worst_flood: int = 0
    diary: list[str] = field(default_factory=list)

    def live(self) -> None:
        """What happens between two checks."""
        chance, journal = self.journal.chance, self.journal
        self.flood = 0
        journal.now += ROUND
        notes = []
        for _ in range(chance.choice([0, 0, 0, 1, 1, 1, 2, 3])):
            days_late = chance.choice([0, 0, 0, 0, 0, 0.5, 1, 3, 30])
            piece = journal.publish(days_late=days_late)
            if piece not in journal.pieces[: journal.length]:
                journal.pieces.remove(piece)  # too old for the list: never listed
                journal.count -= 1
            else:
                notes.append(f"publishes {piece.number}" + (f", {days_late} days late" if days_late else ""))
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
            notes += self._try(chance.choice(_CHANGES))
        if chance.random() < 0.3 and journal.pieces:
            piece = chance.choice(journal.pieces[: journal.length])
            before = deepcopy((piece.title, piece.paragraphs))
            journal.edit(piece, much=chance.random() < 0.3)
            if self._is_knowable():
                notes.append(f"edits {piece.number}")
            else:
                piece.title, piece.paragraphs = before
        notes.append(self._choose_weather())
        self.diary.append(f"{journal.now:%d %Hh} " + ", ".join(notes))

    def _choose_weather(self) -> str:
        chance, journal = self.journal.chance, self.journal
        if self.down:
            self.down -= 1
            return self.weather
        journal.shown = None
        self.weather = chance.choice(
            ["fair"] * 14 + ["error", "log-in", "nothing", "empty", "short", "short", "cut", "cut"]
        )
        # A first document that is short, or cut off again, is believed; half an article elsewhere is nobody's.
        if self.seeds is None and (self.weather == "short" or (self.weather == "cut" and self.diary)):
            self.weather = "fair"
        if self.weather == "cut" and not self._is_certain():
            self.weather = "fair"
        if self.weather == "short":
            journal.shown = chance.randrange(1, journal.length + 1)
        if self.weather in ("error", "log-in", "nothing", "empty", "short") and chance.random() < 0.5:
            self.down = chance.randrange(1, 6)
        return self.weather

    def _try(self, change: str) -> list[str]:
        before = replace(self.journal.show)
        _change(self.journal, change)
        if change == "redirect":
            self.moved_to = None if self.moved_to else f"{self.address}/moved/{self.journal.count}"
        if not self._is_knowable():
            self.journal.show = before
            return []
        return [change]

    def _is_knowable(self) -> bool:
        """Whether each article can be known again, and no other is taken for it."""
        now = self.journal.signatures()
        return all(number not in self.seen or one.shows(self.seen[number]) for number, one in now.items())

    def _is_certain(self) -> bool:
        now = self.journal.signatures()
        return all(number not in self.seen or one.is_at(self.seen[number]) for number, one in now.items())

    def answer(self, url: str) -> tuple[bytes, str | None]:
        """What the server sends now, and where it says that the feed has moved."""
        match self.weather:
            case "error":
                reason = self.journal.chance.choice(
                    [FailureReason.TIMEOUT, FailureReason.SERVER_ERROR, FailureReason.DNS, FailureReason.NOT_FOUND]
                )
                raise FetchFailed(reason, url)
            case "log-in":
                return _LOG_IN, None
            case "nothing":
                return b"", None
        pieces = [] if self.weather == "empty" else self.journal.listing()
        document = self.journal.document(pieces)
        if self.weather == "cut":
            return document[: self.journal.chance.randrange(len(document))], None
        self._note(pieces)
        moved_to = self.moved_to if self.moved_to != url else None
        return document, moved_to

    def _note(self, pieces: Sequence[Piece]) -> None:
        numbers = {piece.number for piece in pieces}
        signatures = self.journal.signatures()
        self.seen.update((number, signatures[number]) for number in numbers)
        if self.seeds is None and numbers:
            self.seeds, self.archive = numbers, self.journal.count
        else:
            self.listed |= numbers

    def tell(self, number: int, *, seeding: bool) -> None:
        if seeding:
            self.told_first.append(number)
        else:
            self.told[number] += 1
            if number <= self.archive:
                self.flood += 1
                self.worst_flood = max(self.worst_flood, self.flood)
            self.diary.append(f"    told {number}")

    def repeated(self) -> list[int]:
        """Told more than once, or after it was listed at the first check."""
        twice = [number for number, times in self.told.items() if times > 1]
        return sorted({*twice, *(self.told.keys() & (self.seeds or set()))})

    def flooded(self) -> bool:
        """Whether one check told more of the archive, which was never listed before, than a channel can take."""
        return self.worst_flood > FEW

    def missed(self) -> list[int]:
        """Published since the first check, listed, and never told; older ones may be archive."""
        return sorted(number for number in self.listed if number > self.archive and not self.told[number])


def _change(journal: Journal, change: str) -> None:
    chance, show = journal.chance, journal.show
    match change:
        case "dates touched":
            show.touched_at = journal.now
        case "dates as they were":
            show.touched_at, show.dates = None, "true"
        case "no dates":
            show.dates = "none"
        case "re-numbered":
            show.scheme += 1
        case "https":
            other = {"http": "https", "https": "http"}[show.site.partition(":")[0]]
            show.site = f"{other}:{show.site.partition(':')[2]}"
        case "www":
            scheme, _, host = show.site.partition("://")
            show.site = f"{scheme}://{host[4:] if host.startswith('www.') else 'www.' + host}"
        case "site moved":
            show.site = f"https://nouveau{chance.randrange(1000)}.test"
        case "links changed":
            show.path += 1
        case "tracking":
            show.tracking = chance.choice(["none", "fixed", "each", "fragment", "relative"])
        case "re-encoded":
            show.encoding = chance.choice(["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
            show.escaped = not show.escaped
            show.decomposed = chance.random() < 0.2
        case "format":
            show.format = chance.choice(["rss", "rdf", "atom", "json"])
        case "re-ordered":
            show.order = chance.choice(["newest", "oldest", "any"])
        case "excerpts":
            show.text = "excerpt" if show.text == "full" else "full"
        case "typography":
            show.curly, show.wrapped = chance.random() < 0.5, chance.random() < 0.5
        case "advertisement":
            show.advertisement = chance.randrange(4)
        case "listed twice":
            show.twice = chance.randrange(4)
