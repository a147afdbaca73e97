"""Which servers have a story already, from another source."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import DeliveryState
from bot.storage.batches import batches
from bot.storage.columns import EARLIEST, LATEST
from bot.storage.edits import owe_edits
from bot.storage.engine import insert_into
from bot.storage.recording import Recording
from bot.storage.schema import articles, coverage, deliveries, marks, subscriptions
from bot.updates.stories import WINDOW, Story, is_same_story
from bot.updates.traces import MarkKind

_AT_ONCE = 500
_MOST_FOUND = 2_000
"""Articles with one of the marks looked up together: a mark that so many have tells nothing."""

_TELLS_STORIES = (MarkKind.LINK, MarkKind.TITLE, MarkKind.REFERENCE, MarkKind.TEXT)
_ONE_AT_A_TIME = 7_267_338_912
"""Any number that no other program locks, but not the one of the migrations."""

_OWED_OR_HAD = (DeliveryState.PENDING, DeliveryState.GATHERED, DeliveryState.SENT, DeliveryState.SUMMED_UP)


@dataclass(slots=True)
class Told:
    """Who has which story. Grows while a transaction plans, so that two of its articles see each other."""

    same: Mapping[int, Sequence[int]]
    """Article to the earlier ones that tell its story."""
    guilds: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Article to the servers that got it or are owed it."""

    def of(self, article_id: int) -> set[int]:
        """Servers that have this article's story from another source."""
        return set().union(*(self.guilds[earlier] for earlier in self.same.get(article_id, ())))


async def find_told(connection: AsyncConnection, recordings: Collection[Recording]) -> Told:
    """Compare what is to be announced with what was lately, and note what is also covered by what."""
    stories = {story.article_id: story for each in recordings for story in _stories(each)}
    if not stories:
        return Told({})
    if connection.dialect.name == "postgresql":
        # Two processes that store one story at the same moment would not see each other's.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    others = await _lookalikes(connection, stories)
    same: dict[int, Sequence[int]] = {
        one.article_id: sorted(
            other.article_id for other in others if other.article_id < one.article_id and is_same_story(one, other)
        )
        for one in stories.values()
        if not _is_seeding(recordings, one.source_id)
    }
    same = {article_id: earlier for article_id, earlier in same.items() if earlier}
    if not same:
        return Told({})
    same = await _with_theirs(connection, same)
    pairs = [{"article_id": first, "also_id": later} for later, earlier in same.items() for first in earlier]
    await connection.execute(insert_into(connection, coverage).on_conflict_do_nothing(), pairs)
    at = max(each.update.progress.checked_at for each in recordings)
    firsts = {first for earlier in same.values() for first in earlier}
    await owe_edits(connection, firsts, at, following={stories[later].source_id for later in same})
    told = Told(same)
    rows = await connection.execute(
        select(deliveries.c.article_id, subscriptions.c.guild_id)
        .join(subscriptions)
        .where(
            deliveries.c.article_id.in_({each for earlier in same.values() for each in earlier}),
            deliveries.c.state.in_(_OWED_OR_HAD),
        )
        .distinct()
    )
    for article_id, guild_id in rows:
        told.guilds[article_id].add(guild_id)
    return told


async def forget_old_stories(connection: AsyncConnection, before: datetime) -> int:
    """Drop the marks that only serve to recognise stories, of articles from before this moment; how many."""
    old = select(articles.c.id).where(articles.c.id == marks.c.article_id, articles.c.sort_at < before)
    dropped = await connection.execute(
        delete(marks).where(marks.c.kind.in_((MarkKind.REFERENCE, MarkKind.TEXT)), old.exists())
    )
    return dropped.rowcount


def _stories(recording: Recording) -> Iterable[Story]:
    for article_id, each in recording.announced():
        at = each.article.published_at or recording.update.progress.checked_at
        yield Story(
            article_id,
            recording.update.source_id,
            each.article.title,
            min(at, recording.update.progress.checked_at),
            each.story,
            MarkKind.TEXT in each.story.values(),
        )


def _is_seeding(recordings: Iterable[Recording], source_id: int) -> bool:
    return any(each.update.seeding for each in recordings if each.update.source_id == source_id)


async def _lookalikes(connection: AsyncConnection, stories: Mapping[int, Story]) -> Sequence[Story]:
    """Articles of about the same time that share a mark, those of this transaction included."""
    wanted = sorted({mark for story in stories.values() for mark in story.marks})
    # Sources date articles at both ends of time, where no window can be opened any further.
    times = [min(max(each.at, EARLIEST + WINDOW), LATEST - WINDOW) for each in stories.values()]
    since, until = min(times) - WINDOW, max(times) + WINDOW
    found: dict[int, Story] = {}
    shared: dict[int, dict[int, MarkKind]] = defaultdict(dict)
    for batch in batches(wanted, _AT_ONCE):
        rows = await connection.execute(
            select(marks.c.mark, marks.c.kind, articles)
            .join(articles, articles.c.id == marks.c.article_id)
            .where(
                marks.c.mark.in_(batch),
                marks.c.kind.in_(_TELLS_STORIES),
                articles.c.sort_at.between(since, until),
            )
            .order_by(articles.c.id.desc())
            .limit(_MOST_FOUND)
        )
        for row in rows:
            shared[row.id][row.mark] = MarkKind(row.kind)
            found[row.id] = Story(row.id, row.source_id, row.title, row.sort_at, shared[row.id], row.sketch is not None)
    return list(found.values())


async def _with_theirs(connection: AsyncConnection, same: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
    """`same`, with the articles that those were found to be the same as before."""
    known = {each for earlier in same.values() for each in earlier}
    rows = await connection.execute(
        select(coverage.c.also_id, coverage.c.article_id).where(coverage.c.also_id.in_(known))
    )
    firsts: dict[int, set[int]] = defaultdict(set)
    for also_id, article_id in rows:
        firsts[also_id].add(article_id)
    return {
        article_id: sorted({*earlier, *(first for each in earlier for first in firsts[each])})
        for article_id, earlier in same.items()
    }
