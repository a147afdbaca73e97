from dataclasses import replace
from datetime import timedelta

import pytest

from bot.updates.announcing import FEW, PLENTY, choose_announced
from tests.updates.listings import NOON, decide, entry, moved, stored, titled, told


def test_late_articles_among_those_we_know_are_news_whatever_their_number() -> None:
    memory = stored(*(entry(number * 10) for number in range(9, 0, -1)))
    late = [entry(number * 10 + 5, published_at=NOON - timedelta(days=30 - number)) for number in range(8, 1, -1)]
    known = [entry(number * 10) for number in range(9, 0, -1)]
    listed = [each for pair in zip(known, [*late, late[0], late[0]], strict=True) for each in pair]
    assert len(told(decide(memory, *listed))) == 7


def test_undated_articles_further_back_than_before_are_archive() -> None:
    ours = [entry(number, published_at=None) for number in range(30, 0, -1)]
    memory = stored(*ours[10:20])
    titles = told(decide(memory, *ours))
    assert titles[-10:] == [each.title for each in reversed(ours[:10])]
    assert len(titles) == 10 + FEW


def test_those_that_pile_up_while_an_undated_site_moves_are_news() -> None:
    memory = stored(*(titled(number, published_at=None) for number in range(10, 0, -1)))
    listed = [moved(number, identity=f"tag:nouveau,{number}", published_at=None) for number in range(17, 5, -1)]
    assert len(told(decide(memory, *listed))) == 7


def test_a_late_article_among_many_of_a_site_that_moved_is_news() -> None:
    memory = stored(*(titled(number) for number in range(40, 30, -1)))
    fresh = [moved(number, identity=f"tag:nouveau,{number}") for number in range(50, 30, -1)]
    late = moved(51, identity="tag:nouveau,51", published_at=NOON - timedelta(days=30))
    assert late.title in told(decide(memory, *fresh, late))


def test_but_what_is_left_of_an_archive_that_moved_is_not() -> None:
    memory = stored(*(titled(number) for number in range(40, 30, -1)))
    listed = [moved(number, identity=f"tag:nouveau,{number}") for number in range(40, 20, -1)]
    older = [replace(each, published_at=NOON - timedelta(days=30 + at)) for at, each in enumerate(listed[10:])]
    assert told(decide(memory, *listed[:10], *older)) == []


@pytest.mark.parametrize(("usual", "told"), [(0, FEW), (11, FEW), (12, 12), (10_000, 12)])
def test_of_undated_ones_as_many_as_usually_come_are_news(usual: int, told: int) -> None:
    new = [entry(number, published_at=None) for number in range(12)]
    chosen = choose_announced(new, seeding=False, since=NOON, kept=0, moved=20, redated=True, usual=usual)
    assert len(chosen) == told


def test_but_never_a_flood_of_them() -> None:
    new = [entry(number, published_at=None) for number in range(PLENTY + 1)]
    chosen = choose_announced(new, seeding=False, since=NOON, kept=0, moved=20, redated=True, usual=10_000)
    assert len(chosen) == FEW
