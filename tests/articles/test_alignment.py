"""What two sequences have in common."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.alignment import operations
from bot.articles.changes import compare
from bot.models import Article, Paragraph, Section

WORDS = st.lists(st.sampled_from("abc"), max_size=12)


def longest(old: Sequence[str], new: Sequence[str]) -> int:
    """By the textbook."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for one, before in enumerate(old, 1):
        for two, after in enumerate(new, 1):
            here = table[one - 1][two - 1] + 1 if before == after else 0
            table[one][two] = max(here, table[one - 1][two], table[one][two - 1])
    return table[-1][-1]


@given(WORDS, WORDS)
def test_it_leads_from_the_old_to_the_new_and_keeps_as_much_as_can_be_kept(old: list[str], new: list[str]) -> None:
    made: list[str] = []
    reached = kept = 0
    for tag, one, two, three, four in operations(old, new):
        assert (one, three) == (reached, len(made))
        assert one < two or three < four
        if tag == "equal":
            assert old[one:two] == new[three:four]
            kept += two - one
        reached = two
        made += new[three:four]
    assert (reached, made) == (len(old), new)
    assert kept == longest(old, new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a b " * 300] * 50, ["b a c " * 200] * 50),
        (["a"] * 2_000, ["a", "b"] * 1_000),
        (["a " * 599] * 200, ["a x " * 299] * 200),
        (["x" * 100_000], ["x " * 50_000]),
    ],
)
def test_no_article_takes_long_to_compare(before: list[str], after: list[str]) -> None:
    old, new = (
        Article(
            title="T",
            language="fr",
            sections=(Section(kind="other", paragraphs=tuple(Paragraph(text=each) for each in texts)),),
        )
        for texts in (before, after)
    )
    began_at = time.process_time()
    compare(old, new)
    assert time.process_time() - began_at < 3  # where difflib takes minutes
