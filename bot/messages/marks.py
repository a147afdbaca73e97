"""How a delivery's message is told from every other, by Discord for a few minutes and by ourselves for ever. Pure.

A message carries its mark as the id of its first component, where it has any: Discord gives it back with the message
and shows it to nobody. https://discord.com/developers/docs/components/reference#anatomy-of-a-component
"""

from collections.abc import Iterator
from typing import Any

import discord

from bot.delivery.dispatcher import Claimed
from bot.messages.post import Post

_FIRST = 1_000_000_000
"""Discord numbers components that have no id from 1, and ids are 32 bits wide with a sign."""


def nonce_of(claimed: Claimed) -> str:
    """At most 25 characters. The time tells it from the same delivery's of a database that was thrown away."""
    return f"cc-{claimed.delivery.id % 2**48:x}-{int(claimed.article.found_at.timestamp()):x}"


def mark_of(delivery_id: int) -> int:
    return _FIRST + delivery_id % _FIRST


def mark(post: Post, delivery_id: int) -> None:
    shown = post.view or post.buttons
    if shown is not None and shown.children:
        shown.children[0].id = mark_of(delivery_id)


def is_of(message: discord.Message, post: Post, claimed: Claimed) -> bool:
    """Whether this message of the bot's own is the one that `post` would make."""
    if message.webhook_id is not None or message.interaction_metadata is not None:
        return False  # an answer to somebody who asked for the same article
    if message.nonce is not None and str(message.nonce) == nonce_of(claimed):
        return True
    marks = {number for number in _component_ids(message.components) if number >= _FIRST}
    if marks:
        return mark_of(claimed.delivery.id) in marks
    return _reads_like(message, post)


def _reads_like(message: discord.Message, post: Post) -> bool:
    """For shapes without components."""
    if message.components:
        return False
    title = post.embed.title if post.embed else None
    shown = next((embed.title for embed in message.embeds if embed.type == "rich"), None)
    return (post.content or "").strip() == message.content.strip() and title == shown


def _component_ids(components: Any) -> Iterator[int]:
    for component in components:
        if (number := getattr(component, "id", None)) is not None:
            yield number
        yield from _component_ids(getattr(component, "children", ()))
