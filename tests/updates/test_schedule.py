from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.updates.schedule import Bounds, Habits, learn_gap, next_failure, next_success

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # a Monday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BOUNDS = Bounds(5 * MINUTE, HOUR)
OLD = NOW - 90 * DAY


def wait(habits: Habits, bounds: Bounds = BOUNDS, chance: float = 0) -> timedelta:
    return next_success(NOW, bounds, habits, chance=chance) - NOW


def test_a_source_is_asked_as_often_as_it_publishes() -> None:
    waits = [wait(Habits(gap=gap, last_new_at=NOW, known_since=OLD)) for gap in (MINUTE, 4 * HOUR, DAY, 30 * DAY)]
    assert waits == [5 * MINUTE, 10 * MINUTE, HOUR, HOUR]


def test_a_source_that_falls_silent_is_asked_less_and_less() -> None:
    waits = [
        wait(Habits(gap=HOUR, last_new_at=NOW - silence, known_since=OLD)) for silence in (HOUR, 8 * HOUR, 9 * DAY)
    ]
    assert waits == [5 * MINUTE, 20 * MINUTE, HOUR]


def test_a_new_source_is_watched_closely_whatever_it_did_before() -> None:
    assert wait(Habits(gap=30 * DAY, last_new_at=OLD, known_since=NOW - HOUR)) == 5 * MINUTE
    assert wait(Habits(gap=30 * DAY, last_new_at=OLD, known_since=None)) == 5 * MINUTE


def test_equal_bounds_make_the_interval_a_promise() -> None:
    asks = Habits(30 * DAY, OLD, OLD, max_age=DAY, ttl=DAY, skip_hours=frozenset(range(24)))
    assert wait(asks, Bounds(timedelta(seconds=1), timedelta(seconds=1))) == timedelta(seconds=1)


def test_jitter_only_ever_shortens_the_wait() -> None:
    assert 4.5 * MINUTE <= wait(Habits(), chance=0.99) < 5 * MINUTE


def test_what_a_source_asks_for_is_honoured_up_to_the_ceiling() -> None:
    assert wait(Habits(max_age=10 * MINUTE), chance=0.9) == 10 * MINUTE
    assert wait(Habits(ttl=30 * MINUTE, max_age=10 * MINUTE)) == 30 * MINUTE
    assert wait(Habits(max_age=9 * DAY)) == HOUR


def test_a_source_rests_in_the_hours_and_days_it_names() -> None:
    assert wait(Habits(skip_hours=frozenset({9, 10}))) == 90 * MINUTE
    assert wait(Habits(skip_days=frozenset({0}))) == 14.5 * HOUR
    assert wait(Habits(skip_hours=frozenset({3}))) == 5 * MINUTE


def test_nobody_rests_for_ever() -> None:
    assert wait(Habits(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))) <= 2 * DAY + HOUR


def test_a_gap_is_learnt_from_the_dates_of_a_listing() -> None:
    dates = [NOW - number * DAY for number in range(8)]
    assert learn_gap(None, dates, now=NOW, found=0, last_new_at=None) == DAY
    assert learn_gap(None, [*dates, NOW + 300 * DAY], now=NOW, found=0, last_new_at=None) == DAY


def test_a_gap_is_learnt_from_what_is_found_where_there_are_no_dates() -> None:
    assert learn_gap(None, [], now=NOW, found=0, last_new_at=OLD) is None
    first = learn_gap(None, [], now=NOW, found=2, last_new_at=NOW - 4 * HOUR)
    assert first == 2 * HOUR
    assert learn_gap(first, [], now=NOW, found=1, last_new_at=NOW - 12 * HOUR) == 5 * HOUR


def test_touched_dates_lead_back_to_where_it_began() -> None:
    touched = learn_gap(DAY, [NOW + timedelta(seconds=n) for n in range(9)], now=NOW, found=0, last_new_at=NOW)
    assert wait(Habits(gap=touched, last_new_at=NOW, known_since=OLD)) == 5 * MINUTE


def test_failures_double_the_wait_up_to_twelve_hours() -> None:
    waits = [next_failure(NOW, 5 * MINUTE, failures=n, retry_after=None, chance=0) - NOW for n in range(12)]
    assert waits[:3] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert waits == sorted(waits)
    assert waits[-1] == 12 * HOUR


def test_a_source_that_says_when_is_not_asked_before() -> None:
    assert next_failure(NOW, MINUTE, failures=0, retry_after=2 * HOUR, chance=0.5) == NOW + 2 * HOUR


def test_nobody_can_ask_to_be_left_alone_for_a_year() -> None:
    assert next_failure(NOW, MINUTE, failures=0, retry_after=365 * DAY, chance=0) == NOW + DAY


SPANS = st.none() | st.timedeltas(timedelta(0), timedelta(days=4000))
MOMENTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.integers(1, 86_400),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.builds(
        Habits,
        SPANS,
        MOMENTS,
        MOMENTS,
        SPANS,
        SPANS,
        st.frozensets(st.integers(0, 23)),
        st.frozensets(st.integers(0, 6)),
    ),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_check_is_always_ahead_and_never_lost(
    interval: int, more: int, failures: int, habits: Habits, chance: float
) -> None:
    floor = timedelta(seconds=interval)
    bounds = Bounds(floor, floor + timedelta(seconds=more))
    for at in (
        next_success(NOW, bounds, habits, chance=chance),
        next_failure(NOW, floor, failures=failures, retry_after=habits.ttl, chance=chance),
    ):
        assert NOW < at <= NOW + 4 * DAY
