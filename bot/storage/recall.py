"""Articles found again by what is left of them: their ids of later, their marks, their sketches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.batches import batches
from bot.storage.schema import articles, marks
from bot.updates.decider import Known
from bot.updates.traces import Clues, MarkKind, Sketch, Trace

_AT_ONCE = 500
_MOST_RECALLED = 2_000
"""Articles that one look at the marks may bring: a mark that more have tells nothing."""


def to_hex(sketch: Sketch) -> str | None:
    return "".join(f"{number:08x}" for number in sketch) or None


def _sketch(stored: str | None) -> Sketch:
    return tuple(int(stored[at : at + 8], 16) for at in range(0, len(stored), 8)) if stored else ()


async def known_by_alias(connection: AsyncConnection, source_id: int, aliases: Mapping[int, str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for batch in batches(list(aliases), _AT_ONCE):
        rows = await connection.execute(
            select(marks.c.mark, articles.c.id, articles.c.content_hash)
            .join(articles, articles.c.id == marks.c.article_id)
            .where(marks.c.mark.in_(batch), marks.c.source_id == source_id, marks.c.kind == MarkKind.IDENTITY)
            .order_by(articles.c.id.desc())
        )
        found |= {aliases[row.mark]: Known(row.id, row.content_hash) for row in rows}
    return found


async def with_marks(connection: AsyncConnection, source_id: int, wanted: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for batch in batches(wanted, _AT_ONCE):
        rows = await connection.execute(
            select(marks.c.article_id)
            .where(marks.c.mark.in_(batch), marks.c.source_id == source_id)
            .order_by(marks.c.article_id.desc())
            .limit(_MOST_RECALLED)
        )
        found.update(rows.scalars())
    return found


async def newest(connection: AsyncConnection, source_id: int, limit: int) -> Sequence[int]:
    rows = await connection.execute(
        select(articles.c.id)
        .where(articles.c.source_id == source_id)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return rows.scalars().all()


async def load_traces(connection: AsyncConnection, article_ids: Sequence[int]) -> Sequence[Trace]:
    traces = []
    columns = (articles.c.id, articles.c.identity, articles.c.content_hash, articles.c.title, articles.c.published_at)
    for batch in batches(article_ids, _AT_ONCE):
        by_kind: dict[int, dict[int, int]] = defaultdict(dict)
        for row in await connection.execute(select(marks).where(marks.c.article_id.in_(batch))):
            by_kind[row.article_id][row.kind] = row.mark
        for row in await connection.execute(select(*columns, articles.c.sketch).where(articles.c.id.in_(batch))):
            its = by_kind[row.id]
            clues = Clues(its.get(MarkKind.LINK), its.get(MarkKind.WORDS), its.get(MarkKind.TITLE), _sketch(row.sketch))
            traces.append(Trace(row.id, row.identity, row.content_hash, row.title, row.published_at, clues))
    return traces
