from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.retry import (
    FIRST_SIGHT,
    LONGEST_OUTAGE,
    LONGEST_WAIT,
    PATIENCE,
    TRIES,
    GiveUp,
    Outage,
    TryAgain,
    after_failure,
    failed_tries,
)

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


class TestOutage:
    def test_alone_a_delivery_is_to_blame(self) -> None:
        outage = Outage(NOW - FIRST_SIGHT)
        assert not outage.explains(1, NOW)
        assert not outage.explains(1, NOW)

    def test_where_several_fail_and_nothing_gets_through_none_is(self) -> None:
        outage = Outage(NOW - FIRST_SIGHT)
        outage.explains(1, NOW)
        assert outage.explains(2, NOW)
        assert outage.explains(1, NOW)
        outage.is_over()
        assert not outage.explains(1, NOW)

    def test_after_a_start_nobody_is_blamed_yet(self) -> None:
        assert Outage(NOW).explains(1, NOW)

    def test_one_that_lasts_explains_nothing_any_more(self) -> None:
        outage = Outage(NOW)
        assert outage.explains(1, NOW)
        assert not outage.explains(2, NOW + LONGEST_OUTAGE + timedelta(seconds=1))

    def test_tries_in_an_outage_let_nobody_pass(self) -> None:
        tries = 0
        for _ in range(3 * PATIENCE):
            tries = failed_tries(tries, in_outage=True)
        assert tries == PATIENCE - 1
        assert failed_tries(tries, in_outage=False) == PATIENCE
        assert failed_tries(PATIENCE, in_outage=True) == PATIENCE + 1
