"""Edge: what comes after an article was posted: its thread, the questions and the poll in it, and its publication.

A step that fails never costs the article, which has arrived. It is tried again, at once and with the next tries of the
delivery, where that may help; in the end it is said in the attempts log and left. A step that an earlier try may have
done is not done twice: a message has one thread, which has its id; the thread is looked through for our own messages;
and Discord refuses to publish a message again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.delivery.dispatcher import Claimed, Posted
from bot.delivery.preferences import ChannelKind, Preferences, preferences_of
from bot.delivery.retry import PATIENCE
from bot.errors import DeliveryError, DeliveryPostponed
from bot.locales import Words
from bot.messages.channels import channel_kind
from bot.messages.delivery_errors import delivery_errors
from bot.messages.lookback import oldest_first
from bot.messages.post import NO_MENTIONS
from bot.messages.questions import poll_of, questions_of
from bot.messages.topic import topic_of

STEPS_SECONDS = 25.0
"""The longest that all steps together may take."""

STEP_WAITS = (0.5, 1.5)
"""Seconds between tries of one step."""

MOST_TRIES = PATIENCE + 1
"""Failed tries of the delivery after which an article is left with what it has. In an outage as many as PATIENCE are
spent on nothing but the article."""

MOST_PUBLISHED_AN_HOUR = 10
"""In one channel. https://support.discord.com/hc/en-us/articles/360032008192"""

LOOKED_THROUGH = 50
"""Messages at the beginning of a thread, among which ours are."""

_THREAD_EXISTS = 160004
_PUBLISHED_ALREADY = 40033
"""discord.com/developers/docs/topics/opcodes-and-status-codes#json"""


class FollowUps:
    def __init__(
        self,
        client: discord.Client,
        *,
        clock: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock` gives seconds and never goes back."""
        self._client = client
        self._clock = clock
        self._pause = pause
        self._published: dict[int, deque[float]] = {}

    async def complete(self, claimed: Claimed, posted: Posted, words: Words) -> Posted:
        """Do what the subscription wants besides the message; what did not work is in `detail`.

        Raises DeliveryPostponed where the next try may do what this one could not.
        """
        troubles = [posted.detail] if posted.detail else []
        try:
            async with asyncio.timeout(STEPS_SECONDS):
                posted = await self._all(claimed, posted, words, troubles)
        except (DeliveryPostponed, TimeoutError) as error:
            trouble = str(error) or "what follows the post took too long"
            if claimed.delivery.attempts < MOST_TRIES:
                raise DeliveryPostponed(trouble, retry_after=getattr(error, "retry_after", None)) from error
            troubles.append(trouble)
        return replace(posted, detail="; ".join(troubles) or None)

    async def _all(self, claimed: Claimed, posted: Posted, words: Words, troubles: list[str]) -> Posted:
        preferences, channel_id = preferences_of(claimed.subscription), claimed.delivery.channel_id
        kind = channel_kind(self._client.get_channel(channel_id))
        if kind is ChannelKind.ANNOUNCEMENT and preferences.publish:
            await self._step("publish", partial(self._publish, channel_id, posted.message_id), troubles)
        if claimed.digest is not None:
            return posted  # a conversation is about one article
        if kind in (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT) and preferences.thread == "article":
            opening = partial(self._open, claimed, posted.message_id, preferences, words)
            if await self._step("thread", opening, troubles):
                posted = replace(posted, thread_id=posted.message_id)
        if posted.thread_id is not None and kind is not ChannelKind.THREAD:
            starting = partial(self._start, claimed, posted.thread_id, preferences, words)
            await self._step("conversation", starting, troubles)
        return posted

    async def _step(self, name: str, work: Callable[[bool], Awaitable[None]], troubles: list[str]) -> bool:
        """`work` is told whether it was tried before. Raises DeliveryPostponed."""
        for tries, wait in enumerate((*STEP_WAITS, None)):
            try:
                with delivery_errors(self._client):
                    await work(tries > 0)
            except DeliveryPostponed as error:
                if wait is None or (error.retry_after or 0) > wait:
                    raise
                await self._pause(wait)
            except DeliveryError as error:
                troubles.append(f"{name}: {error}")
                return False
            else:
                return True
        return False

    async def _publish(self, channel_id: int, message_id: int, again: bool) -> None:
        now = self._clock()
        recent = self._published.setdefault(channel_id, deque(maxlen=MOST_PUBLISHED_AN_HOUR))
        if not again:
            if len(recent) == MOST_PUBLISHED_AN_HOUR and now - recent[0] < 3_600:
                raise DeliveryError(f"already {MOST_PUBLISHED_AN_HOUR} in an hour, so this one stays unpublished")
            recent.append(now)
        try:
            await self._client.get_partial_messageable(channel_id).get_partial_message(message_id).publish()
        except discord.HTTPException as error:
            if error.code != _PUBLISHED_ALREADY:
                raise
        except discord.RateLimited as error:
            raise DeliveryError(f"no more in this hour, so this one stays unpublished: {error}") from error

    async def _open(self, claimed: Claimed, message_id: int, preferences: Preferences, words: Words, _: bool) -> None:
        topic = topic_of(claimed.article, preferences, words)
        channel = self._client.get_channel(claimed.delivery.channel_id)
        if not isinstance(channel, discord.TextChannel) or channel.get_thread(message_id) is not None:
            return
        archive: Any = topic.archive_minutes
        try:
            await channel.get_partial_message(message_id).create_thread(
                name=topic.name, auto_archive_duration=archive, slowmode_delay=topic.slowmode_seconds or None
            )
        except discord.HTTPException as error:
            if error.code != _THREAD_EXISTS:
                raise

    async def _start(
        self, claimed: Claimed, thread_id: int, preferences: Preferences, words: Words, again: bool
    ) -> None:
        """The questions, then the poll, each unless it is there."""
        article = claimed.article.article
        questions = questions_of(article, words) if preferences.questions else ""
        poll = poll_of(article, preferences, words) if preferences.poll else None
        if not questions and poll is None:
            return
        thread = self._client.get_partial_messageable(thread_id)
        was_tried = again or claimed.delivery.tried_at is not None
        asked, polled = await self._begun(thread, thread_id) if was_tried else (False, False)
        key = f"{claimed.delivery.id:x}-{int(claimed.article.found_at.timestamp()):x}"
        if questions and not asked:
            await thread.send(
                questions, nonce=f"cq-{key}", allowed_mentions=NO_MENTIONS, suppress_embeds=True, silent=True
            )
        if poll and not polled:
            await thread.send(poll=poll, nonce=f"cp-{key}", silent=True)

    async def _begun(self, thread: discord.PartialMessageable, thread_id: int) -> tuple[bool, bool]:
        """Whether our questions, and our poll, are in the thread already."""
        asked = polled = False
        me = self._client.user
        async for message in oldest_first(thread, LOOKED_THROUGH):
            if me is None or message.author.id != me.id or message.id == thread_id:
                continue
            if message.type is discord.MessageType.default and not message.interaction_metadata:
                polled = polled or message.poll is not None
                asked = asked or (message.poll is None and message.content.startswith("### 💬"))
        return asked, polled
