"""Hours offered while they are typed: what was typed as it is understood, then what people usually want. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from bot.delivery.typed_hours import read_digest, read_quiet, read_windows
from bot.locales import Words
from bot.messages.cutting import cut
from bot.messages.hours import digest_of, quiet_of, windows_of
from bot.messages.limits import CHOICE_NAME, CHOICES
from bot.messages.questions import folded
from bot.messages.time_zones import find_zones, zone_choice

LONGEST = 100
"""Characters of what is typed: as many as a choice can stand for."""

Choice = tuple[str, str]
"""What people read, and what it stands for."""

Value = TypeVar("Value")

_QUIET = ("22:00-07:00", "23:00-07:00", "21:00-08:00", "00:00-06:00", "18:00-08:00")
_WINDOWS = (
    *("mon-fri 08:00-18:00", "every day 08:00-20:00", "every day 07:00-09:00, 12:00-13:00, 17:00-19:00"),
    *("weekend 09:00-17:00", "mon-fri 17:00-22:00, weekend 09:00-22:00"),
)
_DIGESTS = (
    *(f"daily {hour:02}:00" for hour in (7, 8, 12, 17, 20)),
    *(f"{day} 08:00" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
)


def quiet_choices(text: str, words: Words) -> Sequence[Choice]:
    return _choices(text, _QUIET, read_quiet, quiet_of, words)


def windows_choices(text: str, words: Words) -> Sequence[Choice]:
    return _choices(text, _WINDOWS, read_windows, windows_of, words)


def digest_choices(text: str, words: Words) -> Sequence[Choice]:
    return _choices(text, _DIGESTS, read_digest, digest_of, words)


def zone_choices(text: str, now: datetime, words: Words) -> Sequence[Choice]:
    return [(zone_choice(city, zone, now, words), zone) for city, zone in find_zones(text, words)]


def _choices(
    text: str,
    usual: Sequence[str],
    read: Callable[[str], Value | None],
    said: Callable[[Value, Words], str],
    words: Words,
) -> Sequence[Choice]:
    found: dict[str, str] = {}
    for each in (text, *usual):
        value = read(each)
        name = "" if value is None else cut(said(value, words), CHOICE_NAME)
        if name and (each == text or folded(text) in folded(name) or text == ""):
            found.setdefault(name, each[:LONGEST])
    if not found:  # a list to choose from is of more use than none
        found = {cut(said(value, words), CHOICE_NAME): each for each in usual if (value := read(each)) is not None}
    return list(found.items())[:CHOICES]
