import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import Budget, Windows


def departures(budget: Budget, arrivals: list[float], stalls: dict[int, float] | None = None) -> list[float]:
    """When requests leave that come at these times, one after the other; before some, the machine stalls a while."""
    leaving: list[float] = []
    at = 0.0
    for number, arrival in enumerate(arrivals):
        at = max(at, arrival)
        at += max(budget.wait(at), (stalls or {}).get(number, 0.0))
        budget.spend(at)
        leaving.append(at)
    return leaving


def most_in_a_second(leaving: list[float]) -> int:
    return max(sum(first <= each < first + 1 for each in leaving) for first in leaving)


def test_requests_that_come_together_leave_evenly() -> None:
    leaving = departures(Budget(10, now=0.0), [0.0] * 4)
    assert leaving == pytest.approx([0.0, 0.1, 0.2, 0.3])


@given(
    st.integers(1, 100),
    st.lists(st.floats(0, 0.3), min_size=1, max_size=200),
    st.dictionaries(st.integers(0, 199), st.floats(0, 2), max_size=5),
)
def test_no_second_ever_holds_much_more_than_the_budget(rate: int, gaps: list[float], stalls: dict[int, float]) -> None:
    leaving = departures(Budget(rate, now=0.0), list(itertools.accumulate(gaps)), stalls)
    assert most_in_a_second(leaving) <= rate * 1.05 + 2


def test_the_default_stays_below_discords_limit_however_the_machine_stalls() -> None:
    stalls = dict.fromkeys(range(20, 400, 100), 0.2)
    leaving = departures(Budget(45, now=0.0), [0.0] * 450, stalls)
    assert most_in_a_second(leaving) < 50
    assert 450 / leaving[-1] > 0.95 * 45


def test_the_whole_budget_is_used_while_there_is_enough_to_do() -> None:
    leaving = departures(Budget(45, now=0.0), [0.0] * 450)
    assert leaving[-1] < 10.0


def test_after_a_rest_nothing_leaves_in_a_heap() -> None:
    leaving = departures(Budget(45, now=0.0), [60.0] * 100)
    assert sum(each < 60.1 for each in leaving) <= 6


def arrivals_around_a_stall(budget: Budget, stall: float, latency: float = 0.1) -> list[float]:
    """When requests arrive that leave as the budget lets them, for six seconds, while the other side stands still for
    a while after the third and then takes all that waits for it."""
    arrived: list[float] = []
    on_the_way: list[tuple[float, int]] = []
    now = 0.0
    while now < 6:
        for at, number in list(on_the_way):
            if at <= now:
                on_the_way.remove((at, number))
                arrived.append(now)
                budget.answered(number, now)
        if budget.wait(now) <= 0:
            at = now + latency
            on_the_way.append((3 + stall if 3 <= at < 3 + stall else at, budget.spend(now)))
        now += 0.001
    return arrived


@pytest.mark.parametrize("stall", [0.0, 0.05, 0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize(("latency", "most"), [(0.02, 52), (0.1, 55)])
def test_a_stall_on_the_way_makes_no_large_heap(stall: float, latency: float, most: int) -> None:
    """The longer the way, the more is on it when it stalls: that much cannot be called back."""
    assert most_in_a_second(arrivals_around_a_stall(Budget(45, now=0.0), stall, latency)) <= most


@pytest.mark.parametrize("latency", [0.02, 0.1, 0.4, 1.0])
@pytest.mark.parametrize("rate", [5, 10, 45])
def test_a_long_way_costs_no_budget(latency: float, rate: int) -> None:
    assert len(arrivals_around_a_stall(Budget(rate, now=0.0), 0.0, latency)) > (6 - latency) * rate * 0.95


@pytest.mark.parametrize("rate", [5, 10, 20, 45])
def test_answers_that_come_early_and_late_cost_no_budget(rate: int) -> None:
    budget, chance, now, on_the_way, left = Budget(rate, now=0.0), random.Random(1), 0.0, [], 0
    while now < 20:
        for at, number in list(on_the_way):
            if at <= now:
                on_the_way.remove((at, number))
                budget.answered(number, now)
        if budget.wait(now) <= 0:
            on_the_way.append((now + chance.uniform(0.01, 0.15), budget.spend(now)))
            left += 1
        now += 0.001
    assert left > 20 * rate * 0.95


def test_requests_that_are_never_answered_stop_nothing_for_long() -> None:
    budget = Budget(45, now=0.0)
    for number in range(100):
        budget.spend(number / 45)
    assert budget.wait(20.0) == 0


def test_a_pause_is_kept() -> None:
    budget = Budget(10, now=0.0)
    budget.pause(2.0)
    assert budget.wait(0.5) == 1.5
    assert budget.wait(2.0) == 0


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
