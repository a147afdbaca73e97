"""Hours and days as moderators type them, in French or in English: « lun-ven 8 h à 18 h », "every Monday 8 am". Pure.

Each function takes any text and returns None for one that it cannot read for sure; accents and case are ignored.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from bot.delivery.preferences import DAYS, DigestTime, Window

DIGEST_AT = "08:00"
"""For whoever says which days and no time."""

_WORKING_DAYS, _WEEKEND = DAYS[:5], DAYS[5:]

_NAMES = (
    ("lundi", "monday"),
    ("mardi", "tuesday"),
    ("mercredi", "wednesday"),
    ("jeudi", "thursday"),
    ("vendredi", "friday"),
    ("samedi", "saturday"),
    ("dimanche", "sunday"),
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["days", "clock", "to", "weekly", "filler"]
    clock: str = ""
    days: tuple[int, ...] = ()


_PHRASES = {
    **dict.fromkeys(("fin de semaine", "fins de semaine", "fds", "week-end", "weekend"), _Token("days", days=_WEEKEND)),
    **dict.fromkeys(("jours ouvrables", "en semaine", "la semaine", "weekday"), _Token("days", days=_WORKING_DAYS)),
    **dict.fromkeys(("tous les jours", "chaque jour", "every day", "quotidien", "daily"), _Token("days", days=DAYS)),
    **dict.fromkeys(("chaque semaine", "hebdomadaire", "hebdo", "every week", "weekly"), _Token("weekly")),
    **dict.fromkeys(("midi", "noon"), _Token("clock", "12:00")),
    **dict.fromkeys(("minuit", "midnight"), _Token("clock", "00:00")),
    **dict.fromkeys(("jusqu'a", "jusqu’a", "au", "to", "till", "until", "through"), _Token("to")),
    **dict.fromkeys(
        [
            "de",
            "du",
            "des",
            "le",
            "la",
            "les",
            "et",
            "entre",
            "chaque",
            "from",
            "the",
            "and",
            "between",
            "every",
            "on",
            "at",
            "a",
        ],
        _Token("filler"),
    ),
}
_TOKEN = re.compile(
    r"(?P<hour>\d{1,2})(?:\s?(?:[:.]|(?:heures?|hrs?|h)(?![a-z]))\s?(?P<minute>\d{2})?(?!\d))?"
    r"(?:\s?(?P<half>[ap])\.?m(?:\.|(?![a-z])))?(?!\d)"
    rf"|(?P<phrase>{'|'.join(map(re.escape, sorted(_PHRASES, key=len, reverse=True)))})s?(?![a-z])"
    r"|(?P<dash>[-–—])|(?P<word>[a-z]{3,})\.?|(?P<mark>[,;&])"
)


def read_quiet(text: str) -> tuple[str, str] | None:
    """From when until when, on every day: "22 h à 7 h"."""
    windows = read_windows(text)
    if windows is None or len(windows) != 1 or windows[0].days != DAYS or windows[0].start == windows[0].end:
        return None
    return windows[0].start, windows[0].end


def read_windows(text: str) -> tuple[Window, ...] | None:
    """Days and hours, one or several times: "lun-ven 8 h-12 h, 13 h-17 h; sam 10 h-12 h". Without days, on all."""
    tokens = _read(text)
    if tokens is None:
        return None
    windows: list[Window] = []
    days: tuple[int, ...] = ()
    while tokens:
        spelt, tokens = _take_days(tokens)
        days = spelt or days
        times, tokens = _take_times(tokens)
        if len(times) != 2:
            return None
        windows.append(Window(days=days or DAYS, start=times[0], end=times[1]))
    return tuple(windows) or None


def read_digest(text: str) -> DigestTime | None:
    """A day or all of them, and a time: "lundi 8 h", "daily at 7:30"; either alone."""
    tokens = _read(text)
    if tokens is None:
        return None
    weekly = [token for token in tokens if token.kind == "weekly"]
    days, rest = _take_days([token for token in tokens if token.kind != "weekly"])
    times, rest = _take_times(rest)
    if not days:
        days, rest = _take_days(rest)
    if rest or len(times) > 1 or not (days or times or weekly):
        return None
    at = times[0] if times else DIGEST_AT
    if weekly or len(days) == 1:
        return DigestTime(at=at, day=(days or (0,))[0]) if len(days) < 2 else None
    return DigestTime(at=at) if days in ((), DAYS) else None


def _take_days(tokens: list[_Token]) -> tuple[tuple[int, ...], list[_Token]]:
    """The days at the beginning, and what follows them."""
    days: list[int] = []
    index = 0
    while index < len(tokens) and tokens[index].kind in ("days", "to"):
        if tokens[index].kind == "to":
            following = tokens[index + 1 : index + 2]
            if not days or not following or following[0].kind != "days" or len(following[0].days) != 1:
                break
            while days[-1] != following[0].days[0]:
                days.append((days[-1] + 1) % 7)
            index += 1
        else:
            days.extend(tokens[index].days)
        index += 1
    return tuple(sorted(set(days))), tokens[index:]


def _take_times(tokens: list[_Token]) -> tuple[list[str], list[_Token]]:
    """A time, or two with something between them that says so."""
    if not tokens or tokens[0].kind != "clock":
        return [], tokens
    if len(tokens) > 1 and tokens[1].kind == "clock":
        return [tokens[0].clock, tokens[1].clock], tokens[2:]
    if len(tokens) > 2 and tokens[1].kind == "to" and tokens[2].kind == "clock":
        return [tokens[0].clock, tokens[2].clock], tokens[3:]
    return [tokens[0].clock], tokens[1:]


def _read(text: str) -> list[_Token] | None:
    tokens: list[_Token] = []
    bare = re.sub(r"\s+", " ", _folded(text)).strip()
    while bare:
        match = _TOKEN.match(bare)
        token = _token(match) if match else None
        if match is None or token is None:
            return None
        if token.kind != "filler":
            tokens.append(token)
        bare = bare[match.end() :].lstrip()
    return tokens


def _token(match: re.Match[str]) -> _Token | None:
    """None for what means nothing."""
    if match["hour"]:
        clock = _clock(int(match["hour"]), int(match["minute"] or 0), match["half"])
        return _Token("clock", clock) if clock else None
    if phrase := match["phrase"]:
        return _PHRASES[phrase]
    if word := match["word"]:
        days = tuple(day for day, names in enumerate(_NAMES) if any(_is_short_for(name, word) for name in names))
        return _Token("days", days=days) if len(days) == 1 else None
    return _Token("to" if match["dash"] else "filler")


def _is_short_for(name: str, word: str) -> bool:
    return name.startswith(word) or word == name + "s"


def _clock(hour: int, minute: int, half: str | None) -> str | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _folded(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
