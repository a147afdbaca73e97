"""The discord.py client: intents, extensions, translator, command synchronisation, the error boundary. No rules.

What discord.py 2.7.1 needs from us is said where we do it: it keeps the API's address on a class, asks no one for the
gateway's address, and dies when the very first gateway connection fails.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import Any, Protocol

import aiohttp
import discord
import structlog
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.corrections import Corrections
from bot.errors import ConfigurationError, RequestRefused, StorageError
from bot.exchange import Exchange
from bot.explaining import Explaining
from bot.filtering import Filtering
from bot.locales import choose, words
from bot.messages import custom_ids
from bot.messages.bucket import Gate, use_own_buckets
from bot.messages.credentials_form import is_open
from bot.messages.events import outlive_unreadable_events
from bot.messages.replies import send_refusal
from bot.messages.translator import Translator
from bot.models import LANGUAGES
from bot.postings import Postings
from bot.reading import Reading
from bot.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

EXTENSIONS = (
    "cogs.reading",
    "cogs.config",
    "cogs.config_source",
    "cogs.config_upkeep",
    "cogs.config_exchange",
    "cogs.config_filter",
    "cogs.config_why",
    "cogs.config_article",
)

RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Waits between attempts to log in while Discord cannot be reached; the last one repeats."""

LONGEST_LIMIT_SECONDS = 30.0
"""A longer rate limit is an error rather than a wait, the least that discord.py lets one say: its way of waiting
would keep even the request that used the limit up, long after it was answered."""

WRONG_TOKEN = 4004
"""Gateway close code: authentication failed. https://discord.com/developers/docs/topics/opcodes-and-status-codes"""


