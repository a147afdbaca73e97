"""Articles as they are stored, with what a check owes and where it got to: all of it, or nothing."""

import asyncio
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StorageError
from bot.storage.columns import storable
from bot.storage.engine import insert_into, reading, writing
from bot.storage.outbox import owe
from bot.storage.rows import article_values, section_values, to_subscription
from bot.storage.schema import articles, sections, sources, subscriptions
from bot.updates import updater
from bot.updates.decider import Known
from bot.updates.updater import ChangedArticle, NewArticle, Plan, Progress, Recorded, Update

_LONGEST_IDENTITY = 500
"""Characters. A PostgreSQL index refuses entries over 2,704 bytes, and a source may call its items what it likes."""

_ARTICLES_AT_ONCE = 50
"""The event loop runs between two batches; encoding one takes a few milliseconds."""

_IDENTITIES_AT_ONCE = 500

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Encoded:
    """An article as rows, but for its id."""

    values: dict[str, Any]
    sections: list[dict[str, Any]]


class Archive(updater.Archive):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def known(self, source_id: int, identities: Collection[str]) -> Mapping[str, Known]:
        keys = {identity: _identity_key(identity) for identity in identities}
        found: dict[str, Known] = {}
        async with reading(self._engine) as connection:
            for batch in _batches(list(dict.fromkeys(keys.values())), _IDENTITIES_AT_ONCE):
                for row in await _stored(connection, source_id, batch):
                    found[row.identity] = Known(row.id, row.content_hash)
        return {identity: found[key] for identity, key in keys.items() if key in found}

    async def record(self, update: Update, plan: Plan) -> Recorded:
        """Store articles, the deliveries that `plan` wants, and progress: all or nothing.

        An article that another process stored first is that process's to announce; its id is returned all the same.
        """
        keys = [_identity_key(each.identity) for each in update.new]
        new = await _encode_all(dict(zip(reversed(keys), reversed(update.new), strict=True)))
        changed = await _encode_all({each.article_id: each for each in update.changed})
        async with writing(self._engine) as connection:
            seeded_at = await _lock(connection, update.source_id)
            ids, inserted = await _insert(connection, update, {key: new[key] for key in dict.fromkeys(keys)})
            await _change(connection, update.source_id, changed)
            announced = [
                ids[key] for key, each in zip(keys, update.new, strict=True) if each.announce and key in inserted
            ]
            deliveries = await _announce(connection, update, list(dict.fromkeys(announced)), plan)
            await _advance(connection, update.source_id, update.progress, seeded_at)
        return Recorded(tuple(ids[key] for key in keys), deliveries)

    async def record_failure(
        self, source_id: int, *, failed_at: datetime, next_check_at: datetime, reason: str
    ) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(
                sa.update(sources)
                .where(sources.c.id == source_id)
                .values(
                    last_checked_at=failed_at,
                    last_failure_at=failed_at,
                    last_failure=reason,
                    failures=sources.c.failures + 1,
                    next_check_at=next_check_at,
                    lease_until=None,
                )
            )


async def _encode_all(articles: Mapping[K, NewArticle | ChangedArticle]) -> dict[K, _Encoded]:
    """Before the transaction, which should not last longer for it."""
    encoded = {}
    for batch in _batches(list(articles), _ARTICLES_AT_ONCE):
        for key in batch:
            each = articles[key]
            values = article_values(each.article) | {"content_hash": each.content_hash}
            encoded[key] = _Encoded(values, section_values(each.article))
        await asyncio.sleep(0)
    return encoded


def _sort_at(values: Mapping[str, Any], found_at: datetime) -> datetime:
    """Sources date articles into the future, which would keep them newest for years."""
    published_at: datetime = values["published_at"] or found_at
    return min(published_at, found_at)


def _identity_key(identity: str) -> str:
    key = storable(identity)
    if len(key) <= _LONGEST_IDENTITY:
        return key
    return "blake2b:" + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


async def _lock(connection: AsyncConnection, source_id: int) -> datetime | None:
    """Checks of one source are recorded one after the other; when it was seeded.

    `FOR NO KEY UPDATE` on PostgreSQL, so that somebody can subscribe meanwhile.
    """
    row = (
        await connection.execute(
            select(sources.c.seeded_at).where(sources.c.id == source_id).with_for_update(key_share=True)
        )
    ).one_or_none()
    if row is None:
        raise StorageError(f"Source {source_id} is not stored, so nothing can be recorded for it.")
    seeded_at: datetime | None = row.seeded_at
    return seeded_at


