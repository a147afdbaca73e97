"""What moderators said of paragraphs, laid over whatever the next fetch brings."""

from hypothesis import given
from hypothesis import strategies as st

from bot.articles.corrections import (
    MOST_KEPT,
    Label,
    carried_over,
    labels_of,
    marks_of,
    passages_of,
    relabel,
    texts_of,
)
from bot.models import Article, Kind, Paragraph, Section

KINDS = st.sampled_from(["summary", "neutral", "analogy", "optimistic", "pessimistic", "other", "local"])
TEXTS = st.lists(st.text("ab é.\n", min_size=1, max_size=6), max_size=8)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """As the builder makes them: each kind but `other` once."""
    sections, used = [], set[str]()
    for texts in draw(st.lists(TEXTS.filter(bool), max_size=6)):
        kind = draw(KINDS)
        kind = "other" if kind in used else kind
        used.add(kind)
        heading = draw(st.sampled_from([None, "Un intertitre"]))
        sections.append(Section(kind=kind, heading=heading, confidence=0.8, paragraphs=paragraphs(*texts)))
    return Article(title="T", language="fr", sections=tuple(sections))


def paragraphs(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(text=text) for text in texts)


def article(*parts: tuple[str, str], headings: dict[str, str] | None = None) -> Article:
    """Sections of (kind, texts apart by `|`)."""
    return Article(
        title="T",
        language="fr",
        sections=tuple(
            Section(
                kind=kind, heading=(headings or {}).get(kind), confidence=0.8, paragraphs=paragraphs(*texts.split("|"))
            )
            for kind, texts in parts
        ),
    )


def shown(which: Article) -> list[tuple[str, str]]:
    return [(section.kind, "|".join(each.text for each in section.paragraphs)) for section in which.sections]


def said(which: Article, **kinds: str) -> dict[str, Label]:
    """Labels for the paragraphs whose text is a name here."""
    texts = texts_of(which)
    return {mark: Label(kinds[text]) for mark, text in zip(marks_of(texts), texts, strict=True) if text in kinds}


def test_nothing_said_changes_nothing() -> None:
    before = article(("summary", "a|b"), ("other", "c"))
    assert relabel(before, {}) is before
    assert relabel(before, {"0" * 16: Label("neutral")}) is before


def test_a_paragraph_becomes_what_it_was_said_to_be() -> None:
    before = article(("summary", "a"), ("pessimistic", "b|c"), ("other", "d"))
    after = relabel(before, said(before, a="summary", b="neutral", c="optimistic", d="pessimistic"))
    assert shown(after) == [("summary", "a"), ("neutral", "b"), ("optimistic", "c"), ("pessimistic", "d")]
    assert {section.confidence for section in after.sections} == {1.0}


def test_two_runs_of_one_kind_become_one_section_where_the_first_stands() -> None:
    before = article(("summary", "a"), ("other", "b|c|d|e"))
    after = relabel(before, said(before, a="summary", b="optimistic", c="neutral", d="optimistic", e="other"))
    assert shown(after) == [("summary", "a"), ("optimistic", "b|d"), ("neutral", "c"), ("other", "e")]


def test_other_passages_stay_apart_and_keep_their_headings() -> None:
    before = article(("other", "a|b"), ("local", "c"), ("other", "d"), headings={"other": "À savoir", "local": "Ici"})
    after = relabel(before, said(before, a="other", b="other", c="other", d="other"))
    assert [(section.heading, len(section.paragraphs)) for section in after.sections] == [
        ("À savoir", 2),
        ("Ici", 1),
        ("À savoir", 1),
    ]


def test_a_new_paragraph_between_two_of_one_kind_is_of_that_kind() -> None:
    before = article(("summary", "a"), ("neutral", "b|c"))
    labels = said(before, a="summary", b="optimistic", c="optimistic")
    after = article(("summary", "a"), ("neutral", "b|new|c"))
    assert shown(relabel(after, labels)) == [("summary", "a"), ("optimistic", "b|new|c")]


def test_a_new_paragraph_in_a_corrected_section_follows_it() -> None:
    before = article(("summary", "a"), ("neutral", "b"))
    labels = said(before, a="summary", b="optimistic")
    after = article(("summary", "a"), ("neutral", "b|new"))
    assert shown(relabel(after, labels)) == [("summary", "a"), ("optimistic", "b|new")]


