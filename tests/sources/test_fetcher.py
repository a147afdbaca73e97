"""The door to the web: what well-behaved servers give, and what the others get away with."""

import asyncio
import gzip
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import brotli
import pytest
from aiohttp import http_exceptions, web

from bot.errors import AddressRefused, FailureReason, FetchFailed, SourceError
from bot.sources import inflate
from bot.sources.fetcher import Fetcher, Limits, read_content_type, translate
from bot.sources.inflate import zstd
from tests.sources.conftest import Serve

AGENT = "Casse-croute-test/1"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
QUICK = Limits(connect_seconds=1, read_seconds=0.4, total_seconds=1.2, wire_bytes=200_000, body_bytes=400_000)


@asynccontextmanager
async def fetching(*, allow_private: bool = True, limits: Limits = QUICK) -> AsyncIterator[Fetcher]:
    async with Fetcher(user_agent=AGENT, allow_private=allow_private, limits=limits, now=lambda: NOW) as fetcher:
        yield fetcher


def pack_brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=1))


async def failure_of(url: str, **options: Any) -> SourceError:
    started = time.monotonic()
    async with fetching(**options) as fetcher:
        with pytest.raises(SourceError) as caught:
            await fetcher.fetch(url)
    assert time.monotonic() - started < 5
    return caught.value


def answering(**options: Any) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(**options)

    return answer


