"""The options by which a moderator says how a source is posted: the same for a new source and for one that is followed.

Each is said once here, and `settings_too` gives a command all of them.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.delivery.preferences import (
    LONGEST_FORUM_TITLE,
    LONGEST_HEADER,
    LONGEST_POLL_HOURS,
    LONGEST_SLOW_MODE_SECONDS,
    MOST_PER_HOUR,
)
from bot.errors import RequestRefused
from bot.messages.hours_choices import LONGEST
from bot.messages.translator import described, named

Callback = TypeVar("Callback", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    """Of the option, in code and, in each language, under `option.{name}.name`."""
    field: str
    """Of `Preferences`, or what `delivery.settings.changed` takes beside them."""
    annotation: Any
    choices: tuple[str | int, ...] = ()
    """Values that Discord offers, each called `choice.{name}.{value}`."""


SETTINGS = (
    Setting("shape", "shape", str, ("card", "embed", "text")),
    Setting("publish", "publish", bool),
    Setting("silent", "silent", bool),
    Setting("role", "add_role", discord.Role),
    Setting("header", "header", app_commands.Range[str, 1, LONGEST_HEADER]),
    Setting("thread", "thread", str, ("none", "article")),
    Setting("archive", "thread_archive_minutes", int, (60, 1440, 4320, 10080)),
    Setting("slow_mode", "thread_slowmode_seconds", app_commands.Range[int, 0, LONGEST_SLOW_MODE_SECONDS]),
    Setting("questions", "questions", bool),
    Setting("poll", "poll", bool),
    Setting("poll_hours", "poll_hours", app_commands.Range[int, 1, LONGEST_POLL_HOURS]),
    Setting("title", "forum_title", app_commands.Range[str, 1, LONGEST_FORUM_TITLE]),
    Setting("tags", "forum_tags", bool),
    Setting("quiet", "quiet", app_commands.Range[str, 1, LONGEST]),
    Setting("hours", "windows", app_commands.Range[str, 1, LONGEST]),
    Setting("hourly", "max_per_hour", app_commands.Range[int, 1, MOST_PER_HOUR]),
    Setting("digest", "digest", app_commands.Range[str, 1, LONGEST]),
)
_BY_NAME = {each.name: each for each in SETTINGS}

RESET_ALL = tuple("roles" if each.field == "add_role" else each.field for each in SETTINGS)
"""What these options set, by the names of `Preferences`."""

RESETS = [
    app_commands.Choice(name=described(f"choice.reset.{each}"), value=each)
    for each in ("roles", "header", "forum_title", "quiet", "windows", "max_per_hour", "digest", "all")
]


def settings_too(callback: Callback) -> Callback:
    """Give a command's callback every setting as an option, in the place of its `**options`."""
    signature = inspect.signature(callback)
    own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    settings = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=each.annotation | None)
        for each in SETTINGS
    ]
    callback.__signature__ = signature.replace(parameters=[*own, *settings])  # type: ignore[attr-defined]
    app_commands.rename(**{each.name: named(each.name, f"option.{each.name}.name") for each in SETTINGS})(callback)
    app_commands.describe(**{each.name: described(f"option.{each.name}.description") for each in SETTINGS})(callback)
    app_commands.choices(
        **{
            each.name: [
                app_commands.Choice(name=described(f"choice.{each.name}.{value}"), value=value)
                for value in each.choices
            ]
            for each in SETTINGS
            if each.choices
        }
    )(callback)
    return callback


def changes_of(options: Mapping[str, Any]) -> dict[str, object]:
    """What was chosen, as `Subscriptions` takes it.

    Raises RequestRefused for the role that everybody has: mentioning it is not what roles are for.
    """
    changes: dict[str, object] = {}
    for name, value in options.items():
        if value is None:
            continue
        if isinstance(value, discord.Role):
            if value.is_default():
                raise RequestRefused("config.edit.everyone")
            value = value.id  # noqa: PLW2901
        changes[_BY_NAME[name].field] = value
    return changes
