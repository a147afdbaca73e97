"""Edge: sends what is owed so that it arrives once, whatever happens to the answer.

What is sent is `post`'s to say, each call of Discord is in `posting`, what an error means is in `delivery_errors`, and
how a message is found again in `marks` and `lookback`.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import discord
import structlog

from bot.delivery.dispatcher import Claimed, Posted
from bot.delivery.preferences import preferences_of
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost
from bot.locales import Words, choose, words
from bot.messages.delivery_errors import delivery_errors, own_id
from bot.messages.follow_up import FollowUps
from bot.messages.lookback import find_message, find_post
from bot.messages.marks import is_of, mark, nonce_of
from bot.messages.post import Post, bare_post_of, post_of
from bot.messages.posting import put, put_in_forum
from bot.messages.topic import Topic, topic_of, topic_of_digest
from bot.messages.traffic import Traffic, single_try

log = structlog.get_logger(__name__)

TRY_SECONDS = 40.0
"""The longest that one send may take, its waits included."""

SHORT_WAIT_SECONDS = 2.0
"""A longer wait for the channel's own limit is spent in the queue, where it keeps no place busy."""


class DiscordAnnouncer:
    """Implements `delivery.dispatcher.Announcer`."""

    def __init__(self, client: discord.Client, traffic: Traffic, default_language: str) -> None:
        self._client = client
        self._traffic = traffic
        self._default_language = default_language
        self._follow_ups = FollowUps(client, clock=traffic.clock)

    def has_nonce(self, claimed: Claimed) -> bool:
        return self._forum(claimed) is None

    async def find(self, claimed: Claimed, *, since: datetime) -> Posted | None:
        me, forum = own_id(self._client, claimed.subscription.guild_id), self._forum(claimed)
        since -= max(self._traffic.clock_ahead, timedelta())
        try:
            with self._errors(claimed):
                found = await self._look(claimed, me, forum, since)
        except DeliveryRefused as refusal:
            log.warning("not allowed to look for an earlier try", delivery_id=claimed.delivery.id, error=str(refusal))
            return None
        if found is None:
            return None
        posted = Posted(found, thread_id=found if forum else None)
        return await self._follow_ups.complete(claimed, posted, self._words(claimed))

    async def _look(self, claimed: Claimed, me: int, forum: discord.ForumChannel | None, since: datetime) -> int | None:
        posts = (post_of(claimed, self._words(claimed)), bare_post_of(claimed, self._words(claimed)))

        def is_it(message: discord.Message) -> bool:
            return any(is_of(message, post, claimed) for post in posts)

        if forum is not None:
            name = self._topic(claimed, forum).name
            return await find_post(forum, author_id=me, since=since, name=name, is_it=is_it)
        message = await find_message(self._channel(claimed), author_id=me, since=since, is_it=is_it)
        return message.id if message else None

    async def announce(self, claimed: Claimed) -> Posted:
        own_id(self._client, claimed.subscription.guild_id)
        kind = "messages" if self._forum(claimed) is None else "threads"
        wait = self._traffic.wait_in_channel(claimed.delivery.channel_id, kind)
        if wait > SHORT_WAIT_SECONDS:
            raise DeliveryPostponed(
                "the channel's rate limit is used up", retry_after=wait, counted=False, untried=True
            )
        try:
            posted = await self._send(claimed, post_of(claimed, self._words(claimed)))
        except DeliveryRefused as refusal:
            posted = await self._send(claimed, bare_post_of(claimed, self._words(claimed)))
            posted = replace(posted, detail=str(refusal))
        return await self._follow_ups.complete(claimed, posted, self._words(claimed))

    async def _send(self, claimed: Claimed, post: Post) -> Posted:
        mark(post, claimed.delivery.id)
        with self._errors(claimed), single_try() as trip:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    if (forum := self._forum(claimed)) is not None:
                        return await put_in_forum(forum, post, self._topic(claimed, forum))
                    return await put(self._channel(claimed), post, nonce=nonce_of(claimed))
            except TimeoutError:
                if trip.was_held_back:
                    raise DeliveryPostponed("held back for too long", counted=False, untried=True) from None
                raise

    @contextmanager
    def _errors(self, claimed: Claimed) -> Iterator[None]:
        try:
            with delivery_errors(self._client):
                yield
        except DestinationLost as error:
            guild = self._client.get_guild(claimed.subscription.guild_id)
            if guild is not None and guild.unavailable:
                raise DeliveryPostponed(str(error), counted=False) from error
            if guild is None and self._client.is_ready():
                raise DestinationLost(str(error), reason="suspended.server_gone") from error
            raise

    def _forum(self, claimed: Claimed) -> discord.ForumChannel | None:
        channel = self._client.get_channel(claimed.delivery.channel_id)
        return channel if isinstance(channel, discord.ForumChannel) else None

    def _channel(self, claimed: Claimed) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(claimed.delivery.channel_id)

    def _topic(self, claimed: Claimed, forum: discord.ForumChannel) -> Topic:
        preferences, words = preferences_of(claimed.subscription), self._words(claimed)
        tags, needs_tag = forum.available_tags, forum.flags.require_tag
        if claimed.digest is not None:
            source = claimed.article.source_title
            return topic_of_digest(claimed.digest, source, preferences, words, tags=tags, needs_tag=needs_tag)
        return topic_of(claimed.article, preferences, words, tags=tags, needs_tag=needs_tag)

    def _words(self, claimed: Claimed) -> Words:
        return words(choose(claimed.language, default=self._default_language))
