from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Entry
from bot.updates.announcing import FEW, SOME, choose_announced, oldest_first
from bot.updates.decider import Decision, content_hash
from tests.updates.memory import Memory, check

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOME = "https://journal.test/"
SUBJECTS = (
    "la poutine",
    "le fromage",
    "la sauce",
    "les frites",
    "le sirop",
    "la neige",
    "le marché",
    "le train",
    "l’usine",
)


def text(number: int, words: int = 80) -> str:
    """Long enough to be nobody else's, and like no other number's."""
    return " ".join(f"mot{(number * 7919 + at * at) % 9973}" for at in range(words))


def entry(number: int, **changes: object) -> Entry:
    plain = Entry(
        identity=f"tag:journal.test,2026:{number}",
        title=f"Ce que l’on dit de {SUBJECTS[number % len(SUBJECTS)]} ({number})",
        url=f"https://journal.test/articles/{number}",
        body=f"<p>{text(number)}</p>",
        published_at=NOON + timedelta(hours=number),
    )
    return replace(plain, **changes)


def stored(*entries: Entry) -> Memory:
    memory = Memory()
    check(memory, entries, seeding=True, home_url=HOME)
    return memory


def decide(memory: Memory, *entries: Entry, usual: int = 0) -> Decision:
    return check(memory, entries, since=NOON + timedelta(days=1), usual=usual, home_url=HOME)


def told(decision: Decision) -> list[str | None]:
    return [find.entry.title for find in decision.new if find.announce]


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


def titled(number: int, **changes: object) -> Entry:
    """Without a text to know it by."""
    return entry(number, **{"body": "", "title": f"Ce que l’on dit de la {number}e table du marché"} | changes)


def moved(number: int, **changes: object) -> Entry:
    return titled(number, url=f"https://nouveau.test/a/{number}", **changes)