async def _insert(
    connection: AsyncConnection, update: Update, new: Mapping[str, _Encoded]
) -> tuple[dict[str, int], frozenset[str]]:
    """The id of every article by its identity, and the identities that were not there before."""
    statement = insert_into(connection, articles).on_conflict_do_nothing()
    found_at = update.progress.checked_at
    ids: dict[str, int] = {}
    for keys in _batches(list(new), _ARTICLES_AT_ONCE):
        rows = [
            {"source_id": update.source_id, "identity": key, "found_at": found_at}
            | new[key].values
            | {"sort_at": _sort_at(new[key].values, found_at)}
            for key in keys
        ]
        inserted = await connection.execute(statement.returning(articles.c.identity, articles.c.id), rows)
        added = {row.identity: row.id for row in inserted}
        await _insert_sections(connection, {article_id: new[key] for key, article_id in added.items()})
        ids |= added
    inserted_keys = frozenset(ids)
    for keys in _batches([key for key in new if key not in inserted_keys], _IDENTITIES_AT_ONCE):
        ids |= {row.identity: row.id for row in await _stored(connection, update.source_id, keys)}
    return ids, inserted_keys


async def _insert_sections(connection: AsyncConnection, by_id: Mapping[int, _Encoded]) -> None:
    rows = [{"article_id": article_id} | row for article_id, each in by_id.items() for row in each.sections]
    if rows:
        await connection.execute(insert(sections), rows)


async def _change(connection: AsyncConnection, source_id: int, changed: Mapping[int, _Encoded]) -> None:
    """Replace what articles say; they keep id, place and history."""
    statement = sa.update(articles).where(articles.c.id == bindparam("changed_id"))
    for ids in _batches(list(changed), _ARTICLES_AT_ONCE):
        present = await connection.execute(
            select(articles.c.id, articles.c.found_at).where(articles.c.source_id == source_id, articles.c.id.in_(ids))
        )
        rows = []
        for article_id, found_at in present.all():
            values = changed[article_id].values
            rows.append(values | {"changed_id": article_id, "sort_at": _sort_at(values, found_at)})
        if not rows:
            continue
        await connection.execute(statement, rows)
        kept = [row["changed_id"] for row in rows]
        await connection.execute(delete(sections).where(sections.c.article_id.in_(kept)))
        await _insert_sections(connection, {article_id: changed[article_id] for article_id in kept})


async def _announce(connection: AsyncConnection, update: Update, article_ids: Sequence[int], plan: Plan) -> int:
    if not article_ids:
        return 0
    # Shared lock on PostgreSQL: somebody who unsubscribes waits, and then cancels what is owed here too.
    rows = await connection.execute(
        select(subscriptions)
        .where(subscriptions.c.source_id == update.source_id, subscriptions.c.removed_at.is_(None))
        .order_by(subscriptions.c.id)
        .with_for_update(read=True)
    )
    followers = [to_subscription(row) for row in rows]
    return await owe(connection, plan(article_ids, followers), followers, update.progress.checked_at)


async def _advance(connection: AsyncConnection, source_id: int, progress: Progress, seeded_at: datetime | None) -> None:
    """The last failure stays as history; `failures` at 0 says that it is over."""
    learnt = {"title": progress.title, "home_url": progress.home_url, "language": progress.language}
    await connection.execute(
        sa.update(sources)
        .where(sources.c.id == source_id)
        .values(
            {
                "etag": progress.etag,
                "last_modified": progress.last_modified,
                "next_check_at": progress.next_check_at,
                "last_checked_at": progress.checked_at,
                "last_success_at": progress.checked_at,
                "failures": 0,
                "seeded_at": seeded_at or progress.checked_at,
                "lease_until": None,
            }
            | {name: value for name, value in learnt.items() if value is not None}
        )
    )


async def _stored(connection: AsyncConnection, source_id: int, keys: Sequence[str]) -> Sequence[Row[Any, Any, Any]]:
    rows = await connection.execute(
        select(articles.c.identity, articles.c.id, articles.c.content_hash).where(
            articles.c.source_id == source_id, articles.c.identity.in_(keys)
        )
    )
    return rows.all()


def _batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
