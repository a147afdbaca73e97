"""Which articles pass, and why."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.filters import LOOKED_AT, Filter, Subject, Verdict, judge, says_something
from bot.articles.patterns import read_pattern
from bot.errors import RequestRefused
from bot.models import Article, Paragraph, Section
from tests.fakes.articles import full_article, words_of


def article(title: str = "", text: str = "", **fields: Any) -> Article:
    sections = (Section(kind="summary", paragraphs=words_of(text)),) if text else ()
    return Article(**{"title": title, "language": "fr", "sections": sections} | fields)


def only(words: str, field: Any = "any", *, is_pattern: bool = False) -> Filter:
    return Filter(mode="include", field=field, words=words, is_pattern=is_pattern)


def never(words: str, field: Any = "any", *, is_pattern: bool = False) -> Filter:
    return Filter(mode="exclude", field=field, words=words, is_pattern=is_pattern)


def finds(words: str, text: str, *, is_pattern: bool = False) -> bool | None:
    return Subject(article(text)).has(only(words, "title", is_pattern=is_pattern))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("IA", "L’IA en région"),
        ("ia", "Qu'est-ce que l'IA?"),
        ("l’IA", "L'ia, encore"),
        ("école", "LES ÉCOLES ET L’ECOLE"),
        ("coeur", "Le Cœur de l’affaire"),
        ("CŒUR", "un coeur"),
        ("aether", "Æther"),
        ("strasse", "Die Straße"),
        ("Straße", "STRASSE"),
        ("etats unis", "Les États-Unis"),
        ("États-Unis", "les etats unis"),
        ("intelligence artificielle", "L’intelligence\u00a0artificielle"),
        ("« fromage en grains »", "Du fromage en grains"),
        ("étudiant", "Les étudiant·e·s"),
        ("frit*", "Des frites"),
        ("frit* maison", "Des fritures maison"),
        ("chat, chien", "Un chien"),
        ("chat ; chien", "Un chien"),
        ("c++", "Apprendre C++"),
        ("🍟", "Miam 🍟!"),
        ("❤️", "Du ❤ pour tous"),
        ("寿司", "美味寿司店"),
        ("москва", "Москва, сегодня"),
        ("N.-B.", "Au N.‑B., hier"),
        ("snake_case", "snake case"),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(words: str, text: str) -> None:
    assert finds(words, text) is True


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("IA", "Un diagnostic"),
        ("IA", "La médiation"),
        ("poutine", "Des poutines"),
        ("frit", "Des frites"),
        ("*rites", "Des frites"),
        ("c++", "C’est dit"),
        ("intelligence artificielle", "L’intelligence des plantes"),
        ("chat, chien", "Un chiot"),
        ("москва", "Москвавич"),
    ],
)
def test_words_stand_on_their_own(words: str, text: str) -> None:
    assert finds(words, text) is False


@pytest.mark.parametrize("words", ["", " , ;", "***", "«  »", ",*,"])
def test_nothing_to_look_for_is_found_nowhere(words: str) -> None:
    assert not says_something(words)
    if words:
        assert finds(words, "tout, ***, et rien") is False


@given(st.text(min_size=1, max_size=30), st.text(max_size=50), st.text(max_size=50))
def test_a_word_of_a_text_is_found_in_it_in_capitals_too(word: str, before: str, after: str) -> None:
    if says_something(word) and "*" not in word:
        assert finds(word, f"{before} {word} {after}") or any(mark in word for mark in ",;\n")
        assert finds(word, word.upper()) == finds(word, word.upper().lower())


@given(st.text(max_size=200).filter(lambda words: len(words) > 0), st.text(max_size=300), st.booleans())
def test_whatever_a_moderator_types_finds_or_does_not(words: str, text: str, is_pattern: bool) -> None:
    assert finds(words, text, is_pattern=is_pattern) in (True, False, None)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\bélections?\b", "Les ÉLECTIONS", True),
        (r"\bélan\b", "Un élan", True),
        (r"^recette", "Recette du jour", True),
        (r"^recette", "La recette", False),
        (r"l'(ia|eau)", "L’eau", True),
        (r"\d{4}", "En 2026", True),
        (r"œuvre", "L’Œuvre", True),
        (r"(?-i)IA", "ia", False),
        (r"😀+", "😀😀", True),
    ],
)
def test_patterns_ignore_case_and_accents_too(pattern: str, text: str, found: bool) -> None:
    assert finds(pattern, text, is_pattern=True) is found


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "parenthesis"),
        ("a)", "parenthesis"),
        ("[a", "bracket"),
        ("[z-a]", "range"),
        ("*a", "repetition"),
        ("a{1001}", "too_often"),
        ("(?=a)", "lookaround"),
        (r"(a)\1", "escape"),
        ("\\", "escape"),
        (r"[\pL\pN]{100,900}", "too_large"),
        (".{0,1000}", "too_large"),
        ("(?P<x", "unreadable"),
    ],
)
def test_a_bad_pattern_says_what_is_wrong_with_it(pattern: str, problem: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_pattern(pattern)
    assert refusal.value.key == f"filters.pattern.{problem}"
    assert finds(pattern, "a", is_pattern=True) is None


HOSTILE = (
    "(a+)+$",
    "(a|aa)+b$",
    "(x+x+)+y",
    "[ab]*a[ab]{200}c",
    "(a?){200}a{200}q",
    "((a|b){1,30}){1,15}c",
    ".*" * 90 + "=",
)


@pytest.mark.parametrize("text", ["a" * 1_000_000, "ab" * 500_000, "abbaababb" * 111_111])
@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_and_a_long_text_end_at_once(pattern: str, text: str) -> None:
    """Python's own `re` would not end at all."""
    subject = Subject(article(text=text))
    began = time.process_time()
    assert subject.has(only(pattern, "text", is_pattern=True)) in (True, False)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("words", ["a* b*", "寿a* b*", "aa", ", ".join("ab" * n for n in range(1, 12)), "🍟* x"])