class TestKnownAgain:
    """What histories of misbehaving feeds brought to light (`tests/bench/histories.py`)."""

    def test_a_renamed_article_on_a_renamed_page(self) -> None:
        """Who corrects a title often renames the page, whose address is the id."""
        before = entry(3, identity="https://journal.test/a/mauvais-titre", url="https://journal.test/a/mauvais-titre")
        url = "https://journal.test/a/tout-autre-nom"
        memory = stored(before, *(entry(number) for number in range(4, 9)))
        others = [entry(number) for number in range(4, 9)]
        after = replace(before, identity=url, url=url, title="Un tout autre nom pour la même chose")
        assert told(decide(memory, *others, after)) == []

    def test_but_not_the_next_report_made_from_the_same_template(self) -> None:
        memory = stored(entry(1), entry(2))
        url = "https://journal.test/articles/la-suite"
        template = entry(2, identity=url, url=url, title="La suite", published_at=NOON + timedelta(days=3))
        assert told(decide(memory, template, entry(2), entry(1))) == ["La suite"]

    def test_a_lightly_edited_title_on_a_renamed_page_with_a_touched_date(self) -> None:
        memory = stored(entry(1), entry(2))
        url = "https://journal.test/articles/la-suite"
        title = f"{entry(2).title}, mis à jour"
        edited = entry(2, identity=url, url=url, title=title, published_at=NOON + timedelta(days=3))
        assert told(decide(memory, edited, entry(1))) == []

    def test_numbers_that_count_down_to_the_first_article_are_ids(self) -> None:
        ids = {number: titled(number, identity=str(number), published_at=None) for number in range(1, 6)}
        memory = stored(*(ids[number] for number in range(5, 0, -1)))
        renamed = moved(2, identity="2", published_at=None, title="Ce que l’on dit de la 2e table du marché, à jour")
        assert told(decide(memory, ids[5], ids[4], ids[3], renamed, ids[1])) == []

    def test_places_in_a_list_whose_links_all_changed(self) -> None:
        def at(place: int, one: Entry) -> Entry:
            # All dates but one were touched at once.
            when = NOON + timedelta(hours=4) if "4e" in (one.title or "") else NOON
            return replace(one, identity=f"item-{place}", published_at=when)

        memory = stored(*(at(place, titled(number)) for place, number in enumerate((5, 4, 3, 2), 1)))
        listed = [at(place, moved(number)) for place, number in enumerate((6, 5, 4, 3, 2), 1)]
        assert told(decide(memory, *listed)) == [moved(6).title]

    def test_an_article_listed_twice_while_dates_are_touched(self) -> None:
        def at(place: int, number: int, when: datetime) -> Entry:
            return titled(number, identity=f"item-{place}", published_at=when)

        memory = stored(at(1, 3, NOON), at(2, 2, NOON), at(3, 1, NOON))
        later = NOON + timedelta(days=2)
        assert told(decide(memory, at(1, 3, later), at(2, 2, later), at(3, 3, later), at(4, 1, later))) == []

    def test_excerpts_of_a_series_without_pages(self) -> None:
        def episode(number: int, body: str) -> Entry:
            identity = f"sha256:{number}-{len(body)}"
            return entry(number, identity=identity, url=None, title=f"Épisode {number}", body=body)

        memory = stored(*(episode(number, text(number, 400)) for number in range(5)))
        excerpts = [episode(number, text(number, 40)) for number in range(4)]
        assert told(decide(memory, *excerpts, episode(4, text(4, 400)))) == []

    def test_old_articles_at_the_places_of_new_ones_that_share_their_title(self) -> None:
        def at(place: int, number: int) -> Entry:
            return titled(number, identity=f"item-{place}", title="Revue de presse", published_at=None)

        memory = stored(*(at(place, number) for place, number in enumerate(range(10, 0, -1), 1)))
        for newest in range(11, 25):
            listed = [at(place, number) for place, number in enumerate(range(newest, newest - 10, -1), 1)]
            assert len(told(decide(memory, *listed))) == 1

    def test_an_archive_that_moved_while_only_its_newest_were_listed(self) -> None:
        """Without texts, and with one date for all."""
        memory = stored(*(titled(number, published_at=NOON) for number in range(9, 0, -1)))
        later = NOON + timedelta(days=1)
        newest = [moved(number, identity=f"n-{number}", published_at=later) for number in (9, 8)]
        decide(memory, *(replace(each, published_at=NOON + timedelta(hours=9)) for each in newest))
        others = [moved(number, identity=f"n-{number}", published_at=later) for number in range(7, 2, -1)]
        assert told(decide(memory, *newest, moved(10, identity="n-10", published_at=later), *others)) == [
            moved(10).title
        ]

    def test_the_one_item_of_a_feed_that_names_it_by_its_place(self) -> None:
        """Without title, link or a text to compare, its date tells the next one."""

        def only(number: int) -> Entry:
            return entry(number, identity="item-1", title=None, url=None, body=f"<p>Bulletin de {number} heures.</p>")

        memory = stored(only(6))
        assert len(decide(memory, only(12)).new) == 1

    def test_a_title_without_a_page_when_touched_dates_are_as_they_were(self) -> None:
        def bare(number: int, scheme: str, at: datetime) -> Entry:
            return titled(number, identity=f"{scheme}{number}", url=HOME, published_at=at)

        others = [entry(number) for number in range(10, 20)]
        touched = NOON + timedelta(hours=5)
        memory = stored(*others, *(bare(number, "a", touched) for number in (3, 2, 1)))
        known = [bare(number, "b", NOON + timedelta(minutes=number)) for number in (2, 1)]
        assert not decide(memory, *others, *known).new

    def test_a_rewritten_article_whose_id_counts_when_the_others_are_as_they_were(self) -> None:
        def bare(number: int, body: str) -> Entry:
            return entry(number, identity=str(number), title=None, url=None, published_at=None, body=body)

        order = (3, 1, 4, 2, 5)
        memory = stored(*(bare(number, text(number)) for number in order))
        listed = [bare(number, text(number + 40 * (number == 4))) for number in order]
        assert not decide(memory, *listed).new

    def test_a_short_piece_of_a_long_text(self) -> None:
        """So short that none of its hashes is among the smallest of the whole."""
        others = [entry(number) for number in range(10, 20)]
        whole = [titled(number, identity=f"a{number}", url=HOME, body=text(number, 900)) for number in range(2)]
        memory = stored(*others, *whole)
        when = NOON + timedelta(days=2)
        pieces = [replace(each, identity=f"b{each.title}", published_at=when) for each in whole]
        pieces = [replace(each, body=text(number, 32)) for number, each in enumerate(pieces)]
        assert not decide(memory, *others, *pieces).new

    def test_a_corrected_title_on_a_new_page_while_dates_are_touched(self) -> None:
        order = (2, 4, 1, 3, 10, 8, 7, 6, 9, 5)
        memory = stored(*(titled(number, identity=str(number)) for number in order))
        touched = {"published_at": NOON + timedelta(days=2)}
        listed = [moved(number, identity=str(number), **touched) for number in order]
        listed[1] = replace(listed[1], title=f"{listed[1].title} (à jour)", body=text(9))
        assert not decide(memory, *listed).new

    def test_excerpts_under_one_title_when_the_site_moves(self) -> None:
        def review(number: int, **changes: object) -> Entry:
            return entry(number, identity=str(number), title="Revue de presse", published_at=None, **changes)

        order = (2, 4, 1, 3, 5, 8, 6, 7, 10, 9)
        memory = stored(*(review(number, body=text(number, 900)) for number in order))
        listed = [review(number, url=f"https://nouveau.test/{number}", body=text(number, 32)) for number in order]
        assert not decide(memory, *listed).new

    def test_an_edited_article_in_a_long_list_of_places(self) -> None:
        """More are pushed on than could all be compared; those that say what they said need not be."""
        pages: dict[str, object] = {"url": None, "published_at": None}
        memory = stored(*(entry(60 - at, identity=f"item-{at}", **pages) for at in range(1, 60)))
        listed = [entry(61 - at, identity=f"item-{at}", **pages) for at in range(1, 61)]
        listed[9] = replace(listed[9], title=f"{listed[9].title} (à jour)", body=f"{listed[9].body} Et encore.")
        assert told(decide(memory, *listed)) == [entry(60).title]

    def test_a_late_article_at_the_place_of_the_oldest_under_the_title_of_all(self) -> None:
        def review(number: int, place: int) -> Entry:
            return entry(number, identity=f"item-{place}", title="Revue de presse")

        memory = stored(*(review(10 - place, place) for place in range(1, 8)))
        listed = [review(10 - place, place) for place in range(1, 7)]
        assert len(told(decide(memory, *listed, review(20, 7)))) == 1

    def test_an_id_that_is_an_address_when_the_site_moves_to_https(self) -> None:
        """And all links lead to its front page."""

        def only(site: str, day: int) -> Entry:
            return titled(1, identity=f"{site}/?p=1047", url=f"{site}/", published_at=NOON + timedelta(days=day))

        memory = stored(only("http://www.journal.test", 0))
        assert not decide(memory, only("https://journal.test", 1)).new

    @pytest.mark.parametrize(("usual", "new"), [(1, 0), (20, 11)])
    def test_ids_that_count_under_new_links_are_news_as_fast_as_the_source_publishes(
        self, usual: int, new: int
    ) -> None:
        """Without titles and texts: either the site moved, or all that was listed was pushed off."""

        def bare(number: int, url: str) -> Entry:
            return entry(number, identity=str(number), title=None, url=url, body="", published_at=None)

        order = (2, 4, 1, 3, 7, 5, 6, 11, 8, 10, 9)
        memory = stored(*(bare(number, f"https://journal.test/a/{number}") for number in order))
        listed = [bare(number, f"https://nouveau.test/b/{number}") for number in order]
        assert len(decide(memory, *listed, usual=usual).new) == new

    def test_one_more_article_of_a_site_that_moved_while_others_are_settled(self) -> None:
        """Without texts, and dated when it was touched."""
        memory = stored(*(titled(number) for number in (8, 7, 6, 5)), titled(1, published_at=NOON))
        touched = {"published_at": NOON + timedelta(days=2)}
        settled = [titled(number, identity=f"b{number}") for number in (12, 11, 10, 9)]
        decide(memory, *settled)
        listed = [moved(number, identity=f"c{number}") for number in (8, 7, 6)]
        listed += [moved(number, identity=f"c{number}", **touched) for number in (13, 1)]
        assert told(decide(memory, *settled, *listed)) == [moved(13).title]


