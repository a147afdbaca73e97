"""Use case: be told of news by hubs, instead of asking for it (WebSub). https://www.w3.org/TR/websub/

A push is a hint and no more: it makes its source due at once, and the check that follows goes the usual way. So a hub
that lies costs one conditional request, and one that falls silent costs nothing: polling goes on all the while, more
seldom as long as pushes come.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

import structlog

from bot.errors import SourceError
from bot.models import Credentials, Entry, Snapshot, SourceKind
from bot.sources.urls import is_http
from bot.sources.websub import LEASE_SECONDS, MAX_CHALLENGE_LENGTH, read_lease, read_signature
from bot.updates.progress import Retrieved

log = structlog.get_logger(__name__)

ROUND = timedelta(minutes=1)
PATH = "/push/"
MAX_BODY_BYTES = 10 * 1024 * 1024

POLL_WHILE_PUSHED = timedelta(hours=1)
"""What a push that got lost costs at most, where the ceiling of intervals allows as much."""
TRUST = timedelta(days=3)
"""After its last push, a hub that has been silent for longer is not relied on."""
UNANSWERED = timedelta(hours=1)
"""When a hub is asked again that did not verify what it was asked."""
REFUSED = timedelta(days=1)
RENEWAL = timedelta(days=1)
"""How long before its end a lease is renewed; a fifth of it, if that is shorter."""
ASKED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Push:
    """What we asked a hub for, and how that stands."""

    source_id: int
    source_url: str
    hub_url: str
    topic_url: str
    token: str
    """The part of the callback's address that nobody can guess."""
    secret: str
    failures: int = 0
    lease_until: datetime | None = None
    """None while the hub has verified nothing."""
    pushed_at: datetime | None = None
    followed: bool = True

    def __repr__(self) -> str:
        return f"Push({self.source_id}, {self.hub_url})"


class Store(Protocol):
    async def all(self) -> Sequence[Push]: ...

    async def announce(
        self, source_url: str, hub_url: str, topic_url: str, *, token: str, secret: str, now: datetime
    ) -> None:
        """A public source names this hub; what was asked of another is forgotten."""
        ...

    async def forget(self, source_url: str) -> None: ...

    async def take_due(self, *, now: datetime, again_at: datetime, limit: int) -> Sequence[Push]:
        """Those of followed sources whose time to ask has come; another process gets them from `again_at` on."""
        ...

    async def by_token(self, token: str) -> Push | None: ...

    async def confirm(self, source_id: int, *, lease_until: datetime, ask_at: datetime) -> None: ...

    async def postpone(self, source_id: int, *, ask_at: datetime, failures: int) -> None: ...

    async def note_push(self, source_id: int, at: datetime) -> None: ...


class Hubs(Protocol):
    async def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """The status of the answer. Raises SourceError when there is none."""
        ...


class Verdict(Enum):
    """What a hub is answered."""

    TAKEN = 202
    UNKNOWN = 404
    GONE = 410
    TOO_LARGE = 413


