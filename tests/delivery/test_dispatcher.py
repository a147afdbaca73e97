from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.dispatcher import LEASE, SET_BACK, SKEW, STILL_ARRIVING, Claimed, Dispatcher, Posted
from bot.delivery.retry import TRIES
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost, StorageError
from bot.models import Article, Delivery, StoredArticle, Subscription

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POSTED = Posted(77)


def claimed(attempts: int = 0, tried: timedelta | None = None) -> Claimed:
    """`tried` is how long ago the first try began."""
    return Claimed(
        Delivery(
            id=5,
            article_id=3,
            subscription_id=2,
            channel_id=9,
            attempts=attempts,
            next_attempt_at=NOW,
            tried_at=None if tried is None else NOW - tried,
        ),
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
    refusals: int = 0
    """How often the database is yet to refuse that a message was posted."""

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claimed]:
        self.said.append(("claim", lease, limit))
        return [claimed()]

    async def next_due_at(self, now: datetime) -> datetime | None:
        return NOW

    async def renew(self, delivery_ids: Collection[int], *, until: datetime) -> None:
        self.said.append(("renewed", *delivery_ids, until))

    async def searched(self, delivery: Delivery, *, at: datetime) -> None:
        self.said.append(("searched", delivery.id, at))

    async def mark_sent(self, delivery: Delivery, *, posted: Posted, sent_at: datetime, found: bool = False) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StorageError("locked")
        self.said.append(("found" if found else "sent", delivery.id, posted, sent_at))

    async def postpone(
        self, delivery: Delivery, *, until: datetime, attempts: int, error: str, at: datetime, untried: bool = False
    ) -> None:
        self.said.append(("untried" if untried else "postponed", delivery.id, until, attempts, error))

    async def give_up(self, delivery: Delivery, *, attempts: int, error: str, at: datetime) -> None:
        self.said.append(("given up", delivery.id, attempts, error))

    async def refuse(self, delivery: Delivery, *, error: str, at: datetime) -> None:
        self.said.append(("refused", delivery.id, error))

    async def suspend(self, delivery: Delivery, *, reason: str, error: str, at: datetime) -> None:
        self.said.append(("suspended", delivery.subscription_id, reason, error))

    async def release(self, delivery: Delivery) -> None:
        self.said.append(("released", delivery.id))


@dataclass
class Answering:
    """An announcer with one answer, and what it finds of earlier tries."""

    answer: Posted | Exception
    found: Posted | Exception | None = None
    nonce: bool = True
    asked: list[object] = field(default_factory=list)

    def has_nonce(self, claimed: Claimed) -> bool:
        return self.nonce

    async def find(self, claimed: Claimed, *, since: datetime) -> Posted | None:
        self.asked.append(since)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def announce(self, claimed: Claimed) -> Posted:
        self.asked.append("announce")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def deliver(
    answer: Posted | Exception | Answering, attempts: int = 0, tried: timedelta | None = None, refusals: int = 0
) -> tuple[str, list[tuple[object, ...]]]:
    outbox = RecordingOutbox(refusals=refusals)
    announcer = answer if isinstance(answer, Answering) else Answering(answer)

    async def pause(seconds: float) -> None:
        outbox.said.append(("paused", seconds))

    dispatcher = Dispatcher(outbox, announcer, now=lambda: NOW, chance=lambda: 0.5, pause=pause)
    return await dispatcher.deliver(claimed(attempts, tried)), outbox.said


async def test_a_posted_article_is_recorded_with_its_message() -> None:
    assert await deliver(POSTED) == ("sent", [("sent", 5, POSTED, NOW)])


async def test_a_first_try_looks_for_nothing() -> None:
    announcer = Answering(POSTED, found=Posted(1))
    await deliver(announcer)
    assert announcer.asked == ["announce"]


@pytest.mark.parametrize("ago", [timedelta(seconds=1), timedelta(days=1)])
async def test_what_an_earlier_try_posted_is_found_and_nothing_is_sent(ago: timedelta) -> None:
    announcer = Answering(POSTED, found=Posted(1))
    assert await deliver(announcer, tried=ago) == ("found", [("found", 5, Posted(1), NOW)])
    assert announcer.asked == [NOW - ago - SKEW]


async def test_after_our_clock_was_set_back_a_try_is_looked_for_a_day_back() -> None:
    announcer = Answering(POSTED, found=Posted(1))
    await deliver(announcer, tried=-timedelta(hours=1))
    assert announcer.asked == [NOW - SET_BACK - SKEW]


async def test_what_is_not_found_is_sent_and_the_search_is_remembered() -> None:
    announcer = Answering(POSTED)
    _, said = await deliver(announcer, tried=timedelta(hours=3))
    assert said == [("searched", 5, NOW), ("sent", 5, POSTED, NOW)]


