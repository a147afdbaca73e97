"""Dates in the wild."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.dates import read_date, read_timestamp


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # RFC 822 and what became of it
        ("Thu, 01 Jan 2004 19:48:21 GMT", utc(2004, 1, 1, 19, 48, 21)),
        ("Thu, 01 Jan 2004 19:48:21 +0500", utc(2004, 1, 1, 14, 48, 21)),
        ("Thu, 01 Jan 2004 19:48:21 EST", utc(2004, 1, 2, 0, 48, 21)),
        ("Thu,01 Jan 04 19:48 GMT", utc(2004, 1, 1, 19, 48)),
        ("1 Jan 2004 19:48:21", utc(2004, 1, 1, 19, 48, 21)),
        ("Thu, 1 January 2004 19:48:21 -05:00", utc(2004, 1, 2, 0, 48, 21)),
        ("Thu Jan  1 19:48:21 2004", utc(2004, 1, 1, 19, 48, 21)),
        ("Thu, 31 Jun 2004 19:48:21 GMT", None),
        ("01 Sept 2004", utc(2004, 9, 1)),
        ("January 5, 2024", utc(2024, 1, 5)),
        ("Jan 5, 2024 at 3:04 pm", utc(2024, 1, 5, 15, 4)),
        ("Mon, 26 January 2004 16:31:00 ET", utc(2004, 1, 26, 16, 31)),
        ("Wed, 02 Oct 2024 13:00:00 +0000 (UTC)", utc(2024, 10, 2, 13)),
        ("Wed, 02 Oct 2024 13:00:00 GMT-5", utc(2024, 10, 2, 18)),
        ("Fri, 31 Dec 2004 24:00:00 GMT", utc(2005, 1, 1)),
        ("Fri, 31 Dec 2004 23:59:60 GMT", utc(2005, 1, 1)),
        # ISO 8601
        ("2003-12-31T10:14:55Z", utc(2003, 12, 31, 10, 14, 55)),
        ("2003-12-31T10:14:55.123456Z", utc(2003, 12, 31, 10, 14, 55)),
        ("2003-12-31T10:14:55-08:00", utc(2003, 12, 31, 18, 14, 55)),
        ("2003-12-31T10:14+0530", utc(2003, 12, 31, 4, 44)),
        ("2003-12-31 10:14:55", utc(2003, 12, 31, 10, 14, 55)),
        ("2003-12-31 10:14:55 +0000", utc(2003, 12, 31, 10, 14, 55)),
        ("2003-12", utc(2003, 12, 1)),
        ("2003", utc(2003, 1, 1)),
        ("20031231", utc(2003, 12, 31)),
        ("20031231T101455Z", utc(2003, 12, 31, 10, 14, 55)),
        ("2003-335", utc(2003, 12, 1)),
        ("2003-W02-3", utc(2003, 1, 8)),
        ("2024-02-30", None),
        # French, and neighbours
        ("mar. 5 nov. 2024 10:00:00 EST", utc(2024, 11, 5, 15)),
        ("mardi 5 novembre 2024", utc(2024, 11, 5)),
        ("1er février 2025 à 14h30", utc(2025, 2, 1, 14, 30)),
        ("le 14 août 2023 à 8 h 05", utc(2023, 8, 14, 8, 5)),
        ("Ven, 03 Mai 2024 12:00:00 +0200", utc(2024, 5, 3, 10)),
        ("15 DÉCEMBRE 2024", utc(2024, 12, 15)),
        ("5. März 2024", utc(2024, 3, 5)),
        ("5 de enero de 2024", utc(2024, 1, 5)),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", utc(2004, 7, 11, 17)),
        ("2004년 05월 28일 오후 01:31:15", utc(2004, 5, 28, 4, 31, 15)),
        ("2024年5月3日", utc(2024, 5, 2, 15)),
        # numbers only
        ("31/05/2024 10:00", utc(2024, 5, 31, 10)),
        ("05/31/2024", utc(2024, 5, 31)),
        ("31.05.2024", utc(2024, 5, 31)),
        ("2024/05/31", utc(2024, 5, 31)),
        # the future is kept as it is given
        ("Thu, 01 Jan 2099 00:00:00 GMT", utc(2099, 1, 1)),
        # no dates
        ("", None),
        (None, None),
        ("yesterday", None),
        ("mars", None),
        ("x" * 500, None),
        ("Thu, 01 Jan 2004 99:48:21 GMT", None),
    ],
)
def test_it_is_read(text: str | None, moment: datetime | None) -> None:
    assert read_date(text) == moment


@given(
    st.text(max_size=120)
    | st.from_regex(r"[0-9]{0,4}[-/ .:TZ+]{0,3}[0-9jfmasond]{0,8}[-/ .:TZ+0-9]{0,20}", fullmatch=True)
)
def test_any_text_is_a_utc_moment_or_none(text: str) -> None:
    moment = read_date(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    assert read_date(aware.isoformat()) == aware
    if aware.year >= 1970:
        assert read_date(aware.strftime("%a, %d %b %Y %H:%M:%S GMT")) == aware


def test_timestamps_are_seconds_or_milliseconds() -> None:
    assert read_timestamp(1_700_000_000) == read_timestamp(1_700_000_000_000) == utc(2023, 11, 14, 22, 13, 20)
    assert read_timestamp(1e30) is None
    assert read_timestamp(float("nan")) is None
