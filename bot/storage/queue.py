"""The questions asked of the delivery queue, as SQL.

A channel's *front* is what could be sent in it next: its oldest delivery that stands in the way of those behind it.
One that has failed often, while Discord took others, may itself be at fault, or its channel: the one behind it tells.
So it lets others pass for a moment after each failure; once something got through they keep passing, and until then
they wait, so that nothing is out of order when a bad hour ends. What comes in meanwhile has it tried at once.

Fronts are found through the subscriptions that are owed something, by jumping along the index `deliveries_pending` from
one subscription to the next: neither the length of a queue nor what was ever sent makes a claim slower.

Everything is looked up by scalar subqueries that stop at the first row of an index, and only what is claimed is
joined: PostgreSQL plans joins by its statistics, which know nothing of a burst that began a minute ago; such a plan
took more than a minute for 10,000 deliveries, where this takes less than a tenth of a second.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from bot.delivery.retry import PATIENCE
from bot.delivery.suspensions import STILL_SERVED
from bot.models import SubscriptionState
from bot.storage.columns import Instant
from bot.storage.schema import deliveries, subscriptions

PASSING = timedelta(seconds=10)
"""How long after such a failure, at first."""

_SPARE = 3
"""Times as many candidates as asked for, since other processes may be claiming the same ones at this moment."""

_NOW: ColumnElement[datetime] = bindparam("now", type_=Instant())
_PASSED: ColumnElement[datetime] = bindparam("passed", type_=Instant())

_NO_LIMIT: ColumnElement[int] = literal_column(str(2**62))


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


def not_held(table: FromClause, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Subscriptions whose own settings let something be posted now, as far as was last looked (see `holds`)."""
    held_until: ColumnElement[datetime] = table.c.held_until
    return or_(held_until.is_(None), held_until <= now)


def last_try_ahead(delivery_id: int, now: datetime) -> Select[Any]:
    """When the last of those that are ahead in the same channel is tried again; null when it is the first.

    Whatever something got past is left aside: the channel is not its trouble.
    """
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
                not_held(peers, now),
            ),
        )
        .join(
            ahead,
            and_(
                ahead.c.subscription_id == peers.c.id,
                ahead.c.id < this.c.id,
                pending(ahead),
                or_(ahead.c.attempts < PATIENCE, _nothing_got_past(ahead)),
            ),
        )
        .where(this.c.id == delivery_id)
    )


def moment(now: datetime, limit: int = 0) -> dict[str, object]:
    """The parameters of both questions below, which are put together once: that takes as long as to answer them."""
    return {"now": now, "passed": now - PASSING, "limit": limit, "candidates": limit * _SPARE}


@cache
def claimable() -> Select[Any]:
    """Ids of the deliveries that may be sent now, one a channel, at most `limit`.

    Servers take turns, and within a server the channel that has waited longest comes first: since its delivery became
    due, or since something was last sent there. So neither a channel with thousands waiting nor a server with hundreds
    of channels keeps the others from theirs.
    """
    first = _first_in_turn()
    return (
        select(deliveries.c.id)
        .join(first, first.c.id == deliveries.c.id)
        # Said again of the row itself: PostgreSQL looks at these once more when it had to wait for the row.
        .where(
            pending(deliveries),
            or_(deliveries.c.next_attempt_at <= _NOW, deliveries.c.attempts >= PATIENCE),
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= _NOW),
        )
        .order_by(first.c.place, first.c.waiting_since, deliveries.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True, of=deliveries)
    )


@cache
def next_claimable_at() -> Select[Any]:
    """When the first front is due and nothing is being sent in its channel any more; or when the first subscription
    that is held is to be looked at again."""
    waiting, front = deliveries.alias("waiting"), deliveries.alias("front")
    owed = _owed()
    lines = _lines(owed, _oldest(waiting, owed))
    heads = _once(
        select(
            lines.c.subscription_id,
            lines.c.channel_id,
            func.min(lines.c.oldest_id).over(partition_by=lines.c.channel_id).label("head_id"),
        ).where(lines.c.channel_id.is_not(None)),
        "heads",
    )
    due_at = (
        select(func.min(front.c.next_attempt_at))
        .where(
            front.c.subscription_id == heads.c.subscription_id,
            pending(front),
            front.c.id <= func.coalesce(heads.c.head_id, _NO_LIMIT),
        )
        .scalar_subquery()
    )
    fronts = _once(select(heads.c.channel_id, heads.c.head_id, due_at.label("due_at")), "fronts")
    first = _once(
        select(
            fronts.c.channel_id,
            func.min(fronts.c.head_id).label("id"),
            func.min(fronts.c.due_at).label("due_at"),
        ).group_by(fronts.c.channel_id),
        "first_of_channel",
    )
    head = deliveries.alias("head")
    own_due_at = select(_due_at(head, lines)).where(head.c.id == first.c.id).scalar_subquery()
    channels = _once(
        select(
            first.c.channel_id, case((own_due_at < first.c.due_at, own_due_at), else_=first.c.due_at).label("due_at")
        ),
        "channels",
    )
    free_at = _free_at(channels.c.channel_id)
    held = subscriptions.c.held_until
    held_until = (
        select(held).where(subscriptions.c.id == owed.c.subscription_id, *_may_post(), held > _NOW).scalar_subquery()
    )
    at = select(case((free_at > channels.c.due_at, free_at), else_=channels.c.due_at).label("at")).union_all(
        select(held_until).where(owed.c.subscription_id.is_not(None))
    )
    return select(func.min(at.subquery().c.at))


