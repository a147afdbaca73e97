"""Which language each person's Discord is in: SimCord sends every interaction as `en-US`.

Tests share this, so that the demo and the tests hear the same person.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import simcord.interactions


@contextmanager
def speaking(language_of: Callable[[int], str], *, server: str) -> Iterator[None]:
    """Send interactions with `language_of(user_id)` as the asker's locale and `server` as the server's.

    It replaces SimCord's payload builder, a private name; the demo's smoke test fails when an upgrade moves it.
    """
    inner = simcord.interactions.base_payload

    def payload(*args: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
        record, data = inner(*args, **options)
        data["locale"] = language_of(options["user_id"])
        if "guild_locale" in data:
            data["guild_locale"] = server
        return record, data

    simcord.interactions.base_payload = payload
    try:
        yield
    finally:
        simcord.interactions.base_payload = inner
