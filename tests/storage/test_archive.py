"""Recording a check: articles, deliveries and progress, all or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.planner import plan_deliveries
from bot.errors import StorageError
from bot.models import Article, PlannedDelivery, Section, Subscription
from bot.storage.engine import reading
from bot.storage.schema import articles, deliveries, sections
from bot.updates.decider import Known
from bot.updates.update import ChangedArticle, Update
from tests.storage.world import CABIN, NOON, World, article, new


async def test_an_article_comes_back_as_it_was_stored(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    stored = article(published_at=NOON - timedelta(hours=1))
    (article_id,) = (await world.record(source, [new("a", stored)])).article_ids
    found = await world.library.article(CABIN, article_id)
    assert found is not None
    assert found.article == stored
    assert (found.source_id, found.source_title, found.found_at) == (source.id, "Le Flux", NOON)


async def test_new_articles_get_rising_ids_in_the_order_given(world: World) -> None:
    source = await world.source()
    identities = [f"entry {number}" for number in range(250)]
    recorded = await world.record(source, [new(identity) for identity in identities])
    assert list(recorded.article_ids) == sorted(set(recorded.article_ids))
    known = await world.archive.known(source.id, identities)
    assert [known[identity].article_id for identity in identities] == list(recorded.article_ids)


async def test_known_tells_only_of_this_source(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    (article_id,) = await world.publish(source, "a")
    assert await world.archive.known(source.id, ["a", "b"]) == {"a": Known(article_id, "hash of a")}
    assert await world.archive.known(other.id, ["a"]) == {}
    assert await world.archive.known(source.id, []) == {}


async def test_what_is_announced_is_owed_to_every_follower(world: World) -> None:
    source = await world.source()
    here, there = await world.follow(source, CABIN + 1), await world.follow(source, CABIN + 2)
    recorded = await world.record(source, [new("old", announce=False), new("a"), new("b")])
    assert recorded.deliveries == 4
    _, a, b = recorded.article_ids
    async with reading(world.engine) as connection:
        owed = await connection.execute(
            select(deliveries.c.article_id, deliveries.c.subscription_id).order_by(deliveries.c.id)
        )
        assert [tuple(row) for row in owed] == [(a, here.id), (a, there.id), (b, here.id), (b, there.id)]


async def test_the_plan_sees_the_followers_of_this_source_only(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    follower = await world.follow(source)
    gone = await world.follow(source, CABIN + 2)
    await world.follow(other, CABIN + 3)
    await world.register.unsubscribe(CABIN, gone.id)
    seen: list[Sequence[Subscription]] = []

    def plan(article_ids: Sequence[int], subscriptions: Sequence[Subscription]) -> Sequence[PlannedDelivery]:
        seen.append(subscriptions)
        return []

    await world.archive.record(Update(source.id, (new("a"),), (), world.progress()), plan)
    assert seen == [[follower]]


async def test_recording_the_same_check_twice_changes_nothing(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    first = await world.record(source, [new("a"), new("b")])
    second = await world.record(source, [new("a"), new("c"), new("b")])
    assert first.deliveries == 2
    assert second.deliveries == 1
    assert (second.article_ids[0], second.article_ids[2]) == first.article_ids
    assert second.article_ids[1] > max(first.article_ids)


async def test_an_identity_listed_twice_is_one_article(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    recorded = await world.record(source, [new("a", article("Première")), new("a", article("Seconde"))])
    assert recorded.deliveries == 1
    assert len(set(recorded.article_ids)) == 1
    found = await world.library.article(CABIN, recorded.article_ids[0])
    assert found is not None
    assert found.article.title == "Première"


async def test_a_changed_article_keeps_its_id_and_place(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    world.now += timedelta(days=1)
    corrected = Article(
        title="Corrigé", language="fr", sections=(Section(kind="summary", paragraphs=()),), published_at=world.now
    )
    await world.record(source, changed=[ChangedArticle(article_id, "new hash", corrected)])
    found = await world.library.article(CABIN, article_id)
    assert found is not None
    assert (found.article, found.found_at) == (corrected, NOON)
    assert (await world.archive.known(source.id, ["a"]))["a"] == Known(article_id, "new hash")
    async with reading(world.engine) as connection:
        assert (await connection.execute(select(articles.c.sort_at))).scalar() == NOON


async def test_a_source_cannot_change_the_article_of_another(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    await world.record(other, changed=[ChangedArticle(article_id, "forged", article("Falsifié"))])
    found = await world.library.article(CABIN, article_id)
    assert found is not None
    assert found.article.title == "Article a"


async def test_progress_is_stored_with_the_articles(world: World) -> None:
    source = await world.source(title=None)
    await world.register.add_source(source.url, source.kind, title=None, now=world.now)
    progress = world.progress(etag='"1"', last_modified="Mon", title="Titre", home_url="https://x.test", language="fr")
    await world.archive.record(Update(source.id, (), (), progress), plan_deliveries)
    stored = await world.reload(source)
    assert (stored.etag, stored.last_modified, stored.title) == ('"1"', "Mon", "Titre")
    assert (stored.home_url, stored.language) == ("https://x.test", "fr")
    assert stored.seeded_at == stored.last_checked_at == stored.last_success_at == NOON
    assert stored.next_check_at == progress.next_check_at
    world.now += timedelta(hours=1)
    await world.record(source)
    later = await world.reload(source)
    assert (later.title, later.home_url, later.language, later.etag) == ("Titre", "https://x.test", "fr", None)
    assert (later.seeded_at, later.last_success_at) == (NOON, world.now)


async def test_failures_count_until_a_success_and_stay_as_history(world: World) -> None:
    source = await world.source()
    for _ in range(2):
        await world.archive.record_failure(source.id, failed_at=NOON, next_check_at=NOON, reason="dns")
    failing = await world.reload(source)
    assert (failing.failures, failing.last_failure, failing.last_failure_at) == (2, "dns", NOON)
    assert failing.last_success_at is None
    await world.record(source)
    well = await world.reload(source)
    assert (well.failures, well.last_failure, well.last_failure_at) == (0, "dns", NOON)


async def test_when_the_plan_fails_nothing_is_stored(world: World) -> None:
    source = await world.source()
    await world.follow(source)

    def plan(*_: object) -> Sequence[PlannedDelivery]:
        raise RuntimeError("no plan")

    with pytest.raises(RuntimeError):
        await world.archive.record(Update(source.id, (new("a"),), (), world.progress(etag="x")), plan)
    assert await world.archive.known(source.id, ["a"]) == {}
    assert (await world.reload(source)).etag is None
    async with reading(world.engine) as connection:
        assert (await connection.execute(select(func.count()).select_from(sections))).scalar() == 0


async def test_a_source_that_is_not_stored_is_refused(world: World) -> None:
    with pytest.raises(StorageError, match="404"):
        await world.archive.record(Update(404, (new("a"),), (), world.progress()), plan_deliveries)


async def test_two_processes_recording_one_source_duplicate_nothing(
    open_one: Callable[[], Awaitable[AsyncEngine]],
) -> None:
    one, two = World(await open_one()), World(await open_one())
    source = await one.source()
    await one.follow(source)
    identities = [f"entry {number}" for number in range(120)]
    recorded = await asyncio.gather(*(each.publish(source, *identities) for each in (one, two) * 3))
    assert len(set(recorded)) == 1
    async with reading(one.engine) as connection:
        for table in (articles, deliveries):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar() == 120
        assert (await connection.execute(select(func.count()).select_from(sections))).scalar() == 240


async def test_hostile_text_is_kept_as_far_as_engines_can(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    identity = "\0\ud800" + "é" * 50_000
    hostile = article("NUL \0 and half a pair \ud83d").model_copy(
        update={
            "categories": ("\udc00",),
            "sections": (
                Section(
                    kind="other",
                    paragraphs=(article().sections[0].paragraphs[0].model_copy(update={"text": "Le \ud800résumé\0"}),),
                ),
            ),
        }
    )
    (article_id,) = (await world.record(source, [new(identity, hostile)])).article_ids
    assert (await world.archive.known(source.id, [identity]))[identity].article_id == article_id
    found = await world.library.article(CABIN, article_id)
    assert found is not None
    assert found.article.title == "NUL � and half a pair �"
    assert found.article.categories == ("�",)
    assert len(found.article.sections[0].paragraphs[0].text) == len("Le \ud800résumé\0")


async def test_absurd_dates_are_brought_within_reach(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    ends = [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.fromisoformat("0001-01-01T00:00+14:00"),
    ]
    recorded = await world.record(source, [new(str(at), article(published_at=at)) for at in ends])
    for article_id in recorded.article_ids:
        found = await world.library.article(CABIN, article_id)
        assert found is not None
        assert found.article.published_at is not None
        assert found.article.published_at.astimezone().year in (1, 9999)


async def test_the_event_loop_runs_while_many_articles_are_stored(world: World) -> None:
    source = await world.source()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await world.record(source, [new(str(number)) for number in range(1_000)])
    ticking.cancel()
    assert ticks > 3 * 1_000 / 50
