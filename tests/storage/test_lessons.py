"""What moderators teach: where it is learnt from, and for whom it is kept."""

from dataclasses import replace

from bot.articles.corrections import Label, labels_of
from bot.articles.habits import MOST_ARTICLES
from bot.models import Article, Paragraph, Section
from bot.storage.lessons import MOST_SERVERS
from bot.updates.update import ChangedArticle
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World, article, new


def text(*texts: str) -> Article:
    sections = (Section(kind="summary", paragraphs=tuple(Paragraph(text=each) for each in texts)),)
    return article("Titre").model_copy(update={"sections": sections})


def saying(its: Article, kind: str) -> dict[str, Label]:
    return {mark: Label(kind) for mark in labels_of(its)}


async def followed(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)


async def kinds(world: World, guild_id: int, article_id: int) -> list[str]:
    stored = await world.library.article(guild_id, article_id)
    assert stored is not None
    return [section.kind for section in stored.article.sections]


async def test_each_server_teaches_by_itself_the_last_corrected_first(world: World) -> None:
    await followed(world)
    source = await world.source()
    one, two = (await world.record(source, [new("a", text("un")), new("b", text("deux"))])).article_ids
    await world.corrections.save(CABIN, 7, one, saying(text("un"), "neutral"), now=world.now)
    await world.corrections.save(CABIN, 7, two, saying(text("deux"), "analogy"), now=world.now + MINUTE)
    await world.corrections.save(OTHER_CABIN, 8, one, saying(text("un"), "pessimistic"), now=world.now)
    lessons = await world.lessons.of_source(source.id)
    assert {guild: [each.sections[0].kind for each in articles] for guild, articles in lessons.items()} == {
        CABIN: ["analogy", "neutral"],
        OTHER_CABIN: ["pessimistic"],
    }
    assert await world.lessons.of_source(source.id + 1) == {}


async def test_lessons_are_bounded(world: World) -> None:
    source = await world.source()
    articles = [new(str(number), text(f"n{number}")) for number in range(MOST_ARTICLES + 3)]
    ids = (await world.record(source, articles)).article_ids
    for number, article_id in enumerate(ids):
        said = saying(text(f"n{number}"), "neutral")
        await world.corrections.save(CABIN, 7, article_id, said, now=world.now + number * MINUTE)
    for guild in range(MOST_SERVERS + 2):
        await world.corrections.save(10 + guild, 7, ids[0], saying(text("n0"), "neutral"), now=world.now - MINUTE)
    lessons = await world.lessons.of_source(source.id)
    assert len(lessons) == MOST_SERVERS
    assert len(lessons[CABIN]) == MOST_ARTICLES
    assert lessons[CABIN][0].sections[0].paragraphs[0].text == f"n{len(ids) - 1}"


async def test_what_was_learnt_is_kept_for_its_server_with_the_article(world: World) -> None:
    await followed(world)
    source = await world.source()
    its = text("un")
    found = replace(new("a", its), learnt={CABIN: saying(its, "optimistic")})
    (article_id,) = (await world.record(source, [found])).article_ids
    assert await kinds(world, CABIN, article_id) == ["optimistic"]
    assert await kinds(world, OTHER_CABIN, article_id) == ["summary"]
    assert await world.lessons.of_source(source.id) == {}
    posted = {each.subscription.guild_id: each.article.article.sections[0].kind for each in await world.claim()}
    assert posted == {CABIN: "optimistic", OTHER_CABIN: "summary"}


async def test_a_change_is_read_anew_and_never_over_a_moderator(world: World) -> None:
    await followed(world)
    source = await world.source()
    its = text("un")
    learnt = {CABIN: saying(its, "optimistic"), OTHER_CABIN: saying(its, "optimistic")}
    (article_id,) = (await world.record(source, [replace(new("a", its), learnt=learnt)])).article_ids
    await world.corrections.save(OTHER_CABIN, 8, article_id, saying(its, "pessimistic"), now=world.now)
    changed = text("un", "deux")
    again = {CABIN: saying(changed, "neutral"), OTHER_CABIN: saying(changed, "neutral")}
    await world.record(source, changed=[ChangedArticle(article_id, "h2", changed, learnt=again)])
    assert await kinds(world, CABIN, article_id) == ["neutral"]
    assert await kinds(world, OTHER_CABIN, article_id) == ["pessimistic"]
    await world.record(source, changed=[ChangedArticle(article_id, "h3", text("un", "trois"))])
    assert await kinds(world, CABIN, article_id) == ["summary"]


async def test_an_article_that_was_there_already_is_left_as_it_is(world: World) -> None:
    await followed(world)
    source = await world.source()
    its = text("un")
    (article_id,) = (await world.record(source, [new("a", its)])).article_ids
    await world.record(source, [replace(new("a", its), learnt={CABIN: saying(its, "optimistic")})])
    assert await kinds(world, CABIN, article_id) == ["summary"]
