"""The demo's articles, read by the real pipeline from the demo's own feed, are understood as they were written."""

from datetime import UTC, datetime

import pytest

from bot.app import open_reader
from bot.config import Settings
from bot.demo.feed import Newsstand, serve
from bot.demo.samples import load_samples
from bot.models import Article, Kind

FULL = {Kind.SUMMARY: 2, Kind.NEUTRAL: 2, Kind.ANALOGY: 2, Kind.OPTIMISTIC: 2, Kind.PESSIMISTIC: 2}
WRITTEN: dict[str, dict[str, int]] = {
    "erabliere": dict(FULL),
    "permis": dict(FULL),
    "ferry": dict(FULL),
    "baleines": FULL | {Kind.NEUTRAL: 15},
    "sous-sols": FULL | {Kind.SUMMARY: 3},
    "sous-titres": {Kind.SUMMARY: 2, Kind.NEUTRAL: 1, Kind.ANALOGY: 1, Kind.OPTIMISTIC: 1},
    "seed-library": FULL | {Kind.NEUTRAL: 1, Kind.ANALOGY: 1, Kind.OPTIMISTIC: 1, Kind.PESSIMISTIC: 1},
    "school-laptops": FULL | {Kind.NEUTRAL: 1, Kind.ANALOGY: 1, Kind.OPTIMISTIC: 1, Kind.PESSIMISTIC: 1},
}
"""Paragraphs a kind. The article that is not here is ordinary news."""


@pytest.fixture
async def articles() -> dict[str, Article]:
    newsstand = Newsstand(load_samples(), now=lambda: datetime.now(UTC))
    while newsstand.release():
        pass
    settings = Settings(_env_file=None, allow_private_addresses=True)
    async with serve(newsstand) as address, open_reader(settings, local=True) as (reader, understand):
        found = await understand(await reader.open(f"{address}/rss.xml"))
    return {str(article.url).rsplit("/", 1)[-1]: article for article in found}


async def test_every_section_is_recognised_and_none_is_invented(articles: dict[str, Article]) -> None:
    understood = {
        slug: {section.kind: len(section.paragraphs) for section in article.sections if section.kind != Kind.OTHER}
        for slug, article in articles.items()
    }
    assert set(understood.pop("soirees-code")) <= {Kind.SUMMARY}
    assert understood == WRITTEN


async def test_authors_languages_references_and_pictures_come_through(articles: dict[str, Article]) -> None:
    for sample in load_samples():
        article = articles[sample.slug]
        assert article.title.split() == sample.title.split()
        assert article.language == sample.language
        assert (article.image.alt if article.image else None) == (sample.picture.alt if sample.picture else None)
        if sample.slug != "soirees-code":
            assert str(article.reference_url).startswith("https://example.org/")
        if sample.author:
            assert article.author == sample.author
    assert articles["permis"].author == "Hugues Larochelle"
    assert articles["seed-library"].author == "Naomi Farrow"


async def test_no_boilerplate_is_left(articles: dict[str, Article]) -> None:
    for article in articles.values():
        text = " ".join(paragraph.text for section in article.sections for paragraph in section.paragraphs)
        assert "redirigé" not in text
        assert "Article en référence" not in text
