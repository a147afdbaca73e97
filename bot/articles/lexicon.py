"""The words of the genre, one file per language under `lexicons/`: kinds, their emoji and headings, front matter.

A perspective that a community adds to a file is known from then on; no code names the kinds of headed articles.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bot.articles.characters import fold


@dataclass(frozen=True, slots=True)
class KindWords:
    kind: str
    name: str
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


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Every language there is a file for, read once."""
    folder = resources.files("bot.articles").joinpath("lexicons")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parse_lexicon(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files)


def parse_lexicon(language: str, text: str) -> Lexicon:
    data = tomllib.loads(text)
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
    )


def _kind(kind: str, words: dict[str, object]) -> KindWords:
    def listed(key: str) -> frozenset[str]:
        value = words.get(key, ())
        return frozenset(fold(str(item)) for item in (value if isinstance(value, list) else ()))

    emoji = words.get("emoji", ())
    return KindWords(
        kind,
        name=str(words.get("name", kind)),
        emoji=frozenset(str(item) for item in (emoji if isinstance(emoji, list) else ())),
        words=frozenset(fold(str(words.get("words", ""))).split()),
        headings=listed("headings"),
        weak=listed("weak"),
    )


def _longest_first(phrases: list[str]) -> tuple[str, ...]:
    return tuple(sorted((fold(phrase) for phrase in phrases), key=len, reverse=True))