def test_a_new_section_is_what_the_labeller_takes_it_for() -> None:
    before = article(("summary", "a"), ("neutral", "b"))
    labels = said(before, a="summary", b="optimistic")
    after = article(("summary", "a"), ("neutral", "b"), ("analogy", "new"))
    assert shown(relabel(after, labels)) == [("summary", "a"), ("optimistic", "b"), ("analogy", "new")]


def test_the_labeller_never_makes_a_second_section_of_a_kind_that_was_said() -> None:
    before = article(("summary", "a"), ("neutral", "b"))
    labels = said(before, a="summary", b="optimistic")
    after = article(("summary", "a"), ("neutral", "b"), ("pessimistic", "x"), ("optimistic", "new"))
    assert shown(relabel(after, labels)) == [
        ("summary", "a"),
        ("optimistic", "b"),
        ("pessimistic", "x"),
        ("other", "new"),
    ]


def test_marks_ignore_what_a_publisher_retouches_and_tell_repetitions_apart() -> None:
    assert marks_of(["L’été arrive."]) == marks_of(["l'ete  arrive"])
    assert len(set(marks_of(["***", "***", "Bon.", "bon", "---"]))) == 5


def test_an_edited_paragraph_stays_what_it_was_said_to_be() -> None:
    old = ("Le maire promet un nouveau parc pour cet été.", "Les voisins en doutent beaucoup.", "Fin.")
    labels = dict(zip(marks_of(old), map(Label, ("summary", "pessimistic", "other")), strict=True))
    new = ("Le maire promet un nouveau parc pour cet automne.", "Un autre paragraphe, sans rapport aucun.", "Fin.")
    carried = carried_over(labels, old, new)
    kinds = [carried[mark].kind if mark in carried else None for mark in marks_of(new)]
    assert kinds == ["summary", None, "other"]


def test_a_paragraph_that_comes_back_is_still_known() -> None:
    old = ("Un.", "Deux.")
    labels = dict(zip(marks_of(old), map(Label, ("summary", "neutral")), strict=True))
    without = carried_over(labels, old, ("Un.",))
    assert carried_over(without, ("Un.",), old) == labels


@given(articles(), st.lists(KINDS, min_size=60, max_size=60))
def test_relabelling_keeps_every_paragraph_and_each_kind_once(before: Article, kinds: list[str]) -> None:
    marks = marks_of(texts_of(before))
    labels = {mark: Label(kind) for mark, kind in zip(marks, kinds, strict=False)}
    after = relabel(before, labels)
    assert sorted(texts_of(after)) == sorted(texts_of(before))
    named = [section.kind for section in after.sections if section.kind != Kind.OTHER]
    assert len(named) == len(set(named))
    for passage in passages_of(before, labels):
        assert passage.label.kind == labels[passage.mark].kind


@given(articles(), st.data())
def test_what_is_said_of_a_few_never_breaks_the_rest(before: Article, data: st.DataObject) -> None:
    marks = marks_of(texts_of(before))
    labels = {mark: Label(data.draw(KINDS)) for mark in marks if data.draw(st.booleans())}
    after = relabel(before, labels)
    assert sorted(texts_of(after)) == sorted(texts_of(before))
    named = [section.kind for section in after.sections if section.kind != Kind.OTHER]
    assert len(named) == len(set(named))


@given(articles())
def test_saying_what_the_article_says_leaves_its_kinds(before: Article) -> None:
    assert [passage.label.kind for passage in passages_of(before, labels_of(before))] == [
        section.kind for section in before.sections for _ in section.paragraphs
    ]


@given(TEXTS, TEXTS, st.lists(KINDS, min_size=8, max_size=8))
def test_carrying_over_keeps_what_was_said_of_every_paragraph_that_stays(
    old: list[str], new: list[str], kinds: list[str]
) -> None:
    labels = {mark: Label(kind) for mark, kind in zip(marks_of(old), kinds, strict=False)}
    carried = carried_over(labels, old, new)
    for mark in marks_of(new):
        if mark in labels:
            assert carried[mark] == labels[mark]
    assert set(labels) <= set(carried)


def test_what_is_kept_of_an_article_is_bounded() -> None:
    labels: dict[str, Label] = {}
    for version in range(5):
        texts = [f"Paragraphe {version} {number}" for number in range(150)]
        labels = carried_over(labels | dict.fromkeys(marks_of(texts), Label("other")), texts, texts)
    assert len(labels) == MOST_KEPT
