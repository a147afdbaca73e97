"""Finding the bot's own message of an earlier try, of which the bot was never told. Bounded on every side.

Where the bot may not look, nothing is found.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

import discord

PAGE = 100
MESSAGES = 1_000
"""How far a channel is read, from the earlier try onwards: its message is among the first that came after."""

POSTS = 30
"""How many of the bot's own posts in a forum are opened."""

IsIt = Callable[[discord.Message], bool]


async def find_message(
    channel: discord.abc.Messageable, *, author_id: int, since: datetime, is_it: IsIt
) -> discord.Message | None:
    def wanted(message: discord.Message) -> bool:
        return message.author.id == author_id and message.id > after and is_it(message)

    after = discord.utils.time_snowflake(since)
    try:
        newest = [message async for message in channel.history(limit=PAGE)]
        if found := next(filter(wanted, reversed(newest)), None):
            return found
        if len(newest) == PAGE and newest[-1].id > after:
            async for message in oldest_first(channel, MESSAGES, after=since, before=newest[-1]):
                if wanted(message):
                    return message
    except discord.Forbidden:
        pass
    return None


async def oldest_first(
    channel: discord.abc.Messageable,
    limit: int,
    *,
    after: datetime | None = None,
    before: discord.Message | None = None,
) -> AsyncIterator[discord.Message]:
    """Messages of a channel; newest first where they are not to be had that way."""
    try:
        async for message in channel.history(limit=limit, after=after, before=before, oldest_first=True):
            yield message
    except discord.HTTPException as error:
        if error.status != 400:
            raise
        async for message in channel.history(limit=limit, after=after, before=before, oldest_first=False):
            yield message


async def find_post(
    forum: discord.ForumChannel, *, author_id: int, since: datetime, name: str, is_it: IsIt
) -> int | None:
    """The id of the post, which is that of the message that begins it. One that cannot be read is told by its name."""
    active = [thread for thread in await forum.guild.active_threads() if thread.parent_id == forum.id]
    archived = await _archived(forum)
    after = discord.utils.time_snowflake(since)
    ours = {thread.id: thread for thread in (*active, *archived) if thread.owner_id == author_id and thread.id > after}
    for _, thread in sorted(ours.items())[:POSTS]:
        try:
            message = await thread.fetch_message(thread.id)
        except discord.NotFound:
            continue  # somebody deleted it
        except discord.Forbidden:
            if thread.name == name:
                return thread.id
            continue
        if is_it(message):
            return thread.id
    return None


async def _archived(forum: discord.ForumChannel) -> Sequence[discord.Thread]:
    try:
        return [thread async for thread in forum.archived_threads(limit=POSTS)]
    except discord.Forbidden:
        return ()
