"""One call of Discord for each kind of post. Nothing here retries, waits or understands errors: `sender` does."""

from typing import Any

import discord

from bot.delivery.dispatcher import Posted
from bot.messages.post import Post, send_arguments
from bot.messages.topic import Topic


async def put(channel: discord.abc.Messageable, post: Post, *, nonce: str) -> Posted:
    """Post it. Discord answers a nonce it has seen in the last few minutes with the first message again."""
    return Posted((await channel.send(nonce=nonce, **send_arguments(post))).id)


async def put_in_forum(forum: discord.ForumChannel, post: Post, topic: Topic) -> Posted:
    """A post of its own. Discord takes no nonce here: whoever calls this twice posts twice."""
    archive: Any = topic.archive_minutes
    made = await forum.create_thread(
        name=topic.name,
        auto_archive_duration=archive,
        slowmode_delay=topic.slowmode_seconds or None,
        applied_tags=topic.tags,
        **send_arguments(post),
    )
    return Posted(made.message.id, thread_id=made.thread.id)
