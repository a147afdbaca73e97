"""Dates as feeds and pages write them, in any of the ways seen in the wild, as aware UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv janvier january januari januar jän ene enero gen gennaio janeiro ιαν",
            "feb fev fév févr fevr février fevrier february febrero febbraio fevereiro februar φεβ",
            "mar mars march märz maerz mär mrz marzo março maart márc marc μάώ μαώ",
            "apr avr avril april abr abril apr aprile ápr μαρ-απρ απρ",
            "may mai mayo maio mag maggio mei máj maj μάι μαϊ μαι",
            "jun juin june junio giu giugno junho juni jún ιούν ιον",
            "jul juil juill juillet july julio lug luglio julho juli júl ιούλ ιολ",
            "aug août aout aoû august ago agosto augustus αύγ αυγ",
            "sep sept septembre september septiembre set settembre setembro szept σεπ",
            "oct octobre october octubre ott ottobre out outubro okt oktober οκτ",
            "nov novembre november noviembre novembro νοέ νοε",
            "dec déc decembre décembre december dic diciembre dicembre dez dezember dezembro δεκ",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0),
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "ast": -240,
    "adt": -180,
    "nst": -210,
    "ndt": -150,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "bst": 60,
    "cet": 60,
    "west": 60,
    "met": 60,
    "mez": 60,
    "cest": 120,
    "eet": 120,
    "mesz": 120,
    "sast": 120,
    "eest": 180,
    "msk": 180,
    "ist": 330,
    "sgt": 480,
    "jst": 540,
    "kst": 540,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "hne": -300,
    "hae": -240,
    # RFC 822 military letters, with the sign that RFC 1123 corrected away: as feedparser reads them.
    "a": -60,
    "n": 60,
    "m": -720,
    "y": 720,
}

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d{2})(?:-?(?P<day>\d{2}))?|-(?P<ordinal>\d{3})|-?W(?P<week>\d{2})(?:-?(?P<weekday>\d))?)?"
    r"(?:[Tt\s]\s*(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?)?)?"
    r"\s*(?P<zone>[Zz]|(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?|[A-Za-z]{2,5})?$"
)
_CLOCK = re.compile(r"\b(\d{1,2})\s?[:h]\s?(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\b\.?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC|UT|[A-Z]{3,4})?\s*([+-])(\d{2}):?(\d{2})\b\s*(?:\([^)]{0,40}\))?\s*$", re.IGNORECASE)
_OFFSET_SHORT = re.compile(r"(?:GMT|UTC|UT)\s*([+-])(\d{1,2})\s*$", re.IGNORECASE)
_NAMED_ZONE = re.compile(r"(?:^|[\s\d])([A-Za-z]{1,5})\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_NUMERIC = re.compile(r"(\d{1,4})[/.](\d{1,2})[/.](\d{2,4})\b")
_EAST_ASIAN = re.compile(
    r"(\d{4})\s*[년年]\s*(\d{1,2})\s*[월月]\s*(\d{1,2})\s*[일日]\s*(?:(오전|오후|午前|午後|上午|下午)?\s*"
    r"(\d{1,2})\s*[:시時]\s*(\d{1,2})(?:\s*[:분分]\s*(\d{1,2}))?)?"
)
_KOREAN = re.compile(r"(\d{4})-(\d{2})-(\d{2})\s+(오전|오후)\s+(\d{1,2}):(\d{2}):(\d{2})")
_MAX_LENGTH = 100


@lru_cache(maxsize=4_096)
def read_date(text: str | None) -> datetime | None:
    """The moment that `text` names, or None. Without a zone UTC is meant; future dates are kept as they are given."""
    if not text or len(text) > _MAX_LENGTH:
        return None
    text = " ".join(text.split())
    for read in (_read_iso, _read_east_asian, _read_words, _read_numeric):
        try:
            if found := read(text):
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def read_timestamp(value: float) -> datetime | None:
    """Seconds, or milliseconds, since 1970."""
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_iso(text: str) -> datetime | None:
    """ISO 8601 as far as W3CDTF and its misspellings go: weeks, ordinal days, no separators."""
    match = _ISO.match(text)
    if not match:
        return None
    year = int(match["year"])
    if match["week"]:
        date = datetime.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1))
    elif match["ordinal"]:
        date = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=int(match["ordinal"]) - 1)
    else:
        date = datetime(year, int(match["month"] or 1), int(match["day"] or 1), tzinfo=UTC)
    clock = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
    return _at(date, clock, _zone(match["zone"] or "Z"))


def _read_east_asian(text: str) -> datetime | None:
    match = _EAST_ASIAN.search(text) or _KOREAN.search(text)
    if not match:
        return None
    year, month, day, half, hour, minute, second = match.groups()
    hours = int(hour or 0) % 12 if half else int(hour or 0)
    if half in ("오후", "午後", "下午"):
        hours += 12
    zone = timezone(timedelta(hours=8 if "年" in text and half in ("上午", "下午") else 9))
    clock = (hours, int(minute or 0), int(second or 0))
    return _at(datetime(int(year), int(month), int(day), tzinfo=UTC), clock, zone)


def _read_words(text: str) -> datetime | None:
    """RFC 822 and its relatives: a month by its name, a day, a year, in any order, in a dozen languages."""
    months = [_MONTHS[word] for word in _WORD.findall(text.lower()) if word in _MONTHS]
    if not months:
        return None
    month = months[-1]  # "mar. 5 nov.": the first one is a Tuesday
    clock = _CLOCK.search(text)
    zone = _read_zone(text)
    rest = text[: clock.start()] + " " + _OFFSET.sub("", text[clock.end() :]) if clock else text
    numbers = _NUMBER.findall(rest)
    if len(numbers) < 2:
        return None
    first, second = numbers[0], numbers[1]
    if len(first) == 4 and len(numbers) > 2 and len(second) <= 2:
        first, second = second, first  # 2024 Jan 5
    elif len(first) == 4:
        first, second = second, first
    year = int(second) if len(second) > 2 else _full_year(int(second))
    return _at(datetime(year, month, int(first), tzinfo=UTC), _read_clock(clock), zone)


def _read_numeric(text: str) -> datetime | None:
    """2024/05/31, 31/05/2024 or 5/31/2024: where both orders are possible, day first, as everywhere but in the US."""
    match = _NUMERIC.match(text)
    if not match:
        return None
    one, two, three = (int(number) for number in match.groups())
    if len(match[1]) == 4:
        year, month, day = one, two, three
    else:
        year = three if len(match[3]) > 2 else _full_year(three)
        day, month = (two, one) if two > 12 else (one, two)
        if "/" in text and re.search(r"[ap]m\b", text, re.IGNORECASE):
            month, day = (one, two) if one <= 12 else (two, one)
    return _at(datetime(year, month, day, tzinfo=UTC), _read_clock(_CLOCK.search(text, match.end())), _read_zone(text))


def _read_clock(match: re.Match[str] | None) -> tuple[int, int, int]:
    if match is None:
        return 0, 0, 0
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower().startswith("p") else 0)
    return hour, int(match[2]), int(match[3] or 0)


def _read_zone(text: str) -> timezone:
    if match := _OFFSET.search(text):
        return _offset(match[1], int(match[2]), int(match[3]))
    if match := _OFFSET_SHORT.search(text):
        return _offset(match[1], int(match[2]), 0)
    if match := _NAMED_ZONE.search(text):
        return timezone(timedelta(minutes=_ZONES.get(match[1].lower(), 0)))
    return UTC


def _zone(text: str) -> timezone:
    text = text.upper().removeprefix("GMT").removeprefix("UTC") or "Z"
    if text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        return _offset(text[0], int(digits[:2]), int(digits[2:]))
    return timezone(timedelta(minutes=_ZONES.get(text.lower(), 0)))


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    total = timedelta(hours=hours, minutes=minutes)
    return timezone(-total if sign == "-" else total)


def _at(date: datetime, clock: tuple[int, int, int], zone: timezone) -> datetime:
    hour, minute, second = clock
    # 24:00 is midnight at the day's end, and a leap second is the next second (ISO 8601, 4.2.3).
    start = date.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError("no such time of day")
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def _full_year(year: int) -> int:
    return year + (2000 if year < 70 else 1900)
