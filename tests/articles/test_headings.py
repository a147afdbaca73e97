"""Which kind a heading names, and which headings of an article are believed."""

import pytest

from bot.articles.builder import build_article
from bot.articles.headings import match_heading
from bot.articles.labelling import Run
from bot.articles.lexicon import lexicons, parse_lexicon
from bot.models import Article, BodyFormat, Entry

WORDINGS = {
    "summary": ["Résumé", "📝 Résumé", "En bref", "L’essentiel", "TL;DR", "The facts", "What happened", "1. Summary"],
    "neutral": [
        "Point de vue neutre",
        "Le point neutre :",
        "⚖️ Neutre",
        "Le juste milieu",
        "The middle ground",
        "On balance",
    ],
    "analogy": [
        "Analogie",
        "=== Poutine ===",
        "L’analogie de la poutine",
        "🍟",
        "C’est comme…",
        "Think of it like this",
    ],
    "optimistic": [
        "Point de vue optimiste",
        "POINT DE VUE OPTIMISTE",
        "☀️",
        "Du bon côté des choses",
        "The bright side",
        "The optimist’s corner",
        "Le verre à moitié plein",
        "Glass half full",
    ],
    "pessimistic": [
        "🌧️ Pessimiste",
        "Point de vue pessimiste :",
        "Le revers de la médaille",
        "Ce qui inquiète",
        "The flip side",
        "The sceptic’s take",
        "II. Vision pessimiste",
    ],
}


@pytest.mark.parametrize(("kind", "heading"), [(kind, text) for kind, texts in WORDINGS.items() for text in texts])
def test_a_kind_is_known_by_many_wordings(kind: str, heading: str) -> None:
    match = match_heading(heading, marked=False)
    assert match is not None
    assert match.kind == kind


@pytest.mark.parametrize(
    "heading",
    [
        "Pas si optimiste",
        "Not so optimistic",
        "La suite",
        "Les résultats du trimestre",
        "Ni ceci ni cela",
        "",
        "!!!",
        "Notre avis",
    ],
)
def test_other_headings_name_no_kind(heading: str) -> None:
    assert match_heading(heading, marked=True) is None


class NeverAsked:
    def label(self, paragraphs, language):
        raise AssertionError("headings decide")


class NoLabels:
    threshold = 0.0

    def label(self, paragraphs, language):
        return [Run("other", 0, len(paragraphs), 1.0)]


LONG = "Voici un paragraphe assez long pour ne jamais être pris pour un titre, avec une phrase complète qui finit bien."


def kinds(article: Article) -> list[tuple[str, str | None, int]]:
    return [(section.kind, section.heading, len(section.paragraphs)) for section in article.sections]


def markdown(*blocks: str, labeller: object = None) -> Article:
    return build_article(
        Entry("id", body="\n\n".join(blocks), body_format=BodyFormat.MARKDOWN),
        labeller=labeller or NeverAsked(),  # type: ignore[arg-type]
    )


def test_headings_decide_in_any_order_and_unknown_ones_stay() -> None:
    article = markdown(LONG, "## The dark side", LONG, LONG, "## Sur le terrain", LONG, "## ☀️ Optimiste", LONG)
    assert kinds(article) == [
        ("summary", None, 1),
        ("pessimistic", "The dark side", 2),
        ("other", "Sur le terrain", 1),
        ("optimistic", "☀️ Optimiste", 1),
    ]


def test_headings_of_ordinary_articles_name_no_perspective() -> None:
    article = markdown(LONG, "## Contexte", LONG, "## Risques", LONG, "## Investors are optimistic", LONG)
    assert [kind for kind, _, _ in kinds(article)] == ["summary", "other", "other", "other"]


def test_a_summary_heading_alone_still_heads_the_summary() -> None:
    article = markdown(LONG, "## En bref", LONG, "## Calendrier", LONG)
    assert kinds(article) == [("other", None, 1), ("summary", "En bref", 1), ("other", "Calendrier", 1)]


def test_a_kind_is_served_once() -> None:
    article = markdown("## Optimiste", LONG, "## Neutre", LONG, "## Le bon côté", LONG)
    assert [kind for kind, _, _ in kinds(article)] == ["optimistic", "neutral", "other"]


