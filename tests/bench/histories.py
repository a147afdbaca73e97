"""Histories of sources that misbehave for weeks: is anything announced twice, is anything missed?

    .venv/bin/python -m tests.bench.histories [--sources N] [--rounds N] [--seed N] [--only N] [--verbose]

Each source is a journal with habits of its own (`journals`): its format, its ids, links, dates, length of text. Round
after round it publishes, edits, backdates, and does to its feed what publishers do: touches dates, re-orders,
re-numbers, moves to https or to another site, adds tracking, changes format or encoding, lists articles twice, lists
next to nothing, answers with errors, log-in pages, cut documents. Documents are read by the bot's own reader, decided
upon by its updater and stored in SQLite; only the network, the clock and the understanding of texts are ours.

A journal never changes so much at once that a careful reader, who remembers what was listed before, could not know
its articles again: then nobody could say what "twice" means.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import md5

from bot.delivery.planner import plan_deliveries
from bot.errors import FailureReason, FetchFailed
from bot.models import (
    Article,
    Credentials,
    Entry,
    Paragraph,
    PlannedDelivery,
    Section,
    Source,
    SourceKind,
    Subscription,
)
from bot.offload import Offload
from bot.sources.fetcher import Fetched
from bot.sources.http_info import HTTPInfo
from bot.sources.reader import SourceReader
from bot.storage import Storage, open_storage
from bot.updates.announcing import FEW
from bot.updates.update import Announced
from bot.updates.updater import Updater
from tests.bench.journals import MARK, START, Journal, Piece, Signature, founded

ROUND = timedelta(hours=6)
AT_ONCE = 8
GUILD = 10**18

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


class Network:
    """Stands where the fetcher does."""

    def __init__(self) -> None:
        self.histories: dict[str, History] = {}

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
    ) -> Fetched:
        history = self.histories[url.partition("/moved/")[0]]
        body, moved_to = history.answer(url)
        tag = md5(body, usedforsecurity=False).hexdigest()
        same = etag == tag
        kind = "application/json" if body.startswith(b"{") else "application/xml"
        return Fetched(
            url=moved_to or url,
            moved_to=moved_to,
            not_modified=same,
            body=b"" if same else body,
            media_type=kind,
            charset=None,
            http=HTTPInfo(etag=tag),
        )

    async def post_form(self, url: str, fields: object) -> int:
        raise FetchFailed(FailureReason.NOT_FOUND, url)


async def understand(entries: Sequence[Entry], *, source_language: str | None = None) -> Sequence[Article]:
    """Looks at no text: what is told, not how it reads, is judged here."""
    section = Section(kind="summary", paragraphs=(Paragraph(text="…"),))
    return [
        Article(
            title=each.title or "",
            language="fr",
            url=each.url,
            published_at=each.published_at,
            categories=each.categories,
            sections=(section,),
        )
        for each in entries
    ]


class Judge:
    """The planner, listened to."""

    def __init__(self, by_subscription: dict[int, History]) -> None:
        self._by_subscription = by_subscription

    def __call__(
        self, announced: Sequence[Announced], subscriptions: Sequence[Subscription]
    ) -> Sequence[PlannedDelivery]:
        planned = plan_deliveries(announced, subscriptions)
        self.heard = [(each.article_id, each.subscription_id) for each in planned]
        by_id = {each.article_id: each for each in announced}
        for each in planned:
            one = by_id[each.article_id]
            marks = [name for name in one.article.categories if name.startswith(MARK)]
            number = int(marks[0].removeprefix(MARK)) if marks else -1
            self._by_subscription[each.subscription_id].tell(number, seeding=one.seeding)
        return planned


class NoPages:
    """Teasers stay what they are: pages are no part of this."""

    def __init__(self, reader: SourceReader) -> None:
        self.read = reader.read

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return entries


async def run(sources: int, rounds: int, seed: int, only: int | None = None) -> list[History]:
    numbers = range(sources) if only is None else [only]
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            now = [START]
            storage = await stack.enter_async_context(open_storage(f"sqlite:///{folder}/bench.db", now=lambda: now[0]))
            offload = await stack.enter_async_context(Offload())
            network = Network()
            by_subscription: dict[int, History] = {}
            updater = Updater(
                NoPages(SourceReader(network, offload, allow_folders=False)),
                storage.archive,
                understand,
                Judge(by_subscription),
                aside=offload.run,
                interval=timedelta(minutes=5),
                now=lambda: now[0],
            )
            ids = {}
            for number in numbers:
                history = _found(seed, number)
                network.histories[history.address] = history
                ids[number] = await _follow(storage, history, by_subscription, now[0])
            for _ in range(rounds):
                now[0] += ROUND
                for history in network.histories.values():
                    history.live()
                by_id = {each.id: each for each in await storage.register.sources()}
                await _check_all(updater, [by_id[each] for each in ids.values()])
            return list(network.histories.values())


async def _check_all(updater: Updater, sources: Sequence[Source]) -> None:
    waiting = iter(sources)

    async def check() -> None:
        for source in waiting:
            await updater.check(source)

    await asyncio.gather(*(check() for _ in range(AT_ONCE)))


def _found(seed: int, number: int) -> History:
    chance = random.Random(f"{seed} {number}")
    journal = founded(chance, f"Journal {number}", START)
    return History(journal, number, chance.choice(["newest", "newest", "none"]), f"https://flux.test/{number}")


async def _follow(storage: Storage, history: History, by_subscription: dict[int, History], now: datetime) -> int:
    source = await storage.register.add_source(history.address, SourceKind.FEED, title=None, now=now)
    guild_id = GUILD + history.number
    subscription = await storage.register.subscribe(
        source.id, guild_id=guild_id, channel_id=guild_id + 10**9, created_by=None, now=now
    )
    assert subscription is not None
    by_subscription[subscription.id] = history
    return source.id


def report(histories: Sequence[History], *, verbose: bool) -> bool:
    told = sum(each.told.total() for each in histories)
    repeated = {each.number: numbers for each in histories if (numbers := each.repeated())}
    missed = {each.number: numbers for each in histories if (numbers := each.missed())}
    first = [each.number for each in histories if each.seeds and len(each.told_first) > 1]
    floods = [each.number for each in histories if each.flooded()]
    for each in histories:
        if each.number in repeated or each.number in missed or each.number in floods:
            habits = vars(each.journal)
            words = "/".join(str(habits[name]) for name in ("ids", "links", "texts", "titles", "dated", "length"))
            twice, never = repeated.get(each.number, []), missed.get(each.number, [])
            print(f"source {each.number} {words}: twice {twice} missed {never}")
            if verbose:
                print("\n".join(each.diary))
    print(
        f"{len(histories):,} sources, {told:,} articles told: {sum(map(len, repeated.values()))} twice, "
        f"{sum(map(len, missed.values()))} missed, {len(first)} first checks that told more than one, "
        f"{len(floods)} floods of old articles"
    )
    return not (repeated or missed or first or floods)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sources that misbehave for weeks, judged by who knows the truth.")
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one source of that run")
    parser.add_argument("--verbose", action="store_true", help="print the diaries of those that went wrong")
    options = parser.parse_args()
    began_at = time.perf_counter()
    histories = asyncio.run(run(options.sources, options.rounds, options.seed, options.only))
    good = report(histories, verbose=options.verbose)
    print(f"{options.rounds} rounds in {time.perf_counter() - began_at:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
