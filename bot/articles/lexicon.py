"""The words of the genre, one file per language under `lexicons/`: kinds, their emoji and headings, front matter.

A perspective that a community adds is known from then on; no code names the kinds of headed articles. What it adds
comes in files of its own (`overlay`), laid over these once, before anything is read.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from bot.articles.characters import fold
from bot.articles.overlay import Data, check_together, merged

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class KindWords:
    kind: str
    name: str | None
    """As headings say it; None where this language does not name it."""
    short: str | None
    """As buttons say it."""
    face: str | None
    """The emoji of its button."""
    colour: int | None
    emoji: frozenset[str]
    words: frozenset[str]
    """Single words that name the kind beyond doubt."""
    headings: frozenset[str]
    weak: frozenset[str]
    """Headings that ordinary articles use too; believed only in the company of clearer ones."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    language: str
    frame: frozenset[str]
    negations: frozenset[str]
    author: tuple[str, ...]
    reference: tuple[str, ...]
    reference_weak: tuple[str, ...]
    date: tuple[str, ...]
    months: frozenset[str]
    weekdays: frozenset[str]
    particles: frozenset[str]
    boilerplate: tuple[re.Pattern[str], ...]
    furniture: frozenset[str]
    """Headings below which everything belongs to the site."""
    kinds: tuple[KindWords, ...]
    cues: dict[str, tuple[str, ...]]
    """Classes of words that tell how a paragraph speaks; the same classes in every language."""


_overlays: dict[str, Data] = {}
_forget: list[Callable[[], None]] = []


def remembered(function: F) -> F:
    """Like `functools.cache`, for what is worked out from the lexicons: forgotten when they change."""
    cached = cache(function)
    _forget.append(cached.cache_clear)
    return cached  # type: ignore[return-value]


def use_overlays(overlays: Mapping[str, Data]) -> None:
    """Lay a community's data over the shipped files, by language, instead of what was laid there before.

    To be called before anything is read. Raises ConfigurationError when the files contradict each other or those that
    ship, and changes nothing then.
    """
    check_together(_shipped().values(), overlays)
    _overlays.clear()
    _overlays.update(overlays)
    for forget in _forget:
        forget()


@remembered
def lexicons() -> tuple[Lexicon, ...]:
    """Every language there is a file for, read once."""
    return tuple(_lexicon(language, merged(data, _overlays.get(language, {}))) for language, data in _shipped().items())


@cache
def _shipped() -> Mapping[str, Data]:
    folder = resources.files("bot.articles").joinpath("lexicons")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in files}


def parse_lexicon(language: str, text: str) -> Lexicon:
    return _lexicon(language, tomllib.loads(text))


def _lexicon(language: str, data: Data) -> Lexicon:
    front, boilerplate = data["front"], data["boilerplate"]
    return Lexicon(
        language,
        frame=frozenset(data["frame"].split()),
        negations=frozenset(data["negations"].split()),
        author=_longest_first(front["author"]),
        reference=_longest_first(front["reference"]),
        reference_weak=_longest_first(front["reference_weak"]),
        date=_longest_first(front["date"]),
        months=frozenset(front["months"]),
        weekdays=frozenset(front["weekdays"]),
        particles=frozenset(front["particles"]),
        boilerplate=tuple(re.compile(pattern) for pattern in boilerplate["lines"]),
        furniture=frozenset(fold(heading) for heading in boilerplate["sections"]),
        kinds=tuple(_kind(kind, words) for kind, words in data["kinds"].items()),
        cues={name: tuple(cue.strip() for cue in words.split(",")) for name, words in data.get("cues", {}).items()},
    )


def _kind(kind: str, words: Data) -> KindWords:
    def listed(key: str) -> frozenset[str]:
        return frozenset(fold(str(item)) for item in words.get(key, ()))

    emoji = [str(item) for item in words.get("emoji", ())]
    colour = words.get("colour")
    return KindWords(
        kind,
        name=words.get("name"),
        short=words.get("short"),
        face=words.get("face") or next(iter(emoji), None),
        colour=None if colour is None else int(colour.removeprefix("#"), 16),
        emoji=frozenset(emoji),
        words=frozenset(fold(str(words.get("words", ""))).split()),
        headings=listed("headings"),
        weak=listed("weak"),
    )


def _longest_first(phrases: list[str]) -> tuple[str, ...]:
    return tuple(sorted((fold(phrase) for phrase in phrases), key=len, reverse=True))
