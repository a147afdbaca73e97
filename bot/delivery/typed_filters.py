"""Filters as moderators type them. Pure."""

from functools import cache

from babel import Locale

from bot.articles.characters import bare, clean_characters
from bot.articles.filters import LONGEST_WORDS, Filter, Mode, Where, pattern_of, says_something
from bot.articles.lenses import lenses
from bot.errors import RequestRefused
from bot.models import LANGUAGES, Kind


def read_filter(mode: Mode, words: str, field: Where = "any", *, is_pattern: bool = False) -> Filter:
    """Languages and sections may be given by their names. Raises RequestRefused, which says what is wrong."""
    words = " ".join(clean_characters(words).split())
    if not words or len(words) > LONGEST_WORDS:
        raise RequestRefused("filters.too_long" if words else "filters.nothing", most=LONGEST_WORDS)
    if field in ("language", "section"):
        if is_pattern:
            raise RequestRefused("filters.no_pattern_there")
        typed = Filter(mode=mode, field=field, words=words).alternatives()
        codes = [_language(each) if field == "language" else _kind(each) for each in typed]
        words = ", ".join(dict.fromkeys(codes))
    elif is_pattern:
        pattern_of(words)
    if not is_pattern and not says_something(words):
        raise RequestRefused("filters.nothing")
    return Filter(mode=mode, field=field, words=words, is_pattern=is_pattern)


def language_names(language: str) -> dict[str, str]:
    """Languages that have a code of two letters, to their names; those that the bot speaks come first."""
    names = {code: name for code, name in Locale.parse(language).languages.items() if len(code) == 2}
    return {code: names[code] for code in (*LANGUAGES, *sorted(names, key=names.__getitem__))}


def kind_names(language: str) -> dict[str, str]:
    """The kinds of section that a filter can ask for, to their names."""
    return {kind: lens.name(language) for kind, lens in lenses().items() if kind != Kind.OTHER}


def _language(typed: str) -> str:
    code = _codes_of_languages().get(_plain(typed))
    if code is None:
        raise RequestRefused("filters.unknown_language", language=typed[:40])
    return code


def _kind(typed: str) -> str:
    names = {_plain(kind): kind for kind in kind_names(LANGUAGES[0])}
    for language in LANGUAGES:
        for kind, lens in lenses().items():
            names |= {_plain(lens.name(language)): kind, _plain(lens.short(language)): kind}
    found = names.get(_plain(typed))
    if found is None:
        raise RequestRefused("filters.unknown_section", section=typed[:40])
    return found


@cache
def _codes_of_languages() -> dict[str, str]:
    codes = {code: code for code in language_names(LANGUAGES[0])}
    for language in LANGUAGES:
        codes |= {_plain(name): code for code, name in language_names(language).items()}
    return codes


def _plain(name: str) -> str:
    return bare(name.strip()).casefold()
