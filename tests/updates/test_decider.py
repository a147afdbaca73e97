from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Entry
from bot.updates.announcing import oldest_first
from bot.updates.decider import Decision, content_hash
from tests.updates.listings import HOME, NOON, decide, entry, stored, text, told
from tests.updates.memory import Memory, check


def test_an_entry_that_is_not_stored_is_new() -> None:
    decision = decide(stored(entry(1)), entry(2), entry(1))
    assert told(decision) == [entry(2).title]
    assert decision.changed == ()


def test_a_touched_date_changes_nothing() -> None:
    touched = entry(1, published_at=NOON + timedelta(days=9), updated_at=NOON + timedelta(days=9))
    assert decide(stored(entry(1)), touched) == Decision()


def test_other_white_space_changes_nothing() -> None:
    rewrapped = entry(1, body=entry(1).body.replace(" ", "\r\n  "))
    assert decide(stored(entry(1)), rewrapped) == Decision()


def test_other_words_are_a_change_and_no_news() -> None:
    decision = decide(stored(entry(1)), entry(1, body="<p>Tout autre chose.</p>"))
    assert [(change.article_id, change.entry.body) for change in decision.changed] == [(1, "<p>Tout autre chose.</p>")]
    assert decision.new == ()


def test_a_change_is_told_once() -> None:
    memory = stored(entry(1))
    edited = entry(1, title="Ce que l’on dit enfin de la poutine (1)")
    assert len(decide(memory, edited).changed) == 1
    assert decide(memory, edited) == Decision()


def test_a_backdated_entry_is_still_new() -> None:
    late = entry(3, published_at=NOON - timedelta(days=400))
    assert told(decide(stored(entry(2)), late, entry(2))) == [late.title]


def test_a_first_check_announces_only_the_newest() -> None:
    decision = check(Memory(), [entry(3), entry(2), entry(1)], seeding=True)
    assert [find.entry.title for find in decision.new] == [entry(n).title for n in (1, 2, 3)]
    assert told(decision) == [entry(3).title]


def test_a_first_check_of_an_empty_source_announces_nothing() -> None:
    assert check(Memory(), [], seeding=True) == Decision()


def test_entries_without_dates_are_taken_newest_first_as_listed() -> None:
    listed = [entry(3, published_at=None), entry(2), entry(1)]
    assert [each.identity for each in oldest_first(listed)] == [entry(n).identity for n in (1, 2, 3)]


@given(st.permutations([entry(number) for number in range(6)]))
def test_the_order_of_a_source_does_not_change_what_is_new(listed: list[Entry]) -> None:
    decision = decide(stored(entry(0), entry(4)), *listed)
    assert told(decision) == [entry(n).title for n in (1, 2, 3, 5)]
    assert decision.changed == ()


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("a new id", {"identity": "urn:uuid:9b2d"}),
        ("a new id and an http link", {"identity": "9b2d", "url": "http://journal.test/articles/1"}),
        (
            "a new id, tracking and www",
            {"identity": "9b2d", "url": "https://www.journal.test/articles/1/?utm_source=rss"},
        ),
        ("a new id and a new link", {"identity": "9b2d", "url": "https://nouveau.test/2026/1.html"}),
        ("a new id, link and date", {"identity": "9b2d", "url": "https://nouveau.test/1", "published_at": NOON}),
        ("a new id and no link", {"identity": "9b2d", "url": None}),
        ("a new id and other words", {"identity": "9b2d", "body": f"<p>{text(99)}</p>"}),
        ("another link and title", {"url": "https://nouveau.test/1", "title": "Autre titre, même texte"}),
        ("another title and other words", {"title": "Autre titre", "body": f"<p>{text(98)}</p>"}),
    ],
)
def test_an_article_is_known_again_by_what_is_left_of_it(what: str, changes: dict[str, object]) -> None:
    memory = stored(entry(2), entry(1))
    again = entry(1, **changes)
    decision = decide(memory, entry(2), again)
    assert decision.new == (), what
    assert {change.article_id for change in decision.changed} <= {1}
    assert decide(memory, entry(2), again) == Decision(), "and from then on under its new id"
    assert decide(memory, entry(2), entry(1)).new == (), "and still under the old one"


