"""Posts for tests: one article owed to one subscription with its settings, and what Discord receives of it."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any

import discord
from discord.http import handle_message_parameters

from bot.delivery.digests import Digest
from bot.delivery.dispatcher import Claimed
from bot.messages.post import Post
from bot.models import Delivery, StoredArticle, Subscription
from tests.fakes.articles import FOUND_AT


def claimed_as(
    stored: StoredArticle,
    *,
    channel_id: int = 456,
    summed_up: int = 0,
    digest: Digest | None = None,
    **preferences: object,
) -> Claimed:
    delivery = Delivery(id=7, article_id=stored.id, subscription_id=5, channel_id=channel_id, next_attempt_at=FOUND_AT)
    subscription = Subscription(
        id=5,
        source_id=3,
        guild_id=1,
        channel_id=channel_id,
        created_at=FOUND_AT,
        preferences=json.dumps(preferences),
    )
    return Claimed(delivery, subscription, stored, "fr", summed_up, digest)


def digest_as(
    *articles: StoredArticle, more: int = 0, struck: Collection[int] = (), channel_id: int = 456, **preferences: object
) -> Claimed:
    """Several articles in one message."""
    digest = Digest(date(2026, 3, 2), articles, frozenset(struck), more)
    return claimed_as(articles[0], channel_id=channel_id, digest=digest, **preferences)


def request_of(post: Post) -> dict[str, Any]:
    """The body of "Create Message"."""
    flags = discord.MessageFlags(suppress_notifications=True) if post.silent else discord.utils.MISSING
    with handle_message_parameters(
        content=post.content if post.content is not None else discord.utils.MISSING,
        embed=post.embed or discord.utils.MISSING,
        view=post.view or post.buttons or discord.utils.MISSING,
        allowed_mentions=post.mentions,
        flags=flags,
    ) as params:
        return json.loads(json.dumps(params.payload))