async def test_a_search_that_fails_sends_nothing() -> None:
    announcer = Answering(POSTED, found=DeliveryPostponed("503"))
    outcome, said = await deliver(announcer, tried=timedelta(hours=3))
    assert outcome == "postponed"
    assert "announce" not in announcer.asked
    assert [each[0] for each in said] == ["postponed"]


async def test_where_there_is_no_nonce_what_is_not_found_may_still_arrive() -> None:
    announcer = Answering(POSTED, nonce=False)
    outcome, said = await deliver(announcer, tried=timedelta(seconds=20))
    assert outcome == "postponed"
    assert said[0][:4] == ("postponed", 5, NOW + STILL_ARRIVING - timedelta(seconds=20), 0)
    assert "announce" not in announcer.asked
    assert (await deliver(Answering(POSTED, nonce=False), tried=STILL_ARRIVING))[0] == "sent"
    assert (await deliver(Answering(POSTED, found=Posted(1), nonce=False), tried=timedelta(seconds=1)))[0] == "found"


async def test_a_passing_failure_waits_and_counts() -> None:
    outcome, said = await deliver(DeliveryPostponed("503"), attempts=1)
    assert outcome == "postponed"
    assert said == [("postponed", 5, NOW + timedelta(seconds=0.8), 2, "503")]


async def test_a_rate_limit_waits_and_counts_for_nothing() -> None:
    _, said = await deliver(DeliveryPostponed("429", retry_after=30, counted=False), attempts=1)
    assert said == [("postponed", 5, NOW + timedelta(seconds=30), 1, "429")]


async def test_a_try_in_which_discord_took_nothing_leaves_nothing_to_look_for() -> None:
    _, said = await deliver(DeliveryPostponed("429", retry_after=30, counted=False, untried=True))
    assert said == [("untried", 5, NOW + timedelta(seconds=30), 0, "429")]


async def test_silence_is_a_passing_failure() -> None:
    _, said = await deliver(TimeoutError())
    assert said[0][0] == "postponed"
    assert said[0][-1] == "no answer in time"


async def test_the_last_try_gives_up() -> None:
    assert await deliver(DeliveryPostponed("503"), attempts=TRIES - 1) == ("given_up", [("given up", 5, TRIES, "503")])


async def test_a_refused_payload_is_not_tried_again() -> None:
    assert await deliver(DeliveryRefused("400")) == ("refused", [("refused", 5, "400")])


async def test_a_lost_channel_suspends_the_subscription() -> None:
    outcome, said = await deliver(DestinationLost("404", reason="suspended.channel_gone"))
    assert outcome == "suspended"
    assert said == [("suspended", 2, "suspended.channel_gone", "404")]


async def test_a_database_that_is_locked_when_the_message_is_posted_is_tried_again() -> None:
    outcome, said = await deliver(POSTED, refusals=2)
    assert outcome == "sent"
    assert [each[0] for each in said] == ["paused", "paused", "sent"]


async def test_a_database_that_stays_away_is_reported() -> None:
    with pytest.raises(StorageError):
        await deliver(POSTED, refusals=99)


async def test_an_unknown_error_is_a_bug_that_surfaces_and_a_failed_try() -> None:
    outbox = RecordingOutbox()
    dispatcher = Dispatcher(outbox, Answering(ZeroDivisionError("x")), now=lambda: NOW, chance=lambda: 0.5)
    with pytest.raises(ZeroDivisionError):
        await dispatcher.deliver(claimed())
    assert outbox.said == [("postponed", 5, NOW + timedelta(seconds=0.5), 1, "unexpected: ZeroDivisionError('x')")]


async def test_what_is_being_sent_is_not_sent_again_when_its_lease_ran_out_meanwhile() -> None:
    dispatcher = Dispatcher(RecordingOutbox(), Answering(POSTED), now=lambda: NOW)
    (one,) = await dispatcher.claim(1)
    assert await dispatcher.claim(1) == []
    await dispatcher.deliver(one)
    assert len(await dispatcher.claim(1)) == 1


async def test_a_lease_is_renewed_for_as_long_as_the_send_lasts() -> None:
    outbox = RecordingOutbox()
    dispatcher = Dispatcher(outbox, Answering(POSTED), now=lambda: NOW)
    await dispatcher.renew()
    assert outbox.said == []
    (one,) = await dispatcher.claim(1)
    await dispatcher.renew()
    assert outbox.said[-1] == ("renewed", 5, NOW + LEASE)
    await dispatcher.deliver(one)
    outbox.said.clear()
    await dispatcher.renew()
    assert outbox.said == []
