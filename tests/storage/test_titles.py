import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.titles import fold, words


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        ("L’Œuvre d’été", "l oeuvre d ete"),
        ("ÆSOP, Straße — STRAẞE", "aesop strasse strasse"),
        ("  « Où va-t-on ? »  ", "ou va t on"),
        ("snake_case %", "snake case"),
        ("日本語の記事", "日本語の記事"),
        ("Ёлка", "елка"),
        ("…", ""),
    ],
)
def test_folding(title: str, folded: str) -> None:
    assert fold(title) == folded


@given(st.text())
def test_folding_is_settled_after_once(title: str) -> None:
    assert fold(fold(title)) == fold(title)


@given(st.text(), st.data())
def test_a_word_typed_in_any_case_is_in_the_folded_title(title: str, data: st.DataObject) -> None:
    if folded := words(title):
        word = data.draw(st.sampled_from(folded))
        assert word in fold(title)
        assert words(word) == (word,)


def test_words_are_few_and_distinct() -> None:
    assert words("a b a") == ("a", "b")
    assert len(words(" ".join(map(str, range(100))))) == 12
