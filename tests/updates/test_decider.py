from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.models import Entry
from bot.updates.decider import Known, content_hash, decide, oldest_first

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def entry(number: int, **changes: object) -> Entry:
    plain = Entry(
        identity=f"id-{number}", title=f"Title {number}", body="Words.", published_at=NOON + timedelta(hours=number)
    )
    return replace(plain, **changes)


def known(*entries: Entry) -> dict[str, Known]:
    return {each.identity: Known(number, content_hash(each)) for number, each in enumerate(entries, 1)}


def test_an_entry_that_is_not_stored_is_new() -> None:
    decision = decide([entry(2), entry(1)], known(entry(1)), seeding=False)
    assert [each.identity for each in decision.new] == ["id-2"]
    assert decision.announced == {"id-2"}
    assert decision.changed == ()


def test_a_touched_date_changes_nothing() -> None:
    touched = entry(1, published_at=NOON + timedelta(days=9), updated_at=NOON + timedelta(days=9))
    decision = decide([touched], known(entry(1)), seeding=False)
    assert decision.new == ()
    assert decision.changed == ()


def test_other_white_space_changes_nothing() -> None:
    decision = decide([entry(1, body="  Words.\r\n")], known(entry(1)), seeding=False)
    assert decision.changed == ()


def test_other_words_are_a_change_and_no_news() -> None:
    decision = decide([entry(1, body="Other words.")], known(entry(1)), seeding=False)
    assert [(article_id, each.body) for article_id, each in decision.changed] == [(1, "Other words.")]
    assert decision.new == ()


def test_a_backdated_entry_is_still_new() -> None:
    late = entry(3, published_at=NOON - timedelta(days=400))
    decision = decide([late, entry(2)], known(entry(2)), seeding=False)
    assert decision.announced == {"id-3"}


def test_a_first_check_announces_only_the_newest() -> None:
    decision = decide([entry(3), entry(2), entry(1)], {}, seeding=True)
    assert [each.identity for each in decision.new] == ["id-1", "id-2", "id-3"]
    assert decision.announced == {"id-3"}


def test_a_first_check_of_an_empty_source_announces_nothing() -> None:
    assert decide([], {}, seeding=True).announced == frozenset()


def test_entries_without_dates_are_taken_newest_first_as_listed() -> None:
    listed = [entry(3, published_at=None), entry(2), entry(1)]
    assert [each.identity for each in oldest_first(listed)] == ["id-1", "id-2", "id-3"]


@given(st.permutations([entry(number) for number in range(6)]))
def test_the_order_of_a_source_does_not_change_what_is_new(listed: list[Entry]) -> None:
    stored = known(entry(0), entry(4))
    decision = decide(listed, stored, seeding=False)
    assert [each.identity for each in decision.new] == ["id-1", "id-2", "id-3", "id-5"]
    assert decision.changed == ()
