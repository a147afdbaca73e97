"""What Discord answers when it does not take a message, in the words that the dispatcher understands."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import DeliveryPostponed, DeliveryRefused, DestinationLost

UNAVAILABLE_SECONDS = 2.0
"""Until the next try in a server that the gateway has not described yet, or that Discord cannot reach itself."""

_LOST = {
    # https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
    10003: "suspended.channel_gone",
    10004: "suspended.server_gone",
    50001: "suspended.no_access",
    50013: "suspended.cannot_send",
    50008: "suspended.not_a_text_channel",
    50024: "suspended.not_a_text_channel",
    50083: "suspended.thread_archived",
    160005: "suspended.thread_archived",
    50009: "suspended.verification",
}


def own_id(client: discord.Client, guild_id: int) -> int:
    """Of the bot, once it is connected and the server is there: what its channels are is not known before.

    Raises DeliveryPostponed.
    """
    user = client.user
    if user is None or client.is_closed() or not client.is_ready():
        raise DeliveryPostponed("not connected to Discord", counted=False, untried=True)
    guild = client.get_guild(guild_id)
    if guild is not None and guild.unavailable:
        raise DeliveryPostponed(
            "its server is not available", retry_after=UNAVAILABLE_SECONDS, counted=False, untried=True
        )
    return user.id


@contextmanager
def delivery_errors(client: discord.Client) -> Iterator[None]:
    """Whatever sending a message raises, as a DeliveryError. Anything else is a bug and passes."""
    try:
        yield
    except discord.RateLimited as error:
        raise DeliveryPostponed(str(error), retry_after=error.retry_after, counted=False, untried=True) from error
    except discord.HTTPException as error:
        raise _meaning(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError, discord.ConnectionClosed, discord.GatewayNotFound) as error:
        raise DeliveryPostponed(f"Discord cannot be reached: {error!r}") from error
    except KeyError as error:
        if error.args != ("retry_after",):
            raise
        # discord.py takes it for granted that every rate limit says how long it lasts.
        raise DeliveryPostponed("a rate limit that does not say for how long", counted=False, untried=True) from error
    except RuntimeError as error:
        if not client.is_closed():
            raise
        raise DeliveryPostponed("the connection to Discord was closed", counted=False) from error


def _meaning(error: discord.HTTPException) -> DeliveryPostponed | DestinationLost | DeliveryRefused:
    text = f"Discord answered {error.status} (code {error.code}): {error.text}"
    if error.code in _LOST:
        return DestinationLost(text, reason=_LOST[error.code])
    if error.status == 429:
        return DeliveryPostponed(text, retry_after=_retry_after(error), counted=False, untried=True)
    if error.status == 401:
        return DeliveryPostponed(text, counted=False, untried=True)
    if error.status >= 500 or (error.status in (403, 404) and not error.code):
        return DeliveryPostponed(text)
    if error.status in (403, 404):
        return DestinationLost(text, reason="suspended.refused")
    return DeliveryRefused(text)


def _retry_after(error: discord.HTTPException) -> float | None:
    try:
        return float(error.response.headers["Retry-After"])
    except (AttributeError, KeyError, ValueError):
        return None
