"""Which function answers which method and path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.discord_wire.requests import Request
from tests.fakes.discord_wire.state import State

Reply = tuple[int, Any]
Handler = Callable[[State, Request], Awaitable[Reply]]
HANDLERS: dict[str, Handler] = {}
"""By "METHOD /path/{template}"; filled when the `rest_` modules and `interactions` are imported."""

GUILDS = 1 << 0
GUILD_MESSAGES = 1 << 9
"""Gateway intents."""


def handles(*names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(names, handler))
        return handler

    return register


def value(request: Request, name: str) -> str:
    """A parameter of the path."""
    assert request.operation
    return request.operation.values[name]
