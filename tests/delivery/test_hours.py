"""When articles may be posted, against clocks looked at minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.hours import (
    HOUR,
    Hold,
    HoldReason,
    digest_after,
    digest_before,
    ever_opens,
    hold,
    is_open,
    opens_at,
    zone_of,
)
from bot.delivery.preferences import DigestTime, Preferences, Window

TORONTO = ZoneInfo("America/Toronto")
MINUTE = timedelta(minutes=1)

ZONES = st.sampled_from(
    [
        "America/Toronto",
        "America/St_Johns",
        "Europe/Paris",
        "Australia/Lord_Howe",  # half an hour
        "Asia/Kathmandu",
        "Africa/Casablanca",  # forward again at the end of Ramadan
        "Pacific/Apia",
        "UTC",
    ]
).map(ZoneInfo)
CHANGES = st.sampled_from(
    [
        datetime(2026, 3, 8, 7, tzinfo=UTC),  # Toronto, forward
        datetime(2026, 11, 1, 6, tzinfo=UTC),  # Toronto, back
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # Paris
        datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe
        datetime(2026, 3, 22, 2, tzinfo=UTC),  # Casablanca
        datetime(2026, 7, 1, tzinfo=UTC),  # nowhere
    ]
)
MOMENTS = st.builds(lambda change, minutes: change + minutes * MINUTE, CHANGES, st.integers(-2_000, 2_000))
TIMES = st.one_of(
    st.sampled_from(["00:00", "01:00", "01:30", "02:00", "02:15", "02:30", "03:00", "23:59"]),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
)
QUIET = st.none() | st.tuples(TIMES, TIMES).filter(lambda quiet: quiet[0] != quiet[1])
WINDOWS = st.lists(
    st.builds(Window, days=st.sets(st.integers(0, 6), min_size=1).map(tuple), start=TIMES, end=TIMES), max_size=3
).map(tuple)
HOURS = st.builds(Preferences, quiet=QUIET, windows=WINDOWS)


def local(text: str, zone: ZoneInfo = TORONTO, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def minutes_of(window: Window) -> set[tuple[int, int]]:
    """The weekday and minute of the day of everything in it."""
    start, end = (int(each[:2]) * 60 + int(each[3:]) for each in (window.start, window.end))
    length = (end - start) % 1_440 or 1_440
    return {((day * 1_440 + start + n) // 1_440 % 7, (start + n) % 1_440) for day in window.days for n in range(length)}


@given(HOURS, ZONES, MOMENTS)
def test_what_clocks_show_decides(preferences: Preferences, zone: ZoneInfo, at: datetime) -> None:
    shown = at.astimezone(zone)
    minute = (shown.weekday(), shown.hour * 60 + shown.minute)
    allowed = not preferences.windows or any(minute in minutes_of(window) for window in preferences.windows)
    if preferences.quiet:
        start, end = preferences.quiet
        allowed = allowed and minute not in minutes_of(Window(start=start, end=end))
    assert is_open(preferences, shown) == allowed


@given(HOURS, ZONES, MOMENTS, st.integers(0, 59_999_999))
@settings(max_examples=60, deadline=None)
def test_the_first_open_moment_is_found_whatever_clocks_do(
    preferences: Preferences, zone: ZoneInfo, minute: datetime, microseconds: int
) -> None:
    at = minute + timedelta(microseconds=microseconds)
    found = opens_at(preferences, zone, at)
    if is_open(preferences, at.astimezone(zone)):
        assert found == at
        return
    after = (minute + number * MINUTE for number in range(1, 15 * 1_440))
    assert found == next((each for each in after if is_open(preferences, each.astimezone(zone))), None)


@given(st.builds(DigestTime, at=TIMES, day=st.none() | st.integers(0, 6)), ZONES, MOMENTS)
def test_digests_come_once_a_day_or_once_a_week(digest: DigestTime, zone: ZoneInfo, at: datetime) -> None:
    before, after = digest_before(digest, zone, at), digest_after(digest, zone, at)
    assert before <= at < after
    assert digest_after(digest, zone, before) == after
    assert digest_before(digest, zone, after) == after
    days = {each.astimezone(zone).date() for each in (before, after)}
    assert (max(days) - min(days)).days == (1 if digest.day is None else 7) or zone.key == "Pacific/Apia"
    for each in (before, after):
        shown = each.astimezone(zone)
        skipped = shown.replace(hour=int(digest.at[:2]), minute=int(digest.at[3:])).astimezone(UTC).astimezone(zone)
        assert f"{shown:%H:%M}" == digest.at or f"{shown:%H:%M}" == f"{skipped:%H:%M}"
        assert digest.day in (None, shown.weekday())


QUIET_NIGHTS = Preferences(quiet=("22:00", "07:00"))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T21:59:59.999999", "2026-11-24T21:59:59.999999"),
        ("2026-11-24T22:00", "2026-11-25T07:00"),
        ("2026-11-25T06:59", "2026-11-25T07:00"),
        ("2026-11-25T07:00", "2026-11-25T07:00"),
        ("2026-03-07T23:00", "2026-03-08T07:00"),  # an hour shorter
        ("2026-10-31T23:00", "2026-11-01T07:00"),  # an hour longer
    ],
)
def test_quiet_hours_cross_midnight(now: str, until: str) -> None:
    assert opens_at(QUIET_NIGHTS, TORONTO, local(now)) == local(until)


def test_a_window_in_the_hour_that_is_skipped_opens_when_it_has_been() -> None:
    preferences = Preferences(windows=(Window(days=(6,), start="02:15", end="04:00"),))
    assert opens_at(preferences, TORONTO, local("2026-03-08T01:00")) == local("2026-03-08T03:00")
    lost = Preferences(windows=(Window(days=(6,), start="02:15", end="02:45"),))
    assert opens_at(lost, TORONTO, local("2026-03-08T01:00")) == local("2026-03-15T02:15")


def test_quiet_minutes_that_come_twice_are_quiet_twice() -> None:
    preferences = Preferences(quiet=("01:00", "01:30"))
    assert opens_at(preferences, TORONTO, local("2026-11-01T01:10")) == local("2026-11-01T01:30")
    assert opens_at(preferences, TORONTO, local("2026-11-01T01:10", fold=1)) == local("2026-11-01T01:30", fold=1)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    fridays = Preferences(windows=(Window(days=(4,), start="22:00", end="02:00"),))
    assert is_open(fridays, datetime(2026, 11, 28, 1, 59, tzinfo=TORONTO))  # a Saturday
    assert not is_open(fridays, datetime(2026, 11, 27, 1, 59, tzinfo=TORONTO))
    assert opens_at(fridays, TORONTO, local("2026-11-28T02:00")) == local("2026-12-04T22:00")


def test_hours_that_leave_nothing_open_never_open() -> None:
    assert not ever_opens(Preferences(quiet=("08:00", "18:00"), windows=(Window(start="09:00", end="17:00"),)))
    assert not ever_opens(Preferences(quiet=("08:00", "08:00")))
    assert ever_opens(Preferences(windows=(Window(start="08:00", end="08:00"),)))
    assert ever_opens(Preferences())


# ------------------------------------------------------------------------------------------------ holding back


NOW = local("2026-11-24T12:00")
DAILY = DigestTime(at="08:00")


def test_without_settings_nothing_is_held() -> None:
    assert hold(Preferences(), TORONTO, NOW, owed_at=NOW) is None


def test_quiet_hours_hold_until_they_end() -> None:
    held = hold(QUIET_NIGHTS, TORONTO, local("2026-11-24T23:00"), owed_at=NOW)
    assert held == Hold(local("2026-11-25T07:00"), HoldReason.HOURS)
    assert hold(QUIET_NIGHTS, TORONTO, local("2026-11-25T07:00"), owed_at=NOW) is None


def test_an_hour_that_is_full_holds_until_there_is_room() -> None:
    capped = Preferences(max_per_hour=2)
    held = hold(capped, TORONTO, NOW, owed_at=NOW, full_since=NOW - 20 * MINUTE)
    assert held == Hold(NOW + 40 * MINUTE, HoldReason.CAP)
    assert hold(capped, TORONTO, NOW, owed_at=NOW, full_since=NOW - HOUR) is None


def test_room_that_comes_in_quiet_hours_is_used_after_them() -> None:
    capped = QUIET_NIGHTS.model_copy(update={"max_per_hour": 1})
    late = local("2026-11-24T21:30")
    held = hold(capped, TORONTO, late, owed_at=NOW, full_since=late)
    assert held == Hold(local("2026-11-25T07:00"), HoldReason.HOURS)


def test_a_digest_waits_for_its_time_and_takes_what_was_owed_before() -> None:
    preferences = Preferences(digest=DAILY, max_per_hour=1)
    assert hold(preferences, TORONTO, NOW, owed_at=NOW) == Hold(local("2026-11-25T08:00"), HoldReason.DIGEST)
    at_eight = local("2026-11-25T08:00")
    assert hold(preferences, TORONTO, at_eight, owed_at=at_eight, full_since=at_eight) is None
    after = at_eight + MINUTE
    assert hold(preferences, TORONTO, after, owed_at=NOW) is None  # late, and not too late
    assert hold(preferences, TORONTO, after, owed_at=after) == Hold(local("2026-11-26T08:00"), HoldReason.DIGEST)


def test_a_digest_that_was_begun_is_finished() -> None:
    preferences = Preferences(digest=DAILY)
    assert hold(preferences, TORONTO, NOW, owed_at=NOW, begun=True) is None


def test_a_digest_in_quiet_hours_is_posted_after_them() -> None:
    preferences = Preferences(digest=DAILY, quiet=("22:00", "09:00"))
    assert hold(preferences, TORONTO, NOW, owed_at=NOW) == Hold(local("2026-11-25T09:00"), HoldReason.HOURS)


@pytest.mark.parametrize(
    "name", ["", "America", "Nowhere/Town", "../../etc/passwd", "/etc/passwd", "x" * 1_000, "a\0b"]
)
def test_what_is_no_time_zone_has_none(name: str) -> None:
    assert zone_of(name) is None
