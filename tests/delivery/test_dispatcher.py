from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.dispatcher import Claimed, Dispatcher
from bot.delivery.retry import TRIES
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost
from bot.models import Article, Delivery, StoredArticle, Subscription

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def claimed(attempts: int = 0) -> Claimed:
    return Claimed(
        Delivery(id=5, article_id=3, subscription_id=2, channel_id=9, attempts=attempts, next_attempt_at=NOW),
        Subscription(id=2, source_id=1, guild_id=8, channel_id=9, created_at=NOW),
        StoredArticle(
            id=3, source_id=1, source_title="Le Casse-croûte", found_at=NOW, article=Article(title="T", language="fr")
        ),
        "fr",
    )


@dataclass
class RecordingOutbox:
    """Remembers what the dispatcher made of each delivery."""

    said: list[tuple[object, ...]] = field(default_factory=list)

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        self.said.append(("claim", lease, limit))
        return [claimed()]

    async def next_due_at(self) -> datetime | None:
        return NOW

    async def mark_sent(self, delivery_id: int, *, message_id: int, sent_at: datetime) -> None:
        self.said.append(("sent", delivery_id, message_id, sent_at))

    async def postpone(self, delivery_id: int, *, until: datetime, attempts: int, error: str) -> None:
        self.said.append(("postponed", delivery_id, until, attempts, error))

    async def give_up(self, delivery_id: int, *, attempts: int, error: str) -> None:
        self.said.append(("given up", delivery_id, attempts, error))

    async def release(self, delivery_id: int) -> None:
        self.said.append(("released", delivery_id))

    async def suspend(self, subscription_id: int, *, reason: str) -> None:
        self.said.append(("suspended", subscription_id, reason))


@dataclass
class Answering:
    """An announcer with one answer: a message id, or an error."""

    answer: int | Exception

    async def announce(self, claimed: Claimed) -> int:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def deliver(answer: int | Exception, attempts: int = 0) -> tuple[str, list[tuple[object, ...]]]:
    outbox = RecordingOutbox()
    dispatcher = Dispatcher(outbox, Answering(answer), now=lambda: NOW, chance=lambda: 0.5)
    return await dispatcher.deliver(claimed(attempts)), outbox.said


async def test_a_posted_article_is_recorded_with_its_message() -> None:
    assert await deliver(77) == ("sent", [("sent", 5, 77, NOW)])


async def test_a_passing_failure_waits_and_counts() -> None:
    outcome, said = await deliver(DeliveryPostponed("503"), attempts=1)
    assert outcome == "postponed"
    assert said == [("postponed", 5, NOW + timedelta(seconds=4), 2, "503")]


async def test_a_rate_limit_waits_and_counts_for_nothing() -> None:
    _, said = await deliver(DeliveryPostponed("429", retry_after=30, counted=False), attempts=1)
    assert said == [("postponed", 5, NOW + timedelta(seconds=30), 1, "429")]


async def test_silence_is_a_passing_failure() -> None:
    _, said = await deliver(TimeoutError())
    assert said[0][0] == "postponed"
    assert said[0][-1] == "no answer in time"


async def test_the_last_try_gives_up() -> None:
    assert await deliver(DeliveryPostponed("503"), attempts=TRIES - 1) == ("given_up", [("given up", 5, TRIES, "503")])


async def test_a_refused_payload_is_not_tried_again() -> None:
    assert await deliver(DeliveryRefused("400")) == ("refused", [("given up", 5, 1, "400")])


async def test_a_lost_channel_suspends_the_subscription() -> None:
    outcome, said = await deliver(DestinationLost("404", reason="suspended.channel_gone"))
    assert outcome == "suspended"
    assert said == [("suspended", 2, "suspended.channel_gone")]


async def test_an_unknown_error_is_a_bug_and_surfaces() -> None:
    with pytest.raises(ZeroDivisionError):
        await deliver(ZeroDivisionError())
