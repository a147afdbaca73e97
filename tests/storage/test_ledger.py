"""What the archive can tell of an article's way, on both databases."""

from dataclasses import replace
from datetime import timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text, update

from bot.articles.filters import Filter
from bot.delivery.preferences import Preferences, stored
from bot.delivery.stages import Place, Retracted, follow
from bot.explaining import Explaining, Missing, Walk
from bot.models import Retraction, Source, StoredArticle, Subscription, SubscriptionState
from bot.reading import Place as Asked
from bot.reading import Reading
from bot.storage import migrations
from bot.storage.engine import open_engine, reading, writing
from bot.storage.ledger import Ledger
from bot.storage.library import Library
from bot.storage.migrations import migrate
from bot.storage.rows import load_articles
from bot.storage.schema import articles, subscriptions
from bot.updates.update import Update
from tests.storage.test_stories import telling
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World, article, new

HERE, THERE = CABIN + 1, CABIN + 2


def explaining(world: World) -> Explaining:
    library = Library(world.engine, retracted_too=True)
    return Explaining(Reading(library), library, Ledger(world.engine), world.register.followed, now=lambda: world.now)


async def why(world: World, wanted: str | int, guild_id: int = CABIN, channel_id: int = HERE) -> Walk:
    wanted = wanted if isinstance(wanted, str) else f"#{wanted}"
    found = await explaining(world).why(Asked(guild_id, (channel_id,)), wanted)
    assert isinstance(found, Walk)
    return found


async def ends(world: World, article_id: int) -> dict[int, str]:
    """By channel, the stage that it came to."""
    walk = await why(world, article_id)
    return {each.subscription.channel_id: each.steps[-1].key for each in walk.accounts}


async def published(world: World, *identities: str, channels: tuple[int, ...] = (HERE,)) -> tuple[Source, list[int]]:
    source = await world.source()
    for channel_id in channels:
        await world.follow(source, channel_id)
    world.now += MINUTE
    return source, list(await world.publish(source, *(identities or ("a",))))


async def set_up(world: World, subscription_id: int, **values: object) -> None:
    async with writing(world.engine) as connection:
        await connection.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(**values))


async def test_an_article_is_walked_from_its_source_to_its_message(world: World) -> None:
    _, (article_id,) = await published(world, channels=(HERE, THERE))
    (first,) = await world.claim(1)
    world.now += MINUTE
    await world.send(first)
    walk = await why(world, article_id)
    assert [each.key for each in walk.steps] == ["fetched", "new", "understood"]
    assert [each.sign for each in walk.accounts] == ["done", "waits"]
    sent, waits = walk.accounts
    assert [each.key for each in sent.steps] == ["passed", "planned", "was_due", "sent", "message"]
    assert sent.steps[-1].params["message"] == Place(HERE, first.delivery.id + 5 * 10**18)
    assert sent.steps[-1].params["when"] == world.now
    assert [each.key for each in waits.steps] == ["passed", "planned", "due"]
    assert [(each.outcome, each.at) for each in sent.tries] == [("sent", world.now)]


async def test_where_one_asks_comes_first_and_what_needs_somebody_before_the_rest(world: World) -> None:
    source, (article_id,) = await published(world, channels=(HERE, THERE, CABIN + 3))
    (first,) = await world.claim(1)
    await world.send(first)
    async with reading(world.engine) as connection:
        ids = (await connection.execute(select(subscriptions.c.id).order_by(subscriptions.c.id))).scalars().all()
    await set_up(world, ids[2], state=SubscriptionState.PAUSED)
    walk = await why(world, article_id, channel_id=THERE)
    assert [each.subscription.channel_id for each in walk.accounts] == [THERE, CABIN + 3, HERE]
    assert len(await Ledger(world.engine).followers(OTHER_CABIN, walk.article)) == 0
    assert source.id == walk.article.source_id


async def test_failed_tries_are_told_with_what_was_wrong(world: World) -> None:
    _, (article_id,) = await published(world)
    for number in range(8):
        (claimed,) = await world.claim()
        await world.postpone(claimed, MINUTE, attempts=number + 1)
        assert await ends(world, article_id) == {HERE: "retrying"}
        world.now += MINUTE
    (account,) = (await why(world, article_id)).accounts
    assert [each.outcome for each in account.tries] == ["postponed"] * 5
    assert account.tries[-1].at == world.now - MINUTE
    (claimed,) = await world.claim()
    assert await ends(world, article_id) == {HERE: "sending"}
    await world.give_up(claimed, "503 from Discord")
    (account,) = (await why(world, article_id)).accounts
    assert account.steps[-1].key == "given_up"
    assert account.steps[-1].params == {"when": world.now, "n": 24, "error": "503 from Discord"}


