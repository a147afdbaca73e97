"""Whether a text is the article, or only an invitation to read it."""

import pytest

from bot.models import BodyFormat
from bot.sources.teaser import Text, is_teaser, text_of

SENTENCE = "Une coopérative du Bas-Saint-Laurent met à l’essai des robots moissonneurs dans ses champs. "


def description(html: str) -> Text:
    return text_of(html, None, full=False)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "Une brève.",
        SENTENCE * 2,
        f"<p>{SENTENCE * 6}[…]</p>",
        f"<p>{SENTENCE * 6}[&#8230;]</p>",
        f"{SENTENCE * 6}...",
        f"<p>{SENTENCE * 6}</p><p><a href='/a'>Lire la suite</a></p>",
        f"<p>{SENTENCE * 6}</p><a href='/a'>Continue reading <span>The title</span> &rarr;</a>",
        f"<p>{SENTENCE * 6}</p><p>En savoir plus »</p>",
        f"<p>{SENTENCE} [&hellip;]</p><p>The post <a href=x>A title</a> appeared first on <a href=y>A site</a>.</p>",
        f"<p>{SENTENCE}</p><p>L’article <a href=x>Un titre</a> est apparu en premier sur <a href=y>Un site</a>.</p>",
    ],
)
def test_invitations(html: str) -> None:
    assert is_teaser(description(html))


@pytest.mark.parametrize(
    "html",
    [
        SENTENCE * 6,
        f"<p>{SENTENCE}</p><p>{SENTENCE}</p><p>{SENTENCE}</p>",
        f"{SENTENCE}\n\n{SENTENCE}\n\n{SENTENCE}",
        f"<p>{SENTENCE * 20}</p><p>À suivre…</p>",
        f"<p>{SENTENCE * 6} Il faut en savoir plus. Beaucoup plus.</p>",
    ],
)
def test_whole_texts_of_small_feeds(html: str) -> None:
    assert not is_teaser(description(html))


@pytest.mark.parametrize(
    ("html", "teaser"),
    [
        ("<p>Une brève.</p>", False),
        ('<img src="/comic.png">', False),
        (f"<p>{SENTENCE}</p><p><a href=/a>Read more</a></p>", True),
        (f"<p>{SENTENCE} […]</p>", True),
        ("", True),
    ],
)
def test_what_its_format_calls_content_is_believed_unless_it_breaks_off(html: str, *, teaser: bool) -> None:
    assert is_teaser(text_of(html, "html", full=True)) is teaser


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("<p>x</p>", None, BodyFormat.HTML),
        ("a &amp; b", None, BodyFormat.HTML),
        ("x<br/>y", "", BodyFormat.HTML),
        ("a < b and AT&T", None, BodyFormat.TEXT),
        ("<p>x</p>", "text", BodyFormat.TEXT),
        ("x", "text/html", BodyFormat.HTML),
    ],
)
def test_a_text_is_what_it_is_called_or_looks_like(value: str, kind: str | None, expected: BodyFormat) -> None:
    assert text_of(value, kind, full=True).format is expected
