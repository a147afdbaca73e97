"""A page that announces several feeds: the first is followed at once, the others are one choice away."""

from bot.errors import FailureReason, FetchFailed
from bot.sources.discovery import Candidate
from tests.fakes.kitchen import Pantry, Web
from tests.fakes.simcord_env import World, answer_of, look

PAGE = "https://comptoir.example/"
SPORTS = "https://comptoir.example/sports.xml"
OTHERS = (
    Candidate("https://comptoir.example/atom.xml", "Le Comptoir"),
    Candidate(SPORTS, "Le Comptoir, les sports"),
    Candidate("https://comptoir.example/" + "x" * 100, "Trop long"),
    Candidate("https://comptoir.example/comments/feed", "Commentaires"),
)


async def test_other_feeds_are_offered_and_the_same_feed_in_another_format_is_not(world: World, web: Web) -> None:
    web.alternatives = OTHERS
    answer = await world.moderator.slash(world.news, "config source add", url=PAGE)
    shown = look(answer)
    assert "Source ajoutée" in shown.text
    (select,) = shown.selects
    assert [(option["label"], option["value"]) for option in select["options"]] == [
        ("Le Comptoir, les sports", SPORTS),
        ("Commentaires", OTHERS[3].url),
    ]


async def test_another_feed_takes_the_place_of_the_first(world: World, web: Web, pantry: Pantry) -> None:
    web.alternatives = OTHERS
    answer = await world.moderator.slash(world.news, "config source add", url=PAGE, silent=True)
    web.alternatives = ()
    await world.moderator.select(answer_of(answer), custom_id="cc1:i:1", values=[SPORTS])
    (subscription,) = pantry.subscriptions
    assert pantry.sources[subscription.source_id].url == SPORTS
    assert subscription.channel_id == world.news.id
    assert "silent" in subscription.preferences


async def test_one_that_fails_leaves_the_first(world: World, web: Web, pantry: Pantry) -> None:
    web.alternatives = OTHERS
    answer = await world.moderator.slash(world.news, "config source add", url=PAGE)
    web.failure = FetchFailed(FailureReason.NOT_FOUND, SPORTS, status=404)
    refused = await world.moderator.select(answer_of(answer), custom_id="cc1:i:1", values=[SPORTS])
    assert look(refused).ephemeral
    (subscription,) = pantry.subscriptions
    assert pantry.sources[subscription.source_id].url == PAGE
