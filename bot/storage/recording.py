"""The transaction that stores what checks brought: a few statements, however many checks it is for."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Row, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import SourceState
from bot.sources.urls import authority_of
from bot.storage.batches import batches
from bot.storage.engine import insert_into
from bot.storage.labels import forget_learnt, keep_labels
from bot.storage.revisions import keep_revisions
from bot.storage.schema import articles, marks, sections, sources
from bot.updates.traces import MarkKind, identity_mark
from bot.updates.update import ChangedArticle, NewArticle, Plan, Recorded, Update

_ROWS_AT_ONCE = 500
_ARTICLES_AT_ONCE = 100

_REPLACED = (MarkKind.LINK, MarkKind.WORDS, MarkKind.TITLE)
"""Marks of what an article says now; its ids stay its ids."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EncodedArticle:
    """An article as rows, but for its id."""

    values: dict[str, Any]
    sections: list[dict[str, Any]]
    marks: Mapping[int, MarkKind]


@dataclass(slots=True)
class Recording:
    """One check to be stored, encoded before the transaction, which should not last longer for it."""

    update: Update
    plan: Plan
    keys: Sequence[str]
    """Of `update.new`, in its order: the identities as they are stored."""
    new: Mapping[str, EncodedArticle]
    changed: Mapping[int, EncodedArticle]
    ids: dict[str, int] = field(default_factory=dict)
    """By key, once they are stored."""
    inserted: set[str] = field(default_factory=set)
    """The keys that were not there before."""
    present: set[int] = field(default_factory=set)
    """Those of `changed` that are articles of this source indeed."""
    deliveries: int = 0

    @property
    def is_plain(self) -> bool:
        """True for a check that found everything as it was."""
        update = self.update
        return update.progress.steady and not (update.new or update.changed or update.aliases)

    def announced(self) -> Sequence[tuple[int, NewArticle]]:
        """What is to be told, with its id, oldest first; another process may have stored and told the rest."""
        pairs = zip(self.keys, self.update.new, strict=True)
        found = {self.ids[key]: each for key, each in pairs if each.announce and key in self.inserted}
        return list(found.items())

    def recorded(self) -> Recorded:
        return Recorded(tuple(self.ids[key] for key in self.keys), self.deliveries)


def marks_of(each: NewArticle | ChangedArticle) -> dict[int, MarkKind]:
    found = {mark: kind for kind, mark in each.clues.marks()} if each.clues else {}
    if isinstance(each, NewArticle):
        found |= {identity_mark(identity): MarkKind.IDENTITY for identity in each.also}
        found |= {mark: kind for mark, kind in each.story.items() if mark not in found}
    return found


async def insert_articles(connection: AsyncConnection, recordings: Sequence[Recording]) -> None:
    """Store what is new, and note each article's id."""
    by_source = {each.update.source_id: each for each in recordings if each.new}
    rows = [
        {"source_id": source_id, "identity": key, "found_at": each.update.progress.checked_at}
        | article.values
        | {"sort_at": _sort_at(article.values, each.update.progress.checked_at)}
        for source_id, each in by_source.items()
        for key, article in each.new.items()
    ]
    statement = insert_into(connection, articles).on_conflict_do_nothing()
    returned = (articles.c.id, articles.c.source_id, articles.c.identity)
    for batch in batches(rows, _ARTICLES_AT_ONCE):
        added = (await connection.execute(statement.returning(*returned), batch)).all()
        for row in added:
            by_source[row.source_id].ids[row.identity] = row.id
            by_source[row.source_id].inserted.add(row.identity)
        stored = [(row.id, row.source_id, by_source[row.source_id].new[row.identity]) for row in added]
        await _insert_sections(connection, {article_id: each for article_id, _, each in stored})
        await _insert_marks(connection, ((article_id, at, each.marks) for article_id, at, each in stored))
    for source_id, each in by_source.items():
        missing = [key for key in each.new if key not in each.ids]
        for keys in batches(missing, _ROWS_AT_ONCE):
            each.ids |= {row.identity: row.id for row in await stored_under(connection, source_id, keys)}


async def change_articles(connection: AsyncConnection, recording: Recording) -> None:
    """Replace what articles say; they keep id, place and history."""
    source_id, changed = recording.update.source_id, recording.changed
    articles_now = {each.article_id: each.article for each in recording.update.changed}
    statement = sa.update(articles).where(articles.c.id == bindparam("changed_id"))
    for ids in batches(list(changed), _ARTICLES_AT_ONCE):
        present = await connection.execute(
            select(articles.c.id, articles.c.found_at).where(articles.c.source_id == source_id, articles.c.id.in_(ids))
        )
        rows = []
        for article_id, found_at in present.all():
            values = changed[article_id].values
            rows.append(values | {"changed_id": article_id, "sort_at": _sort_at(values, found_at)})
        if not rows:
            continue
        kept = [row["changed_id"] for row in rows]
        checked_at = recording.update.progress.checked_at
        recording.present.update(kept)
        await keep_revisions(connection, {each: articles_now[each] for each in kept}, checked_at)
        await connection.execute(statement, rows)
        await connection.execute(delete(sections).where(sections.c.article_id.in_(kept)))
        await _insert_sections(connection, {article_id: changed[article_id] for article_id in kept})
        await connection.execute(delete(marks).where(marks.c.article_id.in_(kept), marks.c.kind.in_(_REPLACED)))
        await _insert_marks(connection, ((article_id, source_id, changed[article_id].marks) for article_id in kept))


