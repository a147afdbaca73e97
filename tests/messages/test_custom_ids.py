"""Buttons remember what they mean, on any message ever posted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.custom_ids import (
    ARTICLE,
    COMPARE,
    SECTION,
    Turn,
    article_id,
    compare_id,
    has_button,
    is_known,
    parse,
    save_id,
    section_id,
)
from bot.messages.limits import CUSTOM_ID

NUMBERS = st.integers(1, 10**18 - 1)
PAGES = st.integers(0, 9_999)
KINDS = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)


def read(template: re.Pattern[str], custom_id: str) -> Turn:
    assert len(custom_id) <= CUSTOM_ID
    matching = [each for each in (SECTION, COMPARE, ARTICLE) if each.fullmatch(custom_id)]
    assert matching == [template]  # every template that matches would answer
    match = template.fullmatch(custom_id)
    assert match is not None
    return parse(match)


@given(NUMBERS, KINDS, PAGES)
def test_a_section_comes_back(number: int, kind: str, page: int) -> None:
    assert read(SECTION, section_id(number, kind, page)) == Turn(number, page, kind)


@given(NUMBERS, PAGES)
def test_comparisons_and_articles_come_back(number: int, page: int) -> None:
    assert read(COMPARE, compare_id(number, page)) == Turn(number, page)
    assert read(ARTICLE, article_id(number, page)) == Turn(number, page)


def test_messages_posted_by_the_first_version_keep_working() -> None:
    assert read(SECTION, "cc1:s:12:optimistic:0") == Turn(12, 0, "optimistic")
    assert read(COMPARE, "cc1:c:12:3") == Turn(12, 3)
    assert read(ARTICLE, "cc1:a:12:0") == Turn(12, 0)


@pytest.mark.parametrize("kind", ["", "Pas Un Slug", "é", "a" * 33, "a:b", "a\n"])
def test_a_kind_that_no_button_can_carry_has_none(kind: str) -> None:
    assert not has_button(kind)
    with pytest.raises(ValueError, match="no button can carry"):
        section_id(1, kind)


@pytest.mark.parametrize(
    "custom_id", ["cc1:s:1:optimistic", "cc2:s:1:optimistic:0", "cc1:s:x:optimistic:0", "cc1:c:1:99999"]
)
def test_strangers_buttons_are_left_alone(custom_id: str) -> None:
    assert not [each for each in (SECTION, COMPARE, ARTICLE) if each.fullmatch(custom_id)]


def test_an_id_of_no_known_version_is_known_to_be_that() -> None:
    assert is_known(section_id(1, "neutral"))
    assert is_known(save_id(1))
    for old in ("", "cc0:s:1:neutral:0", section_id(1, "neutral") + ":more"):
        assert not is_known(old)
