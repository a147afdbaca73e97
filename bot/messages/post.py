"""What a delivery is posted as: its shape, and nothing about how it is sent safely (`sender`). Pure."""

from dataclasses import dataclass

import discord

from bot.delivery.dispatcher import Claimed
from bot.locales import Words
from bot.messages.article_card import article_card

NO_MENTIONS = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Post:
    """One message as Discord is asked to show it. Text from a source never gets to mention anybody."""

    view: discord.ui.LayoutView
    mentions: discord.AllowedMentions = NO_MENTIONS


def post_of(claimed: Claimed, words: Words) -> Post:
    """Make it where an event loop runs (see `layout.message`)."""
    return Post(article_card(claimed.article, words))
