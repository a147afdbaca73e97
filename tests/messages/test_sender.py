"""A delivery becomes one message, and whatever goes wrong becomes something the dispatcher understands."""

import inspect
import time
from types import ModuleType
from typing import Any

import aiohttp
import discord
import pytest

from bot.delivery.dispatcher import Claimed
from bot.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DestinationLost
from bot.locales import words
from bot.messages.limits import NONCE
from bot.messages.sender import DiscordAnnouncer, delivery_errors, nonce_of
from bot.messages.traffic import Traffic
from bot.models import Delivery, Subscription
from tests.fakes.articles import FOUND_AT, full_article, stored
from tests.fakes.simcord_env import Wire, World, look


@pytest.fixture
def simcord_bot() -> discord.Client:
    return discord.Client(intents=discord.Intents(guilds=True))


def announcer_of(client: discord.Client) -> DiscordAnnouncer:
    return DiscordAnnouncer(client, Traffic(1_000, clock=time.monotonic), "fr")


def claimed(channel_id: int, number: int = 7, language: str | None = None, guild_id: int = 1) -> Claimed:
    delivery = Delivery(id=number, article_id=12, subscription_id=1, channel_id=channel_id, next_attempt_at=FOUND_AT)
    subscription = Subscription(id=1, source_id=3, guild_id=guild_id, channel_id=channel_id, created_at=FOUND_AT)
    return Claimed(delivery, subscription, stored(full_article()), language)


async def test_an_article_is_posted_as_a_card_that_pings_nobody(world: World) -> None:
    announcer = announcer_of(world.env.bot)
    message_id = (await announcer.announce(claimed(world.news.id))).message_id
    await world.env.settle()
    (posted,) = world.posted()
    assert posted.id == message_id
    assert look(posted).button("Poutine").custom_id == "cc1:s:12:analogy:0"
    sent = next(each for each in world.env.http_requests if each.method == "POST" and "messages" in each.path)
    assert sent.json["allowed_mentions"] == {"parse": []}
    assert sent.json["nonce"] == nonce_of(claimed(world.news.id))
    assert sent.json["enforce_nonce"] is True


async def test_the_card_is_in_the_server_s_language(world: World) -> None:
    announcer = announcer_of(world.env.bot)
    await announcer.announce(claimed(world.news.id, 1, "en"))
    await announcer.announce(claimed(world.lounge.id, 2, None))
    await world.env.settle()
    assert "By Étienne" in look(world.posted()[0]).text
    assert "Par Étienne" in look(world.posted(world.lounge)[0]).text


async def test_a_lost_reply_and_a_second_try_make_one_message(world: World, wire: Wire) -> None:
    announcer = announcer_of(world.env.bot)
    wire.lose_replies()
    with pytest.raises(DeliveryPostponed):
        await announcer.announce(claimed(world.news.id))
    message_id = (await announcer.announce(claimed(world.news.id))).message_id
    await world.env.settle()
    assert [posted.id for posted in world.posted()] == [message_id]


async def test_discord_keeps_no_view_of_what_was_posted(world: World) -> None:
    await announcer_of(world.env.bot).announce(claimed(world.news.id))
    assert not world.env.bot.persistent_views
    assert not world.env.bot._connection._view_store._synced_message_views


async def test_a_channel_that_is_gone_or_closed_loses_the_destination(world: World) -> None:
    announcer = announcer_of(world.env.bot)
    owed = claimed(world.news.id, guild_id=world.guild.id)
    world.deny_bot(world.news, send_messages=False)
    with pytest.raises(DestinationLost) as silent:
        await announcer.announce(owed)
    assert silent.value.reason == "suspended.cannot_send"
    world.deny_bot(world.news, view_channel=False)
    with pytest.raises(DestinationLost) as hidden:
        await announcer.announce(owed)
    assert hidden.value.reason == "suspended.no_access"
    world.delete_channel(world.news)
    with pytest.raises(DestinationLost) as gone:
        await announcer.announce(owed)
    assert gone.value.reason == "suspended.channel_gone"


async def test_a_client_that_is_not_connected_postpones_and_blames_nobody() -> None:
    client = discord.Client(intents=discord.Intents(guilds=True))
    with pytest.raises(DeliveryPostponed) as waiting:
        await announcer_of(client).announce(claimed(1))
    assert not waiting.value.counted


def test_the_nonce_is_stable_and_short_enough_for_any_delivery() -> None:
    assert nonce_of(claimed(1, 7)) == nonce_of(claimed(2, 7)) != nonce_of(claimed(1, 8))
    assert len(nonce_of(claimed(1, 2**63 - 1))) <= NONCE


# ------------------------------------------------------------------------------------------- what errors mean


def response(status: int, **headers: str) -> Any:
    class Response:
        reason = "because"

    answer = Response()
    answer.status = status  # type: ignore[attr-defined]
    answer.headers = headers  # type: ignore[attr-defined]
    return answer


