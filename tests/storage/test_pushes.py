"""What hubs promised, on both databases."""

from bot.storage.pushes import Pushes
from tests.storage.world import MINUTE, World

HUB = "https://hub.test/"


async def test_a_hub_is_asked_by_one_process_at_a_time_and_only_for_what_is_followed(world: World) -> None:
    pushes = Pushes(world.engine)
    source, other = await world.source(), await world.source("https://exemple.test/autre")
    for each in (source, other):
        await pushes.announce(each.url, HUB, each.url, token=f"t{each.id}", secret="s", now=world.now)
    assert await pushes.take_due(now=world.now, again_at=world.now + MINUTE, limit=5) == []
    await world.follow(source)
    (due,) = await pushes.take_due(now=world.now, again_at=world.now + MINUTE, limit=5)
    assert (due.source_id, due.source_url, due.followed) == (source.id, source.url, True)
    assert await pushes.take_due(now=world.now, again_at=world.now + MINUTE, limit=5) == []
    assert len(await pushes.take_due(now=world.now + MINUTE, again_at=world.now + 2 * MINUTE, limit=5)) == 1


async def test_the_same_announcement_again_keeps_the_promise_and_another_drops_it(world: World) -> None:
    pushes = Pushes(world.engine)
    source = await world.source()
    await pushes.announce(source.url, HUB, source.url, token="first", secret="s", now=world.now)
    await pushes.confirm(source.id, lease_until=world.now + MINUTE, ask_at=world.now + MINUTE)
    await pushes.note_push(source.id, world.now)
    await pushes.announce(source.url, HUB, source.url, token="second", secret="s", now=world.now)
    kept = await pushes.by_token("first")
    assert kept is not None
    assert (kept.lease_until, kept.pushed_at) == (world.now + MINUTE, world.now)
    await pushes.announce(source.url, f"{HUB}2", source.url, token="third", secret="s", now=world.now)
    assert await pushes.by_token("first") is None
    (push,) = await pushes.all()
    assert (push.token, push.lease_until, push.pushed_at) == ("third", None, None)
    await pushes.forget(source.url)
    assert await pushes.all() == []
