"""Edge: tells moderators what they should know, where they want to be told."""

import asyncio

import discord

from bot.delivery.notices import Bundle
from bot.errors import DestinationLost
from bot.locales import choose, words
from bot.messages.access import speaking_place
from bot.messages.delivery_errors import delivery_errors, own_id
from bot.messages.notice_card import notice_card
from bot.messages.post import NO_MENTIONS

TELL_SECONDS = 30.0


class DiscordTeller:
    """Implements `delivery.notices.Teller`."""

    def __init__(self, client: discord.Client, default_language: str) -> None:
        self._client = client
        self._default_language = default_language

    async def tell(self, bundle: Bundle) -> None:
        own_id(self._client, bundle.guild_id)
        place = speaking_place(self._client, bundle.guild_id, bundle.log_channel_id)
        if place is None:
            raise DestinationLost("no channel to speak in", reason="suspended.cannot_send")
        card = notice_card(bundle, words(choose(bundle.language, default=self._default_language)))
        first = bundle.notices[0]
        nonce = f"cn-{first.id:x}-{int(first.created_at.timestamp()):x}"
        with delivery_errors(self._client):
            async with asyncio.timeout(TELL_SECONDS):
                await place.send(view=card, nonce=nonce, allowed_mentions=NO_MENTIONS)
