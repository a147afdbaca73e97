from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import FailureReason
from bot.updates.health import count_sightings, has_moved, is_to_be_suspended

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def suspended(reason: FailureReason, *, days: int, tries: int, we_reach_others: bool = True) -> bool:
    return is_to_be_suspended(
        reason, failing_since=NOW - days * DAY, now=NOW, failures=tries, we_reach_others=we_reach_others
    )


def test_what_is_gone_on_purpose_is_gone_at_once() -> None:
    assert suspended(FailureReason.GONE, days=0, tries=1)


@pytest.mark.parametrize("reason", [each for each in FailureReason if each is not FailureReason.GONE])
def test_everything_else_has_a_week_and_many_tries(reason: FailureReason) -> None:
    assert not suspended(reason, days=6, tries=100)
    assert not suspended(reason, days=30, tries=9)
    assert suspended(reason, days=7, tries=10)


def test_nothing_is_suspended_for_a_network_of_our_own_that_is_down() -> None:
    assert not suspended(FailureReason.DNS, days=30, tries=100, we_reach_others=False)
    assert suspended(FailureReason.NOT_FOUND, days=30, tries=100, we_reach_others=False)


def test_a_redirect_is_believed_when_it_was_seen_often_enough_in_a_row() -> None:
    sightings, last = 0, None
    for moved_to in ("https://a.test", "https://a.test", None, *["https://b.test"] * 4):
        sightings, last = count_sightings(moved_to, last=last, sightings=sightings), moved_to
        assert not has_moved(sightings)
    assert has_moved(count_sightings("https://b.test", last=last, sightings=sightings))
    assert not has_moved(count_sightings("https://c.test", last=last, sightings=sightings))
