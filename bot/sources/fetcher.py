"""The only door to the web: one address in, its bytes or a named failure out.

Every hop of a redirect is checked like the first address, and every address that a name resolves to is checked when
its socket is made, so that neither redirects nor DNS games reach a private network. Time and size have bounds at every
phase. Nothing is retried here: when to ask again is for `updates.schedule` to say.
"""

import asyncio
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import http_exceptions
from yarl import URL

from bot.errors import AddressRefused, FailureReason, FetchFailed, SourceError
from bot.models import Credentials
from bot.sources import inflate
from bot.sources.addresses import is_ip, is_public
from bot.sources.challenge import LOOK_BYTES, is_challenge
from bot.sources.http_info import HTTPInfo, read_http_info
from bot.sources.urls import display_url

MIB = 1024 * 1024

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)

_PERMANENT = (301, 308)
_REDIRECTS = (*_PERMANENT, 302, 303, 307)
_WITH_BODY = (200, 203, 226)
_REASONS = {
    401: FailureReason.UNAUTHORISED,
    407: FailureReason.UNAUTHORISED,
    403: FailureReason.FORBIDDEN,
    451: FailureReason.FORBIDDEN,
    404: FailureReason.NOT_FOUND,
    410: FailureReason.GONE,
    429: FailureReason.RATE_LIMITED,
}
_READ_AHEAD_BYTES = 64 * 1024
"""Of a body, beside its last packet; aiohttp then holds back a server that sends 4,000 chunks ahead."""
_FEW_CHUNKS, _CRUMB_BYTES = 20_000, 16
"""More chunks than that, of fewer bytes each, are made to be costly: a chunk costs us the same whatever its size."""
_TURN_SECONDS = 0.005
"""The longest a body keeps the event loop to itself when its bytes come faster than they are read."""
_NOT_IN_HOSTS = re.compile(r"[\s<>\"{}|\\^`]")
_DAMAGED: tuple[type[Exception], ...] = (aiohttp.ClientError, *inflate.ERRORS)
_PRIVATE_MARK = "not a public address"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch. An uncompressed body travels as it is, so the wire may carry as much as a body may hold."""

    connect_seconds: float = 10
    read_seconds: float = 15
    """The longest silence between two reads."""
    total_seconds: float = 30
    """From the first byte sent to the last one read, over all redirects."""
    wire_bytes: int = 10 * MIB
    body_bytes: int = 10 * MIB
    redirects: int = 5
    header_bytes: int = 16 * 1024
    """Of one header field."""
    header_fields: int = 128
    connections: int = 100
    connections_per_host: int = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """`moved_to` is where the address says it lives from now on: the last of its leading permanent redirects."""

    url: str
    moved_to: str | None
    not_modified: bool
    body: bytes
    media_type: str | None
    charset: str | None
    http: HTTPInfo


class Fetcher:
    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: bool,
        limits: Limits = Limits(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._user_agent = user_agent
        self._allow_private = allow_private
        self._limits = limits
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self._session is not None:
            raise RuntimeError("Fetcher is already open.")
        limits = self._limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=limits.connections,
                limit_per_host=limits.connections_per_host,
                resolver=aiohttp.ThreadedResolver(),
                ttl_dns_cache=60,
                socket_factory=None if self._allow_private else _public_socket,
            ),
            headers={"User-Agent": self._user_agent, "Accept": ACCEPT, "Accept-Encoding": inflate.ACCEPTED},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=None, sock_connect=limits.connect_seconds, sock_read=limits.read_seconds
            ),
            # Bodies are inflated here, in steps that are counted.
            auto_decompress=False,
            # The environment's proxies would connect for us, past every check of the address.
            trust_env=False,
            read_bufsize=_READ_AHEAD_BYTES,
            max_field_size=limits.header_bytes,
            max_headers=limits.header_fields,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
    ) -> Fetched:
        """GET `url`. With validators, an unchanged document comes back as `not_modified` without its body.

        `credentials` go to the origin of `url` and to no other, wherever it redirects.

        Raises AddressRefused or FetchFailed, whose address never shows credentials.
        """
        if self._session is None:
            raise RuntimeError("Fetcher is not open.")
        validators = {}
        if etag:
            validators["If-None-Match"] = etag
        if last_modified:
            validators["If-Modified-Since"] = last_modified
        with translated(url):
            async with asyncio.timeout(self._limits.total_seconds):
                return await self._follow(self._session, url, validators, credentials)

    async def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """The status of the answer to a form; its body and its redirects are nobody's business here.

        Raises AddressRefused or FetchFailed.
        """
        if self._session is None:
            raise RuntimeError("Fetcher is not open.")
        with translated(url):
            async with asyncio.timeout(self._limits.total_seconds):
                target = self._checked(url, URL(url))
                async with self._session.post(target, data=fields, allow_redirects=False) as response:
                    return response.status

    async def _follow(
        self,
        session: aiohttp.ClientSession,
        url: str,
        validators: Mapping[str, str],
        credentials: Credentials | None,
    ) -> Fetched:
        target = self._checked(url, URL(url))
        origin = target.origin()
        moved_to: URL | None = None
        permanent = True
        seen = {target}
        for _ in range(self._limits.redirects + 1):
            headers = dict(validators)
            if credentials and target.origin() == origin:
                headers[credentials.header] = credentials.value.get_secret_value()
            async with session.get(target, headers=headers, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._read(response, url, moved_to, conditional=bool(validators))
                location = response.headers.get("Location", "").strip()
                if not location:
                    raise FetchFailed(FailureReason.BAD_RESPONSE, display_url(url), "a redirect to nowhere")
                permanent = permanent and response.status in _PERMANENT
            target = self._checked(url, target.join(URL(location)).with_fragment(None))
            # Who follows a private feed elsewhere would give its credentials away there at the next check.
            permanent = permanent and not (credentials and target.origin() != origin)
            if permanent:
                moved_to = target
            if target in seen:
                raise FetchFailed(FailureReason.TOO_MANY_REDIRECTS, display_url(url), "the redirects form a loop")
            seen.add(target)
        raise FetchFailed(FailureReason.TOO_MANY_REDIRECTS, display_url(url), f"more than {self._limits.redirects}")

    def _checked(self, url: str, target: URL) -> URL:
        """`target` when it may be asked. Names are judged when they are resolved, in `_public_socket`."""
        host = target.host
        if target.scheme not in ("http", "https") or not host or _NOT_IN_HOSTS.search(host):
            detail = f"not http(s): {target.scheme or 'no scheme'}"
            raise AddressRefused(FailureReason.BAD_ADDRESS, display_url(url), detail)
        if target.user is not None or target.password is not None:
            raise AddressRefused(FailureReason.BAD_ADDRESS, display_url(url), "it carries credentials")
        if not self._allow_private and is_ip(host) and not is_public(host):
            raise AddressRefused(FailureReason.PRIVATE_ADDRESS, display_url(url), _PRIVATE_MARK)
        return target

    async def _read(
        self, response: aiohttp.ClientResponse, url: str, moved_to: URL | None, *, conditional: bool
    ) -> Fetched:
        info = read_http_info(response.headers, self._now())
        if response.status == 304 and conditional:
            body, unchanged = b"", True
        elif response.status in _WITH_BODY:
            body, unchanged = await self._read_body(response, url), False
            if is_challenge(response.status, response.headers, body[:LOOK_BYTES]):
                raise FetchFailed(FailureReason.CHALLENGE, display_url(url), status=response.status)
        else:
            raise await self._failure(response, url, info)
        media_type, charset = read_content_type(response.headers.get("Content-Type", ""))
        return Fetched(
            url=str(response.url),
            moved_to=str(moved_to) if moved_to else None,
            not_modified=unchanged,
            body=body,
            media_type=media_type,
            charset=charset,
            http=info,
        )

    async def _read_body(self, response: aiohttp.ClientResponse, url: str) -> bytes:
        limits = self._limits
        shown = display_url(url)
        if (response.content_length or 0) > limits.wire_bytes:
            raise FetchFailed(FailureReason.TOO_LARGE, shown, f"it announces {response.content_length} bytes")
        codings = [one for one in response.headers.get("Content-Encoding", "").split(",") if one.strip()]
        inflater = inflate.inflater(codings[0] if codings else "") if len(codings) < 2 else None
        if inflater is None:
            raise FetchFailed(FailureReason.BAD_RESPONSE, shown, "its content coding is unknown")
        wire = size = chunks = 0
        pieces: list[bytes] = []
        turn = _Turn()
        async for data, _ in response.content.iter_chunks():
            wire += len(data)
            chunks += 1
            if wire > limits.wire_bytes:
                raise FetchFailed(FailureReason.TOO_LARGE, shown, f"more than {limits.wire_bytes} bytes on the wire")
            if chunks > _FEW_CHUNKS and wire < chunks * _CRUMB_BYTES:
                raise FetchFailed(FailureReason.BAD_RESPONSE, shown, "its body comes in crumbs")
            await turn.pass_on()
            for piece in inflater.feed(data):
                size += len(piece)
                if size > limits.body_bytes:
                    raise FetchFailed(FailureReason.TOO_LARGE, shown, f"more than {limits.body_bytes} bytes")
                pieces.append(piece)
                await turn.pass_on()  # a small packet may hold megabytes
        if wire and not inflater.complete:
            raise FetchFailed(FailureReason.BAD_RESPONSE, shown, "its compressed body is cut off")
        return b"".join(pieces)

    async def _failure(self, response: aiohttp.ClientResponse, url: str, info: HTTPInfo) -> FetchFailed:
        status = response.status
        start = b""
        if status in (202, 403, 405, 429, 503):
            start = await self._read_start(response)
        if is_challenge(status, response.headers, start):
            reason = FailureReason.CHALLENGE
        elif status >= 500:
            reason = FailureReason.SERVER_ERROR
        else:
            reason = _REASONS.get(status, FailureReason.HTTP_STATUS)
        return FetchFailed(reason, display_url(url), str(status), status=status, retry_after=info.retry_after_seconds)

    async def _read_start(self, response: aiohttp.ClientResponse) -> bytes:
        """The beginning of an error page, as far as it can be had; the status says the rest."""
        inflater = inflate.inflater(response.headers.get("Content-Encoding", ""))
        start = b""
        try:
            async for data in response.content.iter_chunked(LOOK_BYTES):
                for piece in inflater.feed(data) if inflater else ():
                    start += piece
                    if len(start) >= LOOK_BYTES:
                        return start
        except _DAMAGED:
            return start
        return start


class _Turn:
    """Of one body on the event loop: reading what is there already never waits, and so lets nobody else run."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + _TURN_SECONDS

    async def pass_on(self) -> None:
        if time.monotonic() >= self._ends:
            await asyncio.sleep(0)
            self._ends = time.monotonic() + _TURN_SECONDS


