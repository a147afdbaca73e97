"""Sites without a feed: which links of a page are articles, and which are the rest of the page."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import SourceKind
from bot.sources.page_links import MAX_LINKS, read_site
from tests.sources.samples import page

URL = "https://journal.test/nouvelles/"
TITLES = [
    "Des robots dans l’avoine du Bas-Saint-Laurent",
    "Un vieux cellulaire fait tourner un modèle de langue",
    "La bibliothèque prête des capteurs de bruit",
    "Ce que la poutine dit de nos serveurs",
]

CARDS = """<html lang="fr"><head><title>Nouvelles | Le Journal</title>
<meta property="og:site_name" content="Le Journal">
</head><body><header><nav><a href="/a-propos/notre-equipe-de-redaction">Notre équipe de rédaction</a>
<a href="/abonnement">Abonnez-vous dès maintenant pour moins</a></nav></header>
<main><h1>Les nouvelles</h1><div class="cards">@@</div>
<nav class="pagination"><a href="/nouvelles/page/2">Articles plus anciens ici</a></nav></main>
<aside><h2>Les plus lus</h2><ul><li><a href="/2019/vieux">Un très vieil article populaire</a></li></ul></aside>
<footer><a href="/politique">Politique de confidentialité du journal</a></footer></body></html>"""


def cards(*titles: str, form: str = "heading") -> bytes:
    forms = {
        "heading": '<article><a href="/2026/{n}?utm_source=une"><img src="/{n}.jpg" alt=""></a><p class="meta">'
        '<a href="/auteur/maude">Par Maude Tessier, hier</a></p><h2><a href="/2026/{n}">{title}</a></h2>'
        '<p>Un court résumé avec <a href="/2026/autre">un lien dans une phrase</a> qui continue encore un peu plus '
        'loin, comme toujours.</p><a href="/2026/{n}#suite">Lire la suite de cet article</a></article>',
        "wrapped": '<a href="/2026/{n}"><h3>{title}</h3><p>Un court résumé de l’article.</p></a>',
        "list": '<li><a href="2026/{n}">{title}</a> <time>il y a 3 heures</time></li>',
        "paragraphs": '<p><a href="//journal.test/2026/{n}">{title}</a></p>',
    }
    items = "\n".join(forms[form].format(n=len(title), title=escape(title)) for title in titles)
    return CARDS.replace("@@", items).encode()


def read(body: bytes, url: str = URL):  # type: ignore[no-untyped-def]
    return read_site(body, url=url, charset=None)


@pytest.mark.parametrize("form", ["heading", "wrapped", "list", "paragraphs"])
def test_articles_are_found_in_every_form_of_list_and_nothing_else_is(form: str) -> None:
    snapshot = read(cards(*TITLES, form=form))
    assert [entry.title for entry in snapshot.entries] == TITLES
    assert all(entry.teaser and entry.body == "" and entry.language == "fr" for entry in snapshot.entries)
    assert (snapshot.kind, snapshot.title, snapshot.home_url) == (SourceKind.PAGE, "Le Journal", URL)


def test_long_summaries_do_not_make_a_list_an_article() -> None:
    summary = "Un résumé plutôt long, qui dit presque tout de l’article sans en faire un pour autant. " * 3
    body = cards(*TITLES).replace(b"comme toujours.", summary.encode())
    assert [entry.title for entry in read(body).entries] == TITLES


def test_identity_is_the_canonical_link() -> None:
    first = read(cards(*TITLES)).entries[0]
    number = len(TITLES[0])
    assert first.identity == f"https://journal.test/2026/{number}"
    moved = cards(*TITLES).replace(b'"/2026/', b'"http://journal.test/2026/')
    assert [each.identity for each in read(moved).entries] == [each.identity for each in read(cards(*TITLES)).entries]


def test_a_page_wrapped_into_a_name_of_furniture_is_still_read() -> None:
    body = cards(*TITLES, form="list").replace(b"<main>", b'<div class="has sidebar">').replace(b"</main>", b"</div>")
    assert [entry.title for entry in read(body.replace(b"<h1>Les nouvelles</h1>", b"")).entries] == TITLES


@pytest.mark.parametrize(
    "href",
    [
        "https://ailleurs.test/2026/un-article", "mailto:a@journal.test", "javascript:void(0)", "#contenu", URL, "/",
        "/tag/poutine", "/categorie/societe", "/auteur/maude", "/connexion?next=1", "/page/3", "/affiche.jpg",
        "/nouvelles/?utm_source=x",
    ],
)  # fmt: skip
def test_links_that_lead_elsewhere_are_no_articles(href: str) -> None:
    body = cards(*TITLES, form="list").replace(
        b'<div class="cards">', f'<div class="cards"><li><a href="{href}">Un lien qui a un titre</a></li>'.encode()
    )
    assert [entry.title for entry in read(body).entries] == TITLES


def test_an_article_with_links_is_an_article() -> None:
    snapshot = read(page(), "https://example.org/robots")
    (entry,) = snapshot.entries
    assert not entry.teaser
    assert entry.body


@pytest.mark.parametrize("body", [b"", b"<html>", b"<p>Rien ici</p>", b"\x00\xff<a"])
def test_a_page_with_nothing_lists_nothing(body: bytes) -> None:
    assert read(body).entries == ()


def test_a_page_with_very_many_links_is_bounded() -> None:
    many = "".join(f'<li><a href="/2026/{n}">Un article de plus numéro {n}</a></li>' for n in range(20_000))
    assert len(read(f"<ul>{many}</ul>".encode()).entries) <= MAX_LINKS


def test_titles_without_spaces_between_words_count_too() -> None:
    items = "".join(f'<li><a href="/{n}">東京の研究所が新しいモデルを公開しました</a></li>' for n in range(4))
    assert len(read(f"<ul>{items}</ul>".encode()).entries) == 4


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=200))
def test_no_page_breaks_it(raw: bytes, text: str) -> None:
    for body in (raw, f'<main><a href="{text}">{text} un deux trois</a></main>'.encode("utf-8", "replace")):
        for entry in read(body).entries:
            assert entry.identity
