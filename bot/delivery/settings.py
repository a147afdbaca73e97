"""Changing a subscription's settings as a moderator asks. Pure."""

from collections.abc import Mapping

from pydantic import ValidationError

from bot.delivery.preferences import ChannelKind, Preferences, obstacle, parse, stored
from bot.delivery.templates import unknown_placeholders
from bot.errors import RequestRefused


def changed(before: str, changes: Mapping[str, object], kind: ChannelKind | None) -> str:
    """The settings with these changes, as they are stored; None sets one back to its default.

    `roles` replaces all roles; `add_role` adds one. Raises RequestRefused for what cannot be, or cannot work in a
    channel of this kind. Settings that could not work before, and are not touched, are no reason to refuse.
    """
    present = parse(before)
    fields = present.model_dump()
    for name, value in changes.items():
        if name == "add_role":
            fields["roles"] = tuple(dict.fromkeys((*present.roles, value)))
        elif value is None:
            fields.pop(name, None)
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
    key = obstacle(wanted, kind)
    if key and key != obstacle(present, kind):
        raise RequestRefused(key)
    return stored(wanted)


_SAID = frozenset({"roles", "header", "forum_title"})
"""What has a sentence of its own when it is wrong; the others cannot be, as Discord offers them."""
