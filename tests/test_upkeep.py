from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from bot.models import Source, SourceKind, SourceState, Subscription, SubscriptionState
from bot.subscriptions import Followed
from bot.updates.updater import CheckReport
from bot.upkeep import Condition, Upkeep, health_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
T = TypeVar("T")


def followed(here: SubscriptionState = SubscriptionState.ACTIVE, **source: object) -> Followed:
    its = Source(id=1, url="https://a.test/", kind=SourceKind.FEED, next_check_at=NOON, **source)
    return Followed(Subscription(id=2, source_id=1, guild_id=3, channel_id=4, state=here, created_at=NOON), its, 5)


@pytest.mark.parametrize(
    ("one", "condition", "reason", "is_checked"),
    [
        (followed(last_success_at=NOON, last_failure="dns"), Condition.WELL, None, True),
        (followed(), Condition.UNREAD, None, True),
        (followed(failures=3, last_failure="dns", last_success_at=NOON), Condition.FAILING, "failure.dns", True),
        (
            followed(state=SourceState.SUSPENDED, failures=9, last_failure="gone"),
            Condition.SUSPENDED,
            "failure.gone",
            False,
        ),
        (followed(SubscriptionState.PAUSED, last_success_at=NOON), Condition.PAUSED, None, False),
    ],
)
def test_health_says_how_a_source_is_and_why(
    one: Followed, condition: Condition, reason: str | None, is_checked: bool
) -> None:
    health = health_of(one)
    assert (health.condition, health.reason, health.next_check_at is not None) == (condition, reason, is_checked)


@dataclass
class Cabin:
    """A server that follows one source, and everything that Upkeep needs of the rest of the bot."""

    one: Followed = field(default_factory=followed)
    done: list[str] = field(default_factory=list)

    async def find(self, guild_id: int, wanted: str) -> Followed:
        return self.one

    async def followed(self, guild_id: int) -> Sequence[Followed]:
        return [self.one]

    async def pause(self, guild_id: int, subscription_id: int) -> bool:
        self.done.append("pause")
        self.one = followed(SubscriptionState.PAUSED)
        return True

    async def resume(self, guild_id: int, subscription_id: int, now: datetime) -> bool:
        self.done.append("resume")
        self.one = followed()
        return True

    async def check(self, source: Source) -> CheckReport:
        self.done.append("check")
        return CheckReport(source.id, new=2)

    async def errand(self, work: Callable[[], Awaitable[T]]) -> T:
        self.done.append("errand")
        return await work()

    def upkeep(self) -> Upkeep:
        notify = self.done.append
        return Upkeep(
            self.find, self.followed, self, self, self.errand, now=lambda: NOON, notify=lambda: notify("notify")
        )


async def test_a_source_is_asked_at_once_outside_of_the_discord_client() -> None:
    cabin = Cabin()
    assert (await cabin.upkeep().check_now(3, "a")).report.new == 2
    assert cabin.done == ["errand", "check", "notify"]


async def test_pausing_and_resuming_say_how_it_is_now() -> None:
    cabin = Cabin()
    assert (await cabin.upkeep().pause(3, "a")).condition is Condition.PAUSED
    assert (await cabin.upkeep().resume(3, "a")).condition is Condition.UNREAD
    assert cabin.done == ["pause", "resume", "notify"]
    assert [each.condition for each in await cabin.upkeep().health(3)] == [Condition.UNREAD]
