"""What histories of misbehaving feeds brought to light (`tests/bench/histories.py`)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.models import Entry
from tests.updates.listings import HOME, NOON, decide, entry, moved, stored, text, titled, told


def test_a_renamed_article_on_a_renamed_page() -> None:
    """Who corrects a title often renames the page, whose address is the id."""
    before = entry(3, identity="https://journal.test/a/mauvais-titre", url="https://journal.test/a/mauvais-titre")
    url = "https://journal.test/a/tout-autre-nom"
    memory = stored(before, *(entry(number) for number in range(4, 9)))
    others = [entry(number) for number in range(4, 9)]
    after = replace(before, identity=url, url=url, title="Un tout autre nom pour la même chose")
    assert told(decide(memory, *others, after)) == []


def test_but_not_the_next_report_made_from_the_same_template() -> None:
    memory = stored(entry(1), entry(2))
    url = "https://journal.test/articles/la-suite"
    template = entry(2, identity=url, url=url, title="La suite", published_at=NOON + timedelta(days=3))
    assert told(decide(memory, template, entry(2), entry(1))) == ["La suite"]


def test_a_lightly_edited_title_on_a_renamed_page_with_a_touched_date() -> None:
    memory = stored(entry(1), entry(2))
    url = "https://journal.test/articles/la-suite"
    title = f"{entry(2).title}, mis à jour"
    edited = entry(2, identity=url, url=url, title=title, published_at=NOON + timedelta(days=3))
    assert told(decide(memory, edited, entry(1))) == []


def test_numbers_that_count_down_to_the_first_article_are_ids() -> None:
    ids = {number: titled(number, identity=str(number), published_at=None) for number in range(1, 6)}
    memory = stored(*(ids[number] for number in range(5, 0, -1)))
    renamed = moved(2, identity="2", published_at=None, title="Ce que l’on dit de la 2e table du marché, à jour")
    assert told(decide(memory, ids[5], ids[4], ids[3], renamed, ids[1])) == []


def test_places_in_a_list_whose_links_all_changed() -> None:
    def at(place: int, one: Entry) -> Entry:
        # All dates but one were touched at once.
        when = NOON + timedelta(hours=4) if "4e" in (one.title or "") else NOON
        return replace(one, identity=f"item-{place}", published_at=when)

    memory = stored(*(at(place, titled(number)) for place, number in enumerate((5, 4, 3, 2), 1)))
    listed = [at(place, moved(number)) for place, number in enumerate((6, 5, 4, 3, 2), 1)]
    assert told(decide(memory, *listed)) == [moved(6).title]


def test_an_article_listed_twice_while_dates_are_touched() -> None:
    def at(place: int, number: int, when: datetime) -> Entry:
        return titled(number, identity=f"item-{place}", published_at=when)

    memory = stored(at(1, 3, NOON), at(2, 2, NOON), at(3, 1, NOON))
    later = NOON + timedelta(days=2)
    assert told(decide(memory, at(1, 3, later), at(2, 2, later), at(3, 3, later), at(4, 1, later))) == []


def test_excerpts_of_a_series_without_pages() -> None:
    def episode(number: int, body: str) -> Entry:
        identity = f"sha256:{number}-{len(body)}"
        return entry(number, identity=identity, url=None, title=f"Épisode {number}", body=body)

    memory = stored(*(episode(number, text(number, 400)) for number in range(5)))
    excerpts = [episode(number, text(number, 40)) for number in range(4)]
    assert told(decide(memory, *excerpts, episode(4, text(4, 400)))) == []


def test_old_articles_at_the_places_of_new_ones_that_share_their_title() -> None:
    def at(place: int, number: int) -> Entry:
        return titled(number, identity=f"item-{place}", title="Revue de presse", published_at=None)

    memory = stored(*(at(place, number) for place, number in enumerate(range(10, 0, -1), 1)))
    for newest in range(11, 25):
        listed = [at(place, number) for place, number in enumerate(range(newest, newest - 10, -1), 1)]
        assert len(told(decide(memory, *listed))) == 1


def test_an_archive_that_moved_while_only_its_newest_were_listed() -> None:
    """Without texts, and with one date for all."""
    memory = stored(*(titled(number, published_at=NOON) for number in range(9, 0, -1)))
    later = NOON + timedelta(days=1)
    newest = [moved(number, identity=f"n-{number}", published_at=later) for number in (9, 8)]
    decide(memory, *(replace(each, published_at=NOON + timedelta(hours=9)) for each in newest))
    others = [moved(number, identity=f"n-{number}", published_at=later) for number in range(7, 2, -1)]
    assert told(decide(memory, *newest, moved(10, identity="n-10", published_at=later), *others)) == [moved(10).title]


def test_the_one_item_of_a_feed_that_names_it_by_its_place() -> None:
    """Without title, link or a text to compare, its date tells the next one."""

    def only(number: int) -> Entry:
        return entry(number, identity="item-1", title=None, url=None, body=f"<p>Bulletin de {number} heures.</p>")

    memory = stored(only(6))
    assert len(decide(memory, only(12)).new) == 1


def test_a_title_without_a_page_when_touched_dates_are_as_they_were() -> None:
    def bare(number: int, scheme: str, at: datetime) -> Entry:
        return titled(number, identity=f"{scheme}{number}", url=HOME, published_at=at)

    others = [entry(number) for number in range(10, 20)]
    touched = NOON + timedelta(hours=5)
    memory = stored(*others, *(bare(number, "a", touched) for number in (3, 2, 1)))
    known = [bare(number, "b", NOON + timedelta(minutes=number)) for number in (2, 1)]
    assert not decide(memory, *others, *known).new


def test_a_rewritten_article_whose_id_counts_when_the_others_are_as_they_were() -> None:
    def bare(number: int, body: str) -> Entry:
        return entry(number, identity=str(number), title=None, url=None, published_at=None, body=body)

    order = (3, 1, 4, 2, 5)
    memory = stored(*(bare(number, text(number)) for number in order))
    listed = [bare(number, text(number + 40 * (number == 4))) for number in order]
    assert not decide(memory, *listed).new


def test_a_short_piece_of_a_long_text() -> None:
    """So short that none of its hashes is among the smallest of the whole."""
    others = [entry(number) for number in range(10, 20)]
    whole = [titled(number, identity=f"a{number}", url=HOME, body=text(number, 900)) for number in range(2)]
    memory = stored(*others, *whole)
    when = NOON + timedelta(days=2)
    pieces = [replace(each, identity=f"b{each.title}", published_at=when) for each in whole]
    pieces = [replace(each, body=text(number, 32)) for number, each in enumerate(pieces)]
    assert not decide(memory, *others, *pieces).new


def test_a_corrected_title_on_a_new_page_while_dates_are_touched() -> None:
    order = (2, 4, 1, 3, 10, 8, 7, 6, 9, 5)
    memory = stored(*(titled(number, identity=str(number)) for number in order))
    touched = {"published_at": NOON + timedelta(days=2)}
    listed = [moved(number, identity=str(number), **touched) for number in order]
    listed[1] = replace(listed[1], title=f"{listed[1].title} (à jour)", body=text(9))
    assert not decide(memory, *listed).new


def test_excerpts_under_one_title_when_the_site_moves() -> None:
    def review(number: int, **changes: object) -> Entry:
        return entry(number, identity=str(number), title="Revue de presse", published_at=None, **changes)

    order = (2, 4, 1, 3, 5, 8, 6, 7, 10, 9)
    memory = stored(*(review(number, body=text(number, 900)) for number in order))
    listed = [review(number, url=f"https://nouveau.test/{number}", body=text(number, 32)) for number in order]
    assert not decide(memory, *listed).new


def test_an_edited_article_in_a_long_list_of_places() -> None:
    """More are pushed on than could all be compared; those that say what they said need not be."""
    pages: dict[str, object] = {"url": None, "published_at": None}
    memory = stored(*(entry(60 - at, identity=f"item-{at}", **pages) for at in range(1, 60)))
    listed = [entry(61 - at, identity=f"item-{at}", **pages) for at in range(1, 61)]
    listed[9] = replace(listed[9], title=f"{listed[9].title} (à jour)", body=f"{listed[9].body} Et encore.")
    assert told(decide(memory, *listed)) == [entry(60).title]


def test_a_late_article_at_the_place_of_the_oldest_under_the_title_of_all() -> None:
    def review(number: int, place: int) -> Entry:
        return entry(number, identity=f"item-{place}", title="Revue de presse")

    memory = stored(*(review(10 - place, place) for place in range(1, 8)))
    listed = [review(10 - place, place) for place in range(1, 7)]
    assert len(told(decide(memory, *listed, review(20, 7)))) == 1


def test_an_id_that_is_an_address_when_the_site_moves_to_https() -> None:
    """And all links lead to its front page."""

    def only(site: str, day: int) -> Entry:
        return titled(1, identity=f"{site}/?p=1047", url=f"{site}/", published_at=NOON + timedelta(days=day))

    memory = stored(only("http://www.journal.test", 0))
    assert not decide(memory, only("https://journal.test", 1)).new


@pytest.mark.parametrize(("usual", "new"), [(1, 0), (20, 11)])
def test_ids_that_count_under_new_links_are_news_as_fast_as_the_source_publishes(usual: int, new: int) -> None:
    """Without titles and texts: either the site moved, or all that was listed was pushed off."""

    def bare(number: int, url: str) -> Entry:
        return entry(number, identity=str(number), title=None, url=url, body="", published_at=None)

    order = (2, 4, 1, 3, 7, 5, 6, 11, 8, 10, 9)
    memory = stored(*(bare(number, f"https://journal.test/a/{number}") for number in order))
    listed = [bare(number, f"https://nouveau.test/b/{number}") for number in order]
    assert len(decide(memory, *listed, usual=usual).new) == new


def test_one_more_article_of_a_site_that_moved_while_others_are_settled() -> None:
    """Without texts, and dated when it was touched."""
    memory = stored(*(titled(number) for number in (8, 7, 6, 5)), titled(1, published_at=NOON))
    touched = {"published_at": NOON + timedelta(days=2)}
    settled = [titled(number, identity=f"b{number}") for number in (12, 11, 10, 9)]
    decide(memory, *settled)
    listed = [moved(number, identity=f"c{number}") for number in (8, 7, 6)]
    listed += [moved(number, identity=f"c{number}", **touched) for number in (13, 1)]
    assert told(decide(memory, *settled, *listed)) == [moved(13).title]


def test_ids_that_count_hold_by_their_dates_where_there_are_no_titles() -> None:
    """The site moved and cut its texts while only the newest were listed."""

    def bare(number: int, **changes: object) -> Entry:
        return entry(number, identity=str(number), title=None, **changes)

    order = (5, 4, 7, 3, 6, 2, 1)
    memory = stored(*(bare(number, body=text(number, 9)) for number in order))
    newest = [bare(number, url=f"https://nouveau.test/{number}", body="") for number in (11, 10, 9, 8)]
    decide(memory, *newest)
    listed = [bare(number, url=f"https://nouveau.test/{number}", body=text(number, 8)) for number in order]
    assert not decide(memory, *newest, *listed).new


def test_a_rewritten_article_whose_id_counts_while_the_others_are_edited() -> None:
    def bare(number: int, body: str) -> Entry:
        return entry(number, identity=str(number), title=None, body=body)

    order = (4, 2, 1, 3, 5, 6)
    memory = stored(*(bare(number, text(number)) for number in order))
    listed = [bare(number, text(60) if number == 1 else f"{text(number)} Et encore.") for number in order]
    moved_on = [replace(each, url=f"https://nouveau.test/{each.identity}") for each in listed]
    assert not decide(memory, *moved_on).new


def test_a_rewritten_article_that_keeps_its_title_and_date_when_the_site_moves() -> None:
    memory = stored(entry(1), entry(2))
    rewritten = entry(1, identity="https://nouveau.test/1", url="https://nouveau.test/1", body=text(60))
    assert not decide(memory, rewritten, entry(2)).new
