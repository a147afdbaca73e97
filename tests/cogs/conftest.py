"""The real client with its real cogs, over use cases that keep everything in memory."""

from collections.abc import AsyncIterator

import pytest

from bot.client import CasseCroute
from tests.fakes.articles import full_article, plain_article, stored
from tests.fakes.kitchen import Pantry, Web, client_over


@pytest.fixture
def pantry() -> Pantry:
    return Pantry(articles=[stored(plain_article(), 11, "Harbour News"), stored(full_article(), 12)])


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
async def simcord_bot(pantry: Pantry, web: Web) -> AsyncIterator[CasseCroute]:
    bot = client_over(pantry, web)
    yield bot
    await bot.close()
