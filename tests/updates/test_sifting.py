"""What filters find, looked for off the event loop and within bounds."""

from collections.abc import Callable, Collection
from typing import Any

from bot.articles.filters import Filter
from bot.updates.sifting import Sifter, Sifting
from tests.fakes.articles import full_article, plain_article

POUTINE = Filter(mode="include", words="poutine")
PATTERN = Filter(mode="exclude", words=r"\bferry\b", is_pattern=True)
FRENCH = Filter(mode="include", field="language", words="fr")
ANALOGY = Filter(mode="include", field="section", words="analogy")


class Offload:
    def __init__(self) -> None:
        self.jobs = 0

    async def run(self, work: Callable[..., Any], /, *args: Any) -> Any:
        self.jobs += 1
        return work(*args)


class Followers:
    def __init__(self, *filters: Filter) -> None:
        self.filters = filters
        self.asked: list[int] = []

    async def filters_of(self, source_id: int) -> Collection[Filter]:
        self.asked.append(source_id)
        return self.filters


def clock(*ticks: float) -> Callable[[], float]:
    left = list(ticks)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def test_what_all_followers_look_for_is_looked_for_in_every_article() -> None:
    offload, followers = Offload(), Followers(POUTINE, PATTERN, FRENCH, ANALOGY)
    found = await Sifting(followers, Sifter(offload, clock=clock(0)))(3, [full_article(), plain_article()])
    assert found == [{POUTINE: True, PATTERN: False}, {POUTINE: False, PATTERN: True}]
    assert followers.asked == [3]
    assert offload.jobs == 2


async def test_nothing_is_done_where_there_is_nothing_to_do() -> None:
    offload, followers = Offload(), Followers(FRENCH)
    sifting = Sifting(followers, Sifter(offload, clock=clock(0)))
    assert await sifting(3, []) == []
    assert followers.asked == []
    assert await sifting(3, [full_article()]) == [{}]
    assert offload.jobs == 0


async def test_what_takes_too_long_is_given_up() -> None:
    sift = Sifter(Offload(), clock=clock(0, 1, 11))
    assert await sift([full_article(), plain_article()], [POUTINE, PATTERN]) == [
        {POUTINE: True, PATTERN: None},
        {POUTINE: None, PATTERN: None},
    ]
