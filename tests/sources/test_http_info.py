"""What headers say about asking again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.http_info import HTTPInfo, read_http_info

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'max-age="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=99999999999"}, 30 * 86_400),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Mon, 23 Nov 2026 13:00:00 GMT"}, 3_600),
        ({"Expires": "Mon, 23 Nov 2026 13:00:00 GMT", "Date": "Mon, 23 Nov 2026 12:30:00 GMT"}, 1_800),
        ({"Expires": "0"}, None),
        ({"Expires": "Mon, 23 Nov 2020 13:00:00 GMT"}, 0),
    ],
)
def test_freshness_comes_from_cache_control_then_expires(headers: dict[str, str], seconds: int | None) -> None:
    assert read_http_info(headers, NOW).max_age_seconds == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("99999999999", 7 * 86_400.0),
        ("²", None),
        ("later", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert read_http_info({"Retry-After": value}, NOW).retry_after_seconds == seconds


def test_validators_are_kept_as_they_are() -> None:
    info = read_http_info({"ETag": 'W/"x y"', "Last-Modified": "sometime"}, NOW)
    assert info == HTTPInfo('W/"x y"', "sometime")


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Date", "Age", "Retry-After", "ETag"]), st.text()))
def test_no_header_breaks_it(headers: dict[str, str]) -> None:
    info = read_http_info(headers, NOW)
    assert info.max_age_seconds is None or info.max_age_seconds >= 0
    assert info.retry_after_seconds is None or info.retry_after_seconds >= 0
