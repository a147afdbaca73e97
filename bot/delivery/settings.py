"""Changing a subscription's settings as a moderator asks. Pure."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from bot.articles.filters import Filter
from bot.delivery.hours import ever_opens
from bot.delivery.preferences import ChannelKind, Preferences, obstacle, parse, stored
from bot.delivery.templates import unknown_placeholders
from bot.delivery.typed_hours import read_digest, read_quiet, read_windows
from bot.errors import RequestRefused


def changed(before: str, changes: Mapping[str, object], kind: ChannelKind | None) -> str:
    """The settings with these changes, as they are stored; None sets one back to its default.

    `roles` replaces all roles; `add_role` adds one; `add_filter` adds one, `remove_filter` removes that of a key. Hours
    may be given as they are typed. Raises RequestRefused for what cannot be, or cannot work in a channel of this kind.
    Settings that could not work before, and are not touched, are no reason to refuse.
    """
    present = parse(before)
    fields = present.model_dump()
    for name, value in changes.items():
        if name == "add_role":
            fields["roles"] = tuple(dict.fromkeys((*present.roles, value)))
        elif name == "add_filter":
            fields["filters"] = _with_filter(present.filters, value)
        elif name == "remove_filter":
            fields["filters"] = tuple(each for each in present.filters if each.key != value)
        elif value is None:
            fields.pop(name, None)
        elif name in _TYPED and isinstance(value, str):
            fields[name] = _TYPED[name](value) or value
        else:
            fields[name] = value
    try:
        wanted = Preferences.model_validate(fields)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise RequestRefused(f"config.edit.wrong.{name}" if name in _SAID else "config.edit.wrong") from error
    for template in (wanted.header, wanted.forum_title):
        if template and (unknown := unknown_placeholders(template)):
            raise RequestRefused("config.edit.unknown_placeholder", name=unknown[0][:40])
    if not ever_opens(wanted):
        raise RequestRefused("config.edit.never_open")
    key = obstacle(wanted, kind)
    if key and key != obstacle(present, kind):
        raise RequestRefused(key)
    return stored(wanted)


def _with_filter(present: tuple[Filter, ...], added: object) -> tuple[object, ...]:
    if added in present:
        raise RequestRefused("filters.already")
    return (*present, added)


_TYPED: Mapping[str, Callable[[str], object]] = {"quiet": read_quiet, "windows": read_windows, "digest": read_digest}
"""How to read what moderators type; what cannot be read is no value that the setting may have."""

_SAID = frozenset({"roles", "header", "forum_title", "filters", *_TYPED})
"""What has a sentence of its own when it is wrong; the others cannot be, as Discord offers them."""
