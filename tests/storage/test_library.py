"""What a server may read: what it follows, and what was posted in it."""

from datetime import timedelta

import pytest

from bot.delivery.dispatcher import Posted
from bot.models import Entry, StoredArticle
from bot.storage.library import DISCORD_EPOCH
from bot.updates.traces import clues_of
from bot.updates.update import NewArticle
from tests.storage.world import CABIN, MINUTE, OTHER_CABIN, World, article, new

ONE, TWO = CABIN + 1, CABIN + 2
OTHER = OTHER_CABIN + 1


def title_of(found: StoredArticle | None) -> str | None:
    return found.article.title if found else None


async def test_an_article_does_not_leak_to_a_server_that_does_not_follow_its_source(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id,) = await world.publish(source, "secret")
    assert await world.library.article(CABIN, article_id) is not None
    assert await world.library.article(OTHER_CABIN, article_id) is None
    assert await world.library.titles(OTHER_CABIN, "secret", 25) == []
    assert await world.library.newest_in_server(OTHER_CABIN) is None
    assert await world.library.newest_in_channel(OTHER_CABIN, ONE) is None
    assert await world.library.article(CABIN, article_id + 1) is None


async def test_after_an_unsubscribe_only_what_was_posted_can_still_be_read(world: World) -> None:
    source = await world.source()
    subscription = await world.follow(source)
    posted, cancelled = await world.publish(source, "posted", "cancelled")
    await world.send((await world.claim())[0])
    assert await world.register.unsubscribe(CABIN, subscription.id)
    (later,) = await world.publish(source, "later")
    assert title_of(await world.library.article(CABIN, posted)) == "Article posted"
    assert await world.library.article(CABIN, cancelled) is None
    assert await world.library.article(CABIN, later) is None
    assert [each.id for each in await world.library.titles(CABIN, "", 25)] == [posted]
    assert title_of(await world.library.newest_in_channel(CABIN, ONE)) == "Article posted"
    assert title_of(await world.library.newest_in_server(CABIN)) == "Article posted"


async def test_the_newest_of_a_channel_is_what_was_last_posted_there(world: World) -> None:
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    await world.follow(source, ONE)
    await world.follow(other, TWO)
    await world.record(source, [new("new", article("Récent", published_at=world.now - timedelta(hours=1)))])
    await world.record(source, [new("old", article("Ancien", published_at=world.now - timedelta(days=9)))])
    await world.record(other, [new("other", article("Ailleurs", published_at=world.now - timedelta(days=20)))])
    assert title_of(await world.library.newest_in_channel(CABIN, ONE)) == "Récent"
    assert title_of(await world.library.newest_in_channel(CABIN, TWO)) == "Ailleurs"
    assert title_of(await world.library.newest_in_server(CABIN)) == "Récent"
    while claimed := await world.claim(1):
        world.now += MINUTE
        await world.send(claimed[0])
    assert title_of(await world.library.newest_in_channel(CABIN, ONE)) == "Ancien"
    assert title_of(await world.library.newest_in_channel(CABIN, TWO)) == "Ailleurs"
    assert title_of(await world.library.newest_in_server(CABIN)) == "Ancien"
    assert await world.library.newest_in_channel(CABIN, CABIN + 9) is None


async def test_an_article_whose_card_is_on_its_way_is_the_newest_already(world: World) -> None:
    source = await world.source()
    await world.follow(source, ONE)
    await world.publish(source, "a", "b")
    await world.send((await world.claim())[0])
    await world.claim()
    assert title_of(await world.library.newest_in_channel(CABIN, ONE)) == "Article b"
    assert title_of(await world.library.newest_in_server(CABIN)) == "Article b"
    assert await world.library.newest_in_channel(OTHER_CABIN, ONE) is None


async def test_the_newest_of_a_server_ignores_what_was_posted_in_others(world: World) -> None:
    source = await world.source()
    await world.follow(source, ONE)
    await world.follow(source, OTHER, OTHER_CABIN)
    first, second = await world.publish(source, "a", "b")
    here, there = await world.claim()
    await world.send(here)
    await world.send(there)
    world.now += MINUTE
    for claimed in await world.claim():
        if claimed.delivery.channel_id == OTHER:
            await world.send(claimed)
        else:
            await world.outbox.release(claimed.delivery)
    assert await world.library.newest_in_server(CABIN) == await world.library.article(CABIN, first)
    assert await world.library.newest_in_server(OTHER_CABIN) == await world.library.article(OTHER_CABIN, second)


