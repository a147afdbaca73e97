"""The demo's publisher behaves like a well-made site: dated items, stable ids, 304 when nothing changed."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from lxml import etree

from bot.demo.feed import Newsstand, serve
from bot.demo.samples import load_samples

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsstand(clock: Clock) -> Newsstand:
    return Newsstand(load_samples(), now=clock)


async def test_the_feed_lists_what_is_out_newest_first(newsstand: Newsstand) -> None:
    async with (
        serve(newsstand) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/rss.xml") as response,
    ):
        assert response.content_type == "application/rss+xml"
        root = etree.fromstring(await response.read())
    titles = [element.text for element in root.iterfind(".//item/title")]
    assert titles == [item.sample.title for item in newsstand.published]
    assert titles[0] == "L’érablière qui entend ses fuites"


async def test_a_release_comes_first_and_changes_the_version(newsstand: Newsstand, clock: Clock) -> None:
    async with serve(newsstand) as address, aiohttp.ClientSession() as session:
        async with session.get(f"{address}/rss.xml") as response:
            etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
        for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
            async with session.get(f"{address}/rss.xml", headers=headers) as response:
                assert response.status == 304
        clock.at += timedelta(seconds=12)
        released = newsstand.release()
        assert released is not None
        for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
            async with session.get(f"{address}/rss.xml", headers=headers) as response:
                assert response.status == 200
                root = etree.fromstring(await response.read())
        assert root.findtext(".//item/title") == released.title


async def test_pictures_pages_and_the_english_feed_are_reachable(newsstand: Newsstand) -> None:
    async with serve(newsstand) as address, aiohttp.ClientSession() as session:
        async with session.get(f"{address}/images/erabliere.png") as response:
            assert (await response.read()).startswith(b"\x89PNG")
        async with session.get(f"{address}/articles/erabliere") as response:
            assert "L’érablière qui entend ses fuites" in await response.text()
        async with session.get(f"{address}/") as response:
            assert 'href="/atom.xml"' in await response.text()
        async with session.get(f"{address}/atom.xml") as response:
            root = etree.fromstring(await response.read())
        async with session.get(f"{address}/articles/ferry") as response:
            assert response.status == 404
    entries = root.findall("{http://www.w3.org/2005/Atom}entry")
    assert [entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in entries] == ["en"]


def test_releases_end_when_everything_is_out(newsstand: Newsstand) -> None:
    while newsstand.release():
        pass
    assert len(newsstand.published) == len(load_samples())