class TestOrdinaryAnswers:
    async def test_a_body_comes_with_its_type_and_validators(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            assert request.headers["User-Agent"] == AGENT
            headers = {"ETag": '"a"', "Cache-Control": "max-age=60", "Content-Type": "Text/XML; charset=ISO-8859-1"}
            return web.Response(body=b"<rss/>", headers=headers)

        url = await serve(answer)
        async with fetching() as fetcher:
            fetched = await fetcher.fetch(url)
        assert (fetched.url, fetched.body, fetched.moved_to) == (url, b"<rss/>", None)
        assert (fetched.media_type, fetched.charset) == ("text/xml", "iso-8859-1")
        assert (fetched.http.etag, fetched.http.max_age_seconds) == ('"a"', 60)

    async def test_an_unchanged_document_costs_no_body(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            assert request.headers["If-None-Match"] == '"a"'
            assert request.headers["If-Modified-Since"] == "yesterday"
            return web.Response(status=304, headers={"ETag": '"a"'})

        url = await serve(answer)
        async with fetching() as fetcher:
            fetched = await fetcher.fetch(url, etag='"a"', last_modified="yesterday")
        assert fetched.not_modified
        assert fetched.body == b""

    async def test_not_modified_that_nobody_asked_for_is_an_error(self, serve: Serve) -> None:
        assert (await failure_of(await serve(answering(status=304)))).reason is FailureReason.HTTP_STATUS

    @pytest.mark.parametrize(
        ("coding", "pack"),
        [
            ("gzip", gzip.compress),
            ("x-gzip", gzip.compress),
            ("deflate", zlib.compress),
            ("deflate", lambda data: zlib.compress(data)[2:-4]),
            ("br", brotli.compress),
            ("zstd", zstd.compress),
            ("gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
            ("gzip", lambda data: data),
            ("identity", lambda data: data),
        ],
    )
    async def test_every_coding_that_we_accept_is_undone(self, serve: Serve, coding: str, pack: Any) -> None:
        body = b"<rss>" + b"caf\xc3\xa9 " * 20_000 + b"</rss>"

        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=pack(body), headers={"Content-Encoding": coding})

        url = await serve(answer)
        async with fetching() as fetcher:
            assert (await fetcher.fetch(url)).body == body


class TestRedirects:
    @pytest.mark.parametrize(
        ("codes", "moved_to"),
        [((301,), "1"), ((308, 301), "2"), ((301, 302), "1"), ((302, 301), None), ((307,), None), ((303,), None)],
    )
    async def test_only_leading_permanent_hops_move_a_source(
        self, serve: Serve, codes: tuple[int, ...], moved_to: str | None
    ) -> None:
        async def answer(request: web.Request) -> web.Response:
            hop = int(request.path[1:] or 0)
            if hop == len(codes):
                return web.Response(text="here")
            return web.Response(status=codes[hop], headers={"Location": f"/{hop + 1}"})

        url = await serve(answer)
        async with fetching() as fetcher:
            fetched = await fetcher.fetch(url)
        assert fetched.url == f"{url}{len(codes)}"
        assert fetched.moved_to == (f"{url}{moved_to}" if moved_to else None)

    @pytest.mark.parametrize("location", ["/", "/again"])
    async def test_a_loop_ends(self, serve: Serve, location: str) -> None:
        url = await serve(answering(status=302, headers={"Location": location}))
        assert (await failure_of(url)).reason is FailureReason.TOO_MANY_REDIRECTS

    async def test_an_endless_chain_ends(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{request.path}x"})

        assert (await failure_of(await serve(answer))).reason is FailureReason.TOO_MANY_REDIRECTS

    async def test_nowhere_is_not_a_place(self, serve: Serve) -> None:
        assert (await failure_of(await serve(answering(status=302)))).reason is FailureReason.BAD_RESPONSE

    @pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)"])
    async def test_another_scheme_is_refused(self, serve: Serve, location: str) -> None:
        url = await serve(answering(status=302, headers={"Location": location}))
        error = await failure_of(url)
        assert isinstance(error, AddressRefused)
        assert error.reason is FailureReason.BAD_ADDRESS

    async def test_credentials_in_a_redirect_are_refused_and_not_shown(self, serve: Serve) -> None:
        url = await serve(answering(status=302, headers={"Location": "http://user:secret@127.0.0.1/"}))
        error = await failure_of(url)
        assert error.reason is FailureReason.BAD_ADDRESS
        assert "secret" not in str(error)


class TestPrivateAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            *("127.0.0.1", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1"),
            *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "224.0.0.1", "255.255.255.255"),
            *("[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]"),
            *("[2002:7f00:1::]", "[2001:0:7f00:1::]", "１２７.０.０.１", "localhost", "LOCALHOST"),
        ],
    )
    async def test_it_is_refused_before_anything_is_sent(self, host: str) -> None:
        error = await failure_of(f"http://{host}:9/", allow_private=False)
        assert isinstance(error, AddressRefused)
        assert error.reason is FailureReason.PRIVATE_ADDRESS

    @pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "①②⑦.0.0.1"])
    async def test_old_notations_do_not_slip_through(self, host: str) -> None:
        error = await failure_of(f"http://{host}:9/", allow_private=False)
        assert error.reason in (FailureReason.PRIVATE_ADDRESS, FailureReason.BAD_ADDRESS)

    async def test_a_redirect_into_the_network_is_refused(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        hits = []

        async def answer(request: web.Request) -> web.Response:
            hits.append(request.path)
            return web.Response(status=302, headers={"Location": "http://localhost:1/admin"})

        url = await serve(answer)
        port = int(url.rstrip("/").rpartition(":")[2])
        _resolve(monkeypatch, {"public.example": ["127.0.0.1"]})
        _pretend_public(monkeypatch, port)
        error = await failure_of(f"http://public.example:{port}/", allow_private=False)
        assert hits == ["/"]
        assert error.reason is FailureReason.PRIVATE_ADDRESS

    async def test_a_name_that_points_inside_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolve(monkeypatch, {"rebound.example": ["127.0.0.1", "10.1.2.3"]})
        error = await failure_of("http://rebound.example:9/", allow_private=False)
        assert isinstance(error, AddressRefused)
        assert error.reason is FailureReason.PRIVATE_ADDRESS

    async def test_an_operator_may_allow_them(self, serve: Serve) -> None:
        url = await serve(answering(text="inside"))
        async with fetching() as fetcher:
            assert (await fetcher.fetch(url)).body == b"inside"

    async def test_proxies_of_the_environment_are_not_used(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        url = await serve(answering(text="direct"))
        async with fetching() as fetcher:
            assert (await fetcher.fetch(url)).body == b"direct"


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (401, FailureReason.UNAUTHORISED),
            (403, FailureReason.FORBIDDEN),
            (404, FailureReason.NOT_FOUND),
            (410, FailureReason.GONE),
            (418, FailureReason.HTTP_STATUS),
            (429, FailureReason.RATE_LIMITED),
            (451, FailureReason.FORBIDDEN),
            (500, FailureReason.SERVER_ERROR),
            (503, FailureReason.SERVER_ERROR),
            (204, FailureReason.HTTP_STATUS),
        ],
    )
    async def test_each_has_its_reason(self, serve: Serve, status: int, reason: FailureReason) -> None:
        error = await failure_of(await serve(answering(status=status)))
        assert (error.reason, error.status) == (reason, status)

    @pytest.mark.parametrize(
        ("value", "seconds"), [("120", 120), ("Mon, 23 Nov 2026 00:02:00 GMT", 120), ("soon", None), ("-1", None)]
    )
    async def test_a_server_says_when_to_come_back(self, serve: Serve, value: str, seconds: float | None) -> None:
        error = await failure_of(await serve(answering(status=429, headers={"Retry-After": value})))
        assert error.retry_after == seconds

    @pytest.mark.parametrize(
        "options",
        [
            {"status": 403, "headers": {"cf-mitigated": "challenge"}},
            {"status": 503, "text": "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>"},
            {"status": 200, "text": "<html><title>Just a moment...</title><script src=/cdn-cgi/x></script>"},
            {"status": 202, "text": "<meta http-equiv=refresh content='0;/.well-known/sgcaptcha/?r=x'>"},
            {"status": 403, "body": gzip.compress(b"cf_chl_opt"), "headers": {"Content-Encoding": "gzip"}},
        ],
    )
    async def test_a_page_that_asks_for_a_human_is_named(self, serve: Serve, options: dict[str, Any]) -> None:
        assert (await failure_of(await serve(answering(**options)))).reason is FailureReason.CHALLENGE

    async def test_an_article_about_challenges_is_none(self, serve: Serve) -> None:
        url = await serve(answering(text="<p>How cf_chl_opt and /cdn-cgi/challenge-platform/ work</p>"))
        async with fetching() as fetcher:
            assert b"work" in (await fetcher.fetch(url)).body