def _first_in_turn() -> CTE:
    waiting, front = deliveries.alias("waiting"), deliveries.alias("front")
    owed = _owed()
    lines = _lines(owed, _oldest(waiting, owed))
    fronts = _once(
        select(lines.c.guild_id, lines.c.channel_id, func.min(lines.c.oldest_id).label("id"))
        .where(lines.c.channel_id.is_not(None))
        .group_by(lines.c.guild_id, lines.c.channel_id),
        "fronts",
    )
    turns = _once(
        select(
            fronts.c.id,
            fronts.c.guild_id,
            select(_due_at(front, lines)).where(front.c.id == fronts.c.id).scalar_subquery().label("due_at"),
            _free_at(fronts.c.channel_id).label("free_at"),
            _served_at(fronts.c.channel_id).label("served_at"),
        ),
        "turns",
    )
    waiting_since = case((turns.c.served_at > turns.c.due_at, turns.c.served_at), else_=turns.c.due_at)
    place = func.row_number().over(partition_by=turns.c.guild_id, order_by=(waiting_since, turns.c.id)).label("place")
    since = waiting_since.label("waiting_since")
    return _once(
        select(turns.c.id, since, place)
        .where(turns.c.due_at <= _NOW, or_(turns.c.free_at.is_(None), turns.c.free_at <= _NOW))
        .order_by(place, since, turns.c.id)
        .limit(bindparam("candidates", type_=Integer)),
        "first_in_turn",
    )


def _may_post() -> tuple[ColumnElement[bool], ...]:
    return served(), subscriptions.c.removed_at.is_(None)


def _lines(owed: CTE, oldest_id: ScalarSelect[int]) -> CTE:
    """Subscriptions that are owed something; server and channel are null where nothing may be posted to them now."""

    def place(column: ColumnElement[int]) -> ColumnElement[int]:
        its_own = subscriptions.c.id == owed.c.subscription_id
        may_post = (*_may_post(), not_held(subscriptions, _NOW))
        return select(column).where(its_own, *may_post).scalar_subquery().label(column.key)

    return _once(
        select(
            owed.c.subscription_id,
            place(subscriptions.c.guild_id),
            place(subscriptions.c.channel_id),
            oldest_id.label("oldest_id"),
        ).where(owed.c.subscription_id.is_not(None)),
        "lines",
    )


def _oldest(waiting: FromClause, of: FromClause, *further: ColumnElement[bool]) -> ScalarSelect[int]:
    """Of a subscription, the first that stands in the way of those behind it."""
    return (
        select(waiting.c.id)
        .where(waiting.c.subscription_id == of.c.subscription_id, pending(waiting), _stands(waiting), *further)
        .order_by(waiting.c.id)
        .limit(1)
        .scalar_subquery()
    )


def _stands(waiting: FromClause) -> ColumnElement[bool]:
    return or_(
        waiting.c.attempts < PATIENCE,
        waiting.c.next_attempt_at <= _NOW,
        and_(waiting.c.failed_at <= _PASSED, _nothing_got_past(waiting)),
    )


def _nothing_got_past(waiting: FromClause) -> ColumnElement[bool]:
    """Whether nothing was sent in its channel since it last failed."""
    failed_at: ColumnElement[datetime] = waiting.c.failed_at
    return func.coalesce(_served_at(waiting.c.channel_id), failed_at) <= failed_at


def _due_at(front: FromClause, lines: CTE) -> ColumnElement[datetime]:
    """When a front may be tried: one that failed often also as soon as the one behind it is due."""
    line, behind, next_one = lines.alias("line"), deliveries.alias("behind"), deliveries.alias("next_one")
    behind_id = (
        select(func.min(_oldest(behind, line, behind.c.id > front.c.id)))
        .where(line.c.channel_id == front.c.channel_id)
        .scalar_subquery()
    )
    behind_due_at = select(next_one.c.next_attempt_at).where(next_one.c.id == behind_id).scalar_subquery()
    early = and_(front.c.attempts >= PATIENCE, front.c.next_attempt_at > _NOW, behind_due_at <= _NOW)
    return case((early, _NOW), else_=front.c.next_attempt_at)


def _owed() -> CTE:
    """The distinct subscriptions of `deliveries_pending`, one look at the index each."""
    first, further = deliveries.alias("first"), deliveries.alias("further")
    lowest = select(first.c.subscription_id).where(pending(first)).order_by(first.c.subscription_id).limit(1)
    owed = select(lowest.scalar_subquery().label("subscription_id")).cte("owed", recursive=True)
    following = (
        select(further.c.subscription_id)
        .where(pending(further), further.c.subscription_id > owed.c.subscription_id)
        .order_by(further.c.subscription_id)
        .limit(1)
        .scalar_subquery()
    )
    return owed.union_all(select(following).where(owed.c.subscription_id.is_not(None)))


def _free_at(channel_id: ColumnElement[int]) -> ScalarSelect[datetime]:
    """When the last lease in a channel ends; null when nothing is being sent there."""
    sending = deliveries.alias("sending")
    return (
        select(sending.c.lease_until)
        .where(sending.c.channel_id == channel_id, sending.c.lease_until.is_not(None))
        .order_by(sending.c.lease_until.desc())
        .limit(1)
        .scalar_subquery()
    )


def _served_at(channel_id: ColumnElement[int]) -> ScalarSelect[datetime]:
    posted = deliveries.alias("posted")
    return (
        select(posted.c.sent_at)
        .where(posted.c.channel_id == channel_id, sent(posted))
        .order_by(posted.c.sent_at.desc(), posted.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _once(statement: Select[*tuple[Any, ...]], name: str) -> CTE:
    """Evaluated once: both engines would otherwise repeat its subqueries wherever its columns are named."""
    return statement.cte(name).prefix_with("MATERIALIZED")
