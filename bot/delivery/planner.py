"""Who is owed which article. Pure; storage runs it inside the transaction that stores the articles."""

from collections.abc import Sequence

from bot.models import PlannedDelivery, Subscription, SubscriptionState


def plan_deliveries(article_ids: Sequence[int], subscriptions: Sequence[Subscription]) -> Sequence[PlannedDelivery]:
    """A paused subscription is owed nothing; a suspended one is owed what it will get when it is resumed."""
    return [
        PlannedDelivery(article_id, subscription.id)
        for article_id in article_ids
        for subscription in subscriptions
        if subscription.state is not SubscriptionState.PAUSED
    ]
