import pytest

from bot.models import Entry, Snapshot, SourceKind
from bot.updates.progress import is_scrap

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
