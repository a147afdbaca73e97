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

PATIENCE = 5
"""Failed tries after which a delivery no longer holds back those behind it: a quarter of a minute of trouble."""

STILL_SERVED = ("suspended.payload",)
"""Reasons for a suspension that speak of one article rather than of the channel: the next one is tried all the same."""


def pending(table: FromClause) -> ColumnElement[bool]:
    """Written out rather than bound: with a parameter, neither engine would see that a partial index applies."""
    state: ColumnElement[str] = table.c.state
    return state == literal_column("'pending'")


def sent(table: FromClause) -> ColumnElement[bool]:
    state: ColumnElement[str] = table.c.state
    return state == literal_column("'sent'")


def served() -> ColumnElement[bool]:
    """Subscriptions that may be posted to."""
    return or_(
        subscriptions.c.state == SubscriptionState.ACTIVE,
        and_(subscriptions.c.state == SubscriptionState.SUSPENDED, subscriptions.c.suspended_reason.in_(STILL_SERVED)),
    )


def last_try_ahead(delivery_id: int) -> Select[Any]:
    """When the last of those that are ahead in the same channel is tried again; null when it is the first."""
    this, ahead = deliveries.alias("this"), deliveries.alias("ahead")
    its, peers = subscriptions.alias("its"), subscriptions.alias("peers")
    return (
        select(func.max(ahead.c.next_attempt_at))
        .select_from(this)
        .join(its, its.c.id == this.c.subscription_id)
        .join(
            peers,
            and_(
                peers.c.guild_id == its.c.guild_id,
                peers.c.channel_id == its.c.channel_id,
                peers.c.state == SubscriptionState.ACTIVE,
            ),
        )
        .join(ahead, and_(ahead.c.subscription_id == peers.c.id, ahead.c.id < this.c.id, pending(ahead)))
        .where(this.c.id == delivery_id)
    )


def claimable(now: datetime, limit: int) -> Select[Any]:
    """Ids of the deliveries that may be sent now, one a channel.

    Servers take turns, and within a server the channel that has waited longest comes first: since its delivery became
    due, or since something was last sent there. So neither a channel with thousands waiting nor a server with hundreds
    of channels keeps the others from theirs.
    """
    front = _front()
    served_at = _last_sent_at(front.c.channel_id).label("served_at")
    turns = (
        select(front.c.guild_id, front.c.channel_id, func.min(front.c.id).label("id"), served_at)
        .where(front.c.next_attempt_at <= now)
        .group_by(front.c.guild_id, front.c.channel_id)
        .cte("turns")
    )
    sending = deliveries.alias("sending")
    in_flight = select(sending.c.id).where(sending.c.channel_id == turns.c.channel_id, sending.c.lease_until > now)
    head = deliveries.alias("head")
    waiting_since = case((turns.c.served_at > head.c.next_attempt_at, turns.c.served_at), else_=head.c.next_attempt_at)
    place = func.row_number().over(partition_by=turns.c.guild_id, order_by=(waiting_since, turns.c.id))
    order = (
        select(turns.c.id, waiting_since.label("waiting_since"), place.label("place"))
        .join(head, head.c.id == turns.c.id)
        .where(~in_flight.exists())
        .cte("turn_order")
    )
    # Said again of the row itself: PostgreSQL looks at these once more when it had to wait for the row.
    meanwhile = select(sending.c.id).where(sending.c.channel_id == deliveries.c.channel_id, sending.c.lease_until > now)
    return (
        select(deliveries.c.id)
        .join(order, order.c.id == deliveries.c.id)
        .where(
            pending(deliveries),
            deliveries.c.next_attempt_at <= now,
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now),
            ~meanwhile.exists(),
        )
        .order_by(order.c.place, order.c.waiting_since, deliveries.c.id)
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
        select(deliveries.c.id, lines.c.guild_id, lines.c.channel_id, deliveries.c.next_attempt_at)
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
    """Subscriptions that may be posted to and are owed something.

    `head_id` is the delivery that holds back its channel; null when none does.
    """
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
            subscriptions.c.guild_id,
            subscriptions.c.channel_id,
            func.min(oldest).over(partition_by=subscriptions.c.channel_id).label("head_id"),
        )
        .join_from(owed, subscriptions, subscriptions.c.id == owed.c.subscription_id)
        .where(served(), subscriptions.c.removed_at.is_(None))
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
