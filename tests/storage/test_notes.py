from tests.storage.world import World


async def test_a_note_is_kept_and_replaced(world: World) -> None:
    assert await world.notes.get("commands") is None
    await world.notes.set("commands", "1")
    await world.notes.set("commands", "2")
    await world.notes.set("other", "3")
    assert await world.notes.get("commands") == "2"
