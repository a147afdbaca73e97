"""Column types that mean the same on SQLite and on PostgreSQL."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""A day inside what datetime can hold: the ends mean "infinity" to asyncpg, and cannot change zone."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Instant(TypeDecorator[datetime]):
    """Aware times in, aware UTC times out: `timestamptz` on PostgreSQL, sortable UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times carry their zone")
        try:
            return min(max(value.astimezone(UTC), EARLIEST), LATEST)
        except OverflowError:
            return EARLIEST if value.year == 1 else LATEST

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text of any length and origin.

    PostgreSQL refuses the character NUL, and neither engine takes half of a surrogate pair; JSON lets a source
    write both. They become U+FFFD, one for one.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def coerce_compared_value(self, _op: Any, _value: Any) -> Any:
        return self


def storable(text: str) -> str:
    """The text as both engines can keep it."""
    return _UNSTORABLE.sub("�", text) if _UNSTORABLE.search(text) else str(text)
