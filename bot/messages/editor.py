"""Edge: edits and deletes messages that were posted, in the shape that they were posted in.

A thread that was archived meanwhile is opened for as long as that takes: nothing in it can be changed otherwise.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import discord

from bot.delivery.preferences import preferences_of, stored
from bot.delivery.reviser import OwedEdit
from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost, MessageGone
from bot.locales import Words, choose, words
from bot.messages.delivery_errors import delivery_errors, own_id
from bot.messages.marks import mark
from bot.messages.post import Post, post_of, struck_post_of
from bot.messages.traffic import Traffic, single_try
from bot.models import Retraction

UNKNOWN_MESSAGE = 10008
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json"""

TRY_SECONDS = 40.0
"""The longest that one edit may take, its waits included."""

SHORT_WAIT_SECONDS = 2.0
"""A longer wait for the channel's own limit keeps no place busy."""

_ARCHIVED = "suspended.thread_archived"


class DiscordEditor:
    """Implements `delivery.reviser.Editor`."""

    def __init__(self, client: discord.Client, traffic: Traffic, default_language: str) -> None:
        self._client = client
        self._traffic = traffic
        self._default_language = default_language

    async def edit(self, edit: OwedEdit) -> None:
        speak = words(choose(edit.claimed.language, default=self._default_language))
        try:
            await self._put(edit, _post(edit, speak))
        except DeliveryRefused:
            # It was posted as a card, and its subscription has another shape by now: a card stays one for good.
            await self._put(edit, _post(_as_card(edit), speak), whole=True)

    async def delete(self, edit: OwedEdit) -> None:
        await self._do(edit, lambda message: message.delete())

    async def _put(self, edit: OwedEdit, post: Post, *, whole: bool = False) -> None:
        mark(post, edit.claimed.delivery.id)
        parts = _parts(post, whole=whole)
        await self._do(edit, lambda message: message.edit(allowed_mentions=post.mentions, **parts))

    async def _do(self, edit: OwedEdit, act: Callable[[discord.PartialMessage], Awaitable[object]]) -> None:
        own_id(self._client, edit.claimed.subscription.guild_id)
        channel_id = self._channel_id(edit)
        wait = self._traffic.wait_in_channel(channel_id, "edits")
        if wait > SHORT_WAIT_SECONDS:
            raise DeliveryPostponed("the channel's rate limit is used up", retry_after=wait, counted=False)
        message = self._client.get_partial_messageable(channel_id).get_partial_message(edit.message_id)
        with single_try() as trip:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    await self._open_if_archived(channel_id, lambda: act(message))
            except TimeoutError:
                if trip.was_held_back:
                    raise DeliveryPostponed("held back for too long", counted=False) from None
                raise

    async def _open_if_archived(self, channel_id: int, act: Callable[[], Awaitable[object]]) -> None:
        try:
            with self._errors():
                await act()
        except DestinationLost as lost:
            if lost.reason != _ARCHIVED:
                raise
            with self._errors():
                thread = await self._client.fetch_channel(channel_id)
                if not isinstance(thread, discord.Thread) or thread.locked:
                    raise
                await thread.edit(archived=False)
                try:
                    await act()
                finally:
                    await thread.edit(archived=True)

    def _channel_id(self, edit: OwedEdit) -> int:
        """A forum has no messages: its posts are threads, called as their first message is."""
        channel_id = edit.claimed.delivery.channel_id
        is_forum = isinstance(self._client.get_channel(channel_id), discord.ForumChannel)
        return edit.message_id if is_forum else channel_id

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        with delivery_errors(self._client):
            try:
                yield
            except discord.NotFound as error:
                if error.code == UNKNOWN_MESSAGE:
                    raise MessageGone(error.text) from error
                raise


def _post(edit: OwedEdit, speak: Words) -> Post:
    make = struck_post_of if edit.retraction is Retraction.STRIKE else post_of
    return make(edit.claimed, speak)


def _as_card(edit: OwedEdit) -> OwedEdit:
    subscription = edit.claimed.subscription
    preferences = preferences_of(subscription).model_copy(update={"shape": "card"})
    changed = subscription.model_copy(update={"preferences": stored(preferences)})
    return replace(edit, claimed=replace(edit.claimed, subscription=changed))


def _parts(post: Post, *, whole: bool) -> dict[str, Any]:
    """`whole` says also what a card cannot have beside it, for a message that may have it."""
    if post.view is not None:
        return {"view": post.view} | ({"content": None, "embeds": []} if whole else {})
    return {"content": post.content, "embeds": [post.embed] if post.embed else [], "view": post.buttons}
