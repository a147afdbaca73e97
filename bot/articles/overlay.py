"""A community's own words: files of the form of the shipped lexicons, laid over those at start. Pure.

A file says only what it adds: word lists grow, names and faces are replaced, and a table under `kinds` that no shipped
file has is a new perspective. What is malformed is told in one sentence that names the file, the key and what is
expected, since a word that silently does nothing would take an evening to find.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bot.articles.characters import fold
from bot.articles.emoji import one_emoji
from bot.errors import ConfigurationError
from bot.models import LANGUAGES, Kind

Data = Mapping[str, Any]

MOST_ADDED = 10
"""Perspectives beside those that ship: a card has room for fifteen buttons, and a reader has less patience."""

LONGEST_NAME = 60

_KIND = re.compile(r"[a-z0-9-]{1,32}")
"""What the custom id of a button can carry."""
_RESERVED = frozenset({Kind.OTHER.value, "compare"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LINE = re.compile(r"\bline (\d+)")

_FRONT = ("author", "reference", "reference_weak", "date", "months", "weekdays", "particles")
_WORD_LISTS = ("emoji", "headings", "weak")
_KIND_KEYS = ("name", "short", "face", "colour", "words", *_WORD_LISTS)
_TOP = ("frame", "negations", "front", "boilerplate", "cues", "kinds")


def read_overlay(file: str, text: str) -> Data:
    """The file as data of the right form. Raises ConfigurationError; `file` is only for that."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        at = line[1] if line else str(text.count("\n") + 1)
        raise ConfigurationError("config_error.lexicon.toml", file=file, line=at) from None
    _check(file, data)
    return data


def language_of(file: str) -> str:
    """The language that a file of this name is about. Raises ConfigurationError for a name that is no language's."""
    language = file.removesuffix(".toml")
    if language not in LANGUAGES:
        names = ", ".join(f"{each}.toml" for each in LANGUAGES)
        raise ConfigurationError("config_error.lexicon.file", file=file, expected=names)
    return language


def merged(shipped: Data, overlay: Data) -> Data:
    """Shipped data with the overlay's: words are added, names, faces and colours replaced."""
    whole = dict(shipped)
    for key, value in overlay.items():
        if key in ("frame", "negations"):
            whole[key] = f"{shipped.get(key, '')} {value}"
        elif key == "cues":
            whole[key] = _joined_cues(shipped.get(key, {}), value)
        elif key == "kinds":
            kinds = dict(shipped.get(key, {}))
            for kind, words in value.items():
                kinds[kind] = _merged_kind(kinds.get(kind, {}), words)
            whole[key] = kinds
        else:
            whole[key] = _longer_lists(shipped.get(key, {}), value)
    return whole


def check_together(shipped: Iterable[Data], overlays: Mapping[str, Data]) -> None:
    """What one file cannot show: a wording that names another kind already, and too many perspectives."""
    owners: dict[str, str] = {}
    for data in shipped:
        for kind, words in data["kinds"].items():
            owners.update(dict.fromkeys(_wordings(words), kind))
    added: dict[str, None] = {}
    for language, overlay in overlays.items():
        for kind, words in overlay.get("kinds", {}).items():
            for wording in _wordings(words):
                if owners.setdefault(wording, kind) != kind:
                    raise ConfigurationError(
                        "config_error.lexicon.taken",
                        file=f"{language}.toml",
                        key=f"kinds.{kind}",
                        wording=wording,
                        owner=owners[wording],
                    )
            if kind not in tuple(Kind):
                added[kind] = None
    if len(added) > MOST_ADDED:
        raise ConfigurationError("config_error.lexicon.many", most=MOST_ADDED, found=len(added))


def _wordings(words: Data) -> Iterator[str]:
    yield from fold(str(words.get("words", ""))).split()
    for key in ("headings", "weak"):
        yield from filter(None, (fold(str(item)) for item in words.get(key, ())))


def _merged_kind(shipped: Data, words: Data) -> Data:
    lists = {key: [*shipped.get(key, ()), *words.get(key, ())] for key in _WORD_LISTS}
    return {**shipped, **words, **lists, "words": f"{shipped.get('words', '')} {words.get('words', '')}"}


def _joined_cues(shipped: Data, cues: Data) -> Data:
    return {
        **shipped,
        **{name: f"{shipped[name]}, {words}" if name in shipped else words for name, words in cues.items()},
    }


def _longer_lists(shipped: Data, lists: Data) -> Data:
    return {**shipped, **{name: [*shipped.get(name, ()), *values] for name, values in lists.items()}}


def _check(file: str, data: Data) -> None:
    form = _Form(file)
    form.known("", data, _TOP)
    for key in ("frame", "negations"):
        if key in data:
            form.text(key, data[key])
    for key, names in (("front", _FRONT), ("boilerplate", ("lines", "sections"))):
        table = form.table(key, data.get(key, {}))
        form.known(key, table, names)
        for name, values in table.items():
            form.texts(f"{key}.{name}", values)
    for pattern in data.get("boilerplate", {}).get("lines", ()):
        form.pattern("boilerplate.lines", pattern)
    for name, words in form.table("cues", data.get("cues", {})).items():
        form.text(f"cues.{name}", words)
    for kind, words in form.table("kinds", data.get("kinds", {})).items():
        _check_kind(form, kind, words)


def _check_kind(form: "_Form", kind: str, words: object) -> None:
    at = f"kinds.{kind}"
    if _KIND.fullmatch(kind) is None or kind in _RESERVED:
        raise ConfigurationError("config_error.lexicon.kind", file=form.file, key=at)
    table = form.table(at, words)
    form.known(at, table, _KIND_KEYS)
    for key in ("name", "short"):
        if key in table:
            form.name(f"{at}.{key}", table[key])
    if "words" in table:
        form.text(f"{at}.words", table["words"])
    for key in ("headings", "weak"):
        form.texts(f"{at}.{key}", table.get(key, []))
    for emoji in (*form.texts(f"{at}.emoji", table.get("emoji", [])), *([table["face"]] if "face" in table else ())):
        form.emoji(f"{at}.face" if emoji is table.get("face") else f"{at}.emoji", emoji)
    if "colour" in table and not (isinstance(table["colour"], str) and _COLOUR.fullmatch(table["colour"])):
        form.refuse("colour", f"{at}.colour")


class _Form:
    """What a value must be; the first that is not ends it with its sentence."""

    def __init__(self, file: str) -> None:
        self.file = file

    def refuse(self, form: str, key: str, **params: object) -> None:
        raise ConfigurationError(f"config_error.lexicon.{form}", file=self.file, key=key, **params)

    def known(self, key: str, table: Data, names: Collection[str]) -> None:
        for name in table:
            if name not in names:
                self.refuse("unknown", f"{key}.{name}".lstrip("."), expected=", ".join(names))

    def table(self, key: str, value: object) -> Data:
        if not isinstance(value, dict):
            self.refuse("table", key)
        return value  # type: ignore[return-value]

    def text(self, key: str, value: object) -> None:
        if not isinstance(value, str):
            self.refuse("text", key)

    def name(self, key: str, value: object) -> None:
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST_NAME:
            self.refuse("name", key, most=LONGEST_NAME)

    def texts(self, key: str, value: object) -> Collection[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse("list", key)
        return value  # type: ignore[return-value]

    def emoji(self, key: str, value: object) -> None:
        if not isinstance(value, str) or one_emoji(value) is None:
            self.refuse("emoji", key)

    def pattern(self, key: str, value: str) -> None:
        try:
            re.compile(value)
        except re.error:
            self.refuse("pattern", key)
