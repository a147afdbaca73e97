"""When a subscription's articles are posted, in plain words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from babel.dates import get_day_names
from babel.lists import format_list

from bot.delivery.hours import HoldReason, next_digest_at, opens_at, zone_of
from bot.delivery.preferences import DAYS, DigestTime, Preferences, Window
from bot.locales import Words
from bot.messages.layout import counted
from bot.messages.time_zones import city_of, time_of
from bot.models import Subscription


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and by whose clocks."""

    now: datetime
    time_zone: str
    """Its IANA name."""


def hours_line(preferences: Preferences, words: Words) -> str:
    """What differs from posting at any time, for a list; empty when nothing does."""
    return " · ".join(_settings(preferences, words))


def hours_lines(subscription: Subscription, preferences: Preferences, clock: Clock, words: Words) -> list[str]:
    """Every setting, the clocks they go by, and what they mean for what comes next."""
    settings = _settings(preferences, words)
    if not settings:
        return [words("settings.any_time")]
    zone = zone_of(clock.time_zone)
    shown = time_of(clock.now.astimezone(zone), words)
    by = words("settings.time_zone", city=city_of(clock.time_zone, words), time=shown)
    about = [words("settings.digest.about")] if preferences.digest else []
    return [*settings, *about, *_next(subscription, preferences, clock, words), by]


def quiet_of(quiet: tuple[str, str], words: Words) -> str:
    return words("settings.quiet", times=_between(*quiet, words))


def windows_of(windows: Sequence[Window], words: Words) -> str:
    shown: list[str] = []
    for days, ranges in groupby(windows, lambda window: window.days):
        times = format_list([_between(each.start, each.end, words) for each in ranges], locale=words.language)
        shown.append(words("hours.window", days=_days(days, words), times=times))
    return words("settings.windows", windows="; ".join(shown))


def digest_of(digest: DigestTime, words: Words) -> str:
    at = _time(digest.at, words)
    if digest.day is None:
        return words("settings.digest.daily", at=at)
    return words("settings.digest.weekly", day=_day(digest.day, words), at=at)


def _settings(preferences: Preferences, words: Words) -> list[str]:
    return [
        *([digest_of(preferences.digest, words)] if preferences.digest else ()),
        *([quiet_of(preferences.quiet, words)] if preferences.quiet else ()),
        *([windows_of(preferences.windows, words)] if preferences.windows else ()),
        *([counted(words, "settings.max_per_hour", preferences.max_per_hour)] if preferences.max_per_hour else ()),
    ]


def _next(subscription: Subscription, preferences: Preferences, clock: Clock, words: Words) -> list[str]:
    """Until when everything waits, where it does."""
    zone = zone_of(clock.time_zone)
    if zone is None:
        return []
    if preferences.digest:
        at = next_digest_at(preferences, zone, clock.now)
        return [words("settings.next_digest", when=f"<t:{int(at.timestamp())}:F>")] if at else []
    at = opens_at(preferences, zone, clock.now)
    if at and at > clock.now:
        return [words("settings.waiting", when=f"<t:{int(at.timestamp())}:F>")]
    until = subscription.held_until
    if subscription.held_reason == HoldReason.CAP and until and until > clock.now:
        return [words("settings.waiting", when=f"<t:{int(until.timestamp())}:F>")]
    return []


def _between(start: str, end: str, words: Words) -> str:
    return words("hours.between", start=_time(start, words), end=_time(end, words))


def _time(spelt: str, words: Words) -> str:
    return time_of(time.fromisoformat(spelt), words)


def _days(days: Sequence[int], words: Words) -> str:
    """Days that follow one another as a range, from three on; Friday to Monday is one too."""
    if len(days) == len(DAYS):
        return words("hours.every_day")
    first = next(day for day in days if (day - 1) % 7 not in days)
    run = [(first + number) % 7 for number in range(len(days))]
    if len(days) > 2 and set(run) == set(days):
        return words("hours.days", first=_day(run[0], words), last=_day(run[-1], words))
    return format_list([words("hours.day", day=_day(day, words)) for day in sorted(days)], locale=words.language)


def _day(day: int, words: Words) -> str:
    return str(get_day_names("wide", locale=words.language)[day])
