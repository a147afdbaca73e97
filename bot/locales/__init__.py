"""Every sentence a person reads, in French and in English.

The catalogues are gettext `.po` files whose msgids are keys ("answer.missing"), not English sentences, so that both
languages are data and neither is the other's fallback by accident. Placeholders use `str.format` names.
"""

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.models import LANGUAGES

DOMAINS = ("", "articles.", "filters.", "settings.", "hours.", "sources.", "terminal.", "why.")
"""What people read in Discord, what moderators do to articles, filter, set (hours in a file of their own), and read of
sources there, and what operators read in a terminal, and why articles were posted or not, each in its file."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. A missing key raises KeyError: a test proves that there is none."""

    language: str
    _catalogue: NullTranslations

    def __call__(self, key: str, /, **params: object) -> str:
        text = self._catalogue.gettext(key)
        if text == key:
            raise KeyError(key)
        return text.format_map(params)

    def plural(self, key: str, n: int, /, **params: object) -> str:
        """The sentence for `n` things; `{n}` is available in it."""
        text = self._catalogue.ngettext(key, key, n)
        if text == key:
            raise KeyError(key)
        return text.format_map({"n": n, **params})

    def has(self, key: str) -> bool:
        return self._catalogue.gettext(key) != key


@cache
def words(language: str) -> Words:
    """The sentences of `language`, or those of the first community's language when the bot does not speak it."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    return Words(language, _compiled(language, *(f"{language}.{domain}po" for domain in DOMAINS)))


@cache
def click_catalogue(language: str) -> NullTranslations:
    """What click says, by its English sentences; one that looks nothing up where there is no such catalogue."""
    name = f"click.{language}.po"
    return _compiled(language, name) if files(__package__).joinpath(name).is_file() else NullTranslations()


def _compiled(language: str, *names: str) -> NullTranslations:
    whole = Catalog(locale=language)
    for name in names:
        source = files(__package__).joinpath(name).read_bytes()
        for message in read_po(BytesIO(source), locale=language):
            whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language_name(code: str, language: str) -> str | None:
    """What `language` calls the language of a code ("français"); None for a code that nobody knows."""
    try:
        return Locale.parse(code, sep="-").get_display_name(language)
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def choose(*candidates: str | None, default: str) -> str:
    """The first candidate that the bot speaks ("fr-CA" counts as "fr"), else `default`."""
    for candidate in candidates:
        if candidate and (language := candidate.replace("_", "-").split("-")[0].lower()) in LANGUAGES:
            return language
    return default
