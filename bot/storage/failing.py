"""A check that failed, as it is stored; and the last one of too many, which moderators are told of."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import SourceState
from bot.storage.columns import Instant
from bot.storage.rows import source_name
from bot.storage.schema import notices, sources, subscriptions

SUSPENDED = "notice.source_suspended"
"""The sentence that a server is told when a source that it follows is given up for the time being."""


@dataclass(frozen=True, slots=True)
class Failure:
    source_id: int
    failed_at: datetime
    next_check_at: datetime
    reason: str
    suspend: bool


async def fail(connection: AsyncConnection, failure: Failure) -> None:
    values: dict[str, Any] = {
        "last_checked_at": failure.failed_at,
        "last_failure_at": failure.failed_at,
        "last_failure": failure.reason,
        "failures": sources.c.failures + 1,
        "failing_since": func.coalesce(sources.c.failing_since, literal(failure.failed_at, Instant())),
        "next_check_at": failure.next_check_at,
        "lease_until": None,
    }
    if failure.suspend:
        values["state"] = SourceState.SUSPENDED
    await connection.execute(update(sources).where(sources.c.id == failure.source_id).values(values))
    if failure.suspend:
        await _tell_followers(connection, failure)


async def _tell_followers(connection: AsyncConnection, failure: Failure) -> None:
    name = select(source_name).where(sources.c.id == failure.source_id)
    source = (await connection.execute(name)).scalar_one()
    guild_ids = await connection.execute(
        select(subscriptions.c.guild_id)
        .where(subscriptions.c.source_id == failure.source_id, subscriptions.c.removed_at.is_(None))
        .distinct()
    )
    rows = [
        {
            "guild_id": guild_id,
            "key": SUSPENDED,
            "params": json.dumps({"source": source, "reason": f"failure.{failure.reason}"}),
            "created_at": failure.failed_at,
            "next_attempt_at": failure.failed_at,
            "attempts": 0,
        }
        for guild_id in guild_ids.scalars()
    ]
    if rows:
        await connection.execute(insert(notices), rows)