async def test_a_queue_says_how_many_are_ahead(world: World) -> None:
    _, ids = await published(world, "a", "b", "c")
    walk = await why(world, ids[-1])
    assert walk.accounts[0].steps[-1].params["n"] == 2
    assert await ends(world, ids[0]) == {HERE: "due"}


async def test_what_was_never_owed_says_why(world: World) -> None:
    source = await world.source()
    await world.follow(source, HERE)
    seeding = replace(world.progress(), seeded=True)
    recorded = await world.record_update(
        Update(source.id, (new("old", announce=False), new("newest")), (), seeding, seeding=True)
    )
    old, newest = recorded.article_ids
    assert [each.key for each in (await why(world, old)).steps] == ["fetched", "seeded", "understood"]
    assert await ends(world, old) == {HERE: "not_news"}
    assert await ends(world, newest) == {HERE: "due"}
    world.now += MINUTE
    (archive,) = (await world.record(source, [new("archive", announce=False)])).article_ids
    assert [each.key for each in (await why(world, archive)).steps] == ["fetched", "archive", "understood"]
    late = await world.follow(source, THERE)
    assert await ends(world, old) == {HERE: "not_news", THERE: "before"}
    world.now += MINUTE
    await world.register.pause(CABIN, late.id)
    (paused,) = (await world.record(source, [new("paused")])).article_ids
    assert (await ends(world, paused))[THERE] == "paused_then"


async def test_a_channel_that_came_late_says_so(world: World) -> None:
    source, (article_id,) = await published(world)
    world.now += MINUTE
    late = await world.follow(source, THERE)
    assert (await ends(world, article_id))[THERE] == "before"
    await world.register.announce_newest(late.id, world.now)
    walk = await why(world, article_id, channel_id=THERE)
    assert [each.key for each in walk.accounts[0].steps] == ["passed", "planned_later", "due"]


async def test_a_story_that_the_server_had_already_leads_to_its_message(world: World) -> None:
    one, two = await world.source("https://un.test/flux", "Un"), await world.source("https://deux.test/flux", "Deux")
    await world.follow(one, HERE)
    await world.follow(two, THERE)
    world.now += MINUTE
    await world.record(one, [telling("a")])
    (second,) = (await world.record(two, [telling("b", url="https://deux.test/b")])).article_ids
    assert await ends(world, second) == {THERE: "told_elsewhere"}
    await world.send_all()
    step = (await why(world, second)).accounts[0].steps[-1]
    assert step.key == "told"
    assert (step.params["title"], step.params["source"]) == ("Titre a", "Un")
    assert isinstance(step.params["message"], Place)
    assert step.params["message"].channel_id == HERE


async def test_a_filter_is_named(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source, HERE)
    never = Filter(mode="exclude", words="frites")
    await set_up(world, subscription.id, preferences=stored(Preferences(filters=(never,))))
    world.now += MINUTE
    (article_id,) = (await world.record(source, [new("a", article("Frites"))])).article_ids
    (account,) = (await why(world, article_id)).accounts
    assert [each.key for each in account.steps] == ["filtered"]
    assert account.steps[0].params == {"when": world.now, "filters": (never,)}


async def test_holds_and_lost_channels_are_told(world: World) -> None:
    _, (article_id,) = await published(world)
    (claimed,) = await world.claim()
    subscription: Subscription = claimed.subscription
    await world.outbox.release(claimed.delivery)
    later = world.now + timedelta(hours=3)
    for reason in ("hours", "cap", "digest"):
        await set_up(world, subscription.id, held_until=later, held_reason=reason)
        (account,) = (await why(world, article_id)).accounts
        assert account.steps[-1].key == f"held_{reason}"
        assert account.steps[-1].params == {"when": later}
    await set_up(world, subscription.id, held_until=None, held_reason=None)
    await world.suspend(claimed, "suspended.no_access")
    step = (await why(world, article_id)).accounts[0].steps[-1]
    assert (step.key, step.params["when"]) == ("suspended", world.now)


