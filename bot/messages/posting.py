"""One call of Discord for each kind of post. Nothing here retries, waits or understands errors: `sender` does."""

from typing import Any

import discord

from bot.delivery.dispatcher import Posted
from bot.messages.post import Post


async def put(channel: discord.abc.Messageable, post: Post, *, nonce: str) -> Posted:
    """Post it. Discord answers a nonce it has seen in the last few minutes with the first message again."""
    return Posted((await channel.send(nonce=nonce, **_parts(post))).id)


def _parts(post: Post) -> dict[str, Any]:
    parts: dict[str, Any] = {"allowed_mentions": post.mentions, "silent": post.silent}
    if post.content is not None:
        parts["content"] = post.content
    if post.embed is not None:
        parts["embed"] = post.embed
    if (view := post.view or post.buttons) is not None:
        parts["view"] = view
    return parts
