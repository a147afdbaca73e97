"""Edge: edits and deletes messages that were posted, in the shape that they were posted in."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord

from bot.delivery.preferences import preferences_of, stored
from bot.delivery.reviser import OwedEdit
from bot.errors import DeliveryRefused, MessageGone
from bot.locales import Words, choose, words
from bot.messages.delivery_errors import delivery_errors, own_id
from bot.messages.marks import mark
from bot.messages.post import Post, post_of, struck_post_of
from bot.models import Retraction

UNKNOWN_MESSAGE = 10008
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json"""


class DiscordEditor:
    """Implements `delivery.reviser.Editor`."""

    def __init__(self, client: discord.Client, default_language: str) -> None:
        self._client = client
        self._default_language = default_language

    async def edit(self, edit: OwedEdit) -> None:
        speak = words(choose(edit.claimed.language, default=self._default_language))
        try:
            await self._put(edit, _post(edit, speak))
        except DeliveryRefused:
            # It was posted as a card, and its subscription has another shape by now: a card stays one for good.
            await self._put(edit, _post(_as_card(edit), speak), whole=True)

    async def delete(self, edit: OwedEdit) -> None:
        with self._errors(edit):
            await self._message(edit).delete()

    async def _put(self, edit: OwedEdit, post: Post, *, whole: bool = False) -> None:
        mark(post, edit.claimed.delivery.id)
        with self._errors(edit):
            await self._message(edit).edit(allowed_mentions=post.mentions, **_parts(post, whole=whole))

    def _message(self, edit: OwedEdit) -> discord.PartialMessage:
        """A forum has no messages: its posts are threads, called as their first message is."""
        channel_id = edit.claimed.delivery.channel_id
        if isinstance(self._client.get_channel(channel_id), discord.ForumChannel):
            channel_id = edit.message_id
        return self._client.get_partial_messageable(channel_id).get_partial_message(edit.message_id)

    @contextlib.contextmanager
    def _errors(self, edit: OwedEdit) -> Iterator[None]:
        own_id(self._client, edit.claimed.subscription.guild_id)
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