def test_an_id_that_another_article_has_now_is_not_believed() -> None:
    memory = stored(entry(1))
    other = entry(2, identity=entry(1).identity)
    assert told(decide(memory, other)) == [other.title]
    assert decide(memory, other) == Decision()
    assert decide(memory, other, entry(1, identity="moved on")).new == ()


def test_places_in_a_list_are_no_ids() -> None:
    def listing(*numbers: int) -> list[Entry]:
        return [entry(number, identity=str(place)) for place, number in enumerate(numbers, 1)]

    memory = stored(*listing(3, 2, 1))
    decision = decide(memory, *listing(5, 4, 3, 2, 1))
    assert told(decision) == [entry(4).title, entry(5).title]
    assert decision.changed == ()
    assert decide(memory, *listing(5, 4, 3, 2, 1)) == Decision()


def test_ids_that_count_are_believed_when_only_the_links_of_all_changed() -> None:
    def listing(site: str) -> list[Entry]:
        return [
            entry(
                number,
                identity=str(number),
                title="La revue de presse",
                url=f"{site}/{number}",
                body="",
                published_at=None,
            )
            for number in (2, 1, *range(3, 13))
        ]

    memory = stored(*listing("https://journal.test"))
    assert decide(memory, *listing("https://nouveau.test")).new == ()


def test_an_excerpt_is_known_as_a_piece_of_the_whole() -> None:
    memory = stored(entry(1, body=text(1, words=500)), entry(2))
    excerpt = entry(1, identity="new 1", url="https://nouveau.test/1", body=" ".join(text(1, words=500).split()[:60]))
    assert decide(memory, excerpt, entry(2)).new == ()


def test_an_article_listed_twice_is_still_known_by_its_title_when_the_site_moves() -> None:
    bare = {"body": "", "title": "Épisode 33"}
    memory = stored(entry(1, **bare), entry(2))
    moved = [
        entry(1, identity=f"new {copy}", url=f"https://nouveau.test/1?utm_source=rss&fbclid={copy}", **bare)
        for copy in range(2)
    ]
    assert decide(memory, *moved, entry(2)).new == ()


def test_a_date_that_was_touched_says_nothing_even_when_it_comes_once() -> None:
    bare = {"body": "", "title": "La revue de presse", "published_at": NOON}
    memory = stored(*(entry(number, **bare) for number in range(1, 6)))
    assert len(told(decide(memory, entry(6, **bare), *(entry(number, **bare) for number in range(2, 6))))) == 1


def test_a_link_that_all_items_share_says_nothing() -> None:
    shared = {"url": "https://journal.test/en-direct"}
    memory = stored(entry(2, **shared), entry(1, **shared))
    assert told(decide(memory, entry(3, **shared), entry(2, **shared))) == [entry(3).title]


def test_a_link_that_leads_to_whatever_is_newest_says_nothing() -> None:
    shared = {"url": "https://journal.test/derniere-emission"}
    memory = stored(entry(1, **shared))
    assert told(decide(memory, entry(2, **shared))) == [entry(2).title]


def test_a_title_that_comes_back_every_day_says_nothing() -> None:
    def issue(number: int) -> Entry:
        return entry(number, title="La revue de presse")

    memory = stored(issue(1))
    for number in (2, 3, 4):
        assert len(told(decide(memory, issue(number)))) == 1


