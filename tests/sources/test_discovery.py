"""From the page that somebody knows to the feed that it announces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.discovery import Candidate, find_feeds, known_feed
from tests.sources.samples import page

URL = "https://example.org/robots"


def test_announced_feeds_come_likeliest_first_and_comments_last() -> None:
    assert find_feeds(page(), URL) == (
        Candidate("https://example.org/feed.xml", "Le fil", "application/rss+xml"),
        Candidate("https://example.org/atom.xml", "Atom", "application/atom+xml"),
        Candidate("https://example.org/robots/comments/feed", "Commentaires", "application/rss+xml"),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<link rel=alternate type=application/rss+xml href=/feed>",
        '<LINK REL="Alternate" TYPE="application/rss+xml; charset=utf-8" HREF="/feed">',
        '<link rel="feed" href="/feed">',
        '<link rel="alternate feed" href="/feed">',
        '<head><base href="https://example.org/x/"></head><link rel=alternate type=application/feed+json href=../feed>',
        '<a href="/feed">Suivez-nous</a>',
        "<noscript><img src=x></noscript><link rel=alternate type=application/atom+xml href=/feed>",
    ],
)
def test_each_way_of_announcing_is_understood(html: str) -> None:
    assert [candidate.url for candidate in find_feeds(html, URL)] == ["https://example.org/feed"]


@pytest.mark.parametrize(
    "html",
    [
        "",
        '<link rel="alternate" hreflang="en" href="/en">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="stylesheet" type="text/css" href="/feed.css">',
        '<a href="/feedback">Vos commentaires</a>',
        '<a href="https://example.org/feeds-and-fish">Feeds and fish</a>',
    ],
)
def test_other_links_are_left_alone(html: str) -> None:
    assert find_feeds(html, URL) == ()


@given(st.text() | st.binary())
def test_any_page_can_be_searched(html: str | bytes) -> None:
    find_feeds(html, URL)


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://www.youtube.com/channel/UC123", "https://www.youtube.com/feeds/videos.xml?channel_id=UC123"),
        ("https://m.youtube.com/user/abc", "https://www.youtube.com/feeds/videos.xml?user=abc"),
        ("https://youtube.com/playlist?list=PL1", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"),
        ("https://www.reddit.com/r/Quebec", "https://www.reddit.com/r/Quebec/.rss"),
        ("https://old.reddit.com/r/Quebec/top/", "https://www.reddit.com/r/Quebec/top/.rss"),
        ("https://mastodon.social/@someone", "https://mastodon.social/@someone.rss"),
        ("https://bsky.app/profile/someone.bsky.social", "https://bsky.app/profile/someone.bsky.social/rss"),
        ("https://someone.substack.com", "https://someone.substack.com/feed"),
        ("https://substack.com/@someone", "https://someone.substack.com/feed"),
        ("https://medium.com/@someone", "https://medium.com/feed/@someone"),
        ("https://medium.com/a-publication", "https://medium.com/feed/a-publication"),
        ("https://someone.medium.com/", "https://someone.medium.com/feed"),
        # already feeds, single things, and everybody else
        ("https://www.youtube.com/@someone", None),
        ("https://www.youtube.com/watch?v=1", None),
        ("https://www.reddit.com/r/Quebec/.rss", None),
        ("https://medium.com/feed/@someone", None),
        ("https://medium.com/@someone/a-story-123", None),
        ("https://someone.substack.com/p/a-story", None),
        ("https://someone.substack.com/feed", None),
        ("https://example.org/@a/b", None),
        ("https://example.org/blog", None),
        ("not an address", None),
    ],
)
def test_sites_whose_feeds_have_a_known_form(url: str, feed: str | None) -> None:
    assert known_feed(url) == feed
