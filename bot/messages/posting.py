"""One call of Discord for each kind of post. Nothing here retries, waits or understands errors: `sender` does."""

import discord

from bot.messages.post import Post


async def put(channel: discord.abc.Messageable, post: Post, *, nonce: str) -> discord.Message:
    """Post it. Discord answers a nonce it has seen in the last few minutes with the first message again."""
    return await channel.send(view=post.view, nonce=nonce, allowed_mentions=post.mentions)