def http_error(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= 500 else kinds.get(status, discord.HTTPException)
    return kind(response(status, **headers), {"code": code, "message": "no"})


def meaning(error: BaseException) -> DeliveryError:
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(DeliveryError) as raised, delivery_errors(client):
        raise error
    assert raised.value.__cause__ is error
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, 10003, "suspended.channel_gone"),
        (404, 10004, "suspended.server_gone"),
        (403, 50001, "suspended.no_access"),
        (403, 50013, "suspended.cannot_send"),
        (400, 50008, "suspended.not_a_text_channel"),
        (400, 50024, "suspended.not_a_text_channel"),
        (400, 50083, "suspended.thread_archived"),
        (403, 160005, "suspended.thread_archived"),
        (403, 50009, "suspended.verification"),
        (403, 99999, "suspended.refused"),
    ],
)
def test_what_a_moderator_must_mend_names_the_reason(status: int, code: int, reason: str) -> None:
    error = meaning(http_error(status, code))
    assert isinstance(error, DestinationLost)
    assert error.reason == reason
    assert all(words(language).has(reason) for language in ("fr", "en"))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_discord_s_own_trouble_is_tried_again(status: int) -> None:
    error = meaning(http_error(status))
    assert isinstance(error, DeliveryPostponed)
    assert error.counted


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_that_discord_itself_did_not_write_is_tried_again(status: int) -> None:
    assert isinstance(meaning(http_error(status)), DeliveryPostponed)


def test_rate_limits_wait_as_long_as_discord_says_and_blame_nobody() -> None:
    for error in (discord.RateLimited(12.5), http_error(429, **{"Retry-After": "12.5"})):
        waiting = meaning(error)
        assert isinstance(waiting, DeliveryPostponed)
        assert waiting.retry_after == 12.5
        assert not waiting.counted
    assert meaning(http_error(429)).retry_after is None  # type: ignore[attr-defined]


def test_a_token_that_is_refused_is_nobody_s_delivery_s_fault() -> None:
    error = meaning(http_error(401))
    assert isinstance(error, DeliveryPostponed)
    assert not error.counted


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (413, 40005), (400, 0)])
def test_a_message_that_discord_does_not_take_is_given_up(status: int, code: int) -> None:
    assert isinstance(meaning(http_error(status, code)), DeliveryRefused)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(),
        OSError("no route"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        aiohttp.ServerTimeoutError(),
        discord.GatewayNotFound(),
    ],
)
def test_a_connection_that_fails_is_tried_again(error: Exception) -> None:
    waiting = meaning(error)
    assert isinstance(waiting, DeliveryPostponed)
    assert waiting.counted


def test_a_bug_passes_as_it_is() -> None:
    client = discord.Client(intents=discord.Intents.none())
    for bug in (ValueError("x"), RuntimeError("x"), TypeError("x")):
        with pytest.raises(type(bug)), delivery_errors(client):
            raise bug


async def test_sending_while_the_client_closes_is_postponed() -> None:
    client = discord.Client(intents=discord.Intents.none())
    await client.close()
    with pytest.raises(DeliveryPostponed) as waiting, delivery_errors(client):
        raise RuntimeError("Session is closed")
    assert not waiting.value.counted


NOT_RAISED_BY_SENDING = {
    discord.DiscordException,
    discord.ClientException,
    discord.InvalidData,  # guilds and channels being fetched
    discord.LoginFailure,  # log-in
    discord.PrivilegedIntentsRequired,  # gateway
    discord.InteractionResponded,  # interactions
    discord.MissingApplicationID,  # commands
    discord.FFmpegProcessError,  # voice
}


def errors_of(module: ModuleType, root: type[BaseException]) -> set[type[BaseException]]:
    return {each for _, each in inspect.getmembers(module) if inspect.isclass(each) and issubclass(each, root)}


def test_every_error_of_discord_py_has_a_meaning_or_cannot_come_from_sending() -> None:
    known = (discord.RateLimited, discord.HTTPException, discord.ConnectionClosed, discord.GatewayNotFound)
    errors = errors_of(discord, discord.DiscordException)
    assert {each for each in errors if not issubclass(each, known)} <= NOT_RAISED_BY_SENDING


NOT_OF_A_REQUEST = {"WebSocketError", "WSMessageTypeError"}
NOT_OF_A_JSON_ANSWER = {"BadContentDispositionHeader", "BadContentDispositionParam", "EofStream"}


def test_every_error_of_aiohttp_has_a_meaning_or_cannot_come_from_sending() -> None:
    known = (aiohttp.ClientError, OSError, TimeoutError)
    strangers = {each for each in errors_of(aiohttp, Exception) if not issubclass(each, known)}
    assert {each.__name__ for each in strangers} <= NOT_OF_A_REQUEST | NOT_OF_A_JSON_ANSWER
