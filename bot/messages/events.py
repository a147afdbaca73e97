"""An event of the gateway's that discord.py cannot read is left out, where it would be the end of the bot.

discord.py takes much of what Discord describes for granted, and stops at the first exception: one field that Discord
leaves out for once, or gives a new meaning, in one server out of hundreds, would silence the bot in all of them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import discord
import structlog

log = structlog.get_logger(__name__)

_ESSENTIAL = ("READY", "RESUMED")
"""Without these there is no session."""


def outlive_unreadable_events(client: discord.Client) -> None:
    parsers: dict[str, Callable[[Any], Any]] = client._connection.parsers
    for name, parse in parsers.items():
        if name not in _ESSENTIAL:
            parsers[name] = partial(_read, name, parse)


def _read(name: str, parse: Callable[[Any], Any], data: Any) -> Any:
    try:
        return parse(data)
    except Exception as error:  # noqa: BLE001 (whatever discord.py did not expect)
        log.warning("event not understood", event_name=name, error=repr(error)[:200])
        return None
