"""Articles found again under other ids, and what that takes."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.planner import plan_deliveries
from bot.models import Entry
from bot.storage.engine import reading
from bot.storage.schema import marks
from bot.updates.decider import Known
from bot.updates.traces import Clues, MarkKind, clues_of
from bot.updates.update import ChangedArticle, NewArticle, Update
from tests.storage.world import World, article


def clues(number: int) -> Clues:
    words = " ".join(f"mot{number * 100 + at}" for at in range(60))
    return clues_of(
        Entry(identity=str(number), title=f"Titre {number}", url=f"https://exemple.test/{number}", body=words)
    )


def new(number: int, *also: str) -> NewArticle:
    its = article(f"Titre {number}")
    return NewArticle(f"id {number}", f"hash {number}", its, announce=False, clues=clues(number), also=also)


async def test_an_article_is_recalled_by_each_of_its_marks_and_by_nothing_else(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    first, second = (await world.record(source, [new(1), new(2)])).article_ids
    await world.record(other, [new(1)])
    for _, mark in clues(1).marks():
        (trace,) = await world.archive.recall(source.id, marks={mark}, article_ids=(), recent=0)
        assert (trace.article_id, trace.identity, trace.content_hash) == (first, "id 1", "hash 1")
        assert trace.clues == clues(1)
    assert await world.archive.recall(source.id, marks={12345}, article_ids=(), recent=0) == []
    (trace,) = await world.archive.recall(source.id, marks=(), article_ids={second}, recent=0)
    assert trace.title == "Titre 2"


async def test_the_newest_are_recalled_where_nothing_points_to_one(world: World) -> None:
    source = await world.source()
    ids = (await world.record(source, [new(number) for number in range(5)])).article_ids
    recalled = await world.archive.recall(source.id, marks=(), article_ids=(), recent=2)
    assert [trace.article_id for trace in recalled] == list(ids[-2:])


async def test_thousands_of_marks_are_looked_up(world: World) -> None:
    source = await world.source()
    await world.record(source, [new(1)])
    wanted = {*range(5_000), *(mark for _, mark in clues(1).marks())}
    assert len(await world.archive.recall(source.id, marks=wanted, article_ids=(), recent=0)) == 1


async def test_an_article_is_known_under_the_ids_it_got_later(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    (article_id,) = (await world.record(source, [new(1, "twin")])).article_ids
    update = Update(source.id, (), (), world.progress(), aliases=((article_id, "later"),))
    await world.archive.record(update, plan_deliveries)
    known = Known(article_id, "hash 1")
    assert await world.archive.known(source.id, ["id 1", "later", "twin", "never"]) == {
        "id 1": known,
        "later": known,
        "twin": known,
    }
    assert await world.archive.known(other.id, ["later", "twin"]) == {}
    await world.archive.record(update, plan_deliveries)


async def test_a_changed_article_is_known_by_what_it_says_now(world: World) -> None:
    source = await world.source()
    (article_id,) = (await world.record(source, [new(1, "twin")])).article_ids
    changed = ChangedArticle(article_id, "other hash", article("Titre 9"), clues=clues(9))
    await world.record(source, changed=[changed])
    recalled = await world.archive.recall(
        source.id, marks={mark for _, mark in clues(9).marks()}, article_ids=(), recent=0
    )
    assert [trace.clues for trace in recalled] == [clues(9)]
    old = {mark for _, mark in clues(1).marks()}
    assert await world.archive.recall(source.id, marks=old, article_ids=(), recent=0) == []
    assert (await world.archive.known(source.id, ["twin"]))["twin"].article_id == article_id


async def test_an_article_without_text_has_no_sketch(world: World) -> None:
    source = await world.source()
    bare = NewArticle("a", "hash", article(), announce=False, clues=clues_of(Entry(identity="a", title="Titre")))
    await world.record(source, [bare])
    (trace,) = await world.archive.recall(source.id, marks=(), article_ids=(), recent=1)
    assert (trace.clues.sketch, trace.clues.link, trace.clues.words) == ((), None, None)


async def test_marks_go_with_their_kinds(world: World) -> None:
    source = await world.source()
    await world.record(source, [new(1, "twin")])
    async with reading(world.engine) as connection:
        kinds = (await connection.execute(select(marks.c.kind))).scalars().all()
    assert sorted(kinds) == [MarkKind.IDENTITY, MarkKind.LINK, MarkKind.WORDS, MarkKind.TITLE]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_find_the_same_article_store_it_once(
    open_one: Callable[[], Awaitable[AsyncEngine]],
) -> None:
    here, there = World(await open_one()), World(await open_one())
    source = await here.source()
    first = await here.record(source, [new(1)])
    second = await there.record(source, [new(1), new(2)])
    assert second.article_ids[0] == first.article_ids[0]
