"""What `casse-croute read` prints for a person."""

from datetime import UTC, datetime

import pytest

from bot.locales import words
from bot.models import Article, Kind, Paragraph, Section
from bot.printing import as_text

ADDRESS = "https://exemple.test/" + "tres-long-" * 15
ARTICLE = Article(
    title="Un titre",
    language="fr",
    author="Aline Roy",
    published_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    reference_url="https://exemple.test/ref",
    sections=(
        Section(
            kind=Kind.ANALOGY,
            heading="La poutine",
            confidence=0.987,
            paragraphs=(Paragraph(text=f"Voyez {ADDRESS} pour la suite."),),
        ),
        Section(kind=Kind.OTHER, confidence=1, paragraphs=(Paragraph(text="Le reste."),)),
    ),
)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "fr",
            [
                "Langue\u00a0: français",
                "[Poutine] «\u00a0La poutine\u00a0» (99\u00a0%)",
                "[Autre passage] (100\u00a0%)",
            ],
        ),
        ("en", ["Language: French", "[Poutine] “La poutine” (99%)", "[Other passage] (100%)"]),
    ],
)
def test_all_of_it_is_in_the_operator_s_language(language: str, lines: list[str]) -> None:
    text = as_text(ARTICLE, words(language))
    for line in lines:
        assert line in text.splitlines()


def test_addresses_are_not_broken_over_lines() -> None:
    assert ADDRESS in as_text(ARTICLE, words("fr"))


@pytest.mark.parametrize("code", ["xx", "de", None])
def test_any_language_can_be_printed(code: str | None) -> None:
    assert "Un titre" in as_text(ARTICLE.model_copy(update={"language": code}), words("fr"))
