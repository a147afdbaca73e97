"""What changed between two versions of an article, for people to read."""

from hypothesis import given
from hypothesis import strategies as st

from bot.articles.changes import SKIPPED, SectionChange, compare, edited
from bot.models import Article, Block, Paragraph, Section, SpanStyle

TEXTS = st.text("abé .,\n", max_size=30)
KINDS = ("summary", "neutral", "optimistic", "other")


@st.composite
def articles(draw: st.DrawFn) -> Article:
    sections = []
    for kind in draw(st.lists(st.sampled_from(KINDS), unique=True)):
        likely = st.sampled_from(["Un chat dort.", "Un chat dort ici.", "Rien.", "", "Tout autre"])
        texts = draw(st.lists(likely | TEXTS))
        sections.append(Section(kind=kind, paragraphs=tuple(Paragraph(text=text) for text in texts)))
    return Article(title="T", language="fr", sections=tuple(sections))


def article(**sections: str) -> Article:
    return Article(
        title="T",
        language="fr",
        sections=tuple(
            Section(kind=kind, paragraphs=tuple(Paragraph(text=text) for text in texts.split("|")))
            for kind, texts in sections.items()
        ),
    )


def marked(paragraph: Paragraph) -> str:
    """`text` with -gone- and +new+ parts."""
    signs = {SpanStyle.STRIKE: "-", SpanStyle.BOLD: "+"}
    text = paragraph.text
    for span in sorted(paragraph.spans, key=lambda span: -span.start):
        sign = signs[span.style]
        text = text[: span.start] + sign + text[span.start : span.end] + sign + text[span.end :]
    return text


def told(change: SectionChange) -> list[str]:
    return [marked(paragraph) for paragraph in change.paragraphs]


def test_the_same_article_has_no_changes() -> None:
    assert compare(article(summary="a|b", neutral="c"), article(summary="a|b", neutral="c")) == ()


def test_only_sections_that_changed_are_told_and_what_stays_is_skipped() -> None:
    before = article(summary="Un|Deux|Trois", neutral="Le maire promet un parc pour cet été.", other="Fin")
    after = article(summary="Un|Deux|Trois|Quatre", neutral="Le maire promet un parc pour cet automne.", other="Fin")
    changes = {change.kind: told(change) for change in compare(before, after)}
    assert changes == {
        "summary": [SKIPPED, "+Quatre+"],
        "neutral": ["Le maire promet un parc pour cet -été- +automne+."],
    }


def test_sections_that_came_and_went_are_told_whole() -> None:
    changes = compare(article(summary="Un", analogy="Une poutine."), article(summary="Un", local="Vu d’ici."))
    assert [(change.kind, told(change)) for change in changes] == [
        ("local", ["+Vu d’ici.+"]),
        ("analogy", ["-Une poutine.-"]),
    ]


def test_a_rewritten_paragraph_is_told_as_two() -> None:
    (change,) = compare(article(summary="Le parc ouvre demain."), article(summary="Rien de tout cela n’aura lieu ici."))
    assert told(change) == ["+Rien de tout cela n’aura lieu ici.+", "-Le parc ouvre demain.-"]


def test_code_is_told_as_text_so_that_styles_show() -> None:
    before = Article(title="T", language="fr", sections=(Section(kind="other", paragraphs=()),))
    code = Section(kind="other", paragraphs=(Paragraph(text="print(1)", block=Block.CODE),))
    (change,) = compare(before, Article(title="T", language="fr", sections=(code,)))
    assert change.paragraphs[0].block is Block.TEXT


def test_a_title_shows_both() -> None:
    assert marked(edited("Un parc ouvre", "Un parc ferme")) == "Un parc -ouvre- +ferme+"


@given(TEXTS, TEXTS)
def test_taking_out_what_is_new_leaves_the_old_words_and_the_other_way_round(before: str, after: str) -> None:
    def without(style: SpanStyle) -> list[str]:
        text = shown.text
        for span in sorted(shown.spans, key=lambda span: -span.start):
            if span.style is style:
                text = text[: span.start] + " " + text[span.end :]
        return text.split()

    shown = edited(before, after)
    for span in shown.spans:
        assert 0 <= span.start < span.end <= len(shown.text)
    assert "".join(without(SpanStyle.STRIKE)) == "".join(after.split())
    assert "".join(without(SpanStyle.BOLD)) == "".join(before.split())


@given(articles(), articles())
def test_comparing_never_fails_and_tells_of_every_section_that_differs(before: Article, after: Article) -> None:
    told_kinds = {change.kind for change in compare(before, after)}
    for kind in KINDS:
        old, new = before.section(kind), after.section(kind)
        texts = [[each.text for each in section.paragraphs] if section else [] for section in (old, new)]
        assert (kind in told_kinds) == (texts[0] != texts[1])