async def test_titles_come_newest_first_and_future_dates_do_not_stay_on_top(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.record(source, [new("future", article("Futur", published_at=world.now + timedelta(days=900)))])
    world.now += timedelta(hours=1)
    await world.record(
        source,
        [
            new("late", article("Tardif", published_at=world.now - timedelta(days=30))),
            new("fresh", article("Frais", published_at=world.now)),
            new("undated", article("Sans date")),
        ],
    )
    found = await world.library.titles(CABIN, "", 25)
    assert [each.title for each in found] == ["Sans date", "Frais", "Futur", "Tardif"]
    assert [each.title for each in await world.library.titles(CABIN, " ", 2)] == ["Sans date", "Frais"]
    assert found[-1].published_at == world.now - timedelta(days=30)
    assert found[0].published_at is None


@pytest.mark.parametrize(
    "typed",
    ["oeuvre", "ŒUVRE", "l'œuvre", "d’été", "dete ete", "100", "été œuv", "ETE 100 %", "l’œu d'é", "strasse", "STRAẞE"],
)
async def test_what_a_person_types_finds_the_title(world: World, typed: str) -> None:
    source = await world.source()
    await world.follow(source)
    await world.record(
        source,
        [new("a", article("L’Œuvre d’été dété : 100 % straße_neuve")), new("b", article("Autre chose"))],
    )
    assert [each.title for each in await world.library.titles(CABIN, typed, 25)] == [
        "L’Œuvre d’été dété : 100 % straße_neuve"
    ]


@pytest.mark.parametrize("typed", ["absent", "œuvre absent", "%", "_", "\\", "😀", "— …"])
async def test_every_word_counts_and_none_is_a_pattern(world: World, typed: str) -> None:
    source = await world.source()
    await world.follow(source)
    await world.record(source, [new("a", article("L’Œuvre"))])
    found = await world.library.titles(CABIN, typed, 25)
    assert found == []


async def test_a_source_without_title_goes_by_its_address(world: World) -> None:
    source = await world.source(title=None)
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    found = await world.library.article(CABIN, article_id)
    assert found is not None
    assert found.source_title == source.url


async def test_in_a_thread_the_article_that_it_was_opened_for_is_meant(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "first", "second")
    for thread_id in (901, 902):
        (claimed,) = await world.claim(1)
        posted = Posted(800 + thread_id, thread_id=thread_id)
        await world.outbox.mark_sent(claimed.delivery, posted=posted, sent_at=world.now)
        world.now += MINUTE
    assert title_of(await world.library.newest_in_channel(CABIN, 901)) == "Article first"
    assert title_of(await world.library.newest_in_channel(CABIN, 902)) == "Article second"
    assert title_of(await world.library.newest_in_channel(CABIN, ONE)) == "Article second"
    assert await world.library.newest_in_channel(CABIN, 903) is None
    assert await world.library.newest_in_channel(OTHER_CABIN, 901) is None


@pytest.mark.parametrize("behind", [timedelta(), timedelta(hours=1), timedelta(hours=-1)])
async def test_a_message_of_ours_is_known_by_its_id_in_its_own_server_alone(world: World, behind: timedelta) -> None:
    """However far our clock is from Discord's, which dates messages."""
    source = await world.source()
    await world.follow(source)
    await world.publish(source, "posted")
    (claimed,) = await world.claim()
    message_id = (int((world.now + behind - DISCORD_EPOCH) / timedelta(milliseconds=1)) << 22) + 5
    await world.outbox.mark_sent(claimed.delivery, posted=Posted(message_id), sent_at=world.now)
    assert title_of(await world.library.posted_as(CABIN, ONE, message_id)) == "Article posted"
    assert await world.library.posted_as(CABIN, ONE, message_id + 1) is None
    assert await world.library.posted_as(CABIN, TWO, message_id) is None
    assert await world.library.posted_as(OTHER_CABIN, ONE, message_id) is None


async def test_an_article_is_found_by_its_link_however_it_was_copied(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    its = article().model_copy(update={"url": "https://www.journal.test/poutine/"})
    clues = clues_of(Entry(identity="a", url=its.url, title=its.title, body=""))
    await world.record(source, [NewArticle("a", "hash", its, announce=True, clues=clues)])
    found = await world.library.linked(CABIN, ["https://autre.test/", "http://journal.test/poutine?utm_source=x"])
    assert title_of(found) == its.title
    assert await world.library.linked(CABIN, ["https://journal.test/"]) is None
    assert await world.library.linked(OTHER_CABIN, ["https://www.journal.test/poutine/"]) is None
    assert await world.library.linked(CABIN, []) is None
