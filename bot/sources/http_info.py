"""What the headers of an answer say about asking again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_AGE_CEILING_SECONDS = 30 * 86_400
RETRY_CEILING_SECONDS = 7 * 86_400.0

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NEVER = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HTTPInfo:
    """`max_age_seconds` is None where the server did not say; `retry_after_seconds` counts from the answer."""

    etag: str | None = None
    last_modified: str | None = None
    max_age_seconds: int | None = None
    retry_after_seconds: float | None = None


def read_http_info(headers: Mapping[str, str], now: datetime) -> HTTPInfo:
    """Validators are kept byte for byte: a server compares them with its own (RFC 9110, 8.8)."""
    return HTTPInfo(
        etag=headers.get("ETag") or None,
        last_modified=headers.get("Last-Modified") or None,
        max_age_seconds=_read_max_age(headers, now),
        retry_after_seconds=_read_retry_after(headers.get("Retry-After", ""), now),
    )


def _read_max_age(headers: Mapping[str, str], now: datetime) -> int | None:
    control = headers.get("Cache-Control", "")
    if _NEVER.search(control):
        return None
    if match := _MAX_AGE.search(control):
        age = headers.get("Age", "").strip()
        return _clamp(int(match[1]) - (int(age) if age.isascii() and age.isdigit() and len(age) < 12 else 0))
    if expires_at := read_http_date(headers.get("Expires", "")):
        sent_at = read_http_date(headers.get("Date", "")) or now
        return _clamp(int((expires_at - sent_at).total_seconds()))
    return None


def _clamp(seconds: int) -> int:
    return max(0, min(seconds, MAX_AGE_CEILING_SECONDS))


def _read_retry_after(value: str, now: datetime) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return min(float(value), RETRY_CEILING_SECONDS)
    if at := read_http_date(value):
        return max(0.0, min((at - now).total_seconds(), RETRY_CEILING_SECONDS))
    return None


def read_http_date(value: str) -> datetime | None:
    """An HTTP date in any of the forms of RFC 9110, 5.6.7, or None; "0" and "-1" are common and mean nothing here."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
