"""Private feeds: what people give to open one, and where it may go."""

import base64
import json

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FailureReason, FetchFailed, RequestRefused
from bot.models import Credentials, Source, SourceKind
from bot.sources.credentials import basic, bearer, custom
from tests.sources.conftest import Serve
from tests.sources.samples import sample
from tests.sources.test_fetcher import NOW, fetching
from tests.sources.test_reader import reading

SECRET = "bon-fromage"


def value(credentials: Credentials) -> str:
    return credentials.value.get_secret_value()


class TestMaking:
    def test_a_name_and_a_password_become_a_basic_header(self) -> None:
        made = basic("simone", "é:à")
        assert made.header == "Authorization"
        assert base64.b64decode(value(made).removeprefix("Basic ")).decode() == "simone:é:à"

    @pytest.mark.parametrize("given", ["abc.def", " Bearer abc.def ", "Authorization: bearer abc.def"])
    def test_a_token_may_be_pasted_with_its_scheme(self, given: str) -> None:
        assert value(bearer(given)) == "Bearer abc.def"

    def test_a_header_of_the_site_s_own(self) -> None:
        made = custom("X-Api-Key:", " k 1 ")
        assert (made.header, value(made)) == ("X-Api-Key", "k 1")

    @pytest.mark.parametrize("header", ["Host", "User-Agent", "Content-Length", "X-Forwarded-For", "If-None-Match", ""])
    def test_headers_that_are_ours_to_say_are_refused(self, header: str) -> None:
        with pytest.raises(RequestRefused) as refusal:
            custom(header, SECRET)
        assert not refusal.value.params

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_nothing_that_is_given_can_write_a_second_header(self, name: str, secret: str) -> None:
        for make in (basic, custom, lambda _, text: bearer(text)):
            try:
                made = make(name, secret)
            except RequestRefused:
                continue
            assert "\r" not in made.header + value(made)
            assert "\n" not in made.header + value(made)
            assert value(made).isascii()

    def test_a_source_shows_and_exports_no_credentials(self) -> None:
        source = Source(
            id=1, url="https://a.test/", kind=SourceKind.FEED, next_check_at=NOW, credentials=bearer(SECRET)
        )
        assert SECRET not in repr(source) + str(source) + source.model_dump_json() + repr(source.credentials)
        assert "credentials" not in source.model_dump()


class TestSending:
    async def test_they_open_a_private_feed(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bearer {SECRET}":
                return web.Response(status=401)
            return web.Response(body=sample("rss2.xml"), content_type="application/rss+xml")

        url = await serve(answer)
        async with reading() as reader:
            probe = await reader.probe(f"{url}feed", credentials=bearer(SECRET))
            assert SECRET not in repr(probe)
            assert probe.credentials == bearer(SECRET)
            got = await reader.read(probe.url, probe.kind, credentials=probe.credentials)
            assert got.snapshot is not None
            with pytest.raises(FetchFailed) as refused:
                await reader.probe(f"{url}feed", credentials=bearer("autre-fromage"))
        assert refused.value.reason is FailureReason.UNAUTHORISED
        assert "autre-fromage" not in str(refused.value) + repr(refused.value.params)

    @pytest.mark.parametrize("status", [301, 302, 308])
    async def test_they_are_kept_from_another_origin_and_never_follow_it(self, serve: Serve, status: int) -> None:
        seen: dict[str, str | None] = {}

        def remembering(place: str, location: str | None) -> object:
            async def answer(request: web.Request) -> web.Response:
                seen[f"{place}{request.path}"] = request.headers.get("X-Api-Key")
                if location:
                    return web.Response(status=status, headers={"Location": location})
                return web.Response(text=json.dumps({}))

            return answer

        other = await serve(remembering("other", None))
        first = await serve(remembering("first", f"{other}feed"))
        async with fetching() as fetcher:
            got = await fetcher.fetch(f"{first}old", credentials=custom("X-Api-Key", SECRET))
        assert seen == {"first/old": SECRET, "other/feed": None}
        assert got.moved_to is None

    async def test_they_are_sent_along_within_their_origin(self, serve: Serve) -> None:
        seen = []

        async def answer(request: web.Request) -> web.Response:
            seen.append(request.headers.get("Authorization"))
            if request.path == "/old":
                return web.Response(status=301, headers={"Location": "/new"})
            return web.Response(text="x")

        url = await serve(answer)
        async with fetching() as fetcher:
            got = await fetcher.fetch(f"{url}old", credentials=bearer(SECRET))
        assert seen == [f"Bearer {SECRET}"] * 2
        assert got.moved_to == f"{url}new"

    async def test_a_feed_that_a_page_announces_elsewhere_is_asked_without(self, serve: Serve) -> None:
        seen = []

        async def feed(request: web.Request) -> web.Response:
            seen.append(request.headers.get("Authorization"))
            return web.Response(body=sample("rss2.xml"))

        elsewhere = await serve(feed)

        async def page(_: web.Request) -> web.Response:
            link = f'<link rel="alternate" type="application/rss+xml" href="{elsewhere}feed">'
            return web.Response(text=f"<html><head>{link}</head><body>Bonjour</body></html>", content_type="text/html")

        url = await serve(page)
        async with reading() as reader:
            probe = await reader.probe(url, credentials=bearer(SECRET))
        assert seen == [None]
        assert (probe.url, probe.credentials) == (f"{elsewhere}feed", None)
