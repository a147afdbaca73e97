"""Use case: find out what filters find in articles, off the event loop and within bounds.

Whoever writes patterns and publishes articles could make them slow together: so nothing is looked for any longer than
`SECONDS`, and what was not looked for by then keeps nothing out.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from bot.articles.filters import Filter, Found, Subject
from bot.models import Article

T = TypeVar("T")

SECONDS = 10.0
"""For all that one check announces. Twenty filters and an ordinary article take a few thousandths."""

log = structlog.get_logger(__name__)


class Offload(Protocol):
    async def run(self, work: Callable[..., T], /, *args: Any) -> T: ...


class Followers(Protocol):
    async def filters_of(self, source_id: int) -> Collection[Filter]:
        """All that its subscriptions have, each once."""
        ...


class Sifter:
    def __init__(self, offload: Offload, *, clock: Callable[[], float]) -> None:
        """`clock` counts seconds, from whenever."""
        self._offload = offload
        self._clock = clock

    async def __call__(
        self, articles: Sequence[Article], filters: Collection[Filter], *, seconds: float = SECONDS
    ) -> Sequence[Found]:
        """For each article, what these filters find in it."""
        wanted = tuple(each for each in filters if each.reads_text)
        if not wanted:
            return [{} for _ in articles]
        deadline = self._clock() + seconds
        return [await self._offload.run(_sift, article, wanted, deadline, self._clock) for article in articles]


class Sifting:
    """The same for what a check announces, and all followers of its source."""

    def __init__(self, followers: Followers, sift: Sifter) -> None:
        self._followers = followers
        self._sift = sift

    async def __call__(self, source_id: int, articles: Sequence[Article]) -> Sequence[Found]:
        filters = await self._followers.filters_of(source_id) if articles else ()
        found = await self._sift(articles, filters)
        left_out = sum(answer is None for each in found for answer in each.values())
        if left_out:
            log.warning("filters not applied", source_id=source_id, filters=left_out)
        return found


def _sift(article: Article, filters: tuple[Filter, ...], deadline: float, clock: Callable[[], float]) -> Found:
    subject = Subject(article)
    return {each: subject.has(each) if clock() < deadline else None for each in filters}
