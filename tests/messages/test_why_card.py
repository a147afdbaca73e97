"""Why an article was posted or not: every stage has its sentence, within Discord's limits."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.articles.filters import Filter
from bot.delivery import stages
from bot.delivery.dispatcher import Outcome
from bot.delivery.stages import Place, Sentence, Sign, Step, Try
from bot.explaining import Account, Missing, Walk
from bot.locales import words
from bot.messages.why_card import missing_card, why_card
from bot.models import StoredArticle
from bot.upkeep import health_of
from bot.why_text import as_text
from tests.fakes.articles import FOUND_AT, full_article, stored
from tests.locales.test_catalogues import keys as catalogue
from tests.messages.test_cards import STORED, TEXT, followed
from tests.messages.wire import check_limits, whole_text

FR, EN = words("fr"), words("en")
SUBSCRIPTION = followed(1).subscription

SOURCE = Path(stages.__file__).read_text(encoding="utf-8")
OTHERS = {"title", "some_filter", "none_follow", "more", "tries_listed", "missing"}
STEPS = {key.removeprefix("why.") for key in catalogue("fr") if re.fullmatch(r"why\.\w+", key)} - OTHERS


def step(key: str, hostile: str = "x", sign: Sign = Sign.STOPPED) -> Step:
    params: dict[str, Any] = {
        "when": FOUND_AT,
        "source": hostile,
        "title": hostile,
        "error": hostile,
        "language": "fr",
        "kinds": ("summary", "analogy", hostile),
        "filters": (Filter(mode="exclude", words=hostile[:200] or "x"),) * 5,
        "message": Place(456, 77),
        "reason": Sentence("suspended.no_access"),
        "n": 3,
    }
    return Step(sign, key, params, fix="publish")


def account(*steps: Step, tries: tuple[Try, ...] = ()) -> Account:
    return Account(SUBSCRIPTION, steps, tries)


def test_every_stage_that_can_be_told_has_a_sentence_and_every_sentence_a_stage() -> None:
    quoted = set(re.findall(r'"([a-z_]+)"', SOURCE))
    assert quoted >= STEPS
    told = set(re.findall(r'Step\(Sign\.\w+, "([a-z_]+)"', SOURCE)) | set(re.findall(r'key = .*? else "(\w+)"', SOURCE))
    assert told <= STEPS
    fixes = set(re.findall(r'fix="([a-z_]+)"', SOURCE))
    assert {key for key in catalogue("fr") if key.startswith("why.fix.")} == {f"why.fix.{fix}" for fix in fixes}
    assert {f"why.try.{each}" for each in get_args(Outcome)} == {
        key for key in catalogue("fr") if key.startswith("why.try.")
    }


@pytest.mark.parametrize("key", sorted(STEPS))
def test_each_stage_is_told_in_both_languages_with_its_time(key: str) -> None:
    for language in (FR, EN):
        walk = Walk(1, stored(full_article()), (), (account(step(key)),))
        text = whole_text(why_card(walk, language))
        assert "⛔" in text
        assert "💡" in text
        assert f"<t:{int(FOUND_AT.timestamp())}:f>" in text
        assert "2026-03-02 15:00 UTC" in as_text(walk, language)


@settings(deadline=None, max_examples=25)
@given(STORED, TEXT, st.integers(0, 40))
def test_every_card_is_within_discord_s_limits(article: StoredArticle, hostile: str, channels: int) -> None:
    tries = tuple(Try(FOUND_AT, "postponed", hostile) for _ in range(5))
    several = account(*(step(key, hostile) for key in sorted(STEPS)[:12]), tries=tries)
    walk = Walk(10**18, article, tuple(step(key, hostile) for key in sorted(STEPS)[:6]), (several,) * channels)
    check_limits(why_card(walk, FR))
    health = health_of(followed(1, hostile, failures=3, last_failure="dns", failing_since=FOUND_AT))
    for missing in (
        Missing(hostile, None, (health,) * channels, from_host=False),
        Missing(hostile, hostile, (health,) * channels, from_host=True),
    ):
        check_limits(missing_card(missing, EN))
        assert as_text(missing, FR)


def test_what_others_wrote_does_nothing_in_a_card() -> None:
    hostile = "@everyone [x](https://evil.example) **gras**"
    walk = Walk(1, stored(full_article()), (), (account(step("told", hostile), step("refused", hostile)),))
    text = whole_text(why_card(walk, FR))
    assert "](https://evil" not in text
    assert "**gras**" not in text
    assert "@everyone" not in text


def test_tries_are_told_where_there_were_several() -> None:
    tries = (Try(FOUND_AT, "postponed", "503"), Try(FOUND_AT, "sent", None))
    done = step("sent", sign=Sign.DONE)
    text = whole_text(why_card(Walk(1, stored(full_article()), (), (account(done, tries=tries),)), FR))
    at = f"<t:{int(FOUND_AT.timestamp())}:T>"
    assert f"-# Derniers essais\u00a0: {at} remis à plus tard (503) · {at} envoyé" in text
    alone = whole_text(why_card(Walk(1, stored(full_article()), (), (account(done, tries=tries[1:]),)), FR))
    assert "Derniers essais" not in alone


def test_channels_beyond_the_room_are_counted() -> None:
    long = account(*(step(key) for key in sorted(STEPS)[:10]))
    text = whole_text(why_card(Walk(1, stored(full_article()), (), (long,) * 9), EN))
    shown = text.count(f"<#{SUBSCRIPTION.channel_id}>")
    assert f"… and {9 - shown} more channels." in text


def test_an_article_that_nobody_follows_says_so() -> None:
    walk = Walk(1, stored(full_article()), (), ())
    assert "⛔ Aucun salon de ce serveur ne suit Le Comptoir" in whole_text(why_card(walk, FR))
    assert "⛔ No channel of this server follows Le Comptoir" in as_text(walk, EN)


def test_an_unknown_reason_or_filter_is_still_a_sentence() -> None:
    odd = replace(step("suspended"), params={"when": FOUND_AT, "reason": Sentence("suspended.of_tomorrow")})
    lost = replace(step("filtered"), params={"when": FOUND_AT, "filters": ()})
    text = whole_text(why_card(Walk(1, stored(full_article()), (), (account(odd, lost),)), FR))
    assert "Discord refuse que je publie dans ce salon" in text
    assert "Je ne sais plus lequel." in text


def test_a_missing_article_says_how_its_source_is_and_what_to_do() -> None:
    failing = health_of(followed(1, failures=2, last_failure="dns", failing_since=FOUND_AT, last_success_at=FOUND_AT))
    text = whole_text(missing_card(Missing("https://comptoir.example/x", "comptoir.example", (failing,), True), FR))
    assert "De comptoir.example, ce serveur suit\u00a0:" in text
    assert "Ce site est introuvable" in text
    assert "Dernière lecture réussie" in text
    assert "`/config source vérifier`" in text
    elsewhere = whole_text(missing_card(Missing("https://x.example/", "x.example", (failing,), False), EN))
    assert "This server follows nothing from x.example." in elsewhere
    assert "ne suit encore aucune source" in whole_text(missing_card(Missing("x", None, (), False), FR))