def test_hostile_words_and_a_long_text_end_at_once(words: str) -> None:
    subject = Subject(article(text="寿aéb🍟ab a" * 120_000))
    began = time.process_time()
    assert subject.has(only(words, "text")) in (True, False)
    assert time.process_time() - began < 5


def test_a_text_is_looked_at_as_far_as_anybody_reads() -> None:
    long = "mot " * (LOOKED_AT // 4)
    assert Subject(article(text="poutine " + long)).has(only("poutine")) is True
    assert Subject(article(text=long + "poutine")).has(only("poutine")) is False


FULL = full_article(author="Patrick Bélanger", categories=("Société et table", "Opinion"))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (only("belanger", "author"), True),
        (only("belanger", "title"), False),
        (only("belanger"), True),
        (only("société", "category"), True),
        (only("table opinion", "category"), False),
        (only("opinion"), True),
        (only("fr", "language"), True),
        (only("en, fr", "language"), True),
        (only("en", "language"), False),
    ],
)
def test_each_field_is_looked_at_by_itself(wanted: Filter, found: bool) -> None:
    assert Subject(FULL).has(wanted) is found


def test_headings_are_part_of_the_text() -> None:
    section = Section(kind="other", heading="Le mot de la fin", paragraphs=(Paragraph(text="Voilà."),))
    assert Subject(article(sections=(section,))).has(only("mot de la fin", "text"))


def passes(filters: list[Filter], its: Article, kinds: set[str] | None = None) -> Verdict:
    return judge(filters, Subject(its), kinds)


def test_without_filters_everything_passes() -> None:
    assert passes([], article("x")) == Verdict(passes=True)


def test_one_thing_too_many_keeps_an_article_out() -> None:
    filters = [only("poutine"), never("frites"), never("publicité")]
    assert passes(filters, article("Poutine")) == Verdict(passes=True, because=(filters[0],))
    assert passes(filters, article("Poutine et publicité")) == Verdict(passes=False, because=(filters[2],))


def test_filters_of_one_field_are_alternatives_and_those_of_another_are_asked_for_too() -> None:
    title, other, author = only("poutine", "title"), only("frites", "title"), only("Bélanger", "author")
    assert passes([title, other], article("Frites")) == Verdict(passes=True, because=(other,))
    assert passes([title, other], article("Soupe")) == Verdict(passes=False, because=(title, other))
    assert passes([title, author], article("Poutine")) == Verdict(passes=False, because=(author,))
    assert passes([title, author], article("Poutine", author="P. Bélanger")).passes


def test_each_section_is_asked_for_by_itself() -> None:
    filters = [only("analogy", "section"), only("optimistic", "section")]
    assert passes(filters, FULL).passes
    assert passes(filters, article("x")) == Verdict(passes=False, because=(filters[0],))
    assert passes(filters, FULL, kinds={"analogy"}) == Verdict(passes=False, because=(filters[1],))
    assert passes([only("analogy, local", "section")], FULL).passes
    assert not passes([never("analogy", "section")], FULL).passes


def test_a_filter_that_cannot_be_applied_keeps_nothing_out() -> None:
    broken = only("(", is_pattern=True)
    assert passes([broken, never("(", is_pattern=True)], article("x")) == Verdict(passes=True)
    assert judge([never("x")], Subject(article("x"), {never("x"): None})).passes


def test_what_is_known_already_is_not_looked_for_again() -> None:
    assert judge([only("poutine")], Subject(article("Soupe"), {only("poutine"): True})).passes


def test_filters_are_told_apart_by_a_short_key() -> None:
    keys = {each.key for each in (only("a"), never("a"), only("b"), only("a", "title"), only("a", is_pattern=True))}
    assert len(keys) == 5
    assert all(len(key) == 8 for key in keys)
    assert only("a").key == only("a").key
