"""Entries of a made-up journal, as it lists them, and what is made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.models import Entry
from bot.updates.decider import Decision
from tests.updates.memory import Memory, check

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOME = "https://journal.test/"
SUBJECTS = (
    "la poutine",
    "le fromage",
    "la sauce",
    "les frites",
    "le sirop",
    "la neige",
    "le marché",
    "le train",
    "l’usine",
)


def text(number: int, words: int = 80) -> str:
    """Long enough to be nobody else's, and like no other number's."""
    return " ".join(f"mot{(number * 7919 + at * at) % 9973}" for at in range(words))


def entry(number: int, **changes: object) -> Entry:
    plain = Entry(
        identity=f"tag:journal.test,2026:{number}",
        title=f"Ce que l’on dit de {SUBJECTS[number % len(SUBJECTS)]} ({number})",
        url=f"https://journal.test/articles/{number}",
        body=f"<p>{text(number)}</p>",
        published_at=NOON + timedelta(hours=number),
    )
    return replace(plain, **changes)


def stored(*entries: Entry) -> Memory:
    memory = Memory()
    check(memory, entries, seeding=True, home_url=HOME)
    return memory


def decide(memory: Memory, *entries: Entry, usual: int = 0) -> Decision:
    return check(memory, entries, since=NOON + timedelta(days=1), usual=usual, home_url=HOME)


def told(decision: Decision) -> list[str | None]:
    return [find.entry.title for find in decision.new if find.announce]


def titled(number: int, **changes: object) -> Entry:
    """Without a text to know it by."""
    return entry(number, **{"body": "", "title": f"Ce que l’on dit de la {number}e table du marché"} | changes)


def moved(number: int, **changes: object) -> Entry:
    return titled(number, url=f"https://nouveau.test/a/{number}", **changes)
