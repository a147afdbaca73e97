"""Edge: sends what is owed so that it arrives once, whatever happens to the answer.

What is sent is `post`'s to say, each call of Discord is in `posting`, what an error means is in `delivery_errors`.
"""

import discord

from bot.delivery.dispatcher import Claimed
from bot.errors import DeliveryPostponed
from bot.locales import choose, words
from bot.messages.delivery_errors import delivery_errors
from bot.messages.post import post_of
from bot.messages.posting import put


class DiscordAnnouncer:
    """Implements `delivery.dispatcher.Announcer`.

    Repeating a delivery within a few minutes gives the first message again: its nonce is enforced by Discord.
    """

    def __init__(self, client: discord.Client, default_language: str) -> None:
        self._client = client
        self._default_language = default_language

    async def announce(self, claimed: Claimed) -> int:
        if self._client.is_closed() or not self._client.is_ready():
            raise DeliveryPostponed("not connected to Discord", counted=False)
        post = post_of(claimed, words(choose(claimed.language, default=self._default_language)))
        channel = self._client.get_partial_messageable(claimed.delivery.channel_id)
        with delivery_errors(self._client):
            message = await put(channel, post, nonce=nonce_of(claimed))
        return message.id


def nonce_of(claimed: Claimed) -> str:
    return f"cc-{claimed.delivery.id}"
