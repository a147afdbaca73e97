"""SimCord for our tests: a small server with people in it, a stricter wire, and eyes.

A test file defines the `simcord_bot` fixture (the client under test; closed by that fixture, SimCord never closes it)
and asks for `world`:

    async def test_poutine_answers_in_french(world):
        result = await world.member.slash(world.news, "poutine")
        assert "fromage" in look(result).text

Long-lived services are siblings of the bot: run them with `beside(...)`, or call their `run_once()` and then
`await world.env.settle()`. Nothing else of ours imports SimCord, but for the demo.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import pytest
import simcord
from simcord.backend.models import Overwrite
from simcord.components import walk_components
from simcord.enums import OverwriteType

from bot.demo.voices import speaking

Visible = discord.Message | simcord.ResponseMessage | simcord.InteractionResult
"""Anything that a person can look at."""

_BUTTON, _TEXT, _THUMBNAIL, _GALLERY, _FILE = 2, 10, 11, 12, 13
_SELECTS = frozenset({3, 5, 6, 7, 8})
_LINK_STYLE = 5


# ------------------------------------------------------------------------------------------------ the server


@dataclass(slots=True)
class World:
    """The server "La Cabane". Everybody's Discord is in French until `speak` says otherwise."""

    env: simcord.Env
    guild: simcord.GuildHandle
    news: simcord.ChannelHandle
    lounge: simcord.ChannelHandle
    moderator: simcord.MemberActor
    """Holds Manage Server."""
    member: simcord.MemberActor
    """Holds nothing but what everyone has."""
    languages: dict[int, str] = field(default_factory=dict)

    def speak(self, person: simcord.MemberActor, locale: str) -> None:
        """Set the language of somebody's Discord, as Discord writes it: "fr", "en-US", "de"."""
        self.languages[person.id] = locale

    def posted(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """What the bot said in public in a channel, oldest first (`news` when none is named)."""
        return [
            message
            for message in (channel or self.news).history()
            if message.author.id == self.env.backend.bot_user.id and not message.flags.ephemeral
        ]

    def deny_bot(self, channel: simcord.ChannelHandle, **permissions: bool) -> None:
        """Overwrite the bot's permissions in a channel: `deny_bot(news, send_messages=False)`."""
        allow, deny = discord.PermissionOverwrite(**permissions).pair()
        backend = self.env.backend
        overwrite = Overwrite(
            target_id=backend.bot_user.id, type=OverwriteType.MEMBER, allow=allow.value, deny=deny.value
        )
        backend.set_overwrite(channel.id, overwrite)

    def delete_channel(self, channel: simcord.ChannelHandle) -> None:
        """Remove a channel, as a moderator would in Discord's own settings."""
        self.env.backend.delete_channel(channel.id)


def build_world(env: simcord.Env) -> World:
    guild = env.create_guild("La Cabane", preferred_locale="fr")
    keeper = guild.create_role("Modération", permissions=discord.Permissions(manage_guild=True))
    return World(
        env=env,
        guild=guild,
        news=guild.create_text_channel("nouvelles"),
        lounge=guild.create_text_channel("salon"),
        moderator=guild.add_member(env.create_user("simone", global_name="Simone"), roles=[keeper]),
        member=guild.add_member(env.create_user("rosaire", global_name="Rosaire")),
    )


@pytest.fixture
def world(simcord_env: simcord.Env) -> Iterator[World]:
    built = build_world(simcord_env)
    with speaking(lambda user_id: built.languages.get(user_id, "fr"), server="fr"):
        yield built


# ------------------------------------------------------------------------------------------------ what people see


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    """Emoji and words, as they appear."""
    custom_id: str | None
    url: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a message shows, whatever it is made of (content, embeds, Components V2), in reading order."""

    text: str
    buttons: tuple[Button, ...]
    images: tuple[tuple[str, str | None], ...]
    """Address and alternative text of each image."""
    selects: tuple[Mapping[str, Any], ...]
    ephemeral: bool

    def button(self, words: str) -> Button:
        """The only button whose label holds `words`, case ignored."""
        found = [button for button in self.buttons if words.casefold() in button.label.casefold()]
        labels = [button.label for button in self.buttons]
        assert len(found) == 1, f"{len(found)} buttons say {words!r}; there are {labels}"
        return found[0]


def look(visible: Visible) -> Shown:
    message = answer_of(visible) if isinstance(visible, simcord.InteractionResult) else visible
    lines = [message.content] if message.content else []
    images: list[tuple[str, str | None]] = []
    for embed in message.embeds:
        lines.extend(_embed_lines(embed))
        images.extend((part.url, None) for part in (embed.image, embed.thumbnail) if part.url)
    buttons: list[Button] = []
    selects: list[Mapping[str, Any]] = []
    for component in walk_components(_wire(message)):
        kind = component["type"]
        if kind == _TEXT:
            lines.append(component["content"])
        elif kind == _BUTTON:
            buttons.append(_button(component))
        elif kind in _SELECTS:
            selects.append(component)
        elif kind == _THUMBNAIL:
            images.append((component["media"]["url"], component.get("description")))
        elif kind == _GALLERY:
            images.extend((item["media"]["url"], item.get("description")) for item in component["items"])
    return Shown("\n".join(lines), tuple(buttons), tuple(images), tuple(selects), message.flags.ephemeral)


def text_of(visible: Visible) -> str:
    return look(visible).text


def answer_of(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The message that answers an interaction, also when it came as the follow-up of a deferral."""
    answer = result.response or next(iter(result.followups), None)
    assert answer is not None, f"nobody answered: {result!r}"
    return answer


async def press(
    person: simcord.MemberActor, message: discord.Message | simcord.ResponseMessage, words: str
) -> simcord.InteractionResult:
    """Press the only button of a message whose label holds `words`."""
    button = look(message).button(words)
    assert button.custom_id, f"{button.label!r} is a link to {button.url}"
    return await person.click(message, custom_id=button.custom_id)


def _embed_lines(embed: discord.Embed) -> Iterator[str]:
    parts = [embed.author.name, embed.title, embed.description]
    for embed_field in embed.fields:
        parts += [embed_field.name, embed_field.value]
    yield from (part for part in [*parts, embed.footer.text] if part)


def _wire(message: discord.Message | simcord.ResponseMessage) -> Sequence[Any]:
    if isinstance(message, simcord.ResponseMessage):
        return message.components
    return [component.to_dict() for component in message.components]


def _button(component: Mapping[str, Any]) -> Button:
    emoji = (component.get("emoji") or {}).get("name")
    label = " ".join(part for part in (emoji, component.get("label")) if part)
    link = component.get("url") if component.get("style") == _LINK_STYLE else None
    return Button(label, component.get("custom_id"), link, bool(component.get("disabled")))


# ------------------------------------------------------------------------------------------------ the wire


class Wire:
    """What Discord's wire does and SimCord's does not: enforced nonces, lost replies, server errors.

    Nonces are remembered per channel, also over a restart of the bot, until `forget_nonces` (Discord: a few minutes).
    """

    def __init__(self) -> None:
        self.sent: list[str] = []
        """The nonce of every message that came to exist, in order."""
        self._seen: dict[tuple[int, str], Any] = {}
        self._lose = 0
        self._refuse: list[int] = []

    def attach(self, bot: discord.Client) -> None:
        """Stand between `bot` and SimCord; call it again for the new instance after `env.restart_bot`."""
        inner = bot.http.request

        async def request(route: discord.http.Route, **options: Any) -> Any:
            if route.method != "POST" or route.path != "/channels/{channel_id}/messages":
                return await inner(route, **options)
            if self._refuse:
                raise server_error(self._refuse.pop(0))
            key = _nonce_key(route, options)
            if key in self._seen:
                data = dict(self._seen[key])
            else:
                data = await inner(route, **options)
                if key:
                    data = self._seen[key] = {**data, "nonce": key[1]}
                    self.sent.append(key[1])
            if self._lose:
                self._lose -= 1
                raise aiohttp.ServerDisconnectedError
            return data

        bot.http.request = request  # type: ignore[method-assign]

    def lose_replies(self, count: int = 1) -> None:
        """The next messages take effect, and the bot never hears so."""
        self._lose += count

    def refuse(self, *statuses: int) -> None:
        """The next messages are answered with these 5xx, without effect. discord.py's own retries are not exercised."""
        self._refuse.extend(statuses)

    def forget_nonces(self) -> None:
        self._seen.clear()


@pytest.fixture
def wire(simcord_env: simcord.Env) -> Wire:
    wire = Wire()
    wire.attach(simcord_env.bot)
    return wire


def server_error(status: int = 503) -> discord.DiscordServerError:
    """What discord.py raises when its own retries of a 5xx are used up; SimCord's `inject_error` cannot make it."""

    class Response:
        reason = "Service Unavailable"

    response: Any = Response()
    response.status = status
    return discord.DiscordServerError(response, "upstream connect error")


def _nonce_key(route: discord.http.Route, options: Mapping[str, Any]) -> tuple[int, str] | None:
    body = options.get("json")
    for part in options.get("form") or ():
        if part.get("name") == "payload_json":
            body = json.loads(part["value"])
    if not body or not body.get("enforce_nonce") or not body.get("nonce"):
        return None
    assert route.channel_id is not None
    return int(route.channel_id), str(body["nonce"])


# ------------------------------------------------------------------------------------------------ siblings


@asynccontextmanager
async def beside(*services: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run services beside the bot, as `app` does, while a test drives the bot.

    They keep the real clock. An actor's verb waits for handlers that await a service; what a service does on its own
    is seen after `await env.settle()`. A service that fails makes the test fail.
    """
    tasks = [asyncio.create_task(service) for service in services]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [result for result in results if isinstance(result, Exception)]
    if failures:
        raise ExceptionGroup("a service failed beside the bot", failures)
