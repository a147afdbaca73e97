"""Entries to articles, off the event loop and a few at a time, so that a large feed shares the worker threads."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from bot.articles.builder import build_article
from bot.models import Article, Entry

T = TypeVar("T")

ENTRIES_A_JOB = 8


class Offload(Protocol):
    async def run(self, work: Callable[..., T], /, *args: Any) -> T: ...


class Understanding:
    def __init__(self, offload: Offload, *, threshold: float | None = None) -> None:
        """`threshold` is the confidence below which a section is `other`; None leaves it to the labeller."""
        self.offload = offload
        self._threshold = threshold

    async def __call__(self, entries: Sequence[Entry], *, source_language: str | None = None) -> Sequence[Article]:
        """The articles of `entries`, in their order. `source_language` helps where a text is too short to tell."""
        articles: list[Article] = []
        for start in range(0, len(entries), ENTRIES_A_JOB):
            batch = entries[start : start + ENTRIES_A_JOB]
            articles.extend(await self.offload.run(_build, tuple(batch), source_language, self._threshold))
        return articles


def _build(entries: tuple[Entry, ...], source_language: str | None, threshold: float | None) -> list[Article]:
    return [build_article(entry, source_language=source_language, threshold=threshold) for entry in entries]
