"""Entry to article: front matter, title, language, and the community's own article in every form."""

import html
import textwrap
from datetime import datetime
from pathlib import Path

import pytest

from bot.articles.builder import build_article
from bot.articles.labelling import Run
from bot.models import Article, BodyFormat, Entry, Image, Kind

SEED = Path("/work/shared/seed/deepseek-open-source.txt")
FORMS = {
    "text, one paragraph per line": (BodyFormat.TEXT, "\n".join),
    "text, blank lines": (BodyFormat.TEXT, "\n\n".join),
    "text, wrapped by hand": (BodyFormat.TEXT, lambda lines: "\n\n".join(textwrap.fill(line, 78) for line in lines)),
    "markdown": (BodyFormat.MARKDOWN, "\n\n".join),
    "markdown, one paragraph per line": (BodyFormat.MARKDOWN, "\n".join),
    "html": (BodyFormat.HTML, lambda lines: "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)),
    "html, line breaks": (BodyFormat.HTML, lambda lines: "<br>".join(html.escape(line) for line in lines)),
    "html, double line breaks": (BodyFormat.HTML, lambda lines: "<br><br>\n".join(html.escape(line) for line in lines)),
}


class NoLabels:
    threshold = 0.0

    def label(self, paragraphs, language):
        return [Run("other", 0, len(paragraphs), 1.0)]


def build(body: str, body_format: BodyFormat = BodyFormat.TEXT, **fields: object) -> Article:
    return build_article(Entry("id", body=body, body_format=body_format, **fields), labeller=NoLabels())


def texts(article: Article) -> list[str]:
    return [paragraph.text for section in article.sections for paragraph in section.paragraphs]


@pytest.mark.skipif(not SEED.exists(), reason="the shared folder is not part of a clone")
@pytest.mark.parametrize("form", FORMS)
def test_the_real_article_is_read_perfectly(form: str) -> None:
    lines = SEED.read_text("utf-8").strip().split("\n")
    body_format, render = FORMS[form]
    article = build_article(Entry("seed", body=render(lines), body_format=body_format))
    assert [(section.kind, len(section.paragraphs)) for section in article.sections] == [
        ("summary", 3),
        ("neutral", 2),
        ("analogy", 2),
        ("optimistic", 2),
        ("pessimistic", 2),
    ]
    assert texts(article) == lines[2:-1]
    assert article.author == "Patrick Bélanger"
    assert article.reference_url == "https://i.redd.it/tyzl3hsrjzee1.jpeg"
    assert article.language == "fr"
    assert article.title.startswith("Yann LeCun, directeur scientifique de Meta")


BODY = "Le conseil de la ville a adopté hier soir un budget de douze millions pour les arénas de la région."


@pytest.mark.parametrize(
    ("top", "author"),
    [
        ("Patrick Bélanger", "Patrick Bélanger"),
        ("Par Patrick Bélanger", "Patrick Bélanger"),
        ("By Nuala Mac Giolla Rí", "Nuala Mac Giolla Rí"),
        ("Écrit par Marie-Ève de la Durantaye, le 12 mars 2025", "Marie-Ève de la Durantaye"),
        ("Marc-André « Coco » Pelletier", "Marc-André « Coco » Pelletier"),
        ("Texte : Fatou Lemelin", "Fatou Lemelin"),
        ("Par Réal Thibodeau, ing. (ret.)", "Réal Thibodeau, ing. (ret.)"),
    ],
)
def test_an_author_line_is_taken_out_of_the_text(top: str, author: str) -> None:
    article = build(f"{top}\nArticle en référence: https://example.org/x\n{BODY}\n{BODY} Encore.")
    assert (article.author, texts(article)) == (author, [BODY, f"{BODY} Encore."])


@pytest.mark.parametrize(
    "line",
    [
        "Article en référence: https://example.org/a_(b)",
        "Article en référence : https://example.org/a_(b).",
        "ARTICLE EN REFERENCE – https://example.org/a_(b)",
        "Article de référence : https://example.org/a_(b)",
        "Reference article: https://example.org/a_(b)",
        "Source: https://example.org/a_(b)",
        "Article en référence :\nhttps://example.org/a_(b)",
    ],
)
def test_the_reference_is_found_in_its_wordings(line: str) -> None:
    article = build(f"Patrick Bélanger\n{line}\n{BODY}\n{BODY} Encore.")
    assert (article.reference_url, texts(article)) == ("https://example.org/a_(b)", [BODY, f"{BODY} Encore."])


def test_the_reference_is_found_behind_linked_words() -> None:
    body = f'<p>Par A. Tremblay</p><p><a href="/doc">Article en référence</a></p><p>{BODY}</p>'
    article = build(body, BodyFormat.HTML, url="https://example.org/post/1")
    assert article.reference_url == "https://example.org/doc"
    assert texts(article) == [BODY]


def test_a_sentence_about_a_reference_stays() -> None:
    sentence = "Référence absolue du genre, ce disque de 1974 n’a jamais été réédité au pays depuis lors."
    assert texts(build(f"{sentence}\n{BODY}")) == [sentence, BODY]


@pytest.mark.parametrize(
    "line",
    [
        "Si vous n'êtes pas redirigé automatiquement, 👉 cliquez ici 👈",
        "The post The bright side of bins appeared first on Curbside Weekly.",
        "Abonnez-vous à notre infolettre !",
        "Subscribe to our newsletter",
        "Share this article on Facebook, X or LinkedIn",
        "Facebook · X · LinkedIn · Courriel",
        "Nous utilisons des témoins (cookies) pour améliorer votre expérience.",
        "© 2025 Le Courrier. Tous droits réservés.",
        "Lire la suite",
    ],
)
def test_lines_of_the_site_are_removed(line: str) -> None:
    assert texts(build(f"{BODY}\n{BODY} Encore.\n{line}")) == [BODY, f"{BODY} Encore."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Partager la route avec un camion sans chauffeur, personne n’en a envie.",
        "Home, he said. He’d be home. He had a site picked out behind his mother’s.",
        "Copyright law was written for the printing press.",
        "La suite est connue.",
        "Publicité ou pas, la chose amuse.",
    ],
)
def test_sentences_that_resemble_site_lines_stay(sentence: str) -> None:
    assert texts(build(f"{BODY}\n{sentence}\n{BODY} Encore.")) == [BODY, sentence, f"{BODY} Encore."]


