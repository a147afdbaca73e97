"""One article's way from its source to a channel, stage by stage, and where it stopped. Pure.

What happened is told from what is stored: nothing is kept for telling it but what filters kept out, whether an article
was news when it was found, and every try of a delivery.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.articles.filters import Filter, read_trace
from bot.delivery.dispatcher import Outcome
from bot.delivery.hours import HoldReason
from bot.delivery.preferences import preferences_of
from bot.delivery.suspensions import STILL_SERVED
from bot.models import DeliveryState, Source, StoredArticle, Subscription, SubscriptionState


class Sign(StrEnum):
    DONE = "done"
    WAITS = "waits"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Place:
    """A message of ours; a channel where there is no message."""

    channel_id: int
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of another part of the bot, by its key: why a channel is lost, for instance."""

    key: str


Value = str | int | datetime | Place | Sentence | tuple[str, ...] | tuple[Filter, ...] | None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: the sentence `why.<key>`, what fills it, and what to do about it, `why.fix.<fix>`."""

    sign: Sign
    key: str
    params: Mapping[str, Value] = field(default_factory=dict)
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The article by which a server had a story already."""

    title: str
    source_title: str
    message: Place | None


@dataclass(frozen=True, slots=True)
class Retracted:
    at: datetime
    deletes: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of an article before anybody is owed it."""

    article: StoredArticle
    source: Source
    announced: bool | None
    """Whether it was news when it was found; None for those from before this was kept."""
    retracted: Retracted | None = None
    corrected_at: datetime | None = None
    """When a moderator last said what its passages are."""


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    outcome: Outcome
    detail: str | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a delivery so far."""

    state: DeliveryState
    channel_id: int
    created_at: datetime
    due_at: datetime
    failures: int = 0
    held_reason: str | None = None
    last_error: str | None = None
    leased_until: datetime | None = None
    message_id: int | None = None
    sent_at: datetime | None = None
    deleted_at: datetime | None = None
    edit_due_at: datetime | None = None
    carrier: Place | None = None
    """The message, or the channel to be, of another delivery that tells of this one too."""
    tries: tuple[Try, ...] = ()
    """The last ones, oldest first."""
    ahead: int = 0
    """How many wait before it in its channel."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription to the article's source, and what it has of the article."""

    subscription: Subscription
    fate: Fate | None = None
    told: Told | None = None
    suspended_at: datetime | None = None
    removed_at: datetime | None = None


def arrive(arrival: Arrival) -> tuple[Step, ...]:
    """Fetched, new, understood; corrected and retracted, where it was."""
    return tuple(_arrive(arrival))


def follow(arrival: Arrival, follower: Follower, now: datetime) -> tuple[Step, ...]:
    """Filtered, planned, due, sent, its message: as far as it came in one channel."""
    fate = follower.fate
    if fate is None:
        return (_unplanned(arrival, follower),)
    if fate.state is DeliveryState.FILTERED:
        params: dict[str, Value] = {"when": fate.due_at, "filters": read_trace(fate.held_reason or "")}
        return (Step(Sign.STOPPED, "filtered", params, fix="filtered"),)
    return tuple(_follow(arrival, follower, fate, now))


def _arrive(arrival: Arrival) -> Iterator[Step]:
    stored, article = arrival.article, arrival.article.article
    yield Step(Sign.DONE, "fetched", {"when": stored.found_at, "source": stored.source_title})
    yield _new(arrival)
    kinds = tuple(dict.fromkeys(section.kind for section in article.sections))
    understood: dict[str, Value] = {"when": stored.found_at, "language": article.language, "kinds": kinds}
    yield Step(Sign.DONE, "understood" if kinds else "understood_empty", understood)
    if stored.revised_at is not None:
        yield Step(Sign.DONE, "revised", {"when": stored.revised_at})
    if arrival.corrected_at is not None:
        yield Step(Sign.DONE, "corrected", {"when": arrival.corrected_at})
    if arrival.retracted is not None:
        key = "retracted_deleted" if arrival.retracted.deletes else "retracted_struck"
        yield Step(Sign.STOPPED, key, {"when": arrival.retracted.at}, fix="publish")


def _new(arrival: Arrival) -> Step:
    when = arrival.article.found_at
    if arrival.announced is False:
        return Step(Sign.STOPPED, "seeded" if _at_first_check(arrival) else "archive", {"when": when}, fix="publish")
    return Step(Sign.DONE, "new", {"when": when})


def _at_first_check(arrival: Arrival) -> bool:
    return arrival.article.found_at == arrival.source.seeded_at


def _unplanned(arrival: Arrival, follower: Follower) -> Step:
    """Why a channel was never owed an article of a source that it follows."""
    subscription = follower.subscription
    if arrival.article.found_at < subscription.created_at:
        return Step(Sign.STOPPED, "before", {"when": subscription.created_at}, fix="publish")
    if arrival.announced is False or (arrival.announced is None and _at_first_check(arrival)):
        return Step(Sign.STOPPED, "not_news", {"when": arrival.article.found_at}, fix="publish")
    if follower.told is not None:
        told = follower.told
        params: dict[str, Value] = {
            "when": arrival.article.found_at,
            "title": told.title,
            "source": told.source_title,
            "message": told.message,
        }
        return Step(Sign.STOPPED, "told" if told.message else "told_elsewhere", params, fix="publish")
    if _at_first_check(arrival) and preferences_of(subscription).first != "newest":
        return Step(Sign.STOPPED, "quiet_start", {"when": arrival.article.found_at}, fix="publish")
    # Everybody else who followed the source was owed it.
    key = "paused_then" if arrival.announced else "unknown"
    fix = "resume" if subscription.state is SubscriptionState.PAUSED else "publish"
    return Step(Sign.STOPPED, key, {"when": arrival.article.found_at}, fix=fix)