@pytest.mark.parametrize("style", ["{}", "{} :", "**{}**", "=== {} ===", "## {}", "[{}]", "🔹 {}"])
def test_heading_like_lines_of_plain_text_are_headings(style: str) -> None:
    lines = [LONG, style.format("Le point neutre"), LONG, style.format("Point de vue pessimiste"), LONG, LONG]
    for gap in ("\n", "\n\n"):
        article = build_article(Entry("id", body=gap.join(lines), body_format=BodyFormat.TEXT), labeller=NeverAsked())
        assert [(kind, count) for kind, _, count in kinds(article)] == [
            ("summary", 1),
            ("neutral", 1),
            ("pessimistic", 2),
        ]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{LONG}</p><p><strong>Optimiste :</strong> {LONG}</p><p><b>Pessimiste :</b> {LONG}</p>",
        f"<p>{LONG}</p><p>Optimiste : {LONG}</p><p>Point de vue pessimiste : {LONG}</p>",
        f"<p>{LONG}</p><p><strong>Optimiste</strong></p><p>{LONG}</p><p><strong>Pessimiste</strong></p><p>{LONG}</p>",
    ],
)
def test_bold_and_run_in_headings_count(body: str) -> None:
    article = build_article(Entry("id", body=body), labeller=NeverAsked())
    assert [(kind, heading) for kind, heading, _ in kinds(article)] == [
        ("summary", None),
        ("optimistic", "Optimiste"),
        ("pessimistic", article.sections[-1].heading),
    ]
    assert all(section.paragraphs[0].text == LONG for section in article.sections)


@pytest.mark.parametrize("name", ["<strong>Repères :</strong>", "<b>Repères</b> :", "<b>Repères.</b>"])
def test_an_unknown_heading_may_open_its_paragraph_too(name: str) -> None:
    article = build_article(
        Entry(
            "id",
            body=f"<p><b>Optimiste :</b> {LONG}</p><p><b>Un mot</b> en gras. {LONG}</p>"
            f"<p>{name} {LONG}</p><p><b>Pessimiste :</b> {LONG}</p>",
        ),
        labeller=NeverAsked(),
    )
    assert kinds(article) == [("optimistic", "Optimiste", 2), ("other", "Repères", 1), ("pessimistic", "Pessimiste", 1)]


def test_a_sentence_with_a_colon_is_no_heading_where_headings_stand_by_themselves() -> None:
    opening = f"Voici les points clés : {LONG}"
    article = markdown("## Résumé", LONG, opening, "## Optimiste", LONG, "## Pessimiste", LONG)
    assert [paragraph.text for paragraph in article.sections[0].paragraphs] == [LONG, opening]


def test_every_language_names_the_same_kinds() -> None:
    named = [{kind.kind for kind in lexicon.kinds} for lexicon in lexicons()]
    assert len(named) >= 2
    assert all(kinds == named[0] for kinds in named)


def test_a_perspective_of_a_community_is_nothing_but_data() -> None:
    lexicon = parse_lexicon(
        "xx",
        """
        frame = ""
        negations = ""
        [front]
        author = []
        reference = []
        reference_weak = []
        date = []
        months = []
        weekdays = []
        particles = []
        [boilerplate]
        lines = []
        sections = []
        [kinds.local]
        name = "Vu d’ici"
        words = "local locale"
        headings = ["vu d’ici"]
        """,
    )
    assert [(kind.kind, kind.headings) for kind in lexicon.kinds] == [("local", frozenset({"vu d ici"}))]


@pytest.mark.parametrize(
    ("good", "bad", "analogy"),
    [
        ("Les bons côtés", "Les mauvais côtés", "Expliqué avec une poutine"),
        ("Point de vue optimiste", "Le point de vue critique", "Analogie culinaire"),
    ],
)
@pytest.mark.parametrize("style", ["{} :\n{}", "{} : {}"])
def test_plain_headings_stand_above_their_paragraph_or_open_it(good: str, bad: str, analogy: str, style: str) -> None:
    texts = {
        "Résumé": "La Ville de Saint-Nom a mis en service mardi un logiciel qui compte les cyclistes.",
        analogy: "C’est le cuisinier qui compte les poutines sorties, sans jamais demander qui les a mangées.",
        good: "Les cyclistes auront enfin des chiffres, et les pistes suivront, dans chacun des quartiers de la ville.",
        bad: "On compte les gens avant de leur parler, et personne ne dira à quoi serviront ces chiffres ensuite.",
    }
    body = "\n".join(style.format(heading, text) for heading, text in texts.items())
    article = build_article(Entry(identity="a", body=body, body_format=BodyFormat.TEXT))
    assert [section.kind for section in article.sections] == ["summary", "analogy", "optimistic", "pessimistic"]
    assert [section.paragraphs[0].text for section in article.sections] == list(texts.values())