def read_content_type(value: str) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type, lower-cased; None for what is not there."""
    kind, *parameters = value.split(";")
    charset = None
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = text.strip().strip("\"'").lower() or None
    return kind.strip().lower() or None, charset


def _public_socket(address: tuple[Any, ...]) -> socket.socket:
    """aiohttp's socket factory: sees every address about to be connected to, whatever name or hop led there."""
    family, kind, protocol, _, where = address
    if not is_public(str(where[0])):
        raise OSError(_PRIVATE_MARK)
    return socket.socket(family=family, type=kind, proto=protocol)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turns every error of the HTTP client into ours; whatever is left is a bug and surfaces."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        translation = translate(error, display_url(url))
        if translation is None:
            raise
        raise translation from error


def translate(error: Exception, shown: str) -> SourceError | None:
    """Our error for one of aiohttp's, asyncio's or the inflaters'; None for what can only be a bug."""
    if _was_private(error):
        return AddressRefused(FailureReason.PRIVATE_ADDRESS, shown, _PRIVATE_MARK)
    if _are_headers_too_large(error):
        return FetchFailed(FailureReason.TOO_LARGE, shown, "its headers are too large")
    for kinds, reason in _TRANSLATIONS:
        if isinstance(error, kinds):
            refused = reason is FailureReason.BAD_ADDRESS
            return (AddressRefused if refused else FetchFailed)(reason, shown, type(error).__name__)
    return None


_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], FailureReason], ...] = (
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), FailureReason.BAD_ADDRESS),
    ((TimeoutError,), FailureReason.TIMEOUT),
    ((aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch), FailureReason.TLS),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), FailureReason.DNS),
    ((aiohttp.TooManyRedirects,), FailureReason.TOO_MANY_REDIRECTS),
    ((aiohttp.ClientPayloadError, aiohttp.ClientResponseError), FailureReason.BAD_RESPONSE),
    ((http_exceptions.HttpProcessingError, *inflate.ERRORS), FailureReason.BAD_RESPONSE),
    ((aiohttp.ClientError, OSError), FailureReason.CONNECTION),
    # yarl and the idna codec refuse addresses with ValueError (UnicodeError is one).
    ((ValueError,), FailureReason.BAD_ADDRESS),
)


def _are_headers_too_large(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, http_exceptions.LineTooLong):
            return True
        if isinstance(error, http_exceptions.BadHttpMessage) and "Too many headers" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _was_private(error: BaseException | None) -> bool:
    while error is not None:
        # aiohttp wraps the plain OSError of `_public_socket`, alone or joined with those of other addresses.
        if type(error) is OSError and _PRIVATE_MARK in str(error):
            return True
        error = error.__cause__
    return False