async def keep_learnt(connection: AsyncConnection, recordings: Iterable[Recording]) -> None:
    """What servers see otherwise, having taught it; what they saw otherwise in a former version is forgotten."""
    for each in recordings:
        update = each.update
        changed = [article_id for article_id in each.changed if article_id in each.present]
        await forget_learnt(connection, changed)
        pairs = zip(each.keys, update.new, strict=True)
        new = {each.ids[key]: one.learnt for key, one in pairs if key in each.inserted}
        again = {one.article_id: one.learnt for one in update.changed if one.article_id in each.present}
        labels = {
            (article_id, guild_id): its_labels
            for article_id, learnt in (new | again).items()
            for guild_id, its_labels in learnt.items()
        }
        await keep_labels(connection, update.source_id, labels, by_hand=False, at=update.progress.checked_at)


async def add_aliases(connection: AsyncConnection, recordings: Iterable[Recording]) -> None:
    await _insert_marks(
        connection,
        (
            (article_id, each.update.source_id, {identity_mark(identity): MarkKind.IDENTITY})
            for each in recordings
            for article_id, identity in each.update.aliases
        ),
    )


async def advance_sources(connection: AsyncConnection, recordings: Collection[Recording]) -> None:
    """Store how far each source got. The last failure stays as history; `failures` at 0 says that it is over."""
    plain = [_plain_row(each) for each in recordings if each.is_plain]
    if plain:
        await connection.execute(_ADVANCE_PLAINLY, plain)
    learnt = [_learnt_row(each) for each in recordings if not each.is_plain]
    if learnt:
        await connection.execute(_ADVANCE, learnt)
    for each in recordings:
        if each.update.progress.url is not None:
            await _move(connection, each.update.source_id, each.update.progress.url)


_WELL = {
    "last_checked_at": bindparam("at"),
    "last_success_at": bindparam("at"),
    "next_check_at": bindparam("next_at"),
    "failures": 0,
    "failing_since": None,
    "lease_until": None,
}
_ADVANCE_PLAINLY = sa.update(sources).where(sources.c.id == bindparam("of")).values(_WELL)
_LEARNT = ("etag", "last_modified", "ttl_seconds", "gap_seconds", "last_new_at", "moved_to", "moved_sightings")
_KEPT = ("title", "home_url", "language")
"""Columns that keep what they hold where an answer says nothing of them."""


def _new(name: str) -> sa.BindParameter[Any]:
    return bindparam(f"new_{name}", type_=sources.c[name].type)


_ADVANCE = (
    sa.update(sources)
    .where(sources.c.id == bindparam("of"))
    .values(
        _WELL
        | {name: _new(name) for name in (*_LEARNT, "skip_hours", "skip_days")}
        | {name: func.coalesce(_new(name), sources.c[name]) for name in _KEPT}
        | {"seeded_at": func.coalesce(sources.c.seeded_at, _new("seeded_at")), "state": SourceState.ACTIVE}
    )
)


def _plain_row(each: Recording) -> dict[str, object]:
    progress = each.update.progress
    return {"of": each.update.source_id, "at": progress.checked_at, "next_at": progress.next_check_at}


def _learnt_row(each: Recording) -> dict[str, object]:
    progress = each.update.progress
    return (
        _plain_row(each)
        | {f"new_{name}": getattr(progress, name) for name in (*_LEARNT, *_KEPT)}
        | {
            "new_skip_hours": json.dumps(progress.skip_hours),
            "new_skip_days": json.dumps(progress.skip_days),
            "new_seeded_at": progress.checked_at if progress.seeded else None,
        }
    )


async def _move(connection: AsyncConnection, source_id: int, url: str) -> None:
    """Fetch a source elsewhere from now on; where that is followed already, the redirect keeps leading there."""
    there = sources.alias("there")
    taken = select(there.c.id).where(there.c.url == url, there.c.owner_guild_id == sources.c.owner_guild_id)
    await connection.execute(
        sa.update(sources)
        .where(sources.c.id == source_id, ~taken.exists())
        .values(url=url, host=authority_of(url) or None)
    )


async def _insert_sections(connection: AsyncConnection, by_id: Mapping[int, EncodedArticle]) -> None:
    rows = [{"article_id": article_id} | row for article_id, each in by_id.items() for row in each.sections]
    if rows:
        await connection.execute(insert(sections), rows)


async def _insert_marks(connection: AsyncConnection, found: Iterable[tuple[int, int, Mapping[int, MarkKind]]]) -> None:
    rows = [
        {"mark": mark, "source_id": source_id, "article_id": article_id, "kind": kind}
        for article_id, source_id, its in found
        for mark, kind in its.items()
    ]
    if rows:
        await connection.execute(insert_into(connection, marks).on_conflict_do_nothing(), rows)


async def stored_under(
    connection: AsyncConnection, source_id: int, keys: Sequence[str]
) -> Sequence[Row[Any, Any, Any]]:
    rows = await connection.execute(
        select(articles.c.identity, articles.c.id, articles.c.content_hash).where(
            articles.c.source_id == source_id, articles.c.identity.in_(keys)
        )
    )
    return rows.all()


def _sort_at(values: Mapping[str, Any], found_at: datetime) -> datetime:
    """Sources date articles into the future, which would keep them newest for years."""
    published_at: datetime = values["published_at"] or found_at
    return min(published_at, found_at)
