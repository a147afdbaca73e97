"""One story from two sources: told once in a server, and remembered."""

from datetime import timedelta

from sqlalchemy import func, select

from bot.delivery.dispatcher import Posted
from bot.models import Source, Telling
from bot.storage.engine import reading
from bot.storage.schema import coverage, marks
from bot.updates.stories import story_marks
from bot.updates.traces import Clues, sketch_of
from bot.updates.update import NewArticle, Update
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World, article

WORDS = " ".join(f"mot{at * at % 997}" for at in range(120))


def telling(identity: str, *, text: str = WORDS, url: str = "https://un.test/a", **changes: object) -> NewArticle:
    its = article(f"Titre {identity}").model_copy(update={"url": url, "reference_url": None, **changes})
    sketch = sketch_of(text)
    clues = Clues(link=None, words=None, title=None, sketch=sketch)
    return NewArticle(identity, f"hash {identity}", its, announce=True, clues=clues, story=story_marks(its, sketch))


async def two_sources(world: World) -> tuple[Source, Source]:
    return await world.source("https://un.test/flux", "Un"), await world.source("https://deux.test/flux", "Deux")


async def covered(world: World) -> list[tuple[int, int]]:
    async with reading(world.engine) as connection:
        rows = await connection.execute(select(coverage.c.article_id, coverage.c.also_id).order_by(coverage.c.also_id))
        return [tuple(row) for row in rows]


async def test_a_server_gets_a_story_once_and_the_first_telling_remembers_the_other(world: World) -> None:
    one, two = await two_sources(world)
    for source, channel_id in ((one, CABIN + 1), (two, CABIN + 2)):
        await world.follow(source, channel_id)
    first = await world.record(one, [telling("a")])
    second = await world.record(two, [telling("b", url="https://deux.test/b")])
    assert (first.deliveries, second.deliveries) == (1, 0)
    assert await covered(world) == [(first.article_ids[0], second.article_ids[0])]


async def test_a_server_that_follows_only_the_second_source_gets_it_from_there(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    await world.follow(two, OTHER_CABIN + 1, OTHER_CABIN)
    await world.record(one, [telling("a")])
    assert (await world.record(two, [telling("b", url="https://deux.test/b")])).deliveries == 1
    (claimed,) = [each for each in await world.claim() if each.subscription.guild_id == OTHER_CABIN]
    assert claimed.article.article.title == "Titre b"


async def test_the_same_page_in_two_feeds_of_a_site_is_one_story(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    await world.record(one, [telling("a", text="")])
    again = telling("b", text="", url="http://www.un.test/a/?utm_source=rss")
    assert (await world.record(two, [again])).deliveries == 0


async def test_two_articles_about_one_text_are_one_story(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    about = {"reference_url": "https://journal.test/2026/enquete"}
    await world.record(one, [telling("a", text="", **about)])
    assert (await world.record(two, [telling("b", text="", url="https://deux.test/b", **about)])).deliveries == 0


async def test_two_comments_on_one_text_are_two_stories(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    about = {"reference_url": "https://journal.test/2026/enquete"}
    await world.record(one, [telling("a", **about)])
    other = telling("b", text=" ".join(f"autre{at}" for at in range(120)), url="https://deux.test/b", **about)
    assert (await world.record(two, [other])).deliveries == 1
    assert await covered(world) == []


async def test_the_post_of_a_story_is_edited_to_name_who_else_tells_it(world: World) -> None:
    one, two = await two_sources(world)
    for source, channel_id, guild_id in (
        (one, CABIN + 1, CABIN),
        (two, CABIN + 2, CABIN),
        (one, OTHER_CABIN + 1, OTHER_CABIN),
    ):
        await world.follow(source, channel_id, guild_id)
    await world.record(one, [telling("a")])
    claimed = await world.claim()
    assert [each.article.also_in for each in claimed] == [(), ()]
    for number, each in enumerate(claimed):
        await world.outbox.mark_sent(each.delivery, posted=Posted(900 + number), sent_at=world.now)
    await world.record(two, [telling("b", url="https://deux.test/b")])
    (edit,) = await world.edits.claim(now=world.now, lease=MINUTE, limit=10)
    assert edit.claimed.subscription.guild_id == CABIN
    assert edit.claimed.article.also_in == (Telling(source_title="Deux", url="https://deux.test/b"),)
    here = await world.library.article(CABIN, edit.claimed.article.id)
    elsewhere = await world.library.article(OTHER_CABIN, edit.claimed.article.id)
    assert here is not None
    assert elsewhere is not None
    assert (len(here.also_in), len(elsewhere.also_in)) == (1, 0)


async def test_other_words_about_something_else_are_another_story(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    await world.record(one, [telling("a")])
    other = telling("b", text=" ".join(f"autre{at}" for at in range(120)), url="https://deux.test/b")
    assert (await world.record(two, [other])).deliveries == 1
    assert await covered(world) == []


async def test_a_source_repeats_itself_as_it_likes(world: World) -> None:
    one, _ = await two_sources(world)
    await world.follow(one)
    assert (await world.record(one, [telling("a"), telling("b", url="https://un.test/b")])).deliveries == 2


async def test_a_rerun_is_news_where_it_was_never_posted_lately(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    await world.record(one, [telling("a", published_at=world.now)])
    world.now += timedelta(days=4)
    rerun = telling("b", url="https://deux.test/b", published_at=world.now)
    assert (await world.record(two, [rerun])).deliveries == 1


async def test_a_third_telling_is_of_the_same_story(world: World) -> None:
    one, two = await two_sources(world)
    three = await world.source("https://trois.test/flux", "Trois")
    for source in (one, two, three):
        await world.follow(source)
    half = WORDS.rpartition(" mot")[0]
    await world.record(one, [telling("a")])
    await world.record(two, [telling("b", text=half, url="https://deux.test/b")])
    third = await world.record(three, [telling("c", text=half, url="https://trois.test/c")])
    assert third.deliveries == 0
    assert len(await covered(world)) == 3


async def test_a_source_that_was_just_added_shows_its_newest_all_the_same(world: World) -> None:
    one, two = await two_sources(world)
    await world.follow(one)
    await world.follow(two)
    await world.record(one, [telling("a")])
    update = Update(two.id, (telling("b", url="https://deux.test/b"),), (), world.progress(), seeding=True)
    assert (await world.record_update(update)).deliveries == 1


async def test_marks_of_old_stories_are_forgotten(world: World) -> None:
    one, _ = await two_sources(world)
    await world.record(one, [telling("a", published_at=world.now)])
    assert await world.archive.forget_old_stories(world.now - MINUTE) == 0
    assert await world.archive.forget_old_stories(world.now + MINUTE) == 8
    async with reading(world.engine) as connection:
        assert (await connection.execute(select(func.count()).select_from(marks))).scalar() == 2
