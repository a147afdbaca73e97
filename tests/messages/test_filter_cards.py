"""Filters in plain words, within Discord's limits whatever a moderator typed and a source published."""

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.articles.filters import Filter, Verdict
from bot.delivery.preferences import MOST_FILTERS, Preferences, stored
from bot.filtering import Outcome, Trial
from bot.locales import words
from bot.messages.filter_cards import (
    added_filter_card,
    filter_choice,
    filter_line,
    filters_card,
    reason_line,
    removed_filter_card,
    trial_card,
)
from bot.models import StoredArticle
from bot.subscriptions import Followed
from tests.fakes.articles import full_article
from tests.fakes.articles import stored as stored_article
from tests.messages.test_cards import STORED, TEXT, followed
from tests.messages.wire import check_limits, whole_text

FR, EN = words("fr"), words("en")

FILTERS = st.builds(
    Filter,
    mode=st.sampled_from(["include", "exclude"]),
    field=st.sampled_from(["any", "title", "text", "author", "category", "language", "section"]),
    words=TEXT.map(lambda text: text[:200] or "x"),
    is_pattern=st.booleans(),
)
POUTINE = Filter(mode="include", field="title", words="poutine")


def following(*filters: Filter, number: int = 1) -> Followed:
    its = followed(number, "**[x](https://evil.example)** @everyone " * 20 if number > 1 else "Le Comptoir")
    preferences = stored(Preferences(filters=filters))
    return Followed(its.subscription.model_copy(update={"preferences": preferences}), its.source, its.articles)


@settings(deadline=None, max_examples=20)
@given(st.lists(FILTERS, max_size=MOST_FILTERS), STORED, st.booleans())
def test_every_card_is_within_discord_s_limits(filters: list[Filter], article: StoredArticle, passes: bool) -> None:
    its = following(*filters)
    outcomes = (Outcome(article, Verdict(passes, tuple(filters))),) * 20
    trial = Trial(its, tuple(filters), outcomes, filters[0] if filters else None, unfinished=True)
    cards: list[discord.ui.LayoutView] = [trial_card(trial, FR), filters_card([its] * 30, EN)]
    for each in filters:
        cards += [added_filter_card(trial, each, FR), removed_filter_card(trial, each, EN)]
        assert 1 <= len(filter_choice(each, FR)) <= 100
    for card in cards:
        check_limits(card)


@pytest.mark.parametrize(
    ("one", "french", "english"),
    [
        (POUTINE, "Seulement · titre\u00a0: poutine", "Only · title: poutine"),
        (
            Filter(mode="exclude", words=r"pub\b", is_pattern=True),
            "Sauf · partout\u00a0: motif pub\\\\b",
            "Except · anywhere: pattern pub\\\\b",
        ),
        (
            Filter(mode="include", field="language", words="fr, en, xx"),
            "Seulement · langue\u00a0: français, anglais, xx",
            "Only · language: French, English, xx",
        ),
        (
            Filter(mode="exclude", field="section", words="optimistic, local"),
            "Sauf · section\u00a0: Point de vue optimiste, Local",
            "Except · section: Optimistic view, Local",
        ),
    ],
)
def test_a_filter_reads_as_it_works(one: Filter, french: str, english: str) -> None:
    assert filter_line(one, FR) == french
    assert filter_line(one, EN) == english


def test_what_a_moderator_typed_does_nothing_in_a_card() -> None:
    hostile = Filter(mode="include", words="@everyone [x](https://evil.example) **gras**")
    text = whole_text(filters_card([following(hostile)], FR))
    assert "](https://evil" not in text
    assert "**gras**" not in text
    assert "@everyone" not in text


def test_reasons_name_the_filters() -> None:
    never = Filter(mode="exclude", words="pub")
    assert reason_line(Verdict(passes=True), FR) == ""
    assert (
        reason_line(Verdict(passes=True, because=(POUTINE,)), FR) == "répond à\u00a0: Seulement · titre\u00a0: poutine"
    )
    assert reason_line(Verdict(passes=False, because=(never,)), FR) == "écarté par\u00a0: Sauf · partout\u00a0: pub"
    two = (POUTINE, Filter(mode="include", field="title", words="frites"))
    assert reason_line(Verdict(passes=False, because=two), EN) == (
        "does not match: Only · title: poutine; Only · title: frites"
    )


def test_a_long_list_says_how_much_it_leaves_out() -> None:
    filters = tuple(Filter(mode="exclude", words=f"mot{n} " + "long " * 20) for n in range(MOST_FILTERS))
    text = whole_text(filters_card([following(*filters, number=n + 1) for n in range(3)], FR))
    shown = text.count("Sauf · ") + text.count("→ <#")
    assert f"… et {63 - shown} autres lignes" in text


def test_a_trial_says_what_was_not_looked_for() -> None:
    trial = Trial(
        following(POUTINE), (POUTINE,), (Outcome(stored_article(full_article()), Verdict(True)),), POUTINE, True
    )
    text = whole_text(trial_card(trial, FR))
    assert "poutine · *à l’essai, pas enregistré*" in text
    assert "trop longs à chercher" in text
