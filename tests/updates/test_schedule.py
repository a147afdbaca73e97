from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.updates.schedule import next_failure, next_success

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_good_check_comes_back_after_the_interval() -> None:
    assert next_success(NOW, 5 * MINUTE, max_age=None, chance=0) == NOW + 5 * MINUTE


def test_jitter_only_ever_shortens_the_wait() -> None:
    assert NOW + 4.5 * MINUTE <= next_success(NOW, 5 * MINUTE, max_age=None, chance=0.99) < NOW + 5 * MINUTE


def test_a_fresh_answer_is_left_alone_within_reason() -> None:
    assert next_success(NOW, 5 * MINUTE, max_age=10 * MINUTE, chance=0) == NOW + 10 * MINUTE
    assert next_success(NOW, 5 * MINUTE, max_age=timedelta(days=9), chance=0) == NOW + 20 * MINUTE


def test_failures_double_the_wait_up_to_twelve_hours() -> None:
    waits = [next_failure(NOW, 5 * MINUTE, failures=n, retry_after=None, chance=0) - NOW for n in range(12)]
    assert waits[:3] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=12)


def test_a_source_that_says_when_is_not_asked_before() -> None:
    assert next_failure(NOW, MINUTE, failures=0, retry_after=timedelta(hours=2), chance=0.5) == NOW + timedelta(hours=2)


def test_nobody_can_ask_to_be_left_alone_for_a_year() -> None:
    assert next_failure(NOW, MINUTE, failures=0, retry_after=timedelta(days=365), chance=0) == NOW + timedelta(days=1)


@given(
    st.integers(1, 86_400),
    st.integers(0, 10_000),
    st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=4000))),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_check_is_always_ahead_and_never_lost(
    interval: int, failures: int, asked: timedelta | None, chance: float
) -> None:
    seconds = timedelta(seconds=interval)
    for at in (
        next_success(NOW, seconds, max_age=asked, chance=chance),
        next_failure(NOW, seconds, failures=failures, retry_after=asked, chance=chance),
    ):
        assert NOW < at <= NOW + timedelta(days=4)
