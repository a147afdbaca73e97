"""What becomes of a message that is owed an edit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.delivery.dispatcher import Claimed
from bot.delivery.retry import TRIES
from bot.delivery.reviser import OwedEdit, Reviser
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost, MessageGone
from bot.models import Delivery, Retraction, Subscription
from tests.fakes.articles import FOUND_AT, full_article, stored

NOW = FOUND_AT


def owed(**changes: object) -> OwedEdit:
    delivery = Delivery(id=7, article_id=12, subscription_id=1, channel_id=5, next_attempt_at=NOW)
    subscription = Subscription(id=1, source_id=3, guild_id=1, channel_id=5, created_at=NOW)
    values = {
        "claimed": Claimed(delivery, subscription, stored(full_article()), None),
        "message_id": 99,
        "leased_until": NOW + timedelta(minutes=2),
        "attempts": 0,
        "retraction": None,
        "fingerprint": "new",
        "shown": "old",
    }
    return OwedEdit(**(values | changes))  # type: ignore[arg-type]


@dataclass
class Backlog:
    settled: list[tuple[object, ...]] = field(default_factory=list)

    async def claim(self, *, now: datetime, lease: timedelta, limit: int) -> Sequence[OwedEdit]:
        return [owed()][:limit]

    async def next_due_at(self) -> datetime | None:
        return NOW

    async def done(self, edit: OwedEdit) -> None:
        self.settled.append(("done",))

    async def postpone(self, edit: OwedEdit, *, until: datetime, attempts: int) -> None:
        self.settled.append(("postpone", until, attempts))

    async def give_up(self, edit: OwedEdit) -> None:
        self.settled.append(("give_up",))

    async def gone(self, edit: OwedEdit, *, at: datetime) -> None:
        self.settled.append(("gone", at))


@dataclass
class Editor:
    error: Exception | None = None
    calls: list[str] = field(default_factory=list)

    async def edit(self, edit: OwedEdit) -> None:
        self.calls.append("edit")
        if self.error:
            raise self.error

    async def delete(self, edit: OwedEdit) -> None:
        self.calls.append("delete")
        if self.error:
            raise self.error


async def revise(edit: OwedEdit, error: Exception | None = None) -> tuple[str, list[tuple[object, ...]], list[str]]:
    backlog, editor = Backlog(), Editor(error)
    outcome = await Reviser(backlog, editor, now=lambda: NOW, chance=lambda: 0.5).revise(edit)
    return outcome, backlog.settled, editor.calls


async def test_a_message_is_edited_once() -> None:
    assert await revise(owed()) == ("edited", [("done",)], ["edit"])


async def test_what_is_shown_already_asks_discord_for_nothing() -> None:
    assert await revise(owed(shown="new")) == ("unchanged", [("done",)], [])


async def test_a_withdrawn_article_s_message_is_struck_or_deleted() -> None:
    assert await revise(owed(retraction=Retraction.STRIKE)) == ("edited", [("done",)], ["edit"])
    assert await revise(owed(retraction=Retraction.DELETE)) == ("deleted", [("gone", NOW)], ["delete"])


@pytest.mark.parametrize(
    "error",
    [
        MessageGone("10008"),
        DestinationLost("10003", reason="suspended.channel_gone"),
        DestinationLost("10004", reason="suspended.server_gone"),
    ],
)
async def test_a_message_that_somebody_deleted_is_never_asked_for_again(error: Exception) -> None:
    for retraction in (None, Retraction.DELETE):
        outcome, settled, _ = await revise(owed(retraction=retraction), error)
        assert (outcome, settled) == ("gone", [("gone", NOW)])


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (DeliveryPostponed("503"), 1),
        (TimeoutError(), 1),
        (DestinationLost("50013", reason="suspended.cannot_send"), 1),
        (DeliveryPostponed("not connected", counted=False), 0),
    ],
)
async def test_what_may_work_later_is_tried_later(error: Exception, attempts: int) -> None:
    outcome, settled, _ = await revise(owed(), error)
    assert (outcome, settled) == ("postponed", [("postpone", NOW + timedelta(seconds=0.5), attempts)])


async def test_an_unknown_error_is_a_bug_that_surfaces_and_a_failed_try() -> None:
    backlog = Backlog()
    with pytest.raises(ZeroDivisionError):
        await Reviser(backlog, Editor(ZeroDivisionError()), now=lambda: NOW, chance=lambda: 0.5).revise(owed())
    assert backlog.settled == [("postpone", NOW + timedelta(seconds=0.5), 1)]


async def test_discord_s_own_wait_is_kept() -> None:
    _, settled, _ = await revise(owed(), DeliveryPostponed("429", retry_after=40, counted=False))
    assert settled == [("postpone", NOW + timedelta(seconds=40), 0)]


async def test_it_gives_up_in_the_end_and_at_once_when_refused() -> None:
    assert (await revise(owed(attempts=TRIES - 1), DeliveryPostponed("503")))[:2] == ("given_up", [("give_up",)])
    assert (await revise(owed(), DeliveryRefused("50035")))[:2] == ("given_up", [("give_up",)])
