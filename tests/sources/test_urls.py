"""Addresses as people type them, as feeds write them, and as we compare and show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import AddressRefused, FailureReason
from bot.sources.urls import canonical_link, display_url, is_http, join, normalise_address

TEXTS = st.text(max_size=200) | st.from_regex(r"https?://[a-z.:@/?&=#%\[\]é -]{0,40}", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("example.org", "https://example.org/"),
        ("  Example.ORG/Feed ", "https://example.org/Feed"),
        ("www.example.org/a?b=c", "https://www.example.org/a?b=c"),
        ("<https://example.org/feed>", "https://example.org/feed"),
        ("feed://example.org/rss", "https://example.org/rss"),
        ("feed:https://example.org/rss", "https://example.org/rss"),
        ("feed:http://example.org/rss", "http://example.org/rss"),
        ("//example.org/rss", "https://example.org/rss"),
        ("HTTP://Example.org:80/x", "http://example.org/x"),
        ("https://example.org:443", "https://example.org/"),
        ("example.org:8080/feed", "https://example.org:8080/feed"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("localhost:8000/feed", "https://localhost:8000/feed"),
        ("https://exa\u200bmple.org/", "https://example.org/"),
        ("https://québec.example/é", "https://québec.example/é"),
    ],
)
def test_what_people_type_becomes_an_address(typed: str, url: str) -> None:
    assert normalise_address(typed) == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        "hello world",
        "javascript:alert(1)",
        "ftp://example.org",
        "mailto:a@example.org",
        "/etc/passwd",
        "https://",
        ".",
        "0.",
        "https://user:pass@example.org/",
        "file:///etc/passwd",
        "https://example.org:port/",
        "https://" + "a." * 1200 + "org",
    ],
)
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        normalise_address(typed)
    assert "pass@" not in str(caught.value)


def test_who_typed_words_sees_them_again() -> None:
    with pytest.raises(AddressRefused) as caught:
        normalise_address(" pas  une adresse ")
    assert caught.value.url == "pas une adresse"


@pytest.mark.parametrize(
    "typed", ["https://user:hunter2@example.org/", "user:hunter2@example.org", "hunter2@example.org"]
)
def test_a_password_in_an_address_is_told_apart_and_never_repeated(typed: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        normalise_address(typed)
    assert "hunter2" not in str(caught.value)
    if "//" in typed:
        assert caught.value.reason is FailureReason.ACCESS_IN_ADDRESS


@given(TEXTS)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        url = normalise_address(text)
    except AddressRefused:
        return
    assert is_http(url)
    assert normalise_address(url) == url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example.org", "https://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&utm_medium=y", "https://example.org/a"),
        ("https://example.org/a?id=3&fbclid=zzz", "https://example.org/a?id=3"),
        ("https://example.org/a?id=3#comments", "https://example.org/a?id=3"),
        ("https://example.org/caf%C3%A9", "https://example.org/café"),
        ("https://example.org/caf%c3%a9", "https://example.org/caf%C3%A9"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a\n b", "https://example.org/a b"),
    ],
)
def test_one_document_has_one_canonical_link(one: str, other: str) -> None:
    assert canonical_link(one) == canonical_link(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=3", "https://example.org/a?id=4"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/a/", "https://example.org/a"),
        ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_two_documents_keep_two(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


@given(TEXTS)
def test_a_canonical_link_is_its_own(text: str) -> None:
    once = canonical_link(text)
    assert canonical_link(once) == once


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/b?c", "https://example.org/b?c"),
        ("b", "https://example.org/a/b"),
        ("//other.example/x", "https://other.example/x"),
        (" https://other.example/x\n", "https://other.example/x"),
        ("https://exa\nmple.org/x", "https://example.org/x"),
        ("/a b", "https://example.org/a%20b"),
        ("mailto:a@example.org", None),
        ("javascript:alert(1)", None),
        ("http://[::1", None),
        ("", None),
        (None, None),
    ],
)
def test_links_are_joined_with_their_base(link: str | None, url: str | None) -> None:
    assert join("https://example.org/a/", link) == url


@given(TEXTS, TEXTS)
def test_joining_gives_an_address_or_nothing(base: str, link: str) -> None:
    url = join(base, link)
    assert url is None or is_http(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org/a?token=secret&b=1", "https://example.org/a?token=…&b=1"),
        ("https://example.org/a?api_key=secret", "https://example.org/a?api_key=…"),
        ("https://example.org/a?page=2", "https://example.org/a?page=2"),
        ("http://user:secret@[::1", "http://[::1"),
    ],
)
def test_nothing_secret_is_shown(url: str, shown: str) -> None:
    assert display_url(url) == shown


@given(TEXTS)
def test_showing_never_fails(text: str) -> None:
    display_url(text)
