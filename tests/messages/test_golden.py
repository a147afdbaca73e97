"""Cards as Discord receives them, kept as files: a change of a card is seen in the review.

Make them anew with `UPDATE_GOLDEN=1 pytest tests/messages/test_golden.py`, and look at the difference.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import jsonschema
import pytest

from bot.articles.filters import Filter, Verdict, trace_of
from bot.delivery.preferences import Preferences
from bot.delivery.preferences import stored as stored_preferences
from bot.delivery.stages import Arrival, Fate, Follower, Try, arrive, follow
from bot.explaining import Account, Missing, Walk
from bot.filtering import Outcome, Trial
from bot.locales import words
from bot.messages.answers import article_answer, comparison, section_answer
from bot.messages.article_card import article_card
from bot.messages.config_cards import added_card, language_card, overview_card, removed_card
from bot.messages.filter_cards import added_filter_card, filters_card, trial_card
from bot.messages.post import Post, bare_post_of, post_of
from bot.messages.source_list import sources_card
from bot.messages.why_card import missing_card, why_card
from bot.models import DeliveryState, Kind, Section, Server, Source, SourceKind, Subscription
from bot.reading import Library, Reading
from bot.subscriptions import Added, Followed, ServerOverview
from bot.updates.updater import CheckReport
from bot.upkeep import health_of
from tests.fakes.articles import FOUND_AT, full_article, hostile_article, plain_article, stored, words_of
from tests.messages.posts import claimed_as, digest_as, request_of
from tests.messages.wire import check_limits, check_request, payload

DATA = Path(__file__).parent.parent / "data" / "messages"
OPENAPI = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"

FR, EN = words("fr"), words("en")
READING = Reading(Library)  # type: ignore[arg-type]  # the questions asked here look nothing up

FULL, PLAIN, HOSTILE = (
    stored(full_article()),
    stored(plain_article(), 11, "Harbour News"),
    stored(hostile_article(), 13),
)
LONG = stored(
    full_article(
        sections=tuple(
            Section(
                kind=kind, paragraphs=words_of(*[f"{'Une phrase de plus. ' * 30}({number})" for number in range(9)])
            )
            for kind in (Kind.NEUTRAL, Kind.PESSIMISTIC)
        )
    ),
    14,
)
MANY = tuple(stored(hostile_article(), 20 + number) for number in range(24))
FOLLOWED = Followed(
    Subscription(id=5, source_id=3, guild_id=1, channel_id=456, created_at=FOUND_AT),
    Source(
        id=3,
        url="https://comptoir.example/fil.xml",
        home_url="https://comptoir.example/",
        kind=SourceKind.FEED,
        title="Le Comptoir",
        next_check_at=FOUND_AT,
        last_checked_at=FOUND_AT,
        last_success_at=FOUND_AT,
    ),
    articles=12,
)
ADDED = Added(
    FOLLOWED, CheckReport(3, found=12, new=12, deliveries=1), ("neutral", "optimistic", "analogy"), FULL, False
)

SERVER = Server(guild_id=1, language="fr", time_zone="America/Toronto")
POUTINE = Filter(mode="include", field="title", words="poutine, frit*")
NO_ADS = Filter(mode="exclude", words=r"\bpub(licité)?\b", is_pattern=True)
FILTERED = replace(
    FOLLOWED,
    subscription=FOLLOWED.subscription.model_copy(
        update={"preferences": stored_preferences(Preferences(filters=(POUTINE, NO_ADS)))}
    ),
)
TRIAL = Trial(
    FILTERED,
    (POUTINE, NO_ADS),
    (
        Outcome(FULL, Verdict(passes=True, because=(POUTINE,))),
        Outcome(PLAIN, Verdict(passes=False, because=(POUTINE,))),
        Outcome(HOSTILE, Verdict(passes=False, because=(NO_ADS,))),
    ),
    NO_ADS,
)

LATER = FOUND_AT + timedelta(hours=1)
ARRIVAL = Arrival(FULL, FOLLOWED.source, announced=True)
PENDING = Fate(DeliveryState.PENDING, 456, created_at=FOUND_AT, due_at=FOUND_AT)
FOLLOWERS = (
    Follower(
        FOLLOWED.subscription,
        replace(PENDING, state=DeliveryState.FILTERED, held_reason=trace_of((NO_ADS,))),
    ),
    Follower(
        FOLLOWED.subscription.model_copy(update={"channel_id": 457, "held_until": LATER, "held_reason": "hours"}),
        PENDING,
    ),
    Follower(
        FOLLOWED.subscription.model_copy(update={"channel_id": 458}),
        replace(
            PENDING,
            state=DeliveryState.SENT,
            message_id=99,
            sent_at=LATER,
            failures=1,
            last_error="503 Service Unavailable",
            tries=(Try(FOUND_AT, "postponed", "503 Service Unavailable"), Try(LATER, "sent", None)),
        ),
    ),
)
WALK = Walk(
    1,
    FULL,
    arrive(ARRIVAL),
    tuple(
        Account(each.subscription, follow(ARRIVAL, each, FOUND_AT), each.fate.tries if each.fate else ())
        for each in FOLLOWERS
    ),
)
FAILING = FOLLOWED.source.model_copy(
    update={"failures": 3, "failing_since": FOUND_AT, "last_failure": "timeout", "last_success_at": FOUND_AT}
)
MISSING = Missing(
    "https://comptoir.example/perdu",
    "comptoir.example",
    (health_of(replace(FOLLOWED, source=FAILING)), health_of(FOLLOWED)),
    from_host=True,
)

CARDS: dict[str, Callable[[], discord.ui.LayoutView]] = {
    "card-full-fr": lambda: article_card(FULL, FR),
    "card-full-en": lambda: article_card(FULL, EN),
    "card-plain-en": lambda: article_card(PLAIN, EN),
    "card-hostile-fr": lambda: article_card(HOSTILE, FR),
    "answer-optimistic-fr": lambda: section_answer(READING.section(FULL, Kind.OPTIMISTIC), FR),
    "answer-poutine-en": lambda: section_answer(READING.section(FULL, Kind.ANALOGY), EN),
    "answer-long-page-2-fr": lambda: section_answer(READING.section(LONG, Kind.NEUTRAL), FR, 1),
    "answer-missing-fr": lambda: section_answer(READING.section(LONG, Kind.ANALOGY), FR),
    "answer-ordinary-en": lambda: section_answer(READING.section(PLAIN, Kind.NEUTRAL), EN),
    "compare-fr": lambda: comparison(READING.compare(FULL), FR),
    "compare-long-page-2-fr": lambda: comparison(READING.compare(LONG), FR, 1),
    "compare-none-en": lambda: comparison(READING.compare(PLAIN), EN),
    "article-full-fr": lambda: article_answer(FULL, FR),
    "article-plain-en": lambda: article_answer(PLAIN, EN),
    "config-added-fr": lambda: added_card(ADDED, (), FR),
    "config-added-missing-en": lambda: added_card(ADDED, ("send_messages", "embed_links"), EN),
    "config-show-fr": lambda: overview_card(ServerOverview(SERVER, (FOLLOWED,), 2), FOUND_AT, FR),
    "config-list-en": lambda: sources_card((FOLLOWED,), EN),
    "config-list-empty-fr": lambda: sources_card((), FR),
    "config-removed-fr": lambda: removed_card(FOLLOWED, FR),
    "filters-list-fr": lambda: filters_card((FILTERED,), FR),
    "filters-added-en": lambda: added_filter_card(TRIAL, NO_ADS, EN),
    "filters-trial-fr": lambda: trial_card(TRIAL, FR),
    "why-fr": lambda: why_card(WALK, FR),
    "why-en": lambda: why_card(WALK, EN),
    "why-missing-fr": lambda: missing_card(MISSING, FR),
    "config-language-en": lambda: language_card("fr", EN),
}

HEADER = "**{source}** · {title} ({date}, {language}) {url}"
POSTS: dict[str, Callable[[], Post]] = {
    "post-card-header-fr": lambda: post_of(claimed_as(FULL, header=HEADER, roles=[77], silent=True, summed_up=12), FR),
    "post-embed-full-fr": lambda: post_of(claimed_as(FULL, shape="embed", header=HEADER, roles=[77, 78]), FR),
    "post-embed-plain-en": lambda: post_of(claimed_as(PLAIN, shape="embed", summed_up=1), EN),
    "post-embed-hostile-fr": lambda: post_of(claimed_as(HOSTILE, shape="embed", header=HEADER), FR),
    "post-text-full-fr": lambda: post_of(claimed_as(FULL, shape="text", header=HEADER, silent=True), FR),
    "post-text-plain-en": lambda: post_of(claimed_as(PLAIN, shape="text"), EN),
    "post-digest-fr": lambda: post_of(
        digest_as(PLAIN, FULL, stored(full_article(title="Retiré"), 15), struck=[15], header=HEADER, roles=[77]), FR
    ),
    "post-digest-en": lambda: post_of(digest_as(FULL, PLAIN, more=12), EN),
    "post-digest-hostile-fr": lambda: post_of(digest_as(*MANY, more=1_000, header=HEADER), FR),
    "post-digest-bare-fr": lambda: bare_post_of(digest_as(*MANY, FULL, more=3), FR),
    "post-text-hostile-fr": lambda: post_of(claimed_as(HOSTILE, shape="text", header=HEADER, summed_up=1_000), FR),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_what_it_was(name: str) -> None:
    view = CARDS[name]()
    check_limits(view)
    compare(name, payload(view))


@pytest.mark.parametrize("name", POSTS)
def test_a_post_is_what_it_was(name: str) -> None:
    body = request_of(POSTS[name]())
    check_request(body)
    compare(name, body)


def compare(name: str, payload: Any) -> None:
    seen = json.dumps(payload, ensure_ascii=False, indent=1) + "\n"
    path = DATA / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert seen == path.read_text(encoding="utf-8")


def test_no_file_is_left_of_a_card_that_is_gone() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == {*CARDS, *POSTS}


@pytest.fixture(scope="module")
def conforms() -> Callable[[Any], None]:
    if not OPENAPI.exists():
        pytest.skip(f"Discord's API description is not here ({OPENAPI})")
    description = json.loads(OPENAPI.read_text(encoding="utf-8"))
    schema = {
        "$ref": "#/components/schemas/MessageCreateRequest",
        "components": {"schemas": description["components"]["schemas"]},
    }
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate


@pytest.mark.parametrize("name", CARDS)
def test_a_card_conforms_to_discord_s_published_description(name: str, conforms: Callable[[Any], None]) -> None:
    conforms({"components": payload(CARDS[name]()), "flags": 1 << 15, "nonce": "cc-7", "enforce_nonce": True})


@pytest.mark.parametrize("name", POSTS)
def test_a_post_conforms_to_discord_s_published_description(name: str, conforms: Callable[[Any], None]) -> None:
    body = request_of(POSTS[name]())
    conforms({key: value for key, value in body.items() if value is not None} | {"nonce": "cc-7"})
