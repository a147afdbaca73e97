"""What moderators say of an article, kept for their server and for it alone."""

from datetime import timedelta

from bot.articles.corrections import Label, labels_of
from bot.storage.corrections import DRAFTS_KEPT
from bot.storage.engine import writing
from bot.storage.labels import keep_labels
from tests.storage.world import CABIN, OTHER_CABIN, World

SIMONE, ALINE = 7, 8


async def published(world: World) -> int:
    source = await world.source()
    await world.follow(source)
    await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    (article_id,) = await world.publish(source, "a")
    return article_id


async def marks(world: World, article_id: int) -> list[str]:
    original = await world.corrections.original(CABIN, article_id)
    assert original is not None
    return list(labels_of(original.article.article))


async def kinds(world: World, guild_id: int, article_id: int) -> list[str]:
    article = await world.library.article(guild_id, article_id)
    assert article is not None
    return [section.kind for section in article.article.sections]


async def test_a_correction_is_seen_in_its_server_only(world: World) -> None:
    article_id = await published(world)
    first, second, third = await marks(world, article_id)
    labels = {first: Label("summary"), second: Label("optimistic"), third: Label("local")}
    await world.corrections.save(CABIN, SIMONE, article_id, labels, now=world.now)
    assert await kinds(world, CABIN, article_id) == ["summary", "optimistic", "local"]
    assert await kinds(world, OTHER_CABIN, article_id) == ["summary", "analogy"]
    newest = await world.library.newest_in_server(CABIN)
    assert newest is not None
    assert newest.article.section("local") is not None
    channel = await world.library.newest_in_channel(OTHER_CABIN, OTHER_CABIN + 1)
    assert channel is not None
    assert channel.article.section("local") is None


async def test_what_is_posted_afterwards_is_what_moderators_said(world: World) -> None:
    article_id = await published(world)
    labels = {mark: Label("pessimistic") for mark in await marks(world, article_id)}
    await world.corrections.save(CABIN, SIMONE, article_id, labels, now=world.now)
    posted = {each.subscription.guild_id: each.article.article for each in await world.claim()}
    assert [section.kind for section in posted[CABIN].sections] == ["pessimistic"]
    assert [section.kind for section in posted[OTHER_CABIN].sections] == ["summary", "analogy"]


async def test_the_original_stays_what_the_labeller_found(world: World) -> None:
    article_id = await published(world)
    labels = {mark: Label("other") for mark in await marks(world, article_id)}
    await world.corrections.save(CABIN, SIMONE, article_id, labels, now=world.now)
    original = await world.corrections.original(CABIN, article_id)
    assert original is not None
    assert [section.kind for section in original.article.article.sections] == ["summary", "analogy"]
    assert original.labels == labels
    assert await world.corrections.original(CABIN, 10**6) is None


async def test_saving_again_replaces(world: World) -> None:
    article_id = await published(world)
    for kind in ("neutral", "optimistic"):
        labels = {mark: Label(kind) for mark in await marks(world, article_id)}
        await world.corrections.save(CABIN, SIMONE, article_id, labels, now=world.now)
    assert await kinds(world, CABIN, article_id) == ["optimistic"]


async def test_what_was_learnt_never_replaces_what_a_moderator_said(world: World) -> None:
    article_id = await published(world)
    said = {mark: Label("neutral") for mark in await marks(world, article_id)}
    learnt = {mark: Label("pessimistic", 0.9) for mark in said}
    await world.corrections.save(CABIN, SIMONE, article_id, said, now=world.now)
    async with writing(world.engine) as connection:
        both = {(article_id, CABIN): learnt, (article_id, OTHER_CABIN): learnt}
        await keep_labels(connection, 1, both, by_hand=False, at=world.now)
    assert await kinds(world, CABIN, article_id) == ["neutral"]
    assert await kinds(world, OTHER_CABIN, article_id) == ["pessimistic"]
    await world.corrections.save(OTHER_CABIN, ALINE, article_id, said, now=world.now)
    assert await kinds(world, OTHER_CABIN, article_id) == ["neutral"]


async def test_drafts_are_each_moderator_s_own(world: World) -> None:
    article_id = await published(world)
    assert await world.corrections.draft(CABIN, SIMONE, article_id) == {}
    await world.corrections.choose(CABIN, SIMONE, article_id, {"a": "neutral"}, now=world.now)
    mine = await world.corrections.choose(CABIN, SIMONE, article_id, {"b": "other"}, now=world.now)
    await world.corrections.choose(CABIN, ALINE, article_id, {"a": "optimistic"}, now=world.now)
    assert mine == await world.corrections.draft(CABIN, SIMONE, article_id) == {"a": "neutral", "b": "other"}
    assert await world.corrections.draft(CABIN, ALINE, article_id) == {"a": "optimistic"}
    assert await world.corrections.draft(OTHER_CABIN, SIMONE, article_id) == {}
    await world.corrections.drop_draft(CABIN, SIMONE, article_id)
    assert await world.corrections.draft(CABIN, SIMONE, article_id) == {}
    assert await world.corrections.draft(CABIN, ALINE, article_id) == {"a": "optimistic"}


async def test_saving_ends_the_draft_and_time_ends_forgotten_ones(world: World) -> None:
    article_id = await published(world)
    await world.corrections.choose(CABIN, SIMONE, article_id, {"a": "neutral"}, now=world.now)
    await world.corrections.choose(CABIN, ALINE, article_id, {"a": "neutral"}, now=world.now)
    await world.corrections.save(CABIN, SIMONE, article_id, {}, now=world.now)
    assert await world.corrections.draft(CABIN, SIMONE, article_id) == {}
    later = world.now + DRAFTS_KEPT + timedelta(seconds=1)
    await world.corrections.choose(CABIN, SIMONE, article_id, {"b": "other"}, now=later)
    assert await world.corrections.draft(CABIN, ALINE, article_id) == {}
    assert await world.corrections.draft(CABIN, SIMONE, article_id) == {"b": "other"}
