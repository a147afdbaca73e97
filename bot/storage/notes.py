"""Small facts that the bot keeps for itself from one run to the next."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import insert_into, reading, writing
from bot.storage.schema import notes


class Notes:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, key: str) -> str | None:
        async with reading(self._engine) as connection:
            value: str | None = (await connection.execute(select(notes.c.value).where(notes.c.key == key))).scalar()
            return value

    async def set(self, key: str, value: str) -> None:
        async with writing(self._engine) as connection:
            statement = insert_into(connection, notes).values(key=key, value=value)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
            )
