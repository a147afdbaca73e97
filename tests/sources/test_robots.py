"""What sites ask of robots, and that we do as they ask."""

import asyncio
import time

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureReason, FetchFailed, NotReadable
from bot.models import Entry, SourceKind
from bot.sources import manners
from bot.sources.manners import Manners
from bot.sources.robots import EVERYTHING, LONGEST_DELAY_SECONDS, MAX_LENGTH, fits, read_robots
from tests.sources.conftest import Serve
from tests.sources.samples import PARAGRAPHS, page, words
from tests.sources.test_reader import reading


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/x", True),
        ("/a", "/abc", True),
        ("/a", "/b", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*.pdf$", "/x/y.pdf", True),
        ("/*.pdf$", "/x/y.pdf?z", False),
        ("/*.pdf", "/x/y.pdf?z", True),
        ("/a*b*c", "/a1b2c3", True),
        ("/a*b*c", "/a1c2b3", False),
        ("/a*a$", "/a", False),
        ("*", "/", True),
    ],
)
def test_patterns_fit_as_the_standard_says(pattern: str, path: str, expected: bool) -> None:
    assert fits(pattern, path) is expected


def test_the_longest_rule_decides_and_allowing_wins_a_tie() -> None:
    rules = read_robots("User-agent: *\nDisallow: /a\nAllow: /a/b\nAllow: /c\nDisallow: /c\n")
    assert [rules.allow(path) for path in ("/a", "/a/b", "/c", "/d")] == [False, True, True, True]


def test_a_group_of_our_own_replaces_that_for_everybody() -> None:
    everybodys = "user-agent: other\nuser-agent: *\ndisallow: /\n"
    rules = read_robots(f"{everybodys}\nUSER-AGENT: Casse-Croute/1.0 # us\nDisallow: /x\nCrawl-delay: 2")
    assert (rules.allow("/"), rules.allow("/x"), rules.delay_seconds) == (True, False, 2)


@pytest.mark.parametrize(
    "text", ["", "<html><body>404</body></html>", "Disallow: /", "User-agent: *\nDisallow:", "\x00\xff"]
)
def test_what_says_nothing_allows(text: str) -> None:
    assert read_robots(text).allow("/x")


def test_delays_are_bounded() -> None:
    for value, expected in (("600", LONGEST_DELAY_SECONDS), ("-5", 0), ("nan", 0), ("soon", 0), ("1.5", 1.5)):
        assert read_robots(f"User-agent: *\nCrawl-delay: {value}").delay_seconds == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="/*$ab?", max_size=60), st.text(alphabet="/ab?", max_size=60))
def test_any_pattern_agrees_with_its_plain_meaning(pattern: str, path: str) -> None:
    import re

    ends = pattern.endswith("$")
    body = ".*".join(map(re.escape, pattern.removesuffix("$").split("*")))
    assert fits(pattern, path) == bool(re.match(body + (r"\Z" if ends else ""), path, re.DOTALL))


def test_a_hostile_file_takes_no_time() -> None:
    text = "User-agent: *\n" + "Disallow: /" + "*a" * 1_000 + "\n"
    started = time.monotonic()
    rules = read_robots(text + "Disallow: /*a*a*a*a*a*b\n" * 100_000)
    assert rules.allow("/" + "a" * 2_000)
    assert len(text) < MAX_LENGTH
    assert time.monotonic() - started < 5


class Site:
    """A robots.txt, a clock, and how often both were looked at."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.asked: list[str] = []
        self.now = 0.0
        self.slept: list[float] = []

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        await asyncio.sleep(0)
        if self.text is None:
            raise FetchFailed(FailureReason.NOT_FOUND, url, status=404)
        return self.text.encode()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def manners(self) -> Manners:
        return Manners(self.fetch, clock=lambda: self.now, sleep=self.sleep)


class TestManners:
    async def test_rules_are_asked_for_once_a_day_whoever_needs_them(self) -> None:
        site = Site("User-agent: *\nDisallow: /x")
        polite = site.manners()
        urls = ["https://a.test/x?1", "https://a.test/y", "https://a.test:443/z"]
        assert await asyncio.gather(*map(polite.admit, urls)) == [False, True, True]
        assert site.asked == ["https://a.test/robots.txt"]
        site.now += manners.KEPT_SECONDS
        await polite.admit(urls[0])
        assert len(site.asked) == 2

    async def test_a_site_without_rules_is_open_and_asked_again_later(self) -> None:
        site = Site(None)
        polite = site.manners()
        assert await polite.admit("https://a.test/x")
        site.text = "User-agent: *\nDisallow: /"
        assert await polite.admit("https://a.test/x")
        site.now += manners.FAILED_SECONDS
        assert not await polite.admit("https://a.test/x")

    async def test_pages_wait_their_turn_and_those_too_far_back_are_left(self) -> None:
        site = Site("User-agent: *\nCrawl-delay: 10")
        polite = site.manners()
        admitted = [await polite.admit(f"https://a.test/{n}") for n in range(6)]
        assert admitted == [True] * 4 + [False] * 2
        assert site.slept == [10, 20, 30]

    async def test_the_number_of_sites_kept_is_bounded(self) -> None:
        polite = Site(None).manners()
        for number in range(manners.MAX_SITES + 10):
            await polite.admit(f"https://{number}.test/")
        assert len(polite._sites) == manners.MAX_SITES

    def test_nothing_is_everything(self) -> None:
        assert EVERYTHING.allow("/anything")


class TestReading:
    async def test_forbidden_pages_are_neither_followed_nor_completed_and_feeds_are_not_asked_about(
        self, serve: Serve
    ) -> None:
        async def answer(request: web.Request) -> web.Response:
            if request.path == "/robots.txt":
                return web.Response(text="User-agent: casse-croute\nDisallow: /no")
            return web.Response(body=page().replace(b"application/rss+xml", b"x/y"), content_type="text/html")

        url = await serve(answer)
        teasers = [Entry(name, "Titre", url + name, teaser=True) for name in ("no/1", "yes")]
        async with reading() as reader:
            kept, completed = await reader.complete(teasers)
            assert kept == teasers[0]
            assert words(completed.body) == PARAGRAPHS
            with pytest.raises(NotReadable) as caught:
                await reader.read(f"{url}no/list", SourceKind.PAGE)
        assert caught.value.reason is FailureReason.ROBOTS
