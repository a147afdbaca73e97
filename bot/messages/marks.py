"""How a delivery's message is told from every other, by Discord for a few minutes and by ourselves for ever. Pure.

A message carries its mark as the id of its first component, where it has any: Discord gives it back with the message
and shows it to nobody. https://discord.com/developers/docs/components/reference#anatomy-of-a-component

A message without any is known by what it shows: its buttons, which name the article, or its title, which leads to it.
The rest of it may have changed since.
"""

from collections.abc import Iterator
from typing import Any

import discord

from bot.delivery.dispatcher import Claimed
from bot.messages.custom_ids import OPEN_ID
from bot.messages.links import safe_link
from bot.messages.post import Post

_FIRST = 1_000_000_000
"""Discord numbers components that have no id from 1, and ids are 32 bits wide with a sign."""

_HEADINGS = ("## ", "### ", "**")


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
    is_answer = message.webhook_id is not None or message.interaction_metadata is not None
    if is_answer or message.type is not discord.MessageType.default:
        return False  # somebody asked for the same article
    if message.nonce is not None and str(message.nonce) == nonce_of(claimed):
        return True
    marks = {number for number in _component_ids(message.components) if number >= _FIRST}
    if marks:
        return mark_of(claimed.delivery.id) in marks
    shown = post.view or post.buttons
    buttons = set(_custom_ids(shown.children)) if shown else set()
    has_buttons = bool(buttons) or any(True for _ in _custom_ids(message.components))
    if has_buttons:
        return not buttons.isdisjoint(_custom_ids(message.components))
    told = "\n".join((message.content, *_texts(message.components))).strip()
    embed = next((each for each in message.embeds if each.type == "rich"), None)
    if claimed.digest is None and (link := safe_link(claimed.article.article.url)):
        headings = (line for line in told.split("\n") if line.startswith(_HEADINGS))
        if (embed is not None and embed.url == link) or any(f"(<{link}>)" in line for line in headings):
            return True
    would_tell = "\n".join((post.content or "", *_texts(shown.children if shown else ()))).strip()
    return (would_tell, post.embed and post.embed.title) == (told, embed and embed.title)


def _component_ids(components: Any) -> Iterator[int]:
    for component in _all(components):
        if (number := getattr(component, "id", None)) is not None:
            yield number


def _custom_ids(components: Any) -> Iterator[str]:
    """Those that name an article."""
    for component in _all(components):
        if (custom_id := getattr(component, "custom_id", None)) not in (None, OPEN_ID):
            yield custom_id


def _texts(components: Any) -> Iterator[str]:
    for component in _all(components):
        if isinstance(component, discord.TextDisplay | discord.ui.TextDisplay):
            yield component.content


def _all(components: Any) -> Iterator[Any]:
    """Of a view, and of a message, which are alike in this."""
    for component in components:
        yield component
        yield from _all(getattr(component, "children", ()))
