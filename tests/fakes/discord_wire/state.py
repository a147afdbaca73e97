"""Everything that this Discord knows, and waiting until it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tests.fakes.discord_wire.manners import Manners
from tests.fakes.discord_wire.messages import Message
from tests.fakes.discord_wire.requests import Request, missing_access, missing_permissions, unknown
from tests.fakes.discord_wire.world import THREADS, Channel, Guild, Membership, Snowflakes, User

if TYPE_CHECKING:
    from tests.fakes.discord_wire.interactions import Interaction

T = TypeVar("T")


class State:
    def __init__(self, *, token: str, name: str) -> None:
        self.snowflake = Snowflakes()
        self.token = token
        self.gateway_url = ""
        self.application_id = self.snowflake()
        self.application_name = name
        self.bot = User(self.application_id, name, bot=True)
        self.owner = User(self.snowflake(), "owner")
        self.guilds: dict[int, Guild] = {}
        self.direct: dict[int, Channel] = {}
        self.users: dict[int, User] = {self.bot.id: self.bot, self.owner.id: self.owner}
        self.commands: dict[int, dict[int, dict[str, Any]]] = {0: {}}
        """By guild (0: global), then by id."""
        self.interactions: dict[int, Interaction] = {}
        self.interaction_tokens: dict[str, Interaction] = {}
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.emit: Callable[..., Any] = lambda *_: None
        self.manners = Manners()
        self.nonces_since = 0
        """Id of the first message whose nonce may be remembered."""
        self._moved = asyncio.Event()

    def forget_nonces(self) -> None:
        """As if more than a few minutes had passed."""
        self.nonces_since = self.snowflake()

    def remembers_nonce_of(self, message: Message) -> bool:
        age_ms = (self.snowflake() - message.id) >> 22
        return message.id >= self.nonces_since and age_ms < self.manners.nonce_seconds * 1000

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def until(self, predicate: Callable[[], T | None], timeout: float, what: str) -> T:  # noqa: ASYNC109
        """The first truthy result of `predicate`; AssertionError that says `what` never came."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    moved = self._moved
                    if result := predicate():
                        return result
                    await moved.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {timeout} s") from None

    def guild(self, guild_id: int | str) -> Guild:
        guild = self.guilds.get(int(guild_id))
        if guild is None:
            raise unknown("Guild")
        if self.bot.id not in guild.members:
            raise missing_access()
        return guild

    def channel(self, channel_id: int | str, needed: int = 0) -> Channel:
        """The channel, seen by the bot. Refuses as Discord does: 10003, 50001, 50013."""
        wanted = int(channel_id)
        if wanted in self.direct:
            return self.direct[wanted]
        for guild in self.guilds.values():
            if channel := guild.channels.get(wanted):
                self._require(guild, channel, needed)
                return channel
        raise unknown("Channel")

    def _require(self, guild: Guild, channel: Channel, needed: int) -> None:
        member = guild.members.get(self.bot.id)
        allowed = member.permissions_in(channel) if member else 0
        if not allowed:
            raise missing_access()
        if needed & ~allowed:
            raise missing_permissions()

    def message(self, channel: Channel, message_id: int | str) -> Message:
        message = channel.messages.get(int(message_id))
        if message is None or message.ephemeral:
            raise unknown("Message")
        return message

    def membership(self, channel: Channel, user: User) -> Membership | None:
        return channel.guild.members.get(user.id) if channel.guild else None

    def event_payload(self, message: Message) -> dict[str, Any]:
        """A message as the gateway announces it."""
        data = message.payload()
        if message.channel.guild:
            data["guild_id"] = str(message.channel.guild.id)
            member = self.membership(message.channel, message.author)
            if member:
                data["member"] = {key: value for key, value in member.payload().items() if key != "user"}
        data["channel_type"] = message.channel.kind
        return data

    def is_thread(self, channel: Channel) -> bool:
        return channel.kind in THREADS
