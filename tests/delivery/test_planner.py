from datetime import UTC, datetime

from bot.delivery.planner import plan_deliveries
from bot.models import PlannedDelivery, Subscription, SubscriptionState


def subscription(number: int, state: SubscriptionState = SubscriptionState.ACTIVE) -> Subscription:
    return Subscription(
        id=number,
        source_id=1,
        guild_id=1,
        channel_id=number,
        state=state,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_every_subscription_is_owed_every_article_oldest_first() -> None:
    assert plan_deliveries([7, 9], [subscription(1), subscription(2)]) == [
        PlannedDelivery(7, 1),
        PlannedDelivery(7, 2),
        PlannedDelivery(9, 1),
        PlannedDelivery(9, 2),
    ]


def test_a_paused_subscription_is_owed_nothing() -> None:
    assert plan_deliveries([7], [subscription(1, SubscriptionState.PAUSED)]) == []


def test_a_suspended_subscription_is_owed_what_it_misses() -> None:
    assert plan_deliveries([7], [subscription(1, SubscriptionState.SUSPENDED)]) == [PlannedDelivery(7, 1)]