def _follow(arrival: Arrival, follower: Follower, fate: Fate, now: datetime) -> Iterator[Step]:
    yield Step(Sign.DONE, "passed", {"when": fate.created_at})
    late = fate.created_at > arrival.article.found_at
    yield Step(Sign.DONE, "planned_later" if late else "planned", {"when": fate.created_at})
    match fate.state:
        case DeliveryState.PENDING:
            yield _due(follower, fate, now)
        case DeliveryState.SENT:
            yield from _sent(arrival, fate)
        case DeliveryState.FAILED:
            yield _failed(fate)
        case DeliveryState.GATHERED:
            yield _closed(follower, fate) or Step(
                Sign.WAITS, "gathered", {"when": fate.created_at, "message": fate.carrier}
            )
        case DeliveryState.SUMMED_UP:
            yield Step(Sign.STOPPED, "summed_up", {"when": fate.created_at, "message": fate.carrier}, fix="publish")
        case _:
            yield _cancelled(arrival, follower, fate)


def _due(follower: Follower, fate: Fate, now: datetime) -> Step:
    if step := _closed(follower, fate) or _held(follower.subscription, now):
        return step
    params: dict[str, Value] = {"when": fate.due_at}
    if fate.leased_until is not None and fate.leased_until > now:
        return Step(Sign.WAITS, "sending", params)
    if fate.due_at > now:
        said: dict[str, Value] = {"when": fate.due_at, "n": fate.failures, "error": fate.last_error or "?"}
        return Step(Sign.WAITS, "retrying" if fate.failures else "asked_to_wait", said)
    if fate.ahead:
        return Step(Sign.WAITS, "behind", params | {"n": fate.ahead})
    return Step(Sign.WAITS, "due", params, fix="connected")


def _closed(follower: Follower, fate: Fate) -> Step | None:
    """Where nothing at all is posted until somebody acts."""
    subscription = follower.subscription
    if subscription.state is SubscriptionState.PAUSED:
        return Step(Sign.STOPPED, "paused", {"when": fate.due_at}, fix="resume")
    reason = subscription.suspended_reason or ""
    if subscription.state is SubscriptionState.SUSPENDED and reason not in STILL_SERVED:
        since = follower.suspended_at or fate.due_at
        return Step(Sign.STOPPED, "suspended", {"when": since, "reason": Sentence(reason)}, fix="suspended")
    return None


def _held(subscription: Subscription, now: datetime) -> Step | None:
    """Where a moderator's own settings make it wait."""
    if subscription.held_until is None or subscription.held_until <= now:
        return None
    keys: dict[str, str] = {HoldReason.CAP: "held_cap", HoldReason.DIGEST: "held_digest"}
    key = keys.get(subscription.held_reason or "", "held_hours")
    return Step(Sign.WAITS, key, {"when": subscription.held_until}, fix="hours")


def _sent(arrival: Arrival, fate: Fate) -> Iterator[Step]:
    yield Step(Sign.DONE, "was_due", {"when": fate.due_at})
    if fate.failures:
        failed_at = max((each.at for each in fate.tries if each.outcome == "postponed"), default=fate.due_at)
        yield Step(Sign.DONE, "tries", {"when": failed_at, "n": fate.failures, "error": fate.last_error or "?"})
    found = any(each.outcome == "found" for each in fate.tries)
    yield Step(Sign.DONE, "found" if found else "sent", {"when": fate.sent_at})
    message = Place(fate.channel_id, fate.message_id)
    if fate.deleted_at is not None:
        by_us = arrival.retracted is not None and arrival.retracted.deletes
        key = "message_retracted" if by_us else "message_deleted"
        yield Step(Sign.STOPPED, key, {"when": fate.deleted_at}, fix="publish")
        return
    key = "message_in_digest" if fate.carrier else "message"
    yield Step(Sign.DONE, key, {"when": fate.sent_at, "message": message})
    if fate.edit_due_at is not None:
        yield Step(Sign.WAITS, "edit_due", {"when": fate.edit_due_at})


def _failed(fate: Fate) -> Step:
    last = fate.tries[-1] if fate.tries else None
    params: dict[str, Value] = {
        "when": last.at if last else fate.due_at,
        "n": fate.failures,
        "error": fate.last_error or "?",
    }
    refused = last is not None and last.outcome == "refused"
    return Step(Sign.STOPPED, "refused" if refused else "given_up", params, fix="publish")


def _cancelled(arrival: Arrival, follower: Follower, fate: Fate) -> Step:
    if follower.removed_at is not None:
        return Step(Sign.STOPPED, "unfollowed", {"when": follower.removed_at}, fix="follow")
    if arrival.retracted is not None:
        return Step(Sign.STOPPED, "retracted_before", {"when": arrival.retracted.at}, fix="publish")
    return Step(Sign.STOPPED, "cancelled", {"when": fate.created_at}, fix="publish")
