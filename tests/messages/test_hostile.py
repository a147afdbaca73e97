"""Whatever an article is called and says, every request about it is one that Discord takes, and rings for nobody.

The judge is the wire-level fake: Discord's published description, and the limits that it documents beside it.
"""

import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import discord
import pytest
import pytest_asyncio

from bot.articles.changes import compare
from bot.delivery.dispatcher import Claimed
from bot.delivery.reviser import OwedEdit
from bot.locales import words
from bot.messages.answers import article_answer, changes_answer, comparison, section_answer
from bot.messages.editor import DiscordEditor
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from bot.models import Article, Delivery, Image, Kind, Retraction, Section, StoredArticle, Subscription
from bot.reading import Changes, Library, Reading
from tests.fakes.articles import FOUND_AT, words_of
from tests.fakes.discord_wire import DiscordWire, Message
from tests.fakes.discord_wire.world import FORUM, Channel
from tests.wire.conftest import UNLIMITED
from tests.wire.sample_bot import connected

HOSTILE = {
    "long": "Un titre interminable et raisonnable. " * 270,
    "one word": "a" * 10_000,
    "markup": "**_~~||`[x](https://evil.example)`||~~_** # > - 1. ```js\n" * 180,
    "mentions": "@everyone @here <@1> <@&2> <#3> </x:4> <t:1:R> <:a:5> <a:b:6> <id:guide> " * 140,
    "right to left": "\u202eeltit siht daeR\u202c \u2067مرحبا\u2069 \u200fשלום\u200e " * 300,
    "zero width": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f" * 1_500,
    "emoji": "👩\u200d👩\u200d👧\u200d👦🇨🇦❤\ufe0f\u200d🔥👋🏽🏴\U000e0067\U000e0062\U000e007f" * 500,
    "accents": "e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308" * 1_200,
    "controls": "\x00\x07\x1b[31m\x7f\u2028\u2029\r\n\t" * 1_000,
    "nothing": "",
    "spaces": "\u00a0\u2003\u3000 " * 2_000,
    "escapes": "\\" * 9_999 + "`",
    "brackets": "](https://evil.example) [" * 400,
    "placeholders": "{title}{url}{author!r}{0.__class__}%s%(x)s" * 240,
    "addresses": "https://evil.example/@everyone banque.example " * 220,
}
FR = words("fr")
READING = Reading(Library)  # type: ignore[arg-type]  # the questions asked here look nothing up
SHAPES = ("card", "embed", "text")
ROLE = 10**18
HEADER = "# {title} **{author}** @everyone <@&5> {source} {date} {language} {url} {titre}"
EVERYTHING = {
    "header": HEADER,
    "roles": [ROLE],
    "forum_title": "{source} : {title} ({author})",
    "thread": "article",
    "poll": True,
    "silent": True,
}


def article(text: str, number: int) -> StoredArticle:
    body = Article(
        title=text,
        author=text,
        language="fr",
        url="https://comptoir.example/" + "é" * 60,
        reference_url="https://minuscule.example/(" + "a" * 400,
        image=Image(url="https://comptoir.example/" + "i" * 2_000, alt=text),
        published_at=FOUND_AT,
        categories=(text[:100], "Poutine"),
        sections=tuple(Section(kind=kind, heading=text[:200], paragraphs=words_of(text)) for kind in Kind),
    )
    return StoredArticle(id=number, source_id=3, source_title=text, found_at=FOUND_AT, article=body)


@dataclass
class Place:
    wire: DiscordWire
    news: Channel
    forum: Channel
    client: discord.Client
    announcer: DiscordAnnouncer
    editor: DiscordEditor

    def claimed(self, channel: Channel, stored: StoredArticle, shape: str, number: int) -> Claimed:
        assert channel.guild
        preferences = EVERYTHING | {"shape": shape}
        if channel is self.forum:
            del preferences["thread"]
        else:
            del preferences["forum_title"]
        delivery = Delivery(
            id=number, article_id=stored.id, subscription_id=1, channel_id=channel.id, next_attempt_at=FOUND_AT
        )
        subscription = Subscription(
            id=1,
            source_id=3,
            guild_id=channel.guild.id,
            channel_id=channel.id,
            created_at=FOUND_AT,
            preferences=json.dumps(preferences),
        )
        return Claimed(delivery, subscription, stored, "fr", summed_up=12_345)

    def said(self) -> Sequence[Message]:
        assert self.news.guild
        return [message for channel in self.news.guild.channels.values() for message in self.wire.messages(channel)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[Place]:
    limits = dict.fromkeys(("post /channels/{channel_id}/threads", *UNLIMITED), (1000, 1.0))
    limits["patch /channels/{channel_id}/messages/{message_id}"] = (1_000, 1.0)
    with pytest.MonkeyPatch.context() as patch:
        async with DiscordWire(limits=limits) as wire:
            wire.rate_limits.requests_per_second = 10_000
            guild = wire.add_guild()
            news = wire.add_channel(guild, "nouvelles")
            forum = wire.add_channel(guild, "forum", FORUM, tags=("Poutine", "Optimiste", "Neutre"))
            async with connected(wire, patch) as client:
                traffic = Traffic(10_000, clock=time.monotonic)
                announcer, editor = DiscordAnnouncer(client, traffic, "fr"), DiscordEditor(client, traffic, "fr")
                yield Place(wire, news, forum, client, announcer, editor)


def answers(stored: StoredArticle) -> list[discord.ui.LayoutView]:
    before = article(f"Avant. {stored.article.title}", 1).article
    changes = Changes(stored, before.title, compare(before, stored.article))
    return [
        article_answer(stored, FR),
        comparison(READING.compare(stored), FR),
        changes_answer(changes, FR),
        section_answer(READING.section(stored, Kind.OPTIMISTIC), FR, 1),
    ]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_that_is_said_about_an_article_is_refused_or_rings(place: Place, name: str) -> None:
    number = 100 * list(HOSTILE).index(name)
    stored = article(HOSTILE[name], number + 1)
    for shape in SHAPES:
        for channel in (place.news, place.forum):
            number += 1
            claimed = place.claimed(channel, stored, shape, number)
            posted = await place.announcer.announce(claimed)
            assert posted.detail is None
            assert posted.thread_id is not None
            for retraction in (None, Retraction.STRIKE):
                revised = replace(claimed, article=stored.model_copy(update={"revised_at": FOUND_AT}))
                until = FOUND_AT + timedelta(minutes=2)
                edit = OwedEdit(revised, posted.message_id, until, 0, retraction, "new", None)
                await place.editor.edit(edit)
    channel = place.client.get_partial_messageable(place.news.id)
    for view in answers(article(HOSTILE[name][:2_000], number)):
        await channel.send(view=view, allowed_mentions=discord.AllowedMentions.none())
    assert place.wire.violations == []
    assert {ping for message in place.said() for ping in message.pings} <= {f"<@&{ROLE}>"}
