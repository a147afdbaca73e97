"""How far a check got: what is stored of a source once an answer of it was understood. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from bot.models import Snapshot, Source, SourceState
from bot.updates.health import count_sightings, has_moved
from bot.updates.schedule import Bounds, Habits, learn_gap, next_success


class Retrieved(Protocol):
    """One answer of a source. `snapshot` is None when it says that nothing changed (HTTP 304)."""

    @property
    def snapshot(self) -> Snapshot | None: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def last_modified(self) -> str | None: ...
    @property
    def max_age_seconds(self) -> int | None: ...
    @property
    def moved_to(self) -> str | None:
        """Where the address permanently redirects to."""
        ...


_KEPT = ("title", "home_url", "language")
_COMPARED = (
    *("etag", "last_modified", "ttl_seconds", "skip_hours", "skip_days", "gap_seconds", "last_new_at"),
    *("moved_to", "moved_sightings"),
)
_stored = attrgetter(*_COMPARED)
_found = itemgetter(*_COMPARED)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a finished check vouches for; stored with its articles, never before them."""

    checked_at: datetime
    next_check_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    title: str | None = None
    """None keeps the stored one; so for the next two."""
    home_url: str | None = None
    language: str | None = None
    seeded: bool = True
    """False while the source has never listed anything: what it lists first is an archive, not news."""
    ttl_seconds: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    gap_seconds: int | None = None
    last_new_at: datetime | None = None
    moved_to: str | None = None
    moved_sightings: int = 0
    url: str | None = None
    """Where it is to be fetched from now on; None keeps the stored address."""
    steady: bool = False
    """True when nothing but the two times differs from what is stored, so that nothing else need be written."""


def progress_of(
    source: Source, retrieved: Retrieved, *, found: int, now: datetime, bounds: Bounds, chance: float
) -> Progress:
    """`found` counts the new articles, but those of a first check."""
    snapshot = retrieved.snapshot
    asks = source if snapshot is None else snapshot
    gap = _gap(source, snapshot, found, now)
    last_new_at = now if found else source.last_new_at
    habits = Habits(
        gap=gap,
        last_new_at=last_new_at or source.seeded_at,
        known_since=source.seeded_at,
        max_age=_seconds(retrieved.max_age_seconds),
        ttl=_seconds(asks.ttl_seconds),
        skip_hours=frozenset(asks.skip_hours),
        skip_days=frozenset(asks.skip_days),
    )
    sightings = count_sightings(retrieved.moved_to, last=source.moved_to, sightings=source.moved_sightings)
    moved = has_moved(sightings)
    found_out: dict[str, Any] = {
        # An answer that says "unchanged" may leave validators out; they still hold (RFC 9110, 15.4.5).
        "etag": retrieved.etag or (None if snapshot else source.etag),
        "last_modified": retrieved.last_modified or (None if snapshot else source.last_modified),
        "title": snapshot.title if snapshot else None,
        "home_url": snapshot.home_url if snapshot else None,
        "language": snapshot.language if snapshot else None,
        "ttl_seconds": asks.ttl_seconds,
        "skip_hours": asks.skip_hours,
        "skip_days": asks.skip_days,
        "gap_seconds": None if gap is None else round(gap.total_seconds()),
        "last_new_at": last_new_at,
        "moved_to": None if moved else retrieved.moved_to,
        "moved_sightings": 0 if moved else sightings,
        "url": retrieved.moved_to if moved else None,
    }
    return Progress(
        checked_at=now,
        next_check_at=next_success(now, bounds, habits, chance=chance),
        seeded=source.seeded_at is not None or bool(snapshot and snapshot.entries and may_be_seeded(source, snapshot)),
        steady=_is_stored(source, found_out),
        **found_out,
    )


def is_scrap(snapshot: Snapshot) -> bool:
    """Whether all that came of a document is the beginning of one item, by which nobody could know it again."""
    if not snapshot.cut or len(snapshot.entries) != 1:
        return False
    entry = snapshot.entries[0]
    return not entry.body or entry.identity.startswith("sha256:")


def may_be_seeded(source: Source, snapshot: Snapshot) -> bool:
    """Whether what is listed may be all there is: of an archive that was cut off, the rest would be news tomorrow.

    One that is cut off again is believed: it always is.
    """
    return source.seeded_at is not None or not snapshot.cut or source.last_success_at is not None


def usual_since(source: Source, now: datetime) -> int:
    """How many articles a source might have published since it was last read well: half as many again as it usually
    does, and none while that is unknown."""
    if not source.gap_seconds or source.last_success_at is None:
        return 0
    return round(1.5 * (now - source.last_success_at).total_seconds() / source.gap_seconds)


def _is_stored(source: Source, found_out: Mapping[str, Any]) -> bool:
    if source.seeded_at is None or source.state is not SourceState.ACTIVE or found_out["url"] is not None:
        return False
    if _found(found_out) != _stored(source):
        return False
    return all(found_out[name] in (None, getattr(source, name)) for name in _KEPT)


def _gap(source: Source, snapshot: Snapshot | None, found: int, now: datetime) -> timedelta | None:
    before = _seconds(source.gap_seconds)
    if snapshot is None or (not found and before is not None):
        return before
    dates = [entry.published_at for entry in snapshot.entries if entry.published_at]
    return learn_gap(before, dates, now=now, found=found, last_new_at=source.last_new_at or source.seeded_at)


def _seconds(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
