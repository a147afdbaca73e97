"""Finding the bot's own message of an earlier try, of which the bot was never told. Bounded on every side."""

from collections.abc import Callable
from datetime import datetime

import discord

MESSAGES = 1_000
"""How far a channel is read, from the earlier try onwards: its message is among the first that came after."""

POSTS = 30
"""How many of the bot's own posts in a forum are opened."""

IsIt = Callable[[discord.Message], bool]


async def find_message(
    channel: discord.abc.Messageable, *, author_id: int, since: datetime, is_it: IsIt
) -> discord.Message | None:
    async for message in channel.history(limit=MESSAGES, after=since, oldest_first=True):
        if message.author.id == author_id and is_it(message):
            return message
    return None


async def find_post(
    forum: discord.ForumChannel, *, author_id: int, since: datetime, is_it: IsIt
) -> discord.Message | None:
    """The message that begins a post; its id is the post's own."""
    active = [thread for thread in await forum.guild.active_threads() if thread.parent_id == forum.id]
    archived = [thread async for thread in forum.archived_threads(limit=POSTS)]
    after = discord.utils.time_snowflake(since)
    ours = [thread for thread in (*active, *archived) if thread.owner_id == author_id and thread.id > after]
    for thread in sorted(ours, key=lambda each: each.id)[:POSTS]:
        try:
            message = await thread.fetch_message(thread.id)
        except discord.NotFound:
            continue  # somebody deleted it
        if is_it(message):
            return message
    return None
