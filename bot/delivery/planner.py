"""Who is owed which article. Pure; storage runs it inside the transaction that stores the articles."""

from collections.abc import Collection, Sequence

from bot.articles.corrections import relabel
from bot.articles.filters import Subject, judge, trace_of
from bot.delivery.preferences import preferences_of
from bot.models import PlannedDelivery, Subscription, SubscriptionState
from bot.updates.update import Announced


def plan_deliveries(announced: Sequence[Announced], subscriptions: Sequence[Subscription]) -> Sequence[PlannedDelivery]:
    """A paused subscription is owed nothing; a suspended one is owed what it will get when it is resumed. Of a source
    that is read for the first time, those are owed the newest article that want to see one.

    Filters decide here and never again: what they keep out is planned as such, whatever becomes of them later.
    """
    planned: list[PlannedDelivery] = []
    for each in announced:
        subject = Subject(each.article, each.sifted)
        planned += [
            PlannedDelivery(each.article_id, subscription.id, _kept_out_by(each, subject, subscription))
            for subscription in subscriptions
            if _is_owed(each, subscription)
        ]
    return planned


def _is_owed(announced: Announced, subscription: Subscription) -> bool:
    if subscription.state is SubscriptionState.PAUSED:
        return False
    return not announced.seeding or preferences_of(subscription).first == "newest"


def _kept_out_by(announced: Announced, subject: Subject, subscription: Subscription) -> str | None:
    filters = preferences_of(subscription).filters
    if not filters:
        return None
    verdict = judge(filters, subject, _kinds(announced, subscription.guild_id))
    return None if verdict.passes else trace_of(verdict.because)


def _kinds(announced: Announced, guild_id: int) -> Collection[str]:
    """Its kinds of section as its server reads them."""
    labels = announced.learnt.get(guild_id)
    article = relabel(announced.article, labels) if labels else announced.article
    return {section.kind for section in article.sections}