async def test_retracted_deleted_and_unfollowed_articles_are_told(world: World) -> None:
    source, (sent, owed) = await published(world, "a", "b")
    (claimed,) = await world.claim(1)
    await world.send(claimed)
    for each in (sent, owed):
        await world.desk.retract(CABIN, 7, each, Retraction.DELETE, now=world.now)
    assert [each.key for each in (await why(world, sent)).steps][-1] == "retracted_deleted"
    assert await ends(world, sent) == {HERE: "edit_due"}
    assert await ends(world, owed) == {HERE: "retracted_before"}
    (edit,) = await world.edits.claim(now=world.now, lease=MINUTE, limit=5)
    await world.edits.gone(edit, at=world.now)
    assert await ends(world, sent) == {HERE: "message_retracted"}
    (third,) = await world.publish(source, "c")
    (followed,) = await world.register.followed(CABIN)
    await world.register.unsubscribe(CABIN, followed.subscription.id)
    walk = await why(world, sent)
    assert [each.key for each in walk.accounts[0].steps][-1] == "message_retracted"
    arrival = await Ledger(world.engine).arrival(CABIN, await whole(world, third))
    (gone,) = await Ledger(world.engine).followers(CABIN, await whole(world, third))
    assert follow(arrival, gone, world.now)[-1].key == "unfollowed"


async def whole(world: World, article_id: int) -> StoredArticle:
    async with reading(world.engine) as connection:
        return (await load_articles(connection, [article_id]))[article_id]


async def test_what_was_summed_up_leads_to_the_message_that_counts_it(world: World) -> None:
    _, ids = await published(world, *(f"a{number}" for number in range(12)))
    await world.suspensions.catch_up()
    step = (await why(world, ids[0])).accounts[0].steps[-1]
    assert (step.key, step.params["message"]) == ("summed_up", Place(HERE))


async def test_corrections_by_hand_are_told_and_those_of_other_servers_are_not(world: World) -> None:
    _, (article_id,) = await published(world)
    await world.corrections.save(CABIN, 7, article_id, {}, now=world.now)
    arrival = await Ledger(world.engine).arrival(CABIN, await whole(world, article_id))
    assert arrival.corrected_at == world.now
    assert (await Ledger(world.engine).arrival(OTHER_CABIN, arrival.article)).corrected_at is None
    await world.desk.retract(CABIN, 7, article_id, Retraction.STRIKE, now=world.now)
    arrival = await Ledger(world.engine).arrival(CABIN, arrival.article)
    assert arrival.retracted == Retracted(world.now, deletes=False)


async def test_an_article_is_found_by_its_address_and_by_that_of_its_message(world: World) -> None:
    source = await world.source("https://un.test/flux", "Un")
    await world.follow(source, HERE)
    (article_id,) = (await world.record(source, [telling("a")])).article_ids
    (claimed,) = await world.claim()
    await world.send(claimed)
    assert (await why(world, "http://www.un.test/a/?utm_source=x")).article.id == article_id
    for wanted, title in (("https://un.test/autre", True), ("https://ailleurs.test/x", False), ("introuvable", False)):
        missing = await explaining(world).why(Asked(CABIN, (HERE,)), wanted)
        assert isinstance(missing, Missing)
        assert missing.from_host is title
        assert [each.followed.source.title for each in missing.sources] == ["Un"]
    elsewhere = await explaining(world).why(Asked(OTHER_CABIN, ()), "https://un.test/a")
    assert isinstance(elsewhere, Missing)
    assert elsewhere.sources == ()


async def test_the_servers_are_those_that_follow_something(world: World) -> None:
    assert await Ledger(world.engine).servers() == []
    source = await world.source()
    await world.follow(source)
    other = await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    assert await Ledger(world.engine).servers() == [CABIN, OTHER_CABIN]
    await world.register.unsubscribe(OTHER_CABIN, other.id)
    assert await Ledger(world.engine).servers() == [CABIN]


async def test_articles_from_before_are_kept_and_nothing_is_claimed_of_them(database_url: str) -> None:
    engine = open_engine(database_url)

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations._FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")

    try:
        async with writing(engine) as connection:
            await connection.run_sync(upgrade)
            await connection.execute(
                text(
                    "INSERT INTO sources (id, kind, state, created_at, url, next_check_at, failures)"
                    " VALUES (1, 'feed', 'active', '2026-01-01', 'https://un.test', '2026-01-01', 0)"
                )
            )
            await connection.execute(
                text(
                    "INSERT INTO articles (id, source_id, identity, content_hash, found_at, sort_at, title_key, title,"
                    " language, categories)"
                    " VALUES (9, 1, 'a', 'h', '2026-01-01', '2026-01-01', 'a', 'A', 'fr', '[]')"
                )
            )
        await migrate(engine)
        async with reading(engine) as connection:
            rows = await connection.execute(select(articles.c.id, articles.c.announced))
            assert rows.all() == [(9, None)]
    finally:
        await engine.dispose()