class TestHostileServers:
    async def test_silence_ends(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.TIMEOUT

    async def test_a_slow_drip_ends(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.TIMEOUT

    async def test_slow_headers_end(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"X: y\r\n"[:1])
                await writer.drain()
                await asyncio.sleep(0.02)

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.TIMEOUT

    @pytest.mark.parametrize("head", [b"", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 99999999999\r\n"])
    async def test_an_endless_body_ends(self, serve_raw: Serve, head: bytes) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
            piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n" if b"chunked" in head else b"x" * 65_536
            while True:
                writer.write(piece)
                await writer.drain()

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.TOO_LARGE

    async def test_a_body_in_crumbs_ends_and_stops_nobody(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"1\r\nx\r\n" * 2_000)
                await writer.drain()

        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        background = asyncio.create_task(others())
        try:
            failure = await failure_of(await serve_raw(talk), limits=replace(QUICK, total_seconds=4))
        finally:
            background.cancel()
        assert (failure.reason, "crumbs" in str(failure)) == (FailureReason.BAD_RESPONSE, True)
        assert turns > 5

    @pytest.mark.parametrize(
        ("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
    )
    async def test_a_bomb_does_not_go_off(self, serve: Serve, coding: str, pack: Any) -> None:
        bomb = pack(b"\0" * 50_000_000)
        url = await serve(answering(body=bomb, headers={"Content-Encoding": coding}))
        assert (await failure_of(url)).reason is FailureReason.TOO_LARGE

    @pytest.mark.parametrize(
        ("coding", "member"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", bytes.fromhex("502a4d1800000000"))]
    )
    async def test_an_endless_number_of_empty_members_ends(self, serve: Serve, coding: str, member: bytes) -> None:
        url = await serve(answering(body=member * 5_000, headers={"Content-Encoding": coding}))
        assert (await failure_of(url)).reason is FailureReason.BAD_RESPONSE
        assert len(list(inflate.inflater(coding).feed(member * inflate.MAX_MEMBERS))) == 0  # type: ignore[union-attr]

    @pytest.mark.parametrize("field", [b"X: " + b"y" * 40_000 + b"\r\n", b"X: y\r\n" * 5_000, b"X" * 100_000])
    async def test_giant_headers_end(self, serve_raw: Serve, field: bytes) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(field)
                await writer.drain()

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.TOO_LARGE

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort",
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            b"HTTP/1.1 999999 What\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\x00\x01\x02\x03\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8bgarbage!!!",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 1\r\n\r\nx",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 1\r\n\r\nx",
        ],
    )
    async def test_nonsense_is_a_bad_response(self, serve_raw: Serve, answer: bytes) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            await writer.drain()

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.BAD_RESPONSE

    async def test_a_cut_compressed_body_is_a_bad_response(self, serve: Serve) -> None:
        url = await serve(answering(body=gzip.compress(b"x" * 1000)[:-12], headers={"Content-Encoding": "gzip"}))
        assert (await failure_of(url)).reason is FailureReason.BAD_RESPONSE

    async def test_hanging_up_is_a_lost_connection(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        assert (await failure_of(await serve_raw(talk))).reason is FailureReason.CONNECTION

    async def test_a_closed_port_is_a_lost_connection(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        assert (await failure_of(f"http://127.0.0.1:{port}/")).reason is FailureReason.CONNECTION

    async def test_plain_text_where_tls_belongs_is_a_tls_error(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
            await writer.drain()

        url = await serve_raw(talk, first_word=1)
        assert (await failure_of(url.replace("http:", "https:"))).reason is FailureReason.TLS

    async def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(self, serve: Serve, tmp_path: Path) -> None:
        context = _self_signed(tmp_path)
        url = await serve(answering(text="hello"), scheme="https", ssl=context)
        assert (await failure_of(url)).reason is FailureReason.TLS

    async def test_an_unknown_name_is_a_dns_error(self) -> None:
        assert (await failure_of("http://does-not-exist.invalid/")).reason is FailureReason.DNS


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            *("", "example.org", "ftp://example.org/", "file:///etc/passwd", "http://", "http:///x", "http://[::1"),
            *("http://a b/", "http://example.org:99999/", "http://user@example.org/", "data:text/html,x"),
            "http://\ud800.org/",
        ],
    )
    async def test_what_is_no_web_address_is_refused(self, url: str) -> None:
        error = await failure_of(url)
        assert isinstance(error, AddressRefused)
        assert error.reason is FailureReason.BAD_ADDRESS

    async def test_credentials_are_never_shown(self) -> None:
        error = await failure_of("https://user:hunter2@example.org/feed?token=abc123")
        assert "hunter2" not in str(error)
        assert "abc123" not in str(error)
        assert "hunter2" not in error.url


class TestLifecycle:
    async def test_it_is_used_inside_its_context_only(self) -> None:
        fetcher = Fetcher(user_agent=AGENT, allow_private=False)
        with pytest.raises(RuntimeError):
            await fetcher.fetch("https://example.org/")
        async with fetcher:
            with pytest.raises(RuntimeError):
                await fetcher.__aenter__()

    async def test_cancelling_is_not_a_failure(self, serve_raw: Serve) -> None:
        async def talk(writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        url = await serve_raw(talk)
        async with fetching() as fetcher:
            task = asyncio.create_task(fetcher.fetch(url))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


def _subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith(("aiohttp.client_exceptions", "aiohttp.http_exceptions")):
            yield child
            yield from _subclasses(child)


@pytest.mark.parametrize(
    "kind",
    sorted({*_subclasses(aiohttp.ClientError), *_subclasses(http_exceptions.HttpProcessingError)}, key=str),
)
def test_every_error_of_the_http_client_has_a_translation(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    assert translate(error, "shown") is not None


@pytest.mark.parametrize(
    "kind", [*inflate.ERRORS, TimeoutError, ssl.SSLError, ConnectionResetError, OSError, UnicodeError]
)
def test_errors_of_the_libraries_below_have_one_too(kind: type[Exception]) -> None:
    error = translate(kind.__new__(kind), "shown")
    assert isinstance(error, FetchFailed | AddressRefused)


def test_a_bug_is_not_translated() -> None:
    assert translate(KeyError("x"), "shown") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/xml", ("text/xml", None)),
        ('application/rss+xml; charset="UTF-8"', ("application/rss+xml", "utf-8")),
        ("", (None, None)),
        (";;charset=", (None, None)),
    ],
)
def test_content_types_are_read(value: str, expected: tuple[str | None, str | None]) -> None:
    assert read_content_type(value) == expected


def _resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> None:
    real = asyncio.BaseEventLoop.getaddrinfo

    async def getaddrinfo(self: Any, host: Any, port: Any, **options: Any) -> Any:
        if host in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in names[host]]
        return await real(self, host, port, **options)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


def _pretend_public(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Lets the test's own server stand for a public one."""
    from bot.sources import fetcher

    def factory(address: Any) -> socket.socket:
        if address[4][1] == port:
            return socket.socket(address[0], address[1], address[2])
        return real(address)

    real = fetcher._public_socket
    monkeypatch.setattr(fetcher, "_public_socket", factory)


def _self_signed(folder: Path) -> ssl.SSLContext:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
