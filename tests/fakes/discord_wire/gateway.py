"""The gateway's side of the websocket: hello, identify, resume, heartbeats, events and the ways it hangs up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT, REQUEST_MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    6,
    7,
    8,
    9,
    10,
    11,
)
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT."""
_KEPT_EVENTS = 1000
_NETWORK_SECONDS = 0.01


@dataclass(eq=False)
class Session:
    """What survives a lost connection, so that it can be resumed."""

    id: str
    intents: int
    sequence: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    connection: Connection | None = None
    resumes: int = 0

    async def send(self, name: str, data: Any) -> None:
        self.sequence += 1
        frame = {"op": DISPATCH, "s": self.sequence, "t": name, "d": data}
        self.events.append(frame)
        del self.events[:-_KEPT_EVENTS]
        if self.connection:
            await self.connection.send(frame)


class Connection:
    """One open socket, in the compression that the client asked for."""

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, compression: str | None
    ) -> None:
        self.socket = socket
        self.transport = transport
        self._zlib = zlib.compressobj() if compression == "zlib-stream" else None
        self._zstd = zstd.ZstdCompressor() if compression == "zstd-stream" else None

    async def send(self, frame: dict[str, Any]) -> None:
        text = json.dumps(frame)
        with contextlib.suppress(ConnectionError):
            if self._zlib:
                await self.socket.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            elif self._zstd:
                await self.socket.send_bytes(self._zstd.compress(text.encode(), zstd.ZstdCompressor.FLUSH_BLOCK))
            else:
                await self.socket.send_str(text)


class Gateway:
    """Accepts connections on `path`. What the world is made of comes from `ready` and `guilds`, called per identify."""

    path = "/gateway-socket/"

    def __init__(
        self,
        *,
        token: str,
        ready: Callable[[Session], dict[str, Any]],
        guilds: Callable[[], list[dict[str, Any]]],
        changed: Callable[[], None],
        guild_delay_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._token = token
        self._ready = ready
        self._guilds = guilds
        self._changed = changed
        self.guild_delay_seconds = guild_delay_seconds
        self._announcing: set[asyncio.Task[None]] = set()
        self.allowed_privileged = 0
        """Privileged intents that the application's owner has switched on."""
        self.heartbeat_interval_ms = 41_250
        self.refusals = 0
        """How many of the next connections are refused with a 503."""
        self.identifies: list[dict[str, Any]] = []
        self.resumes: list[dict[str, Any]] = []
        self.heartbeats = 0
        self.closes: list[int | None] = []
        """Codes with which the client closed, oldest first."""
        self.sessions: dict[str, Session] = {}
        self.violations: list[str] = []

    @property
    def live(self) -> Session | None:
        return next((session for session in reversed(self.sessions.values()) if session.connection), None)

    async def dispatch(self, name: str, data: Any, intent: int = 0) -> None:
        """Send an event to every session that asked for it; a broken one catches up when it resumes."""
        for session in self.sessions.values():
            if not intent or session.intents & intent:
                await session.send(name, data)

    async def drop(self) -> None:
        """Cut the connection without a word, as a lost network does."""
        for session in self._connected():
            connection, session.connection = session.connection, None
            if connection and connection.transport:
                connection.transport.abort()

    async def close(self, code: int) -> None:
        for session in self._connected():
            if session.connection:
                await session.connection.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        for session in self._connected():
            if session.connection:
                await session.connection.send({"op": RECONNECT, "d": None, "s": None, "t": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        for session in self._connected():
            if session.connection:
                await session.connection.send({"op": INVALID, "d": resumable, "s": None, "t": None})
            if not resumable:
                self.sessions.pop(session.id, None)

    def _connected(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.connection]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.refusals > 0:
            self.refusals -= 1
            return web.Response(status=503)
        self._check_query(request.query)
        socket = web.WebSocketResponse(max_msg_size=16_384, timeout=1)
        await socket.prepare(request)
        connection = Connection(socket, request.transport, request.query.get("compress"))
        await connection.send(
            {"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_interval_ms}, "s": None, "t": None}
        )
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                frame = message.json()
                if frame["op"] in (IDENTIFY, RESUME):
                    if session:
                        await socket.close(code=4005)
                        break
                    session = await self._begin(connection, frame)
                    self._changed()
                elif frame["op"] == HEARTBEAT:
                    self.heartbeats += 1
                    # Faster than any network: discord.py would take the answer for one to an earlier heartbeat.
                    await asyncio.sleep(_NETWORK_SECONDS)
                    await connection.send({"op": ACK, "d": None, "s": None, "t": None})
                elif frame["op"] not in (PRESENCE, REQUEST_MEMBERS):
                    self.violations.append(f"gateway: op {frame['op']} is not one that a bot sends")
        finally:
            self.closes.append(socket.close_code)
            if session and session.connection is connection:
                session.connection = None
            self._changed()
        return socket

    def _check_query(self, query: Any) -> None:
        if query.get("v") != "10" or query.get("encoding") != "json":
            self.violations.append(f"gateway: connected with {dict(query)}, not v=10 and encoding=json")

    async def _begin(self, connection: Connection, frame: dict[str, Any]) -> Session | None:
        data = frame["d"]
        if data.get("token", "").removeprefix("Bot ") != self._token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if frame["op"] == RESUME:
            return await self._resume(connection, data)
        self.identifies.append(data)
        if data["intents"] & PRIVILEGED & ~self.allowed_privileged:
            await connection.socket.close(code=4014, message=b"Disallowed intent(s).")
            return None
        session = Session(secrets.token_hex(16), data["intents"], connection=connection)
        self.sessions[session.id] = session
        await session.send("READY", self._ready(session))
        if delay := self.guild_delay_seconds():
            task = asyncio.create_task(self._announce_guilds(session, delay))
            self._announcing.add(task)
            task.add_done_callback(self._announcing.discard)
        else:
            await self._announce_guilds(session, 0)
        return session

    async def _announce_guilds(self, session: Session, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        for guild in self._guilds():
            await session.send("GUILD_CREATE", guild)

    async def _resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        self.resumes.append(data)
        session = self.sessions.get(data["session_id"])
        if session is None:
            await connection.send({"op": INVALID, "d": False, "s": None, "t": None})
            return None
        session.connection = connection
        session.resumes += 1
        for event in [event for event in session.events if event["s"] > data["seq"]]:
            await connection.send(event)
        await session.send("RESUMED", {"_trace": []})
        return session

    async def shut(self) -> None:
        for task in self._announcing:
            task.cancel()
        for session in self._connected():
            if session.connection:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await session.connection.socket.close(code=1001)
