"""What a source brings, read as each server's moderators taught it to be read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.articles.corrections import relabel
from bot.models import Article, Paragraph, Section
from bot.updates.learning import Learning


class AtOnce:
    async def run(self, work: Callable[..., Any], /, *args: Any) -> Any:
        return work(*args)


class Lessons:
    def __init__(self, **taught: Article) -> None:
        self.taught = {int(guild.removeprefix("server")): [each] for guild, each in taught.items()}
        self.asked: list[int] = []

    async def of_source(self, source_id: int) -> Mapping[int, Sequence[Article]]:
        self.asked.append(source_id)
        return self.taught


def headed(*sections: tuple[str, str]) -> Article:
    return Article(
        title="T",
        language="fr",
        sections=tuple(
            Section(kind=kind, heading=heading, paragraphs=(Paragraph(text=f"Sous {heading}."),))
            for kind, heading in sections
        ),
    )


async def test_each_server_reads_by_its_own_lessons() -> None:
    lessons = Lessons(server1=headed(("local", "Vu d’ici")), server2=headed(("neutral", "Vu d’ici")))
    learning = Learning(lessons, AtOnce())
    articles = [headed(("summary", "En bref"), ("other", "Vu d’ici")), headed(("summary", "En bref"))]
    first, second = await learning(3, articles)
    assert lessons.asked == [3]
    seen = {guild: [part.kind for part in relabel(articles[0], labels).sections] for guild, labels in first.items()}
    assert seen == {1: ["summary", "local"], 2: ["summary", "neutral"]}
    assert second == {}


async def test_without_lessons_or_articles_nothing_is_read_twice() -> None:
    assert await Learning(Lessons(), AtOnce())(3, [headed(("other", "x"))] * 2) == [{}, {}]
    lessons = Lessons(server1=headed(("local", "x")))
    assert await Learning(lessons, AtOnce())(3, []) == []
    assert lessons.asked == []


async def test_many_articles_come_back_in_their_order() -> None:
    lessons = Lessons(server1=headed(("local", "Vu d’ici")))
    articles = [headed(("other", "Vu d’ici" if number % 2 else "Ailleurs")) for number in range(11)]
    found = await Learning(lessons, AtOnce())(3, articles)
    assert [1 in each for each in found] == [bool(number % 2) for number in range(11)]
