"""Articles as they are stored, with what a check owes and where it got to: all of it, or nothing."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StorageError
from bot.models import PlannedDelivery, SourceState, Subscription
from bot.storage.batches import batches
from bot.storage.columns import storable
from bot.storage.engine import reading, writing
from bot.storage.failing import Failure, fail
from bot.storage.group_commit import GroupCommit
from bot.storage.outbox import owe
from bot.storage.recall import known_by_alias, load_traces, newest, to_hex, with_marks
from bot.storage.recording import (
    EncodedArticle,
    Recording,
    add_aliases,
    advance_sources,
    change_articles,
    insert_articles,
    keep_learnt,
    marks_of,
    stored_under,
)
from bot.storage.rows import article_values, section_values, to_subscription
from bot.storage.schema import sources, subscriptions
from bot.storage.stories import find_told, forget_old_stories
from bot.updates import updater
from bot.updates.decider import Known
from bot.updates.stories import without_told
from bot.updates.traces import Trace, identity_mark
from bot.updates.update import Announced, ChangedArticle, NewArticle, Plan, Recorded, Update

_LONGEST_IDENTITY = 500
"""Characters. A PostgreSQL index refuses entries over 2,704 bytes, and a source may call its items what it likes."""

_ARTICLES_AT_ONCE = 50
"""The event loop runs between two batches; encoding one takes a few milliseconds."""

_AT_ONCE = 500
CHECKS_AT_ONCE = 100
"""In one transaction."""

CHECKS_WAITING = 1_000
"""To be stored; checks beyond that wait themselves, and so does what they hold in memory."""

K = TypeVar("K")


class Archive(updater.Archive):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._commits: GroupCommit[Recording | Failure, None] = GroupCommit(
            self._commit, is_one_items_fault=_is_one_checks_fault, most=CHECKS_AT_ONCE, waiting=CHECKS_WAITING
        )

    async def close(self) -> None:
        """Wait until what was handed over is stored."""
        await self._commits.close()

    async def known(self, source_id: int, identities: Collection[str]) -> Mapping[str, Known]:
        keys = {identity: _identity_key(identity) for identity in identities}
        found: dict[str, Known] = {}
        async with reading(self._engine) as connection:
            for batch in batches(list(dict.fromkeys(keys.values())), _AT_ONCE):
                for row in await stored_under(connection, source_id, batch):
                    found[row.identity] = Known(row.id, row.content_hash)
            direct = {identity: found[key] for identity, key in keys.items() if key in found}
            aliases = {identity_mark(identity): identity for identity in identities if identity not in direct}
            if not aliases:
                return direct
            return direct | await known_by_alias(connection, source_id, aliases)

    async def recall(
        self, source_id: int, *, marks: Collection[int], article_ids: Collection[int], recent: int
    ) -> Sequence[Trace]:
        async with reading(self._engine) as connection:
            wanted = {*article_ids, *await with_marks(connection, source_id, sorted(marks))}
            if recent:
                wanted.update(await newest(connection, source_id, recent))
            return await load_traces(connection, sorted(wanted))

    async def record(self, update: Update, plan: Plan) -> Recorded:
        """Store articles, the deliveries that `plan` wants, and progress: all or nothing. A part stores no progress.

        An article that another process stored first is that process's to announce; its id is returned all the same.
        """
        recording = await _encode(update, plan) if update.new or update.changed else Recording(update, plan, (), {}, {})
        await self._commits.submit(recording)
        return recording.recorded()

    async def record_failure(
        self, source_id: int, *, failed_at: datetime, next_check_at: datetime, reason: str, suspend: bool = False
    ) -> None:
        await self._commits.submit(Failure(source_id, failed_at, next_check_at, reason, suspend))

    async def reaches_others(self, source_id: int, *, since: datetime) -> bool:
        others = select(sources.c.id).where(sources.c.id != source_id, sources.c.state == SourceState.ACTIVE)
        well = others.where(sources.c.last_success_at >= since)
        async with reading(self._engine) as connection:
            reached, any_other = (await connection.execute(select(well.exists(), others.exists()))).one()
            return bool(reached or not any_other)

    async def forget_old_stories(self, before: datetime) -> int:
        """Drop what only serves to recognise stories, of articles from before this moment."""
        async with writing(self._engine) as connection:
            return await forget_old_stories(connection, before)

    async def _commit(self, batch: Sequence[Recording | Failure]) -> Sequence[None]:
        for each in batch:
            if isinstance(each, Recording):
                each.ids.clear()
                each.inserted.clear()
                each.present.clear()
        async with writing(self._engine) as connection:
            for turn in _turns(batch):
                await _record_all(connection, [each for each in turn if isinstance(each, Recording)])
                for each in turn:
                    if isinstance(each, Failure):
                        await fail(connection, each)
        return [None] * len(batch)


async def _record_all(connection: AsyncConnection, recordings: Sequence[Recording]) -> None:
    if not recordings:
        return
    eventful = [each for each in recordings if not each.is_plain]
    if eventful:
        await _lock(connection, [each.update.source_id for each in eventful])
        await insert_articles(connection, eventful)
        for each in eventful:
            if each.changed:
                await change_articles(connection, each)
        await keep_learnt(connection, eventful)
        await add_aliases(connection, eventful)
        await _announce(connection, [each for each in eventful if each.announced()])
    await advance_sources(connection, [each for each in recordings if not each.update.partial])


async def _lock(connection: AsyncConnection, source_ids: Collection[int]) -> None:
    """Checks of one source are recorded one after the other, and always in the same order.

    `FOR NO KEY UPDATE` on PostgreSQL, so that somebody can subscribe meanwhile.
    """
    rows = await connection.execute(
        select(sources.c.id).where(sources.c.id.in_(source_ids)).order_by(sources.c.id).with_for_update(key_share=True)
    )
    if missing := {*source_ids} - set(rows.scalars()):
        raise _NotStored(f"Source {min(missing)} is not stored, so nothing can be recorded for it.")


async def _announce(connection: AsyncConnection, recordings: Sequence[Recording]) -> None:
    if not recordings:
        return
    # Shared lock on PostgreSQL: somebody who unsubscribes waits, and then cancels what is owed here too.
    rows = await connection.execute(
        select(subscriptions)
        .where(
            subscriptions.c.source_id.in_([each.update.source_id for each in recordings]),
            subscriptions.c.removed_at.is_(None),
        )
        .order_by(subscriptions.c.id)
        .with_for_update(read=True)
    )
    followers: dict[int, list[Subscription]] = defaultdict(list)
    for row in rows:
        followers[row.source_id].append(to_subscription(row))
    told = await find_told(connection, recordings)
    for each in recordings:
        theirs = followers[each.update.source_id]
        announced = [
            Announced(article_id, new.article, new.learnt, new.sifted, seeding=each.update.seeding)
            for article_id, new in each.announced()
        ]
        wanted: list[PlannedDelivery] = []
        for news in announced:
            wanted += each.plan([news], theirs)
            await asyncio.sleep(0)  # a thousand followers may have twenty filters each
        planned: Sequence[PlannedDelivery] = wanted
        if told.same:
            had = {news.article_id: told.of(news.article_id) for news in announced}
            planned = without_told(planned, theirs, had)
        guilds = {subscription.id: subscription.guild_id for subscription in theirs}
        for delivery in (one for one in planned if one.filtered is None):
            told.guilds[delivery.article_id].add(guilds[delivery.subscription_id])
        each.deliveries = await owe(connection, planned, theirs, each.update.progress.checked_at)


class _NotStored(StorageError):
    pass


def _is_one_checks_fault(error: Exception) -> bool:
    return isinstance(error, _NotStored) or isinstance(error.__cause__, IntegrityError | DataError)


def _turns(batch: Sequence[Recording | Failure]) -> Sequence[Sequence[Recording | Failure]]:
    """`batch` in rounds that hold each source once, in order."""
    turns: list[dict[int, Recording | Failure]] = [{}]
    for each in batch:
        source_id = each.update.source_id if isinstance(each, Recording) else each.source_id
        place = next((turn for turn in turns if source_id not in turn), None)
        if place is None:
            turns.append(place := {})
        place[source_id] = each
    return [list(turn.values()) for turn in turns]


async def _encode(update: Update, plan: Plan) -> Recording:
    keys = [_identity_key(each.identity) for each in update.new]
    new = await _encode_all(dict(zip(reversed(keys), reversed(update.new), strict=True)))
    changed = await _encode_all({each.article_id: each for each in update.changed})
    return Recording(update, plan, keys, {key: new[key] for key in dict.fromkeys(keys)}, changed)


async def _encode_all(found: Mapping[K, NewArticle | ChangedArticle]) -> dict[K, EncodedArticle]:
    encoded = {}
    for batch in batches(list(found), _ARTICLES_AT_ONCE):
        for key in batch:
            each = found[key]
            sketch = each.clues.sketch if each.clues else ()
            values = article_values(each.article) | {"content_hash": each.content_hash, "sketch": to_hex(sketch)}
            if isinstance(each, NewArticle):
                values |= {"announced": each.announce}
            encoded[key] = EncodedArticle(values, section_values(each.article), marks_of(each))
        await asyncio.sleep(0)
    return encoded


def _identity_key(identity: str) -> str:
    key = storable(identity)
    if len(key) <= _LONGEST_IDENTITY:
        return key
    return "blake2b:" + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
