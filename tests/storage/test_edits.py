"""Edits that are owed: to whom, for how long, and what becomes of them."""

from bot.articles.corrections import Label, labels_of
from bot.delivery.reviser import OwedEdit
from bot.storage.edits import owe_edits
from bot.storage.engine import writing
from tests.storage.world import CABIN, LEASE, MINUTE, OTHER_CABIN, World


async def owe(world: World, *article_ids: int, guild_id: int | None = None) -> int:
    async with writing(world.engine) as connection:
        return await owe_edits(connection, article_ids, world.now, guild_id=guild_id)


async def claim(world: World, limit: int = 20) -> list[OwedEdit]:
    return list(await world.edits.claim(now=world.now, lease=LEASE, limit=limit))


async def posted(world: World) -> int:
    """One article, posted in two servers."""
    source = await world.source()
    await world.follow(source)
    await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    (article_id,) = await world.publish(source, "a")
    await world.send_all()
    return article_id


async def test_every_message_that_shows_an_article_is_owed_an_edit(world: World) -> None:
    article_id = await posted(world)
    assert await claim(world) == []
    assert await world.edits.next_due_at() is None
    assert await owe(world, article_id) == 2
    assert await world.edits.next_due_at() == world.now
    edits = await claim(world)
    assert {edit.claimed.delivery.channel_id for edit in edits} == {CABIN + 1, OTHER_CABIN + 1}
    assert all(edit.message_id == edit.claimed.delivery.message_id for edit in edits)
    assert all(edit.shown is None and edit.retraction is None for edit in edits)
    assert await claim(world) == []


async def test_one_server_s_edits_are_its_own(world: World) -> None:
    article_id = await posted(world)
    assert await owe(world, article_id, guild_id=OTHER_CABIN) == 1
    assert [edit.claimed.subscription.guild_id for edit in await claim(world)] == [OTHER_CABIN]


async def test_what_was_never_posted_is_owed_nothing(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    assert await owe(world, article_id) == 0


async def test_a_message_that_was_being_sent_meanwhile_is_owed_one_too(world: World) -> None:
    source = await world.source()
    await world.follow(source)
    (article_id,) = await world.publish(source, "a")
    (claimed,) = await world.claim()
    assert await owe(world, article_id) == 1
    assert await claim(world) == []
    await world.send(claimed)
    assert len(await claim(world)) == 1


async def test_an_edit_done_is_owed_no_more_and_remembers_what_it_shows(world: World) -> None:
    article_id = await posted(world)
    await owe(world, article_id, guild_id=CABIN)
    (edit,) = await claim(world)
    await world.edits.done(edit)
    assert await world.edits.next_due_at() is None
    await owe(world, article_id, guild_id=CABIN)
    (again,) = await claim(world)
    assert again.shown == edit.fingerprint == again.fingerprint


async def test_a_change_during_an_edit_is_owed_another(world: World) -> None:
    article_id = await posted(world)
    await owe(world, article_id, guild_id=CABIN)
    (edit,) = await claim(world)
    world.now += MINUTE / 2
    await owe(world, article_id, guild_id=CABIN)
    await world.edits.done(edit)
    assert len(await claim(world)) == 1


async def test_an_edit_whose_maker_died_is_made_by_another(world: World) -> None:
    article_id = await posted(world)
    await owe(world, article_id, guild_id=CABIN)
    (edit,) = await claim(world)
    world.now += LEASE
    (again,) = await claim(world)
    await world.edits.give_up(edit)
    assert again.message_id == edit.message_id
    world.now += LEASE
    assert len(await claim(world)) == 1


async def test_postponing_waits_and_counts(world: World) -> None:
    article_id = await posted(world)
    await owe(world, article_id, guild_id=CABIN)
    (edit,) = await claim(world)
    await world.edits.postpone(edit, until=world.now + MINUTE, attempts=3)
    assert await claim(world) == []
    assert await world.edits.next_due_at() == world.now + MINUTE
    world.now += MINUTE
    (again,) = await claim(world)
    assert again.attempts == 3
    await owe(world, article_id, guild_id=CABIN)
    (fresh,) = await claim(world)
    assert fresh.attempts == 0


async def test_a_deleted_message_is_never_owed_anything_again(world: World) -> None:
    article_id = await posted(world)
    await owe(world, article_id, guild_id=CABIN)
    (edit,) = await claim(world)
    await world.edits.gone(edit, at=world.now)
    assert await owe(world, article_id) == 1
    assert [each.claimed.subscription.guild_id for each in await claim(world)] == [OTHER_CABIN]


async def test_an_edit_shows_the_article_as_its_server_sees_it(world: World) -> None:
    article_id = await posted(world)
    original = await world.corrections.original(CABIN, article_id)
    assert original is not None
    labels = {mark: Label("neutral") for mark in labels_of(original.article.article)}
    assert await world.corrections.save(CABIN, 7, article_id, labels, now=world.now) == 1
    (edit,) = await claim(world)
    assert [section.kind for section in edit.claimed.article.article.sections] == ["neutral"]
    await owe(world, article_id, guild_id=OTHER_CABIN)
    (other,) = await claim(world)
    assert [section.kind for section in other.claimed.article.article.sections] == ["summary", "analogy"]
