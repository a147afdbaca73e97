"""What an earlier try posted is found again in the channel, whatever its shape, and nothing else is taken for it.

Also by a Discord that gives no ids of components back, and lists no messages from one onwards.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import discord
import pytest

from bot.delivery.digests import Digest
from bot.delivery.dispatcher import Claimed
from bot.errors import DeliveryPostponed
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from bot.models import Article, Delivery, Subscription
from tests.fakes.articles import FOUND_AT, full_article, stored
from tests.fakes.discord_wire import Can, DiscordWire, Fault, Manners
from tests.fakes.discord_wire.world import FORUM, Channel
from tests.wire.sample_bot import connected

SHAPES = ("card", "embed", "text")
PLAIN = Article(title="Une nouvelle sans perspectives", language="fr", url="https://comptoir.example/nouvelle")
ARTICLES = {"with buttons": full_article(), "without buttons": PLAIN}


@dataclass
class Place:
    wire: DiscordWire
    news: Channel
    forum: Channel
    client: discord.Client
    announcer: DiscordAnnouncer

    def claimed(self, channel: Channel, article: Article = PLAIN, shape: str = "card", number: int = 7) -> Claimed:
        assert channel.guild
        delivery = Delivery(
            id=number, article_id=5 + number, subscription_id=1, channel_id=channel.id, next_attempt_at=FOUND_AT
        )
        subscription = Subscription(
            id=1,
            source_id=3,
            guild_id=channel.guild.id,
            channel_id=channel.id,
            created_at=FOUND_AT,
            preferences=f'{{"shape": "{shape}"}}',
        )
        return Claimed(delivery, subscription, stored(article, delivery.article_id), "fr")

    async def find(self, claimed: Claimed, ago: timedelta = timedelta(minutes=5)) -> int | None:
        posted = await self.announcer.find(claimed, since=datetime.now(UTC) - ago)
        return posted.message_id if posted else None


@pytest.fixture(params=[Manners, Manners.plain], ids=["usual", "plain"])
def manners(request: pytest.FixtureRequest) -> Manners:
    made: Manners = request.param()
    return made


@pytest.fixture
async def place(manners: Manners, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with DiscordWire() as wire:
        wire.manners = replace(manners, guild_delay_seconds=0.0)
        guild = wire.add_guild()
        news, forum = wire.add_channel(guild, "nouvelles"), wire.add_channel(guild, "forum", FORUM)
        async with connected(wire, monkeypatch) as client:
            announcer = DiscordAnnouncer(client, Traffic(1_000, clock=time.monotonic), "fr")
            yield Place(wire, news, forum, client, announcer)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)
async def test_every_shape_is_found_again(place: Place, shape: str, article: Article) -> None:
    claimed = place.claimed(place.news, article, shape)
    assert await place.find(claimed) is None
    posted = await place.announcer.announce(claimed)
    assert await place.find(claimed) == posted.message_id


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("kind", ["news", "forum"])
async def test_a_digest_is_found_again(place: Place, kind: str, bare: bool) -> None:
    articles = (stored(PLAIN, 11), stored(full_article(), 12))
    claimed = place.claimed(getattr(place, kind), full_article())
    claimed = replace(claimed, digest=Digest(date(2026, 3, 2), articles))
    other = replace(claimed, delivery=claimed.delivery.model_copy(update={"id": 8}))
    if bare:
        place.wire.faults.append(Fault(status=400, code=50035))
    posted = await place.announcer.announce(claimed)
    assert await place.find(claimed) == posted.message_id
    is_marked = place.wire.manners.keeps_component_ids and not bare
    assert not is_marked or await place.find(other) is None
    assert place.wire.violations == []


@pytest.mark.parametrize("shape", SHAPES)
async def test_posts_in_forums_are_found_again(place: Place, shape: str) -> None:
    claimed = place.claimed(place.forum, full_article(), shape)
    assert await place.find(claimed) is None
    posted = await place.announcer.announce(claimed)
    found = await place.announcer.find(claimed, since=datetime.now(UTC) - timedelta(minutes=5))
    assert found is not None
    assert (found.message_id, found.thread_id) == (posted.message_id, posted.thread_id)


async def test_what_was_cut_down_to_its_title_is_found_again(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    place.wire.faults.append(Fault(status=400, code=50035))
    posted = await place.announcer.announce(claimed)
    assert posted.detail is not None
    assert await place.find(claimed) == posted.message_id


@pytest.mark.parametrize("shape", SHAPES)
async def test_another_delivery_s_message_is_not_taken_for_it(place: Place, shape: str) -> None:
    await place.announcer.announce(place.claimed(place.news, full_article(title="Autre chose"), shape, number=8))
    assert await place.find(place.claimed(place.news, full_article(), shape)) is None


@pytest.mark.parametrize("manners", [Manners()])
async def test_the_same_article_of_another_delivery_is_not_taken_for_it(place: Place) -> None:
    await place.announcer.announce(place.claimed(place.news, full_article(), number=8))
    assert await place.find(place.claimed(place.news, full_article(), number=7)) is None


@pytest.mark.parametrize("manners", [Manners()])
async def test_an_answer_that_shows_the_same_article_is_not_taken_for_it(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    await place.announcer.announce(claimed)
    (message,) = place.wire.messages(place.news)
    message.data["interaction_metadata"] = {
        "id": "1",
        "type": 2,
        "user": place.wire.state.owner.payload(),
        "authorizing_integration_owners": {},
    }
    assert await place.find(claimed) is None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)
async def test_it_is_found_although_the_article_changed_meanwhile(place: Place, shape: str, article: Article) -> None:
    posted = await place.announcer.announce(place.claimed(place.news, article, shape))
    changed = article.model_copy(update={"title": "Un autre titre", "author": "Autrement"})
    assert await place.find(replace(place.claimed(place.news, changed, shape), summed_up=5)) == posted.message_id


async def test_it_is_found_behind_a_long_conversation(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    posted = await place.announcer.announce(claimed)
    owner = place.wire.state.owner
    (template,) = place.wire.messages(place.news)
    for number in range(450):
        number_of_its_own = template.id + number + 1
        data = {
            **template.data,
            "id": str(number_of_its_own),
            "author": owner.payload(),
            "content": "bla",
            "components": [],
        }
        place.news.messages[number_of_its_own] = replace(template, id=number_of_its_own, author=owner, data=data)
    assert await place.find(claimed) == posted.message_id


@pytest.mark.parametrize("shape", SHAPES)
async def test_of_a_post_that_may_not_be_read_the_name_is_enough(place: Place, shape: str) -> None:
    claimed = place.claimed(place.forum, PLAIN, shape)
    posted = await place.announcer.announce(claimed)
    await place.wire.forbid_bot(place.forum, Can.READ_MESSAGE_HISTORY)
    assert await place.find(claimed) == posted.message_id
    other = PLAIN.model_copy(update={"title": "Une autre"})
    assert await place.find(place.claimed(place.forum, other, shape, number=8)) is None


async def test_what_came_before_the_first_try_is_not_read(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    await place.announcer.announce(claimed)
    assert await place.find(claimed, ago=timedelta(seconds=-60)) is None


async def test_a_channel_that_hides_its_history_is_posted_to_again(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    await place.announcer.announce(claimed)
    await place.wire.forbid_bot(place.news, Can.READ_MESSAGE_HISTORY)
    assert await place.find(claimed) is None


async def test_a_history_that_is_refused_outright_is_one_that_nothing_is_found_in(place: Place) -> None:
    claimed = place.claimed(place.news, full_article())
    await place.announcer.announce(claimed)
    place.wire.faults.append(Fault(r"GET /channels/\d+/messages", status=403, code=50013))
    assert await place.find(claimed) is None


async def test_a_server_that_is_not_there_yet_is_waited_for(place: Place) -> None:
    """Until then nobody knows that this channel is a forum."""
    guild = place.client.get_guild(place.forum.guild.id if place.forum.guild else 0)
    assert guild is not None
    guild.unavailable = True
    for act in (place.announcer.announce(place.claimed(place.forum)), place.find(place.claimed(place.forum))):
        with pytest.raises(DeliveryPostponed) as postponed:
            await act
        assert (postponed.value.counted, postponed.value.untried) == (False, True)