def test_the_same_bulletin_every_day_is_news_every_day() -> None:
    def bulletin(day: int) -> Entry:
        same = {"title": "Le bulletin de 18 h", "body": "<p>Écoutez le bulletin.</p>"}
        return entry(day, **same, published_at=NOON + timedelta(days=day))

    memory = stored(bulletin(1))
    assert len(told(decide(memory, bulletin(2)))) == 1
    assert len(told(decide(memory, bulletin(3), bulletin(2)))) == 1


def test_an_article_published_twice_by_mistake_is_told_once() -> None:
    memory = stored(entry(1))
    twin = entry(2, identity="again", url="https://journal.test/articles/2-2", published_at=NOON + timedelta(hours=2))
    assert told(decide(memory, twin, entry(2), entry(1))) == [entry(2).title]
    assert decide(memory, twin, entry(2), entry(1)) == Decision()
    other_twin = replace(twin, identity="and again")
    assert decide(memory, other_twin, twin, entry(2), entry(1)).new == ()


def test_an_archive_under_new_ids_and_links_floods_nothing() -> None:
    memory = stored(*(entry(number) for number in range(40, 0, -1)))
    moved = [
        entry(number, identity=f"new {number}", url=f"https://nouveau.test/{number}", published_at=NOON)
        for number in range(40, 0, -1)
    ]
    assert decide(memory, *moved).new == ()


def test_an_archive_listed_further_back_than_before_tells_a_few() -> None:
    memory = stored(*(entry(number) for number in range(100, 90, -1)))
    decision = check(
        memory, [entry(number) for number in range(100, 0, -1)], since=NOON + timedelta(days=30), home_url=HOME
    )
    assert len(decision.new) == 90
    assert told(decision) == [entry(number).title for number in range(86, 91)]


def test_what_piled_up_while_the_bot_was_down_is_all_news() -> None:
    memory = stored(*(entry(number) for number in range(10, 0, -1)))
    decision = check(
        memory, [entry(number) for number in range(50, 20, -1)], since=NOON + timedelta(hours=10), home_url=HOME
    )
    assert len(told(decision)) == 30


def test_a_list_that_rolled_on_tells_what_pushed_the_rest_off_it_whatever_its_dates() -> None:
    memory = stored(*(entry(number) for number in range(30, 0, -1)))
    touched = [
        entry(number, identity=f"new {number}", url=f"https://nouveau.test/{number}", published_at=NOON)
        for number in sorted(range(13, 43), key=lambda number: number * 7 % 31)
    ]
    decision = check(memory, touched, since=NOON + timedelta(days=30), home_url=HOME)
    assert sorted(told(decision), key=str) == sorted((entry(number).title for number in range(31, 43)), key=str)


def test_nothing_is_announced_by_the_hundreds() -> None:
    memory = stored(entry(1))
    decision = check(memory, [entry(number) for number in range(900, 1, -1)], since=NOON, home_url=HOME)
    assert len(decision.new) == 899
    assert len(told(decision)) == 100


def test_a_source_that_is_empty_or_short_for_a_day_repeats_nothing() -> None:
    everything = [entry(number) for number in range(20, 0, -1)]
    memory = stored(*everything)
    assert decide(memory) == Decision()
    assert decide(memory, *everything[:3]) == Decision()
    assert decide(memory, *everything) == Decision()


def test_a_content_hash_sees_words_and_no_white_space() -> None:
    assert content_hash(entry(1, body="<p>un  deux\n</p>")) == content_hash(entry(1, body=" <p>un deux </p>\t"))
    assert content_hash(entry(1, body="un deux")) != content_hash(entry(1, body="undeux"))


@given(st.lists(st.integers(0, 30), max_size=12), st.lists(st.integers(0, 30), max_size=12))
def test_whatever_is_listed_twice_is_decided_once(first: list[int], second: list[int]) -> None:
    memory = stored(*(entry(number) for number in dict.fromkeys(first)))
    listing = [entry(number) for number in dict.fromkeys(second)]
    decide(memory, *listing)
    assert decide(memory, *listing) == Decision()
