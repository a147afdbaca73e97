"""Click's own words, in help and about wrong usage, in the operator's language.

Click looks its sentences up with gettext, but only in files that an installed system would have, by the variables that
libc reads. The bot's language may come from its own settings, and its catalogues lie in its package: so each of click's
modules is given a catalogue of ours to look in.
"""

import gettext
import importlib
from typing import Any

import click

from bot.locales import Words, click_catalogue

_MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "types")
_LARGEST_ID = 2**63 - 1


def speak_as(language: str) -> None:
    """Let click speak `language` from now on, in the whole process."""
    catalogue = click_catalogue(language)
    for name in _MODULES:
        module = importlib.import_module(f"click.{name}")
        for attribute, ours, usual in (
            ("_", catalogue.gettext, gettext.gettext),
            ("ngettext", catalogue.ngettext, gettext.ngettext),
        ):
            if hasattr(module, attribute):
                setattr(module, attribute, usual if language == "en" else ours)


class DiscordId(click.ParamType[int]):
    """The number that Discord knows a server or a channel by."""

    name = "id"

    def __init__(self, speak: Words) -> None:
        self._speak = speak

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        number = int(text[:20]) if text.isascii() and text.isdecimal() else 0
        if 0 < number <= _LARGEST_ID:
            return number
        return self.fail(self._speak("cli.not_an_id", text=text), param, ctx)
