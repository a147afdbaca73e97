import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import TokenBucket, Windows


def departures(bucket: TokenBucket, arrivals: list[float]) -> list[float]:
    return [at + bucket.reserve(at) for at in arrivals]


def test_requests_that_come_together_leave_evenly() -> None:
    leaving = departures(TokenBucket(10, now=0.0), [5.0] * 4)
    assert leaving == pytest.approx([5.0, 5.1, 5.2, 5.3])


@given(
    st.floats(1, 200),
    st.lists(st.floats(0, 0.3), min_size=1, max_size=200),
)
def test_no_second_ever_holds_more_than_the_budget_and_its_small_burst(rate: float, gaps: list[float]) -> None:
    arrivals, at = [], 0.0
    for gap in gaps:
        at += gap
        arrivals.append(at)
    leaving = departures(TokenBucket(rate, now=0.0), arrivals)
    assert leaving == sorted(leaving)
    for first in leaving:
        inside = sum(first <= each < first + 1 for each in leaving)
        assert inside <= rate * 1.1 + 1


def test_the_whole_budget_is_used_while_there_is_enough_to_do() -> None:
    bucket = TokenBucket(45, now=0.0)
    assert departures(bucket, [0.0] * 450)[-1] < 10.0


def test_a_late_riser_may_catch_up_a_little() -> None:
    bucket = TokenBucket(45, now=0.0)
    assert [bucket.reserve(60.0) == 0 for _ in range(6)] == [True] * 4 + [False] * 2


def test_room_counts_what_can_leave_soon() -> None:
    bucket = TokenBucket(10, now=0.0)
    assert bucket.room(0.0, 1.0) == 10
    for _ in range(7):
        bucket.reserve(0.0)
    assert bucket.room(0.0, 1.0) == 3
    bucket.pause(2.0)
    assert bucket.room(0.0, 1.0) == 0
    assert bucket.reserve(0.0) == 2.0


def test_a_window_is_closed_until_discord_says_it_opens() -> None:
    windows = Windows()
    assert windows.wait(("messages", "1"), 0.0) == 0
    windows.learn(("messages", "1"), remaining=0, reset_at=5.0, now=0.0)
    assert windows.wait(("messages", "1"), 1.0) == 4.0
    assert windows.wait(("threads", "1"), 1.0) == 0
    assert windows.wait(("messages", "1"), 6.0) == 0
    windows.learn(("messages", "1"), remaining=4, reset_at=10.0, now=6.0)
    assert windows.wait(("messages", "1"), 6.0) == 0


def test_windows_remember_few_that_have_opened_again() -> None:
    windows = Windows()
    for number in range(5_000):
        windows.learn(("messages", str(number)), remaining=0, reset_at=number + 5.0, now=float(number))
    assert len(windows._closed) <= 1_001
