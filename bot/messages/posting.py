"""One call of Discord for each kind of post. Nothing here retries, waits or understands errors: `sender` does."""

from typing import Any

import discord

from bot.delivery.dispatcher import Posted
from bot.messages.post import Post
from bot.messages.topic import Topic


async def put(channel: discord.abc.Messageable, post: Post, *, nonce: str) -> Posted:
    """Post it. Discord answers a nonce it has seen in the last few minutes with the first message again."""
    return Posted((await channel.send(nonce=nonce, **_parts(post))).id)


async def put_in_forum(forum: discord.ForumChannel, post: Post, topic: Topic) -> Posted:
    """A post of its own. Discord takes no nonce here: whoever calls this twice posts twice."""
    archive: Any = topic.archive_minutes
    made = await forum.create_thread(
        name=topic.name,
        auto_archive_duration=archive,
        slowmode_delay=topic.slowmode_seconds or None,
        applied_tags=topic.tags,
        **_parts(post),
    )
    return Posted(made.message.id, thread_id=made.thread.id)


def _parts(post: Post) -> dict[str, Any]:
    parts: dict[str, Any] = {"allowed_mentions": post.mentions, "silent": post.silent}
    if post.content is not None:
        parts["content"] = post.content
    if post.embed is not None:
        parts["embed"] = post.embed
    if (view := post.view or post.buttons) is not None:
        parts["view"] = view
    return parts
