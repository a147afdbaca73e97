"""Use case: read what a source brings as the moderators of each server taught it to be read.

The archive keeps what the labeller found by itself, for everybody. What it would have found knowing the corrections of
one server is kept for that server, beside the corrections themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from bot.articles.corrections import Labels
from bot.articles.habits import SourceHabits, learn
from bot.articles.labelling import default_labeller
from bot.articles.rereading import reread
from bot.models import Article

T = TypeVar("T")

ARTICLES_A_JOB = 4


class Offload(Protocol):
    async def run(self, work: Callable[..., T], /, *args: Any) -> T: ...


class Lessons(Protocol):
    async def of_source(self, source_id: int) -> Mapping[int, Sequence[Article]]:
        """By server, the articles of the source as its moderators left them, the last corrected first."""
        ...


class Learning:
    def __init__(self, lessons: Lessons, offload: Offload, *, threshold: float | None = None) -> None:
        """`threshold` is the confidence below which a section is `other`; None leaves it to the labeller."""
        self._lessons = lessons
        self._offload = offload
        self._threshold = threshold

    async def __call__(self, source_id: int, articles: Sequence[Article]) -> Sequence[Mapping[int, Labels]]:
        """For each article, by server, what its paragraphs are; servers that see nothing otherwise are left out."""
        taught = await self._lessons.of_source(source_id) if articles else {}
        if not taught:
            return [{} for _ in articles]
        habits = {guild_id: await self._offload.run(learn, tuple(lessons)) for guild_id, lessons in taught.items()}
        found: list[Mapping[int, Labels]] = []
        for start in range(0, len(articles), ARTICLES_A_JOB):
            batch = tuple(articles[start : start + ARTICLES_A_JOB])
            found.extend(await self._offload.run(_reread_all, batch, habits, self._threshold))
        return found


def _reread_all(
    articles: tuple[Article, ...], habits: Mapping[int, SourceHabits], threshold: float | None
) -> list[dict[int, Labels]]:
    labeller = default_labeller()
    return [
        {
            guild_id: labels
            for guild_id, its_habits in habits.items()
            if (labels := reread(article, its_habits, labeller, threshold))
        }
        for article in articles
    ]