class Notes(Protocol):
    """Small facts that outlive the process."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class Tree(app_commands.CommandTree["CasseCroute"]):
    async def on_error(
        self, interaction: discord.Interaction["CasseCroute"], error: app_commands.AppCommandError, /
    ) -> None:
        await send_refusal(interaction, error, words(await interaction.client.language_of(interaction)))


class CasseCroute(commands.Bot):
    """The use cases that it is given are all that the cogs may call."""

    def __init__(
        self,
        *,
        reading: Reading,
        corrections: Corrections,
        postings: Postings,
        subscriptions: Subscriptions,
        exchange: Exchange,
        filtering: Filtering,
        explaining: Explaining,
        notes: Notes,
        trace: aiohttp.TraceConfig | None = None,
        find_gateway: bool = True,
    ) -> None:
        """`trace` sees every request leave; `find_gateway` asks the API for the gateway's address, as a proxy or a
        test server needs."""
        # Nobody here speaks: without this, two warnings about missing voice libraries precede every other line.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        use_own_buckets()
        # Guilds bring channels, threads and our own permissions; articles and answers need nothing else of the gateway.
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.5,
            http_trace=trace or aiohttp.TraceConfig(),
            max_ratelimit_timeout=LONGEST_LIMIT_SECONDS,
        )
        outlive_unreadable_events(self)
        self.reading = reading
        self.corrections = corrections
        self.postings = postings
        self.subscriptions = subscriptions
        self.exchange = exchange
        self.filtering = filtering
        self.explaining = explaining
        self._notes = notes
        self.on_connected: Callable[[], None] = lambda: None
        self.on_disconnected: Callable[[], None] = lambda: None
        self.on_access_changed: Callable[[int], None] = lambda _: None
        """Called with a server's id when the bot may have got, or lost, access to some of its channels."""
        self._find_gateway = find_gateway
        self._commands_sent = True

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Translator())
        for extension in EXTENSIONS:
            if extension not in self.extensions:  # a log-in that failed half-way is tried again
                await self.load_extension(extension)
        self.http._global_over = Gate(LONGEST_LIMIT_SECONDS)
        if self._find_gateway:
            # discord.py connects to its own constant; a REST proxy or test server announces another address.
            _, address, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        await self._sync_commands()

    async def stay_connected(self, token: str) -> None:
        """Log in and stay connected until closed. While Discord cannot be reached, keep trying.

        Raises ConfigurationError when Discord refuses the token.
        """
        for wait in chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1])):
            try:
                await self.login(token)
                break
            except discord.LoginFailure:
                raise ConfigurationError("config_error.token_refused") from None
            except (aiohttp.ClientError, OSError, discord.DiscordServerError, discord.GatewayNotFound) as error:
                log.warning("discord cannot be reached", error=error.__class__.__name__, next_try_seconds=wait)
                # The next log-in opens a session of its own and would leave this one open.
                await self.http.close()
                self.http.connector = discord.utils.MISSING
                await asyncio.sleep(wait)
        try:
            await self.connect()
        except discord.ConnectionClosed as error:
            if error.code == WRONG_TOKEN:
                raise ConfigurationError("config_error.token_refused") from None
            raise

    async def connect(self, *, reconnect: bool = True) -> None:
        while True:
            try:
                return await super().connect(reconnect=reconnect)
            except AttributeError:
                # 2.7.1 reads the sequence of a socket that a failed first connection never made. It has slept already.
                if getattr(self, "ws", None) is not None:
                    raise
                log.warning("the gateway did not answer; trying again")

    async def on_ready(self) -> None:
        user = self.user
        log.info("connected", user=str(user), servers=len(self.guilds))
        self.on_connected()
        for wait in chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1])):
            if self._commands_sent:
                break
            await asyncio.sleep(wait)
            await self._sync_commands()

    async def on_resumed(self) -> None:
        self.on_connected()

    async def on_disconnect(self) -> None:
        self.on_disconnected()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """discord.py answers nothing to what it does not know: the asker would read that the application is gone."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if interaction.type is discord.InteractionType.component and not custom_ids.is_known(custom_id):
            error = RequestRefused("error.button_gone")
        elif interaction.type is discord.InteractionType.modal_submit and not is_open(custom_id):
            error = RequestRefused("error.form_gone")
        else:
            return
        await send_refusal(interaction, error, words(await self.language_of(interaction)))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.on_access_changed(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self.on_access_changed(guild.id)

    async def on_guild_update(self, _before: discord.Guild, after: discord.Guild) -> None:
        self.on_access_changed(after.id)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.on_access_changed(channel.guild.id)

    async def on_guild_channel_update(self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        self.on_access_changed(after.guild.id)

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        self.on_access_changed(after.guild.id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self.on_access_changed(role.guild.id)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        if after == after.guild.me:
            self.on_access_changed(after.guild.id)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        self.on_access_changed(thread.guild.id)

    async def on_thread_update(self, _before: discord.Thread, after: discord.Thread) -> None:
        self.on_access_changed(after.guild.id)

    async def language_of(self, interaction: discord.Interaction) -> str:
        """The asker's language when the bot speaks it, else the server's. Never fails: errors are told in it."""
        try:
            server = await self.subscriptions.servers.language(interaction.guild_id)
        except StorageError:
            server = LANGUAGES[0]
        return choose(interaction.locale.value, default=server)

    async def _sync_commands(self) -> None:
        """Send the commands only when they changed: Discord allows few such calls a day, and each confuses clients."""
        payload = await command_payload(self.tree)
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        key = f"commands of {self.application_id} at {Route.BASE}"
        if await self._notes.get(key) == digest:
            return
        try:
            await self.tree.sync()
        except discord.HTTPException as error:
            # The commands that Discord has still work, and posting must not wait: `on_ready` tries again.
            log.warning("commands not synchronised", status=error.status, error=error.text[:500])
            self._commands_sent = error.status < 500  # what Discord refuses today it refuses tomorrow
            return
        self._commands_sent = True
        await self._notes.set(key, digest)
        log.info("commands synchronised", commands=len(payload))


async def command_payload(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """What `tree.sync()` sends: every global command with its localisations."""
    translator = tree.translator
    if translator is None:
        return [command.to_dict(tree) for command in tree.get_commands()]
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]


def use_api(url: str) -> None:
    """Send every REST call to this API. discord.py keeps its address on a class, which interaction answers read too."""
    Route.BASE = url.rstrip("/")