def test_what_follows_a_related_articles_heading_is_dropped() -> None:
    article = build(f"{BODY}\n\n## À lire aussi\n\n- [Un autre](https://example.org/2)\n", BodyFormat.MARKDOWN)
    assert texts(article) == [BODY]


def test_the_title_is_the_entrys_then_the_first_heading_then_the_first_sentence() -> None:
    body = f"<h1>Le titre de la page</h1><p>{BODY}</p>"
    assert build(body, BodyFormat.HTML, title="Le titre du fil").title == "Le titre du fil"
    assert build(body, BodyFormat.HTML).title == "Le titre de la page"
    made = build(BODY).title
    assert len(made) <= 100
    assert BODY.startswith(made.rstrip("…"))
    assert build("Court. Et la suite ne compte pas, car une phrase suffit à un titre.").title == "Court"


def test_a_title_that_mentions_a_poutine_is_still_the_title() -> None:
    article = build(f"# Une poutine en 94 secondes\n\n{BODY}\n\n## Optimiste\n\n{BODY}", BodyFormat.MARKDOWN)
    assert article.title == "Une poutine en 94 secondes"
    assert [section.kind for section in article.sections] == ["summary", "optimistic"]


def test_a_heading_that_repeats_the_title_is_not_shown_again() -> None:
    article = build(f"# Un titre\n\n{BODY}", BodyFormat.MARKDOWN, title="Un titre")
    assert [(section.kind, section.heading) for section in article.sections] == [("summary", None)]


@pytest.mark.parametrize("greeting", ["Chère Denise,", "Dear Margaret,", "Cher Paul :"])
def test_the_greeting_of_a_letter_is_no_author(greeting: str) -> None:
    article = build(f"{greeting}\n\n{BODY}\n\n{BODY} Bis.")
    assert article.author is None
    assert texts(article)[0] == greeting


def test_a_title_line_above_the_author_is_the_title_of_a_plain_text() -> None:
    article = build(
        f"L’heure de glace au plus offrant\nJudith Papineau\nArticle en référence: https://e.org/\n{BODY}\n{BODY}"
    )
    assert (article.title, article.author) == ("L’heure de glace au plus offrant", "Judith Papineau")


def test_the_texts_own_language_wins_over_the_declared_one() -> None:
    assert build(BODY, language="en").language == "fr"
    assert build("xyz", language="en-CA").language == "en"
    assert build_article(Entry("id", body="xyz"), source_language="es", labeller=NoLabels()).language == "es"


@pytest.mark.parametrize("count", [1, 7, 70])
def test_an_ordinary_article_is_all_summary(count: int) -> None:
    article = build("\n".join(f"{BODY} Paragraphe {number}." for number in range(count)))
    assert [(section.kind, len(section.paragraphs)) for section in article.sections] == [("summary", count)]


def test_an_article_of_whose_sections_none_is_sure_has_a_lead_and_the_rest() -> None:
    class Unsure(NoLabels):
        threshold = 0.9

        def label(self, paragraphs, language, habits=None):
            return [Run(Kind.ANALOGY, 0, 3, 0.1), Run(Kind.NEUTRAL, 3, len(paragraphs), 0.1)]

    body = "\n".join(f"{BODY} Paragraphe {number}." for number in range(7))
    article = build_article(Entry("id", body=body), labeller=Unsure())
    assert [(section.kind, len(section.paragraphs)) for section in article.sections] == [("summary", 2), ("other", 5)]


def test_the_entrys_own_picture_comes_before_one_in_the_text() -> None:
    body = f'<img src="https://e.org/a.png" alt="Un aréna"><p>{BODY}</p>'
    assert build(body, BodyFormat.HTML).image == Image(url="https://e.org/a.png", alt="Un aréna")
    given = Image(url="https://e.org/b.png")
    assert build(body, BodyFormat.HTML, image=given).image == given


def test_an_empty_entry_is_an_article_without_sections() -> None:
    article = build("", url="https://e.org/1", published_at=datetime(2025, 1, 1))  # noqa: DTZ001
    assert article.sections == ()
    assert article.title == "https://e.org/1"
    assert article.published_at is not None
    assert article.published_at.tzinfo is not None
