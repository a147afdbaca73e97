"""Command names, descriptions, options and choices in every language that the bot speaks."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.articles.lenses import lens
from bot.locales import words
from bot.models import LANGUAGES

_LANGUAGES = {
    discord.Locale.french: "fr",
    discord.Locale.american_english: "en",
    discord.Locale.british_english: "en",
}


def named(name: str, key: str) -> locale_str:
    """A name that Discord and discord.py know as `name`, and that people read in their own language."""
    return locale_str(name, key=key)


def described(key: str) -> locale_str:
    """A description or a choice: English for the languages that the bot does not speak."""
    return locale_str(words("en")(key), key=key)


def lens_name(kind: str) -> locale_str:
    """The short name of a kind, as a choice; from the lexicons, where a community adds kinds."""
    known = lens(kind)
    names = {language: known.short(language) if known else kind for language in LANGUAGES}
    return locale_str(names["en"], names=names)


class Translator(app_commands.Translator):
    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """The catalogue's text; None for other languages, and for strings without a key (they need no translation)."""
        del context
        language = _LANGUAGES.get(locale)
        if language is None:
            return None
        if names := string.extras.get("names"):
            return str(names[language])
        key = string.extras.get("key")
        return words(language)(key) if key else None