class TestBursts:
    def test_late_articles_among_those_we_know_are_news_whatever_their_number(self) -> None:
        memory = stored(*(entry(number * 10) for number in range(9, 0, -1)))
        late = [entry(number * 10 + 5, published_at=NOON - timedelta(days=30 - number)) for number in range(8, 1, -1)]
        known = [entry(number * 10) for number in range(9, 0, -1)]
        listed = [each for pair in zip(known, [*late, late[0], late[0]], strict=True) for each in pair]
        assert len(told(decide(memory, *listed))) == 7

    def test_undated_articles_further_back_than_before_are_archive(self) -> None:
        ours = [entry(number, published_at=None) for number in range(30, 0, -1)]
        memory = stored(*ours[10:20])
        titles = told(decide(memory, *ours))
        assert titles[-10:] == [each.title for each in reversed(ours[:10])]
        assert len(titles) == 10 + FEW

    def test_those_that_pile_up_while_an_undated_site_moves_are_news(self) -> None:
        memory = stored(*(titled(number, published_at=None) for number in range(10, 0, -1)))
        listed = [moved(number, identity=f"tag:nouveau,{number}", published_at=None) for number in range(17, 5, -1)]
        assert len(told(decide(memory, *listed))) == 7

    def test_a_late_article_among_many_of_a_site_that_moved_is_news(self) -> None:
        memory = stored(*(titled(number) for number in range(40, 30, -1)))
        fresh = [moved(number, identity=f"tag:nouveau,{number}") for number in range(50, 30, -1)]
        late = moved(51, identity="tag:nouveau,51", published_at=NOON - timedelta(days=30))
        assert late.title in told(decide(memory, *fresh, late))

    def test_but_what_is_left_of_an_archive_that_moved_is_not(self) -> None:
        memory = stored(*(titled(number) for number in range(40, 30, -1)))
        listed = [moved(number, identity=f"tag:nouveau,{number}") for number in range(40, 20, -1)]
        older = [replace(each, published_at=NOON - timedelta(days=30 + at)) for at, each in enumerate(listed[10:])]
        assert told(decide(memory, *listed[:10], *older)) == []

    @pytest.mark.parametrize(("usual", "told"), [(0, FEW), (11, FEW), (12, 12), (10_000, 12)])
    def test_of_undated_ones_as_many_as_usually_come_are_news(self, usual: int, told: int) -> None:
        new = [entry(number, published_at=None) for number in range(12)]
        chosen = choose_announced(new, seeding=False, since=NOON, kept=0, moved=20, redated=True, usual=usual)
        assert len(chosen) == told

    def test_but_never_a_flood_of_them(self) -> None:
        new = [entry(number, published_at=None) for number in range(SOME + 1)]
        chosen = choose_announced(new, seeding=False, since=NOON, kept=0, moved=20, redated=True, usual=10_000)
        assert len(chosen) == FEW
