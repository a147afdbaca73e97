"""The questions asked of the delivery queue, as SQL.

A channel's *front* is what could be sent in it next: its oldest delivery, and, where that one and those after it have
failed too often to hold anybody back, the ones behind it up to the first that has not. Fronts are found through the
subscriptions that are owed something, by jumping along the index `deliveries_pending` from one subscription to the
next: neither the length of a queue nor what was ever sent makes a claim slower.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, case, func, literal_column, or_, select

from bot.models import SubscriptionState
from bot.storage.schema import deliveries, subscriptions

PATIENCE = 3
"""Failed tries after which a delivery no longer holds back those behind it."""


def pending(table: FromClause) -> ColumnElement[bool]:
    """Written out rather than bound: with a parameter, neither engine would see that a partial index applies."""
    state: ColumnElement[str] = table.c.state
    return state == literal_column("'pending'")


def sent(table: FromClause) -> ColumnElement[bool]:
    state: ColumnElement[str] = table.c.state
    return state == literal_column("'sent'")


def claimable(now: datetime, limit: int) -> Select[Any]:
    """Ids of the deliveries that may be sent now, one a channel.

    The channel that has waited longest comes first: since its delivery became due, or since something was last sent
    there, so that a channel with thousands waiting takes its turn like the others.
    """
    front = _front()
    served_at = _last_sent_at(front.c.channel_id).label("served_at")
    turns = (
        select(front.c.channel_id, func.min(front.c.id).label("id"), served_at)
        .where(front.c.next_attempt_at <= now)
        .group_by(front.c.channel_id)
        .cte("turns")
    )
    waiting_since = case(
        (turns.c.served_at > deliveries.c.next_attempt_at, turns.c.served_at), else_=deliveries.c.next_attempt_at
    )
    sending = deliveries.alias("sending")
    in_flight = select(sending.c.id).where(sending.c.channel_id == deliveries.c.channel_id, sending.c.lease_until > now)
    return (
        select(deliveries.c.id)
        .join(turns, turns.c.id == deliveries.c.id)
        # Said again of the row itself: PostgreSQL looks at these once more when it had to wait for the row.
        .where(
            pending(deliveries),
            deliveries.c.next_attempt_at <= now,
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now),
            ~in_flight.exists(),
        )
        .order_by(waiting_since, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )


def next_claimable_at() -> Select[Any]:
    """When the first front is due and nothing is being sent in its channel any more."""
    front = _front()
    sending = deliveries.alias("sending")
    free_at = (
        select(func.max(sending.c.lease_until))
        .where(sending.c.channel_id == front.c.channel_id, sending.c.lease_until.is_not(None))
        .scalar_subquery()
    )
    channels = (
        select(func.min(front.c.next_attempt_at).label("due_at"), free_at.label("free_at"))
        .group_by(front.c.channel_id)
        .subquery("channels")
    )
    at = case((channels.c.free_at > channels.c.due_at, channels.c.free_at), else_=channels.c.due_at)
    return select(func.min(at))


def _front() -> CTE:
    lines = _lines()
    return (
        select(deliveries.c.id, lines.c.channel_id, deliveries.c.next_attempt_at)
        .join_from(
            lines,
            deliveries,
            and_(
                deliveries.c.subscription_id == lines.c.subscription_id,
                deliveries.c.id <= func.coalesce(lines.c.head_id, literal_column(str(2**62))),
            ),
        )
        .where(pending(deliveries))
        .cte("front")
    )


def _lines() -> CTE:
    """Active subscriptions that are owed something, with the delivery that holds back its channel (null: none does)."""
    owed = _owed()
    waiting = deliveries.alias("waiting")
    oldest = (
        select(func.min(waiting.c.id))
        .where(waiting.c.subscription_id == subscriptions.c.id, pending(waiting), waiting.c.attempts < PATIENCE)
        .scalar_subquery()
    )
    return (
        select(
            subscriptions.c.id.label("subscription_id"),
            subscriptions.c.channel_id,
            func.min(oldest).over(partition_by=subscriptions.c.channel_id).label("head_id"),
        )
        .join_from(owed, subscriptions, subscriptions.c.id == owed.c.subscription_id)
        .where(subscriptions.c.state == SubscriptionState.ACTIVE, subscriptions.c.removed_at.is_(None))
        .cte("lines")
    )


def _owed() -> CTE:
    """The distinct subscriptions of `deliveries_pending`, one look at the index each."""
    owed = (
        select(func.min(deliveries.c.subscription_id).label("subscription_id"))
        .where(pending(deliveries))
        .cte("owed", recursive=True)
    )
    further = deliveries.alias("further")
    following = (
        select(func.min(further.c.subscription_id))
        .where(pending(further), further.c.subscription_id > owed.c.subscription_id)
        .scalar_subquery()
    )
    return owed.union_all(select(following).where(owed.c.subscription_id.is_not(None)))


def _last_sent_at(channel_id: ColumnElement[int]) -> ColumnElement[Any]:
    posted = deliveries.alias("posted")
    return select(func.max(posted.c.sent_at)).where(posted.c.channel_id == channel_id, sent(posted)).scalar_subquery()
