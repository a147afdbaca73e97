"""Time zones as people look for them: by city or country, in French or English, accents ignored. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.dates import format_time

from bot.delivery.hours import zone_of
from bot.locales import Words
from bot.messages.cutting import cut
from bot.messages.limits import CHOICE_NAME, CHOICES
from bot.messages.questions import folded
from bot.models import LANGUAGES

_CITIES = {
    "Montréal": "America/Toronto",
    "Québec": "America/Toronto",
    "Gatineau": "America/Toronto",
    "Sherbrooke": "America/Toronto",
    "Saguenay": "America/Toronto",
    "Ottawa": "America/Toronto",
    "Îles-de-la-Madeleine": "America/Halifax",
    "Genève": "Europe/Zurich",
    "Lyon": "Europe/Paris",
    "Marseille": "Europe/Paris",
}
"""Where people live who would not think of the city that their zone is called by."""

_CONTINENTS = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/"),
    *("Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"),
)
"""Names outside them are abbreviations and countries, which mean a zone that is here too."""

_OFFERED = (
    *("America/Toronto", "America/Halifax", "America/St_Johns", "America/Winnipeg", "America/Edmonton"),
    *("America/Vancouver", "America/New_York", "Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Africa/Dakar"),
)
"""For who has typed nothing yet."""


@dataclass(frozen=True, slots=True)
class _Place:
    zone: str
    city: str
    key: str
    """All that it can be found by, folded."""


def time_of(at: datetime | time, words: Words) -> str:
    """As people say it: "22 h 30", "10:30 p.m.", "midi"."""
    if not at.minute and at.hour % 12 == 0:
        return words("hours.noon" if at.hour else "hours.midnight")
    if words.language == "fr":
        return f"{at.hour}\u00a0h" + (f"\u00a0{at.minute:02}" if at.minute else "")
    shown = format_time(time(at.hour, at.minute), "h:mm a", locale="en_CA")
    return shown.replace("\u202f", " ")


def city_of(zone: str, words: Words) -> str:
    """The city that a zone is called by: "Saint-Jean de Terre-Neuve"."""
    return _city(zone, words.language)


def find_zones(text: str, words: Words) -> Sequence[tuple[str, str]]:
    """City and zone of the places that were meant, the likeliest first; at most as many as Discord lists."""
    text = folded(text)
    if not text:
        return [(city_of(zone, words), zone) for zone in _OFFERED]
    places = [place for place in _places(words.language) if all(word in place.key for word in text.split())]
    places.sort(key=lambda place: (not place.key.startswith(text), place.zone not in _OFFERED))
    found: dict[tuple[str, str], str] = {}
    for place in places:
        found.setdefault((folded(place.city), place.zone), place.city)
    return [(city, zone) for (_, zone), city in found.items() if zone_of(zone)][:CHOICES]


def meant_zone(text: str, words: Words) -> str:
    """The zone of whoever typed it out instead of choosing; the text itself when that is not clear."""
    wanted = folded(text)
    zones = {place.zone for place in _places(words.language) if wanted in (folded(place.city), folded(place.zone))} or {
        zone for _, zone in find_zones(text, words)
    }
    return zones.pop() if len(zones) == 1 else text.strip()


def zone_choice(city: str, zone: str, now: datetime, words: Words) -> str:
    """As a completion lists it: the city, and what its clocks show."""
    known = zone_of(zone)
    suffix = f" · {time_of(now.astimezone(known), words)}" if known else ""
    return cut(city, CHOICE_NAME - len(suffix)) + suffix


@cache
def _places(language: str) -> Sequence[_Place]:
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    names = [(zone, zone) for zone in territories] + [(alias, zone) for alias, zone in aliases.items()]
    places = [
        _Place(zone, _city(name, language), _key(name, territories.get(zone), language))
        for name, zone in names
        if name.startswith(_CONTINENTS)
    ]
    own = [_Place(zone, city, folded(city)) for city, zone in _CITIES.items()]
    return [*own, *places, _Place("UTC", "UTC", "utc gmt temps universel universal time")]


def _key(zone: str, territory: str | None, language: str) -> str:
    cities = [_city(zone, each) for each in (language, *LANGUAGES)]
    countries = [Locale.parse(each).territories.get(territory or "", "") for each in LANGUAGES]
    return folded(" ".join(dict.fromkeys((*cities, *countries, zone.replace("_", " ")))))


def _city(zone: str, language: str) -> str:
    known = Locale.parse(language).time_zones.get(zone)
    city: str | None = known.get("city") if known else None
    return city or zone.rsplit("/", 1)[-1].replace("_", " ")
