from dataclasses import replace
from datetime import UTC, datetime

from bot.articles.corrections import labels_of
from bot.articles.filters import Filter, read_trace
from bot.delivery.planner import plan_deliveries
from bot.delivery.preferences import Preferences, stored
from bot.models import Article, PlannedDelivery, Subscription, SubscriptionState
from bot.updates.update import Announced
from tests.fakes.articles import full_article, plain_article


def subscription(
    number: int,
    state: SubscriptionState = SubscriptionState.ACTIVE,
    *,
    guild_id: int = 1,
    filters: tuple[Filter, ...] = (),
) -> Subscription:
    return Subscription(
        id=number,
        source_id=1,
        guild_id=guild_id,
        channel_id=number,
        state=state,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        preferences=stored(Preferences(filters=filters)),
    )


def news(article_id: int, article: Article | None = None) -> Announced:
    return Announced(article_id, article or plain_article())


def test_every_subscription_is_owed_every_article_oldest_first() -> None:
    assert plan_deliveries([news(7), news(9)], [subscription(1), subscription(2)]) == [
        PlannedDelivery(7, 1),
        PlannedDelivery(7, 2),
        PlannedDelivery(9, 1),
        PlannedDelivery(9, 2),
    ]


def test_a_paused_subscription_is_owed_nothing() -> None:
    assert plan_deliveries([news(7)], [subscription(1, SubscriptionState.PAUSED)]) == []


def test_a_first_reading_is_shown_to_those_who_want_to_see_one() -> None:
    quiet = subscription(2).model_copy(update={"preferences": stored(Preferences(first="nothing"))})
    first = replace(news(7), seeding=True)
    assert plan_deliveries([first], [subscription(1), quiet]) == [PlannedDelivery(7, 1)]
    assert plan_deliveries([news(9)], [subscription(1), quiet]) == [PlannedDelivery(9, 1), PlannedDelivery(9, 2)]


def test_a_suspended_subscription_is_owed_what_it_misses() -> None:
    assert plan_deliveries([news(7)], [subscription(1, SubscriptionState.SUSPENDED)]) == [PlannedDelivery(7, 1)]


def test_filters_keep_articles_out_of_their_subscription_alone_and_say_which_did() -> None:
    ferry = Filter(mode="exclude", field="title", words="ferry")
    planned = plan_deliveries([news(7), news(9, full_article())], [subscription(1, filters=(ferry,)), subscription(2)])
    assert [(each.article_id, each.subscription_id, each.filtered is None) for each in planned] == [
        (7, 1, False),
        (7, 2, True),
        (9, 1, True),
        (9, 2, True),
    ]
    assert read_trace(planned[0].filtered or "") == (ferry,)


def test_sections_are_those_that_the_server_sees() -> None:
    article = full_article()
    labels = labels_of(article)
    otherwise = {mark: label._replace(kind="other") for mark, label in labels.items() if label.kind == "analogy"}
    wanted = (Filter(mode="include", field="section", words="analogy"),)
    announced = Announced(7, article, learnt={2: labels | otherwise})
    planned = plan_deliveries([announced], [subscription(each, guild_id=each, filters=wanted) for each in (1, 2)])
    assert [each.filtered is None for each in planned] == [True, False]


def test_what_was_found_before_is_not_looked_for_again() -> None:
    never = Filter(mode="exclude", words="ferry")
    announced = Announced(7, plain_article(), sifted={never: None})
    assert plan_deliveries([announced], [subscription(1, filters=(never,))]) == [PlannedDelivery(7, 1)]


def test_a_trace_that_cannot_be_read_names_nothing() -> None:
    assert read_trace("?") == ()
    assert read_trace('[{"mode": "perhaps", "words": "x"}]') == ()