class Pushes:
    def __init__(
        self,
        store: Store,
        hubs: Hubs,
        hasten: Callable[[Collection[int]], Awaitable[None]],
        *,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        """`public_url` is where hubs reach our server."""
        self._store = store
        self._hubs = hubs
        self._hasten = hasten
        self._callback = public_url.rstrip("/") + PATH
        self._now = now
        self._known: dict[str, Push] = {}

    async def round(self) -> None:
        """Ask hubs for what is not promised yet, or soon no more."""
        self._known = {push.source_url: push for push in await self._store.all()}
        now = self._now()
        due = await self._store.take_due(now=now, again_at=now + UNANSWERED, limit=ASKED_AT_ONCE)
        await asyncio.gather(*map(self._ask, due))

    async def heard(self, source_url: str, snapshot: Snapshot) -> None:
        """What a public source says of its hub."""
        known = self._known.get(source_url)
        hub, topic = snapshot.hub_url, snapshot.self_url or source_url
        if hub is None or not is_http(hub) or not is_http(topic):
            if known:
                del self._known[source_url]
                await self._store.forget(source_url)
        elif known is None or (known.hub_url, known.topic_url) != (hub, topic):
            token, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            await self._store.announce(source_url, hub, topic, token=token, secret=secret, now=self._now())
            self._known[source_url] = Push(0, source_url, hub, topic, token, secret)

    def is_trusted(self, source_url: str) -> bool:
        push = self._known.get(source_url)
        if push is None or push.lease_until is None or push.pushed_at is None:
            return False
        now = self._now()
        return now < push.lease_until and now - push.pushed_at < TRUST

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        """The challenge to be echoed when this is what we asked for; None when it is not (WebSub, 5.3)."""
        push = await self._store.by_token(token)
        if push is None or query.get("hub.topic") != push.topic_url:
            return None
        now = self._now()
        if query.get("hub.mode") == "denied":
            log.info("push refused", source_id=push.source_id, hub=push.hub_url)
            await self._store.postpone(push.source_id, ask_at=now + REFUSED, failures=push.failures + 1)
            return ""
        challenge = query.get("hub.challenge", "")
        if query.get("hub.mode") != "subscribe" or not push.followed or not 0 < len(challenge) <= MAX_CHALLENGE_LENGTH:
            return None
        lease = timedelta(seconds=read_lease(query.get("hub.lease_seconds")))
        lease_until = now + lease
        await self._store.confirm(push.source_id, lease_until=lease_until, ask_at=lease_until - min(RENEWAL, lease / 5))
        log.info("push promised", source_id=push.source_id, hub=push.hub_url, until=lease_until.isoformat())
        return challenge

    async def receive(self, token: str, signature: str | None, body: AsyncIterator[bytes]) -> Verdict:
        """A push: believed when it is signed with our secret, and answered alike when it is not (WebSub, 7.1)."""
        push = await self._store.by_token(token)
        if push is None:
            return Verdict.UNKNOWN
        if not push.followed:
            return Verdict.GONE
        promise = read_signature(signature, push.secret)
        size = 0
        async for data in body:
            size += len(data)
            if size > MAX_BODY_BYTES:
                return Verdict.TOO_LARGE
            if promise:
                promise.feed(data)
        if promise is None or not promise.holds():
            log.warning("push not believed", source_id=push.source_id)
            return Verdict.TAKEN
        now = self._now()
        await self._store.note_push(push.source_id, now)
        if push.source_url in self._known:
            self._known[push.source_url] = replace(push, pushed_at=now)
        await self._hasten([push.source_id])
        return Verdict.TAKEN

    async def _ask(self, push: Push) -> None:
        fields = {
            "hub.mode": "subscribe",
            "hub.topic": push.topic_url,
            "hub.callback": self._callback + push.token,
            "hub.secret": push.secret,
            "hub.lease_seconds": str(LEASE_SECONDS),
        }
        try:
            status = await self._hubs.post_form(push.hub_url, fields)
        except SourceError as error:
            status = error.status or 0
        if not 200 <= status < 300:
            log.warning("hub did not take our request", source_id=push.source_id, hub=push.hub_url, status=status)
            failures = push.failures + 1
            wait = min(UNANSWERED * (1 << min(failures, 5)), REFUSED)
            await self._store.postpone(push.source_id, ask_at=self._now() + wait, failures=failures)


class Reader(Protocol):
    async def read(
        self,
        url: str,
        kind: SourceKind,
        *,
        etag: str | None,
        last_modified: str | None,
        credentials: Credentials | None = None,
    ) -> Retrieved: ...

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    snapshot: Snapshot | None
    etag: str | None
    last_modified: str | None
    max_age_seconds: int | None
    moved_to: str | None


class PushedSources:
    """Sources as they are read, with an ear for their hubs; those that push ask to be left alone for longer."""

    def __init__(self, reader: Reader, pushes: Pushes) -> None:
        self._reader = reader
        self._pushes = pushes

    async def read(
        self,
        url: str,
        kind: SourceKind,
        *,
        etag: str | None,
        last_modified: str | None,
        credentials: Credentials | None = None,
    ) -> Retrieved:
        got = await self._reader.read(url, kind, etag=etag, last_modified=last_modified, credentials=credentials)
        if credentials is not None or kind is not SourceKind.FEED:
            return got  # what is private is no hub's to know
        if got.snapshot is not None:
            await self._pushes.heard(url, got.snapshot)
        if not self._pushes.is_trusted(url):
            return got
        age = max(got.max_age_seconds or 0, round(POLL_WHILE_PUSHED.total_seconds()))
        return Answer(got.snapshot, got.etag, got.last_modified, age, got.moved_to)

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return await self._reader.complete(entries)
