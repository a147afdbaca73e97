"""A thousand sources misbehave for weeks, each as real ones do: nothing is announced twice, nothing is missed."""

import random
from collections import Counter
from copy import copy
from datetime import UTC, datetime, timedelta

import pytest

from bot.sources.draft import fold
from tests.updates.memory import Memory, check
from tests.updates.publisher import HOME, Publisher

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
STEP = timedelta(hours=6)
STEPS = 16
SOURCES = 1000
LOTS = 10


def found_publisher(chance: random.Random) -> Publisher:
    while True:
        publisher = Publisher(
            chance,
            START,
            ids=chance.choice(["guid", "guid", "guid", "none", "place"]),
            links=chance.choice(["own", "own", "own", "none", "home"]),
            texts=chance.choice(["long", "long", "short", "none"]),
            titles=chance.choice(["unique", "unique", "serial", "recurring"]),
            dates=chance.random() < 0.8,
            length=chance.choice([1, 5, 10, 20]),
        )
        if possible(publisher):
            return publisher


def possible(publisher: Publisher) -> bool:
    """A source that shows nothing by which one article could be told from another cannot be followed by anybody."""
    if publisher.titles == "recurring" and publisher.texts != "long":
        return publisher.links == "own" or (publisher.ids == "guid" and publisher.dates)
    return not (publisher.ids == "none" and publisher.links != "own" and publisher.texts == "none")


def misbehave(publisher: Publisher, chance: random.Random) -> str:
    """What goes wrong at this step, if anything; never so much at once that nothing is left to know articles by."""
    event = chance.choice(EVENTS)
    before = copy(publisher)
    match event:
        case "touched dates":
            publisher.touched_at, publisher.touched = publisher.now, True
        case "dates as they were":
            publisher.touched_at = None
        case "re-numbered":
            publisher.scheme, publisher.renumbered = publisher.scheme + 1, True
        case "https":
            scheme, _, host = publisher.site.partition("://")
            publisher.site = f"http://{host}" if scheme == "https" else f"https://www.{host.removeprefix('www.')}"
        case "moved":
            publisher.scheme, publisher.renumbered = publisher.scheme + 1, True
            publisher.site, publisher.moved = f"https://nouveau{publisher.scheme}.test", True
        case "tracking":
            publisher.tracking = not publisher.tracking
        case "re-encoded":
            publisher.wrapping = chance.randrange(3)
        case "re-ordered":
            publisher.shuffled = not publisher.shuffled
        case "down":
            publisher.down = chance.randrange(1, 8)
        case "short":
            publisher.shown = chance.randrange(publisher.length + 1)
        case "whole again":
            publisher.shown = None
        case "edited":
            publisher.edit()
        case "late":
            publisher.publish(days_late=chance.randrange(1, 3))
    if event in ("touched dates", "re-numbered", "moved") and not publisher.is_knowable():
        vars(publisher).update(vars(before))
    return event


EVENTS = [
    *["touched dates", "dates as they were", "re-numbered", "https", "tracking", "re-encoded", "re-ordered", "down"],
    *["short", "whole again", "whole again", "edited", "edited", "late", "moved"],
    *["nothing"] * 12,
]


def live(seed: int) -> list[str]:
    """What went wrong in the life of one source, in words; nothing when all went well."""
    chance = random.Random(seed)
    publisher = found_publisher(chance)
    memory = Memory()
    announced: Counter[int] = Counter()
    listed_ever: set[int] = set()
    seeded: set[int] | None = None
    since = None
    archive = 0
    held: set[int] = set()
    trouble = []
    for _ in range(chance.randrange(3, 25)):
        publisher.now -= STEP
    for _ in range(chance.randrange(1, 25)):
        publisher.now += STEP
        publisher.publish()
    for step in range(STEPS):
        publisher.now += STEP
        event = misbehave(publisher, chance)
        if chance.random() < 0.4:
            publisher.publish()
        if publisher.down:
            publisher.down -= 1
            continue
        listing = publisher.listing()
        entries = fold([entry for _, entry in listing])
        numbers = {entry.identity: number for number, entry in reversed(listing)}
        decision = check(memory, entries, seeding=seeded is None, since=since, home_url=HOME)
        since = publisher.now
        held |= {
            numbers[f.entry.identity.partition("#")[0]] for f in decision.new if publisher.moved and not f.announce
        }
        if publisher.shown is None:
            publisher.renumbered = publisher.moved = False
        if listing and seeded is None:
            seeded, archive = set(numbers.values()), publisher.count
            continue
        listed_ever |= set(numbers.values())
        for find in decision.new:
            number = numbers[find.entry.identity.partition("#")[0]]
            announced[number] += find.announce
            if find.announce and (announced[number] > 1 or number in seeded):
                trouble.append(f"{step} {event}: repeated {number}")
    # What was there before the first check and not listed then is archive: it may be announced once, or not at all.
    due = {number for number in listed_ever if number > archive} - held
    trouble += [f"missed {number}" for number in sorted(due - set(announced.elements()))]
    habits = "/".join((publisher.ids, publisher.links, publisher.texts, publisher.titles, str(publisher.dates)))
    return [f"seed {seed} {habits}: {each}" for each in trouble]


@pytest.mark.parametrize("lot", range(LOTS))
def test_nothing_is_announced_twice_and_nothing_is_missed(lot: int) -> None:
    size = SOURCES // LOTS
    trouble = [each for seed in range(lot * size, (lot + 1) * size) for each in live(seed)]
    assert trouble == []
