"""When a subscription's articles may be posted, by what clocks show in its server's time zone. Pure.

Twice a year, clocks show some minutes twice, or not at all. Whatever they show is what counts: from 22:00 to 7:00,
nothing is posted while they show a time between these, and what was to begin in an hour that they skip begins when they
have skipped it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.delivery.preferences import DAYS, DigestTime, Preferences

HOUR = timedelta(hours=1)
_UTC = ZoneInfo("UTC")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

_FURTHEST = 15
"""Days looked ahead: a weekly window may fall into the one hour that clocks skip."""


class HoldReason(StrEnum):
    """Why what is owed to a subscription waits."""

    HOURS = "hours"
    CAP = "cap"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Hold:
    until: datetime
    reason: HoldReason


def zone_of(name: str) -> ZoneInfo | None:
    """None for what is no time zone's name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an unknown name, one that leads out of the folder, a folder's
        return None


def zone_or(default: ZoneInfo, name: str | None) -> ZoneInfo:
    """That of a server which may have chosen none, or one that this machine no longer knows."""
    return zone_of(name or "") or default


def hold(
    preferences: Preferences,
    zone: ZoneInfo,
    now: datetime,
    *,
    owed_at: datetime,
    begun: bool = False,
    full_since: datetime | None = None,
) -> Hold | None:
    """Until when a delivery waits that is owed since `owed_at`, and why; None for one that may be posted now.

    One that was `begun` is past waiting for a digest: it may be in one already. `full_since` is when the oldest of the
    last `max_per_hour` posts was made.
    """
    due, reason = now, HoldReason.HOURS
    if digest := preferences.digest:
        if not begun and owed_at > digest_before(digest, zone, now):
            due, reason = digest_after(digest, zone, now), HoldReason.DIGEST
    elif full_since is not None and full_since + HOUR > now:
        due, reason = full_since + HOUR, HoldReason.CAP
    opens = opens_at(preferences, zone, due)
    if opens is None:
        return Hold(now + _DAY, HoldReason.HOURS)
    if opens <= now:
        return None
    return Hold(opens, reason if opens == due else HoldReason.HOURS)


def is_open(preferences: Preferences, shown: datetime) -> bool:
    """Whether articles may be posted while clocks show this."""
    quiet, windows = preferences.quiet, preferences.windows
    if quiet and _is_between(*quiet, DAYS, shown):
        return False
    return not windows or any(_is_between(each.start, each.end, each.days, shown) for each in windows)


def opens_at(preferences: Preferences, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The first moment from `at` on at which articles may be posted; None when there is none."""
    if is_open(preferences, at.astimezone(zone)):
        return at
    moments = {*_beginnings(preferences, zone, at), *_changes_of_clocks(zone, at)}
    return next((each for each in sorted(moments) if each > at and is_open(preferences, each.astimezone(zone))), None)


def ever_opens(preferences: Preferences) -> bool:
    return opens_at(preferences, _UTC, datetime(2026, 1, 1, tzinfo=UTC)) is not None


def next_digest_at(preferences: Preferences, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the next digest is posted, quiet hours and windows heeded; None for who wants none."""
    digest = preferences.digest
    return None if digest is None else opens_at(preferences, zone, digest_after(digest, zone, now))


def digest_before(digest: DigestTime, zone: ZoneInfo, at: datetime) -> datetime:
    """When the last digest was to be posted, until `at`."""
    return max(each for each in _digests_around(digest, zone, at) if each <= at)


def digest_after(digest: DigestTime, zone: ZoneInfo, at: datetime) -> datetime:
    """When the next digest is to be posted, after `at`."""
    return min(each for each in _digests_around(digest, zone, at) if each > at)


def _is_between(start: str, end: str, days: Collection[int], shown: datetime) -> bool:
    """Whether clocks show a time from `start` on and before `end`, which is on the next day where it is no later."""
    clock, day = f"{shown:%H:%M}", shown.weekday()
    if start < end:
        return day in days and start <= clock < end
    return (day in days and clock >= start) or ((day - 1) % 7 in days and clock < end)


def _beginnings(preferences: Preferences, zone: ZoneInfo, since: datetime) -> Iterator[datetime]:
    """Whenever clocks show a time at which something may begin."""
    today = since.astimezone(zone).date()
    ends_of_quiet = (preferences.quiet[1],) if preferences.quiet else ()
    for number in range(_FURTHEST + 1):
        day = today + number * _DAY
        starts = (window.start for window in preferences.windows if day.weekday() in window.days)
        for clock in {*ends_of_quiet, *starts}:
            yield from (_moment(day, clock, zone, fold=fold) for fold in (0, 1))


def _changes_of_clocks(zone: ZoneInfo, since: datetime) -> Iterator[datetime]:
    since = since.astimezone(UTC).replace(second=0, microsecond=0)
    for number in range(_FURTHEST):
        low, high = since + number * _DAY, since + (number + 1) * _DAY
        before = _offset(zone, low)
        if before == _offset(zone, high):
            continue
        while high - low > _MINUTE:
            middle = low + (high - low) // _MINUTE // 2 * _MINUTE
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        yield high


def _digests_around(digest: DigestTime, zone: ZoneInfo, at: datetime) -> Iterator[datetime]:
    today = at.astimezone(zone).date()
    for number in range(-8, 9):
        day = today + number * _DAY
        if digest.day is None or digest.day == day.weekday():
            yield _moment(day, digest.at, zone)


def _moment(day: date, clock: str, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """When clocks show this; a time that they skip comes by as much later."""
    return datetime.combine(day, time.fromisoformat(clock), zone).replace(fold=fold).astimezone(UTC)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
