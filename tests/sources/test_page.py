"""Reader mode: the article of a page, and nothing else of it."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Image
from bot.sources.page import holds_article, read_page
from tests.sources.samples import FRAGMENT, PARAGRAPHS, page, words

URL = "https://example.org/robots?utm_source=x"


def body_of(html: str, url: str = URL) -> str:
    return read_page(html.encode(), url=url, charset=None).body


def _linked(data: str) -> str:
    return f"<script type=application/ld+json>{data}</script>"


class TestWholePage:
    def test_the_article_and_nothing_else(self) -> None:
        entry = read_page(page(), url=URL, charset=None)
        assert words(entry.body) == PARAGRAPHS
        assert holds_article(entry)

    def test_what_the_page_says_of_itself(self) -> None:
        entry = read_page(page(), url=URL, charset=None)
        assert (entry.title, entry.author, entry.language) == ("Des robots dans l’avoine", "Maude Tessier", "fr-CA")
        assert entry.published_at == datetime(2026, 11, 20, 13, tzinfo=UTC)
        assert entry.image == Image(url="https://example.org/img/robot.jpg", alt="Un robot dans l’avoine")
        assert entry.url == entry.identity == "https://example.org/robots"

    @pytest.mark.parametrize(
        "frame",
        [
            "<body>{}</body>",
            "<body><div><div>{}</div></div></body>",
            "<body><table><tr><td><a href=/>Menu</a></td><td>{}</td></tr></table></body>",
            "<body><form>{}</form></body>",
            "<body><div class=has-sidebar><div class=content>{}</div><div class=sidebar><p>Pub</p></div></div>",
            "<body><article>{}</article><article class=card><p>Un autre texte, plus court.</p></article>",
            "<body><main><section>{}</section></main>",
            "<body><div itemprop=articleBody>{}</div>",
            "<body class='nav-open menu share'>{}",
            "{}",
        ],
    )
    def test_frames_of_every_kind(self, frame: str) -> None:
        assert words(body_of(frame.replace("{}", FRAGMENT))) == PARAGRAPHS

    def test_notices_as_long_as_the_article_stay_out_when_the_page_names_its_article(self) -> None:
        notice = "<p>" + "Toute reproduction est interdite sans la permission de la maison, qui la donne rarement. " * 4
        html = f"<body><div class=left><div class=article>{FRAGMENT}</div></div><div class=bottom>{notice}</div></body>"
        assert words(body_of(html)) == PARAGRAPHS

    def test_captions_of_a_slide_show_and_buttons_in_boxes_are_no_paragraphs(self) -> None:
        show = "<div>HIDE CAPTION</div>" + 6 * "<div>La météo gâche la fête</div>" + "<div>3 commentaires »</div>"
        assert words(body_of(f"<body><div>{show}{FRAGMENT}<div>Share this</div></div></body>")) == PARAGRAPHS

    def test_a_line_said_twice_is_kept(self) -> None:
        assert words(body_of(f"<article><p>Ah bon.</p>{FRAGMENT}<p>Ah bon.</p>")) == ["Ah bon.", *PARAGRAPHS, "Ah bon."]

    def test_paragraphs_split_by_line_breaks(self) -> None:
        assert words(body_of("<div>" + "<br><br>".join(PARAGRAPHS) + "</div>")) == PARAGRAPHS

    def test_sections_in_boxes_of_their_own_are_all_kept(self) -> None:
        boxes = "".join(f"<section><h2>Partie {n}</h2><p>{text}</p></section>" for n, text in enumerate(PARAGRAPHS))
        html = f"<body><nav>x</nav><div class=wrap><div class=page>{boxes}</div></div></body>"
        assert [text for text in words(body_of(html)) if not text.startswith("Partie")] == PARAGRAPHS

    def test_a_lead_outside_of_the_main_box_is_kept(self) -> None:
        head, *rest = PARAGRAPHS
        rest_html = "".join(f"<p>{text}</p>" for text in rest)
        html = f"<article><div class=lead><p>{head}</p></div><div class=content>{rest_html}</div></article>"
        assert words(body_of(html)) == PARAGRAPHS


class TestWhatIsKept:
    def test_structure_links_and_emphasis(self) -> None:
        html = (
            "<article><h1>Autre titre</h1><h2 class=x>Point de vue <b>optimiste</b></h2>"
            f"<p>{PARAGRAPHS[2]} <em>mot</em> <strong>fort</strong> <a href='/a' onclick='x()'>lien</a></p>"
            "<ul><li>un</li><li><p>deux</p></li></ul><ol><li>trois<ul><li>quatre</li></ul></li></ol>"
            "<blockquote><p>cité</p></blockquote><pre>a &lt; b\n  c</pre><p>a &lt; b &amp; c&nbsp;: d</p></article>"
        )
        body = body_of(html)
        assert "<h2>Point de vue <strong>optimiste</strong></h2>" in body
        assert '<em>mot</em> <strong>fort</strong> <a href="https://example.org/a">lien</a>' in body
        assert "<ul><li>un</li><li><p>deux</p></li></ul>" in body
        assert "<ol><li>trois<ul><li>quatre</li></ul></li></ol>" in body.replace("<p>trois</p>", "trois")
        assert "<blockquote><p>cité</p></blockquote>" in body
        assert "<pre>a &lt; b\n  c</pre>" in body
        assert "a &lt; b &amp; c\u00a0: d" in body

    def test_pictures_with_their_text_and_without_trackers(self) -> None:
        html = (
            f"<article><p>{PARAGRAPHS[2]}</p>"
            "<figure><img data-src='/i.jpg' src='data:image/gif;base64,R0' alt='Un robot'>"
            "<figcaption>Photo: agence</figcaption></figure><img src='/pixel.gif' width=1 height=1></article>"
        )
        body = body_of(html)
        assert '<img src="https://example.org/i.jpg" alt="Un robot">' in body
        assert "pixel" not in body
        assert "agence" not in body

    def test_the_heading_that_repeats_the_title_goes(self) -> None:
        html = f"<title>Un titre | Le site</title><article><h1>Un titre</h1>{FRAGMENT}</article>"
        entry = read_page(html.encode(), url=URL, charset=None)
        assert entry.title == "Un titre"
        assert words(entry.body) == PARAGRAPHS

    def test_reference_and_redirect_lines_stay_for_who_understands_them(self) -> None:
        body = body_of(f"<main>{FRAGMENT}</main>")
        assert "Article en référence: https://example.org/robots-moissonneurs" in body
        assert "cliquez ici" in body


class TestTitles:
    @pytest.mark.parametrize(
        ("head", "title"),
        [
            ("<meta property=og:title content='Le titre'><title>x | y</title>", "Le titre"),
            ("<meta property=og:site_name content='Le site'><title>Le titre – Le site</title>", "Le titre"),
            ("<title>Un assez long titre d’article - Le site</title>", "Un assez long titre d’article"),
            ("<title>Le titre: la suite</title>", "Le titre: la suite"),
            ("<title>Le titre</title>", "Le titre"),
            ('<script type=application/ld+json>{"@type":"NewsArticle","headline":"Le titre"}</script>', "Le titre"),
            ("<title></title>", None),
            ("", None),
        ],
    )
    def test_without_the_name_of_the_site(self, head: str, title: str | None) -> None:
        assert read_page(f"<head>{head}</head><p>x</p>".encode(), url=URL, charset=None).title == title

    @pytest.mark.parametrize(
        ("head", "author"),
        [
            (_linked('{"@type":"Article","author":{"name":"Maude Tessier"}}'), "Maude Tessier"),
            (_linked('[{"@graph":[{"@type":["BlogPosting"],"author":["A B",{"name":"C D"}]}]}]'), "A B, C D"),
            ("<meta name=author content='Par Maude Tessier'>", "Maude Tessier"),
            ("<meta name=author content='https://x.example/m'><a rel=author>Maude Tessier</a>", "Maude Tessier"),
            ("<script type=application/ld+json>{broken</script>", None),
            ("", None),
        ],
    )
    def test_authors(self, head: str, author: str | None) -> None:
        assert read_page(f"{head}<p>x</p>".encode(), url=URL, charset=None).author == author


class TestPagesWithoutArticle:
    @pytest.mark.parametrize(
        "html",
        [
            "",
            "<title>x</title>",
            "<ul>"
            + "".join(f"<li><a href=/{n}>Un titre d’article assez long numéro {n}</a></li>" for n in range(60))
            + "</ul>",
            "<p>Page introuvable.</p>",
            "<script>" + "var x = 1;" * 500 + "</script><noscript>Activez JavaScript.</noscript>",
        ],
    )
    def test_they_hold_none(self, html: str) -> None:
        assert not holds_article(read_page(html.encode(), url=URL, charset=None))


class TestHostilePages:
    @pytest.mark.parametrize(
        "html",
        [
            "<div>" * 100_000,
            "<blockquote>" * 20_000 + "x",
            "<b>" * 50_000 + "x",
            "<p>" + "<" * 200_000,
            "<ul><li>" * 20_000,
            "<table>" * 5_000 + "x",
            "<a href=x>" * 20_000,
            "<p>" + " " * 500_000,
            "<p>x" * 60_000,
            "<script type=application/ld+json>" + "[" * 100_000 + "</script>",
            "<meta name=a content=b>" * 20_000,
            "<div class='share'>" * 5_000 + "x" + "</div>" * 5_000,
            "<title>" + "a | " * 50_000,
        ],
        ids=lambda html: html[:20],
    )
    def test_it_is_read_in_good_time(self, html: str) -> None:
        started = time.process_time()
        read_page(html.encode(), url=URL, charset=None)
        assert time.process_time() - started < 4

    @given(st.lists(st.sampled_from(["<p>", "</p>", "<div class=share>", "</div>", "<article>", "<h2>Related</h2>", "<a href=x>", "</a>", "<li>", "<ul>", "texte " * 30, "<img src=x>", "<br>", "<pre>", "&lt;"]), max_size=30).map("".join))  # fmt: skip # noqa: E501
    def test_any_mixture_is_read(self, html: str) -> None:
        body = body_of(html)
        assert "<script" not in body
