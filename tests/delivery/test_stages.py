"""One article's way, stage by stage, and where it stopped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.articles.filters import Filter, trace_of
from bot.delivery.stages import Arrival, Fate, Follower, Place, Retracted, Sign, Step, Told, Try, arrive, follow
from bot.models import DeliveryState, Source, SourceKind, Subscription, SubscriptionState
from tests.fakes.articles import FOUND_AT, full_article, stored

MINUTE = timedelta(minutes=1)
NOW = FOUND_AT + timedelta(hours=2)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)

SOURCE = Source(
    id=3, url="https://comptoir.example/fil", kind=SourceKind.FEED, seeded_at=EARLIER, next_check_at=FOUND_AT
)
ARRIVAL = Arrival(stored(full_article()), SOURCE, announced=True)
SUBSCRIPTION = Subscription(id=5, source_id=3, guild_id=1, channel_id=456, created_at=EARLIER)
PENDING = Fate(DeliveryState.PENDING, 456, created_at=FOUND_AT, due_at=FOUND_AT)
SENT = replace(PENDING, state=DeliveryState.SENT, message_id=77, sent_at=FOUND_AT + MINUTE)


def keys(steps: tuple[Step, ...]) -> list[str]:
    return [each.key for each in steps]


def last(arrival: Arrival = ARRIVAL, **its: Any) -> Step:
    return follow(arrival, Follower(**{"subscription": SUBSCRIPTION} | its), NOW)[-1]


def test_an_article_that_was_sent_went_through_every_stage() -> None:
    assert keys(arrive(ARRIVAL)) == ["fetched", "new", "understood"]
    steps = follow(ARRIVAL, Follower(SUBSCRIPTION, SENT), NOW)
    assert keys(steps) == ["passed", "planned", "was_due", "sent", "message"]
    assert steps[-1].params == {"when": SENT.sent_at, "message": Place(456, 77)}
    assert {each.sign for each in (*arrive(ARRIVAL), *steps)} == {Sign.DONE}


def test_every_stage_has_its_time() -> None:
    for step in (*arrive(ARRIVAL), *follow(ARRIVAL, Follower(SUBSCRIPTION, SENT), NOW)):
        assert isinstance(step.params["when"], datetime), step.key


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"announced": False}, "archive"),
        ({"announced": False, "source": SOURCE.model_copy(update={"seeded_at": FOUND_AT})}, "seeded"),
        ({"retracted": Retracted(NOW, deletes=False)}, "retracted_struck"),
        ({"retracted": Retracted(NOW, deletes=True)}, "retracted_deleted"),
    ],
)
def test_an_article_may_stop_before_any_channel(changes: dict[str, Any], key: str) -> None:
    stopped = [each for each in arrive(replace(ARRIVAL, **changes)) if each.sign is Sign.STOPPED]
    assert keys(tuple(stopped)) == [key]
    assert stopped[0].fix == "publish"


def test_changes_and_corrections_are_stages_too() -> None:
    changed = replace(
        ARRIVAL, article=ARRIVAL.article.model_copy(update={"revised_at": NOW}), corrected_at=NOW, announced=None
    )
    assert keys(arrive(changed)) == ["fetched", "new", "understood", "revised", "corrected"]
    empty = replace(ARRIVAL, article=stored(full_article(sections=())))
    assert keys(arrive(empty))[-1] == "understood_empty"


TOLD = Told("Ailleurs", "L’Autre", Place(457, 78))


@pytest.mark.parametrize(
    ("arrival", "its", "key", "fix"),
    [
        ({}, {"subscription": SUBSCRIPTION.model_copy(update={"created_at": NOW})}, "before", "publish"),
        ({"announced": False}, {}, "not_news", "publish"),
        (
            {"announced": None, "source": SOURCE.model_copy(update={"seeded_at": FOUND_AT})},
            {"told": TOLD},
            "not_news",
            "publish",
        ),
        (
            {"source": SOURCE.model_copy(update={"seeded_at": FOUND_AT})},
            {"subscription": SUBSCRIPTION.model_copy(update={"preferences": '{"first": "nothing"}'})},
            "quiet_start",
            "publish",
        ),
        ({}, {"told": TOLD}, "told", "publish"),
        ({}, {"told": replace(TOLD, message=None)}, "told_elsewhere", "publish"),
        ({}, {}, "paused_then", "publish"),
        (
            {},
            {"subscription": SUBSCRIPTION.model_copy(update={"state": SubscriptionState.PAUSED})},
            "paused_then",
            "resume",
        ),
        ({"announced": None}, {}, "unknown", "publish"),
    ],
)
def test_a_channel_that_was_never_owed_it_says_why(
    arrival: dict[str, Any], its: dict[str, Any], key: str, fix: str
) -> None:
    step = last(replace(ARRIVAL, **arrival), **its)
    assert (step.sign, step.key, step.fix) == (Sign.STOPPED, key, fix)


def test_a_filtered_article_names_the_filter_and_the_time() -> None:
    wanted = (Filter(mode="exclude", words="promo"),)
    fate = replace(PENDING, state=DeliveryState.FILTERED, held_reason=trace_of(wanted))
    steps = follow(ARRIVAL, Follower(SUBSCRIPTION, fate), NOW)
    assert keys(steps) == ["filtered"]
    assert steps[0].params == {"when": FOUND_AT, "filters": wanted}
    assert steps[0].fix == "filtered"


def of(**changes: Any) -> dict[str, Any]:
    return {"subscription": SUBSCRIPTION.model_copy(update=changes)}


LATER = NOW + MINUTE


@pytest.mark.parametrize(
    ("fate", "its", "sign", "key"),
    [
        ({}, {}, Sign.WAITS, "due"),
        ({"ahead": 3}, {}, Sign.WAITS, "behind"),
        ({"due_at": LATER, "failures": 2, "last_error": "503"}, {}, Sign.WAITS, "retrying"),
        ({"due_at": LATER}, {}, Sign.WAITS, "asked_to_wait"),
        ({"leased_until": LATER}, {}, Sign.WAITS, "sending"),
        ({"state": DeliveryState.GATHERED, "carrier": Place(456)}, {}, Sign.WAITS, "gathered"),
        (
            {"state": DeliveryState.GATHERED, "carrier": Place(456)},
            of(state=SubscriptionState.PAUSED),
            Sign.STOPPED,
            "paused",
        ),
        ({"leased_until": FOUND_AT}, {}, Sign.WAITS, "due"),
        ({}, of(held_until=LATER, held_reason="hours"), Sign.WAITS, "held_hours"),
        ({}, of(held_until=LATER, held_reason="cap"), Sign.WAITS, "held_cap"),
        ({}, of(held_until=LATER, held_reason="digest"), Sign.WAITS, "held_digest"),
        ({}, of(held_until=FOUND_AT, held_reason="cap"), Sign.WAITS, "due"),
        ({}, of(state=SubscriptionState.PAUSED), Sign.STOPPED, "paused"),
        (
            {},
            of(state=SubscriptionState.SUSPENDED, suspended_reason="suspended.no_access"),
            Sign.STOPPED,
            "suspended",
        ),
        ({}, of(state=SubscriptionState.SUSPENDED, suspended_reason="suspended.payload"), Sign.WAITS, "due"),
    ],
)
def test_what_is_owed_says_what_it_waits_for(fate: dict[str, Any], its: dict[str, Any], sign: Sign, key: str) -> None:
    step = last(fate=replace(PENDING, **fate), **its)
    assert (step.sign, step.key) == (sign, key)


@pytest.mark.parametrize(
    ("fate", "arrival", "its", "key", "fix"),
    [
        ({"state": DeliveryState.FAILED, "failures": 24}, {}, {}, "given_up", "publish"),
        (
            {"state": DeliveryState.FAILED, "tries": (Try(NOW, "refused", "400"),)},
            {},
            {},
            "refused",
            "publish",
        ),
        ({"state": DeliveryState.SUMMED_UP, "carrier": Place(456, 80)}, {}, {}, "summed_up", "publish"),
        ({"state": DeliveryState.CANCELLED}, {}, {"removed_at": NOW}, "unfollowed", "follow"),
        (
            {"state": DeliveryState.CANCELLED},
            {"retracted": Retracted(NOW, deletes=False)},
            {},
            "retracted_before",
            "publish",
        ),
        ({"state": DeliveryState.CANCELLED}, {}, {}, "cancelled", "publish"),
    ],
)
def test_what_was_never_sent_says_why(
    fate: dict[str, Any], arrival: dict[str, Any], its: dict[str, Any], key: str, fix: str
) -> None:
    step = last(replace(ARRIVAL, **arrival), fate=replace(PENDING, **fate), **its)
    assert (step.sign, step.key, step.fix) == (Sign.STOPPED, key, fix)


def test_a_message_that_was_hard_to_send_says_so() -> None:
    tries = (Try(FOUND_AT, "postponed", "503"), Try(FOUND_AT + MINUTE, "found", None))
    fate = replace(SENT, failures=1, last_error="503", tries=tries, edit_due_at=NOW)
    steps = follow(ARRIVAL, Follower(SUBSCRIPTION, fate), NOW)
    assert keys(steps) == ["passed", "planned", "was_due", "tries", "found", "message", "edit_due"]
    assert steps[3].params == {"when": FOUND_AT, "n": 1, "error": "503"}


def test_a_message_that_is_gone_says_who_deleted_it() -> None:
    fate = replace(SENT, deleted_at=NOW)
    assert last(fate=fate).key == "message_deleted"
    struck = replace(ARRIVAL, retracted=Retracted(NOW, deletes=False))
    assert last(struck, fate=fate).key == "message_deleted"
    deleted = replace(ARRIVAL, retracted=Retracted(NOW, deletes=True))
    assert last(deleted, fate=fate).key == "message_retracted"


def test_what_was_planned_long_after_it_came_says_so_and_a_digest_is_named() -> None:
    fate = replace(SENT, created_at=FOUND_AT + MINUTE, carrier=Place(456, 77))
    assert keys(follow(ARRIVAL, Follower(SUBSCRIPTION, fate), NOW))[1:] == [
        "planned_later",
        "was_due",
        "sent",
        "message_in_digest",
    ]
