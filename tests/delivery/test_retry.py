from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.retry import LONGEST_WAIT, TRIES, GiveUp, TryAgain, after_failure

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def wait(attempts: int, chance: float = 0.5, retry_after: timedelta | None = None) -> timedelta:
    verdict = after_failure(NOW, attempts=attempts, retry_after=retry_after, chance=chance)
    assert isinstance(verdict, TryAgain)
    return verdict.at - NOW


def test_waits_grow_from_half_a_second() -> None:
    assert [round(wait(n).total_seconds(), 2) for n in (1, 2, 3, 4)] == [0.5, 0.8, 1.28, 2.05]


def test_waits_have_a_ceiling() -> None:
    assert wait(TRIES - 1) == LONGEST_WAIT


def test_what_discord_asks_for_is_waited_for() -> None:
    assert wait(1, retry_after=timedelta(minutes=3)) == timedelta(minutes=3)


def test_tries_are_bounded_and_span_a_day() -> None:
    assert isinstance(after_failure(NOW, attempts=TRIES, retry_after=None, chance=0), GiveUp)
    total = sum((wait(n) for n in range(1, TRIES)), timedelta())
    assert timedelta(hours=20) < total < timedelta(hours=48)


@given(st.integers(1, TRIES - 1), st.floats(0, 1, exclude_max=True))
def test_jitter_stays_within_a_quarter(attempts: int, chance: float) -> None:
    assert 0.74 < wait(attempts, chance) / wait(attempts, 0.5) < 1.26
