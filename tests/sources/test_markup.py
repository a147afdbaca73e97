"""Small questions about the HTML inside feeds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Image
from bot.sources.markup import absolute, blocks_of, first_image, is_markup, plain_text, tame

BASE = "https://example.org/a/"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("L’<b>été</b> &amp; l&rsquo;hiver", "L’été & l’hiver"),
        ("  a\n b\u00a0c ", "a b c"),
        ("AT&T < B", "AT&T < B"),
        ("1 < 2 <script>x()</script>3", "1 < 2 3"),
        ("a<!-- b -->c", "ac"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_the_words_of_a_title(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_blocks_are_what_a_reader_sees_as_paragraphs() -> None:
    assert blocks_of("<p>un</p>deux<br>trois<ul><li>quatre</li></ul><style>x</style>") == [
        "un",
        "deux",
        "trois",
        "quatre",
    ]
    assert blocks_of("un\n\ndeux") == ["un", "deux"]


@pytest.mark.parametrize(
    ("html", "image"),
    [
        ('<p><img src="i.jpg" alt="Un &eacute;t&eacute;"></p>', Image(url=f"{BASE}i.jpg", alt="Un été")),
        ("<img alt='' src=/i.jpg>", Image(url="https://example.org/i.jpg")),
        ("<IMG SRC='i.jpg'>", Image(url=f"{BASE}i.jpg")),
        ('<img src="data:image/gif;base64,x" data-src="i.jpg">', Image(url=f"{BASE}i.jpg")),
        ('<img src="/p.gif" width="1" height="1"><img src="i.jpg">', Image(url=f"{BASE}i.jpg")),
        ('<img src="https://s.w.org/images/core/emoji/x.png"><img src="i.jpg">', Image(url=f"{BASE}i.jpg")),
        ("<img>", None),
        ("<p>img</p>", None),
    ],
)
def test_the_first_picture_that_is_one(html: str, image: Image | None) -> None:
    assert first_image(html, BASE) == image


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org/">x</a>',
        '<a href="#note">x</a> <a href="mailto:a@example.org">y</a>',
        "<p>src=, href = nothing</p>",
        "<p>text</p>",
    ],
)
def test_addresses_that_are_absolute_leave_the_text_untouched(html: str) -> None:
    assert absolute(html, BASE) == html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="b">x</a>', f'<a href="{BASE}b">x</a>'),
        ("<a href=/b>x</a>", '<a href="https://example.org/b">x</a>'),
        ("<img src='//cdn.example/i.jpg'>", '<img src="https://cdn.example/i.jpg">'),
        ('<A HREF="?q=1">x</A>', f'<a href="{BASE}?q=1">x</a>'),
    ],
)
def test_relative_addresses_are_joined(html: str, expected: str) -> None:
    assert absolute(html, BASE) == expected


def test_plain_text_is_no_markup() -> None:
    assert not is_markup("a < b, AT&T, x<y>z")
    assert is_markup("a<br>b")
    assert is_markup("caf&eacute;")


@pytest.mark.parametrize(
    "html",
    [
        "<p>" * 3_000 + "text",
        "<ul>" + "<li>x</li>" * 5_000 + "</ul>",
        "<div><p>x</div>" * 5_000,
        f'<img src="data:image/png;base64,{"A" * 100_000}">text',
    ],
)
def test_long_but_ordinary_markup_is_left_alone(html: str) -> None:
    assert tame(html) == html


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "text",
        "<p " + " ".join(f"a{n}" for n in range(20_000)) + ">text",
        "<p " + "/".join(f"a{n}" for n in range(20_000)) + ">text",
        "<b>" * 5_000 + "text" + "</b>" * 5_000,
    ],
)
def test_markup_built_to_exhaust_parsers_keeps_its_words_only(html: str) -> None:
    assert tame(html).strip() == "text"


@given(st.text(alphabet="<>/a b=\"'&;!-scriptmgh", max_size=200))
def test_any_text_can_be_asked(html: str) -> None:
    for ask in (plain_text, blocks_of, is_markup, tame):
        ask(html)
    first_image(html, BASE)
    absolute(html, BASE)


@pytest.mark.parametrize("piece", ["<", "<img ", "src=", "src=   ", "<!--", "<script", "&", "href='", "</a", "…"])
def test_repetition_costs_no_more_than_its_length(piece: str) -> None:
    html = piece * (200_000 // len(piece))
    started = time.process_time()
    tame(html)
    is_markup(html)
    first_image(html, BASE)
    absolute(html, BASE)
    assert time.process_time() - started < 2
