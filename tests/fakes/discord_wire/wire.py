"""A Discord of our own on loopback: REST, gateway and the people, as one thing that a test can hold."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord_wire.faults import RULE
from tests.fakes.discord_wire.front import Front
from tests.fakes.discord_wire.gateway import Gateway, Session
from tests.fakes.discord_wire.manners import Manners
from tests.fakes.discord_wire.messages import Message
from tests.fakes.discord_wire.people import Person
from tests.fakes.discord_wire.permissions import EVERYONE
from tests.fakes.discord_wire.ratelimits import RateLimits
from tests.fakes.discord_wire.requests import Request
from tests.fakes.discord_wire.routes import GUILDS
from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import FORUM, TEXT, Channel, Guild, Membership, Role, User

TOKEN = "MTIz.wire.token-of-the-fake"


class DiscordWire:
    """`async with DiscordWire() as discord:` listens on 127.0.0.1; hand `api_url` and `token` to a bot.

    `limits` changes rate limits, e.g. {"post /channels/{channel_id}/messages": (1000, 1.0)}.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        name: str = "Casse-croûte",
        port: int = 0,
        limits: dict[str, tuple[int, float]] | None = None,
        check_own_answers: bool = False,
    ) -> None:
        self.state = State(token=token, name=name)
        self.faults: list[RULE] = []
        self.rate_limits = RateLimits(limits)
        self.front = Front(self.state, self.rate_limits, self.faults, check_own_answers=check_own_answers)
        self.gateway = Gateway(
            token=token,
            ready=self._ready,
            guilds=self._guilds,
            changed=self.state.changed,
            guild_delay_seconds=lambda: self.manners.guild_delay_seconds,
        )
        self.state.emit = self._emit
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get(Gateway.path, self.gateway.handle)
        app.router.add_route("*", "/api/v10/{tail:.*}", self.front.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.state.gateway_url = self.gateway_url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.shut()
        if self._runner:
            await self._runner.cleanup()

    # --- what it is like ---

    @property
    def manners(self) -> Manners:
        return self.state.manners

    @manners.setter
    def manners(self, manners: Manners) -> None:
        self.state.manners = manners

    # --- what a bot is given ---

    @property
    def token(self) -> str:
        return self.state.token

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}{Gateway.path}"

    # --- the world ---

    def add_guild(self, name: str = "La Cabane", locale: str = "fr") -> Guild:
        guild = Guild(self.state.snowflake(), name, locale, self.state.owner)
        guild.members[self.state.owner.id] = Membership(guild, self.state.owner)
        bot_role = Role(self.state.snowflake(), self.state.application_name, EVERYONE, position=1)
        guild.roles[bot_role.id] = bot_role
        guild.members[self.state.bot.id] = Membership(guild, self.state.bot, [bot_role])
        self.state.guilds[guild.id] = guild
        return guild

    async def invite(self, guild: Guild) -> None:
        """Let a bot that is already connected join, or join again."""
        if self.state.bot.id not in guild.members:
            guild.members[self.state.bot.id] = Membership(guild, self.state.bot)
        await self._emit("GUILD_CREATE", guild.gateway_payload(self.state.bot), GUILDS)

    async def kick_bot(self, guild: Guild) -> None:
        guild.members.pop(self.state.bot.id)
        await self._emit("GUILD_DELETE", {"id": str(guild.id)}, GUILDS)

    def add_channel(
        self, guild: Guild, name: str, kind: int = TEXT, *, parent: Channel | None = None, tags: tuple[str, ...] = ()
    ) -> Channel:
        """Before the bot connects. Afterwards call `announce_channel` too."""
        channel = Channel(self.state.snowflake(), guild, kind, name, position=len(guild.channels), parent=parent)
        if channel.is_thread:
            channel.owner_id = self.state.owner.id
        if kind == FORUM:
            channel.tags = {self.state.snowflake(): tag for tag in tags}
        guild.channels[channel.id] = channel
        return channel

    async def announce_channel(self, channel: Channel) -> None:
        await self._emit("THREAD_CREATE" if channel.is_thread else "CHANNEL_CREATE", channel.payload(), GUILDS)

    async def delete_channel(self, channel: Channel) -> None:
        assert channel.guild
        channel.guild.channels.pop(channel.id)
        await self._emit("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel.payload(), GUILDS)

    async def forbid_bot(self, channel: Channel, *permissions: int) -> None:
        """Take permissions from the bot in this channel; without any, give back what was taken."""
        denied = 0
        for permission in permissions:
            denied |= int(permission)
        if denied:
            channel.overwrites[self.state.bot.id] = (0, denied)
        else:
            channel.overwrites.pop(self.state.bot.id, None)
        await self._emit("CHANNEL_UPDATE", channel.payload(), GUILDS)

    def add_member(self, guild: Guild, name: str, *, permissions: Any = 0, locale: str = "fr") -> Person:
        """`permissions`: what a role of their own adds, as an int, `Can` or `discord.Permissions`."""
        user = User(self.state.snowflake(), name, locale=locale)
        self.state.users[user.id] = user
        bits = int(getattr(permissions, "value", permissions))
        membership = Membership(guild, user)
        if bits:
            role = Role(self.state.snowflake(), f"role of {name}", bits, position=1)
            guild.roles[role.id] = role
            membership.roles.append(role)
        guild.members[user.id] = membership
        return Person(self.state, user, guild)

    # --- what happened ---

    @property
    def requests(self) -> list[Request]:
        return self.state.requests

    def requests_to(self, name: str) -> list[Request]:
        """Requests by name, e.g. "PUT /applications/{application_id}/commands"."""
        return [request for request in self.requests if request.name == name]

    @property
    def violations(self) -> list[str]:
        return self.state.violations + self.gateway.violations

    @property
    def own_faults(self) -> list[str]:
        """Where this fake answered what Discord would not; needs `check_own_answers`."""
        return self.front.own_faults

    @property
    def intents(self) -> int:
        """Of the last identify."""
        return int(self.gateway.identifies[-1]["intents"])

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The global commands as registered."""
        return list(self.state.commands[0].values())

    def messages(self, channel: Channel) -> list[Message]:
        """What everybody sees in the channel, oldest first."""
        return channel.history()

    async def wait_ready(self, timeout: float = 30, *, identifies: int = 1) -> None:  # noqa: ASYNC109
        """Until a bot has identified `identifies` times, is connected, and has its commands registered."""
        await self.state.until(
            lambda: len(self.gateway.identifies) >= identifies and self.gateway.live and self.commands,
            timeout,
            "a bot that is connected and has commands",
        )

    async def wait_for_message(
        self,
        channel: Channel,
        timeout: float = 10,  # noqa: ASYNC109
        *,
        after: int = 0,
        containing: str = "",
    ) -> Message:
        """The bot's first message past the first `after` of the channel that contains the text."""

        def found() -> Message | None:
            new = [message for message in channel.history()[after:] if message.author is self.state.bot]
            return next((message for message in new if containing in message.text), None)

        return await self.state.until(
            found, timeout, f"a message in #{channel.name}" + (f" with {containing!r}" if containing else "")
        )

    async def until(self, predicate: Any, timeout: float = 10, what: str = "it") -> Any:  # noqa: ASYNC109  # noqa: ASYNC109
        return await self.state.until(predicate, timeout, what)

    # --- inside ---

    async def _emit(self, name: str, data: Any, intent: int = 0) -> None:
        await self.gateway.dispatch(name, data, intent)

    def _ready(self, session: Session) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.state.bot.payload() | {"mfa_enabled": True, "verified": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self._joined()],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "application": {"id": str(self.state.application_id), "flags": 1 << 23},
            "private_channels": [],
            "_trace": [],
        }

    def _joined(self) -> list[Guild]:
        return [guild for guild in self.state.guilds.values() if self.state.bot.id in guild.members]

    def _guilds(self) -> list[dict[str, Any]]:
        return [guild.gateway_payload(self.state.bot) for guild in self._joined()]
