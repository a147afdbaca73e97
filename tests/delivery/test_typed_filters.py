"""What moderators type becomes a filter, or one sentence."""

from typing import Any

import pytest

from bot.articles.filters import Filter
from bot.delivery.typed_filters import kind_names, language_names, read_filter
from bot.errors import RequestRefused


@pytest.mark.parametrize(
    ("words", "field", "kept"),
    [
        ("  poutine,\u200b  frites ", "title", "poutine, frites"),
        ("Français, anglais", "language", "fr, en"),
        ("French", "language", "fr"),
        ("es", "language", "es"),
        ("Optimiste, ANALOGY", "section", "optimistic, analogy"),
        ("point de vue neutre", "section", "neutral"),
    ],
)
def test_words_are_kept_as_they_are_looked_for(words: str, field: Any, kept: str) -> None:
    assert read_filter("include", words, field) == Filter(mode="include", field=field, words=kept)


def test_a_pattern_is_kept_as_it_is() -> None:
    assert read_filter("exclude", r"\b(pub|promo)\b, x", is_pattern=True).words == r"\b(pub|promo)\b, x"


@pytest.mark.parametrize(
    ("words", "field", "is_pattern", "key"),
    [
        ("\u200b ", "any", False, "filters.nothing"),
        (" , ***", "any", False, "filters.nothing"),
        (" , ", "language", False, "filters.nothing"),
        ("a" * 201, "any", False, "filters.too_long"),
        ("klingon", "language", False, "filters.unknown_language"),
        ("ketchup", "section", False, "filters.unknown_section"),
        ("fr|en", "language", True, "filters.no_pattern_there"),
        ("(poutine", "any", True, "filters.pattern.parenthesis"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(words: str, field: Any, is_pattern: bool, key: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_filter("include", words, field, is_pattern=is_pattern)
    assert refusal.value.key == key


def test_languages_and_sections_have_names_to_choose_from() -> None:
    assert list(language_names("fr").items())[:3] == [("fr", "français"), ("en", "anglais"), ("ab", "abkhaze")]
    assert kind_names("en")["optimistic"]
    assert "other" not in kind_names("fr")
