from datetime import UTC, datetime, timedelta

import pytest

from bot.models import Entry, Snapshot, Source, SourceKind
from bot.updates.progress import is_scrap, usual_since

NOW = datetime(2026, 11, 1, tzinfo=UTC)

WHOLE = Entry(identity="tag:journal.test,2026:1", url="https://journal.test/1", title="Titre", body="<p>Un texte.</p>")
MADE = Entry(identity="sha256:12", title="Titre", body="<p>Un te")
ADDRESSED = Entry(identity="https://journal.test/1", url="https://journal.test/1")


@pytest.mark.parametrize("entry", [MADE, ADDRESSED], ids=["its id was cut off", "its text was cut off"])
def test_the_beginning_of_one_item_is_a_scrap(entry: Entry) -> None:
    assert is_scrap(Snapshot(SourceKind.FEED, entries=(entry,), cut=True))


@pytest.mark.parametrize(
    "snapshot",
    [
        Snapshot(SourceKind.FEED, entries=(ADDRESSED,), cut=False),
        Snapshot(SourceKind.FEED, entries=(WHOLE,), cut=True),
        Snapshot(SourceKind.FEED, entries=(MADE, ADDRESSED), cut=True),
    ],
    ids=["a whole document", "an item with text and id", "two items"],
)
def test_what_can_be_known_again_is_none(snapshot: Snapshot) -> None:
    assert not is_scrap(snapshot)


def test_a_source_that_was_away_may_have_published_as_it_usually_does() -> None:
    url = "https://journal.test/feed"
    daily = Source(id=1, url=url, kind=SourceKind.FEED, next_check_at=NOW, gap_seconds=86_400, last_success_at=NOW)
    assert usual_since(daily, NOW + timedelta(days=4)) == 6
    assert usual_since(daily, NOW) == 0
    assert usual_since(daily.model_copy(update={"gap_seconds": None}), NOW + timedelta(days=4)) == 0
    assert usual_since(daily.model_copy(update={"last_success_at": None}), NOW + timedelta(days=4)) == 0
