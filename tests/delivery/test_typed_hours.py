"""What moderators type for hours, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.preferences import DAYS, DigestTime, Preferences, Window
from bot.delivery.typed_hours import read_digest, read_quiet, read_windows
from bot.locales import words
from bot.messages.hours import digest_of, quiet_of, windows_of
from bot.messages.hours_choices import digest_choices, quiet_choices, windows_choices
from tests.delivery.test_hours import TIMES

NIGHT = ("22:00", "07:00")
WEEK = DAYS[:5]


@pytest.mark.parametrize(
    "text",
    [
        *("22h-7h", "22 h à 7 h", "de 22 h à 7 h", "entre 22h et 7h", "22H00 – 7H00", "22 heures jusqu’à 7 heures"),
        *(
            "22:00-07:00",
            "22-7",
            "10 pm to 7 am",
            "from 10 p.m. until 7 a.m.",
            "between 10pm and 7am",
            "tous les jours 22h 7h",
        ),
    ],
)
def test_quiet_hours_are_understood(text: str) -> None:
    assert read_quiet(text) == NIGHT


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("minuit à 6 h 30", ("00:00", "06:30")),
        ("noon to midnight", ("12:00", "00:00")),
        ("12 am - 12 pm", ("00:00", "12:00")),
        ("8.15-9.45", ("08:15", "09:45")),
        ("20h-24h", ("20:00", "00:00")),
    ],
)
def test_so_are_other_ways_to_say_times(text: str, hours: tuple[str, str]) -> None:
    assert read_quiet(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22h",
        "jamais",
        "25h-3h",
        "22h-7h-8h",
        "22h60-7h",
        "13pm-2pm",
        "8h-8h",
        "lun 22h-7h",
        "22h-7h svp",
        "8-18 9-17",
        "123-456",
    ],
)
def test_what_is_not_clear_is_no_quiet_hour(text: str) -> None:
    assert read_quiet(text) is None


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("8h-18h", [(DAYS, "08:00", "18:00")]),
        ("lun-ven 8h-18h", [(WEEK, "08:00", "18:00")]),
        ("du lundi au vendredi, de 8 h à 12 h et de 13 h à 17 h", [(WEEK, "08:00", "12:00"), (WEEK, "13:00", "17:00")]),
        ("Mon, Wed & Fri 9am-5pm; weekends 10-16", [((0, 2, 4), "09:00", "17:00"), ((5, 6), "10:00", "16:00")]),
        ("les samedis et dimanches 22h-2h", [((5, 6), "22:00", "02:00")]),
        ("fri to mon 7:00-9:00", [((0, 4, 5, 6), "07:00", "09:00")]),
        ("en semaine 8-18, fin de semaine 10-16", [(WEEK, "08:00", "18:00"), ((5, 6), "10:00", "16:00")]),
    ],
)
def test_posting_hours_are_understood(text: str, windows: list[tuple[tuple[int, ...], str, str]]) -> None:
    assert read_windows(text) == tuple(Window(days=days, start=start, end=end) for days, start, end in windows)


@pytest.mark.parametrize(
    "text", ["", "lundi", "lun-ven", "8h", "lun 8h", "lunes 8h-9h", "ma 8-9", "j 8-9", "8h-18h lundi"]
)
def test_what_is_not_clear_is_no_posting_hour(text: str) -> None:
    assert read_windows(text) is None


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("chaque jour à 8 h", DigestTime(at="08:00")),
        ("tous les jours", DigestTime(at="08:00")),
        ("7:30", DigestTime(at="07:30")),
        ("daily at noon", DigestTime(at="12:00")),
        ("vendredi 16h30", DigestTime(at="16:30", day=4)),
        ("every Monday at 8 am", DigestTime(at="08:00", day=0)),
        ("8 h le dimanche", DigestTime(at="08:00", day=6)),
        ("hebdo", DigestTime(at="08:00", day=0)),
        ("weekly on Thursdays", DigestTime(at="08:00", day=3)),
    ],
)
def test_digests_are_understood(text: str, digest: DigestTime) -> None:
    assert read_digest(text) == digest


@pytest.mark.parametrize("text", ["", "jamais", "lun-ven 8h", "8h-9h", "lun mar", "hebdo lun mar", "24 fois"])
def test_what_is_not_clear_is_no_digest(text: str) -> None:
    assert read_digest(text) is None


@given(st.text(max_size=100))
def test_nothing_that_can_be_typed_breaks_anything(text: str) -> None:
    for read in (read_quiet, read_windows, read_digest):
        read(text)
    for choices in (quiet_choices, windows_choices, digest_choices):
        for language in ("fr", "en"):
            found = choices(text, words(language))
            assert 1 <= len(found) <= 25
            assert all(1 <= len(part) <= 100 for choice in found for part in choice)


DAYS_CHOSEN = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))


@given(
    st.lists(st.builds(Window, days=DAYS_CHOSEN, start=TIMES, end=TIMES), min_size=1, max_size=4).map(tuple),
    st.builds(DigestTime, at=TIMES, day=st.none() | st.integers(0, 6)),
    st.tuples(TIMES, TIMES).filter(lambda quiet: quiet[0] != quiet[1]),
    st.sampled_from(["fr", "en"]).map(words),
)
def test_what_the_bot_says_can_be_typed_back(windows, digest, quiet, speak) -> None:
    def typed(said: str) -> str:
        return said.split(" ", 1)[1]  # "publié …", "posted …"

    assert read_quiet(typed(quiet_of(quiet, speak))) == quiet
    assert read_windows(typed(windows_of(windows, speak))) == windows
    assert read_digest(typed(digest_of(digest, speak))) == digest


def test_offers_are_what_was_typed_then_what_fits() -> None:
    assert quiet_choices("9 pm to 6", words("fr")) == [("silence de 21\u00a0h à 6\u00a0h", "9 pm to 6")]
    offered = digest_choices("vendr", words("fr"))
    assert offered == [("condensé chaque vendredi à 8\u00a0h", "vendr")]
    everything = windows_choices("", words("en"))
    assert everything[0] == ("posted Monday to Friday from 8:00 a.m. to 6:00 p.m.", "mon-fri 08:00-18:00")
    assert windows_choices("no idea", words("en")) == everything


@pytest.mark.parametrize("choices", [quiet_choices, windows_choices, digest_choices])
def test_every_offer_can_be_chosen(choices) -> None:
    read = {quiet_choices: read_quiet, windows_choices: read_windows, digest_choices: read_digest}[choices]
    assert all(read(value) is not None for _, value in choices("", words("fr")))


def test_hours_are_settings_like_any_other() -> None:
    preferences = Preferences(quiet=NIGHT, windows=read_windows("lun-ven 8h-18h"), digest=read_digest("lundi 8h"))
    assert Preferences.model_validate_json(preferences.model_dump_json(exclude_defaults=True)) == preferences
