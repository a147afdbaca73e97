"""What corrections teach of how a source writes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.corrections import Label, marks_of, relabel
from bot.articles.habits import MOST_ARTICLES, SourceHabits, learn
from bot.articles.labeller import KINDS, labeller_of_words
from bot.articles.labelling import Run
from bot.articles.rereading import reread
from bot.models import Article, Kind, Paragraph, Section

HELD_OUT = Path(__file__).parent.parent / "data" / "labelled-heldout"
ODD = ("pessimistic", "optimistic", "neutral", "summary", "analogy")
FLAT = [0.0] * len(KINDS)
LEVEL = [FLAT] * len(KINDS)


def article(*sections: tuple[str, str], headings: tuple[str | None, ...] = ()) -> Article:
    named = (*headings, *(None for _ in sections))
    return Article(
        title="T",
        language="fr",
        sections=tuple(
            Section(kind=kind, heading=heading, paragraphs=tuple(Paragraph(text=text) for text in texts.split("|")))
            for (kind, texts), heading in zip(sections, named, strict=False)
        ),
    )


def labelled(language: str) -> list[Article]:
    """Articles of the genre, whole, that the weights never saw."""
    found = []
    for path in sorted(HELD_OUT.glob(f"*-{language}-*.json")):
        data = json.loads(path.read_text("utf-8"))
        kinds = [section["kind"] for section in data["sections"]]
        if len(kinds) == 5 and "other" not in kinds:
            found.append(article(*((part["kind"], "|".join(part["paragraphs"])) for part in data["sections"])))
    return found


def in_order(which: Article, order: tuple[str, ...]) -> Article:
    sections = sorted(which.sections, key=lambda section: order.index(section.kind))
    return which.model_copy(update={"sections": tuple(sections)})


def unread(which: Article) -> Article:
    """The same text as one that the labeller was not sure of."""
    paragraphs = tuple(paragraph for section in which.sections for paragraph in section.paragraphs)
    return which.model_copy(update={"sections": (Section(kind=Kind.OTHER, paragraphs=paragraphs),)})


def right(which: Article, runs: list[Run]) -> int:
    true = [section.kind for section in which.sections for _ in section.paragraphs]
    found = [run.kind for run in runs for _ in range(run.start, run.end)]
    return sum(one == two for one, two in zip(true, found, strict=True))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_after_five_corrected_articles_of_a_publisher_the_sixth_is_read_better(language: str) -> None:
    """`python -m tests.bench.labeller.habits` measures it on many more."""
    labeller = labeller_of_words()
    articles = [in_order(each, ODD) for each in labelled(language)]
    before = after = total = 0
    for at, sixth in enumerate(articles):
        five = [articles[(at + step) % len(articles)] for step in range(1, 6)]
        texts = [paragraph.text for section in sixth.sections for paragraph in section.paragraphs]
        before += right(sixth, list(labeller.label(texts, language)))
        after += right(sixth, list(labeller.label(texts, language, learn(five))))
        total += len(texts)
    assert after > before
    assert after >= 0.9 * total


def test_nothing_learnt_leans_no_way() -> None:
    leaning = SourceHabits().leaning(["a", "b"], KINDS, FLAT, LEVEL)
    assert leaning.first == pytest.approx(FLAT)
    assert [list(row) for row in leaning.follows] == [pytest.approx(row) for row in LEVEL]
    assert leaning.ordinary == 0
    assert all(value == pytest.approx(0) for value in leaning.run(0, 2))


def test_order_leans_to_what_was_seen_the_more_often_the_more() -> None:
    one = article(("pessimistic", "a"), ("summary", "b"))
    few = learn([one]).leaning(["a"], KINDS, FLAT, LEVEL)
    many = learn([one] * 5).leaning(["a"], KINDS, FLAT, LEVEL)
    last, first = KINDS.index(Kind.PESSIMISTIC), KINDS.index(Kind.SUMMARY)
    assert few.first[last] > few.first[first]
    assert many.first[last] - many.first[first] > few.first[last] - few.first[first]
    assert many.follows[last][first] == max(many.follows[last])


def test_openings_and_recurring_words_speak_for_their_kind() -> None:
    articles = [
        article(
            ("summary", f"En bref, chose {at}."),
            ("optimistic", f"Du côté du soleil, on voit {at}. Quelle embellie !|Et puis, suite {at}."),
            ("pessimistic", f"Du côté de la pluie, on craint {at}.|Et puis, fin {at}."),
        )
        for at in range(5)
    ]
    habits = learn(articles)
    assert "du cote du" in habits.openings
    assert "et puis" not in habits.openings
    leaning = habits.leaning(["Du côté du soleil, tout va.", "Une embellie ?", "Rien."], KINDS, FLAT, LEVEL)
    scores = dict(zip(KINDS, leaning.run(0, 1), strict=True))
    assert scores[Kind.OPTIMISTIC] == max(scores.values())
    assert scores[Kind.OPTIMISTIC] - scores[Kind.PESSIMISTIC] > 2
    cue = dict(zip(KINDS, leaning.run(1, 2), strict=True))
    nothing = dict(zip(KINDS, leaning.run(2, 3), strict=True))
    assert cue[Kind.OPTIMISTIC] > nothing[Kind.OPTIMISTIC]


def test_a_source_of_ordinary_news_is_expected_to_go_on_so() -> None:
    news = article(("summary", "a"), ("other", "b"))
    genre = article(("summary", "a"), ("neutral", "b"))
    assert learn([news] * 4).leaning(["a"], KINDS, FLAT, LEVEL).ordinary > 0
    assert learn([genre] * 4).leaning(["a"], KINDS, FLAT, LEVEL).ordinary < 0


def test_what_is_learnt_from_is_bounded_to_the_newest() -> None:
    old, new = article(("summary", "a"), ("neutral", "b")), article(("neutral", "b"), ("summary", "a"))
    habits = learn([new] * MOST_ARTICLES + [old] * 100)
    assert habits.articles == MOST_ARTICLES
    assert habits.first == {"neutral": MOST_ARTICLES}


class Labeller:
    threshold = 0.8

    def __init__(self, *runs: Run) -> None:
        self.runs = runs
        self.asked: list[list[str]] = []

    def label(self, paragraphs, language, habits=None):
        assert habits is not None
        self.asked.append(list(paragraphs))
        return self.runs


def kinds(which: Article, labels: dict[str, Label]) -> list[str]:
    return [section.kind for section in relabel(which, labels).sections]


def test_an_article_is_read_again_in_the_light_of_habits() -> None:
    labeller = Labeller(Run("summary", 0, 1, 0.9), Run("neutral", 1, 2, 0.95), Run("optimistic", 2, 3, 0.5))
    seen = unread(article(("summary", "a|b|c")))
    labels = reread(seen, learn([article(("summary", "x"), ("neutral", "y"))]), labeller)
    assert kinds(seen, labels) == ["summary", "neutral", "other"]
    assert [label.confidence for label in labels.values()] == [0.9, 0.95, 0.5]
    assert kinds(seen, reread(seen, SourceHabits(articles=1), labeller, 0.4)) == ["summary", "neutral", "optimistic"]


def test_what_is_read_as_before_gives_no_labels() -> None:
    seen = article(("summary", "a"), ("neutral", "b"))
    labeller = Labeller(Run("summary", 0, 1, 0.9), Run("neutral", 1, 2, 0.95))
    assert reread(seen, SourceHabits(articles=1), labeller) == {}
    assert reread(seen, SourceHabits(articles=1), Labeller(Run("other", 0, 2, 1.0))) == {}


def test_a_heading_that_moderators_gave_a_kind_keeps_it() -> None:
    taught = article(("summary", "a"), ("local", "b"), ("other", "c"), headings=(None, "Vu d’ici", "Chiffres"))
    habits = learn([taught])
    seen = article(("summary", "x"), ("other", "y|z"), ("other", "w"), headings=(None, "VU D'ICI", "Autre chose"))
    labels = reread(seen, habits, Labeller())
    assert kinds(seen, labels) == ["summary", "local", "other"]


def test_a_heading_that_was_given_two_kinds_is_left_to_the_lexicon() -> None:
    one = article(("neutral", "a"), headings=("Au fond",))
    two = article(("optimistic", "a"), headings=("Au fond",))
    assert learn([one, two]).headings == {}


def test_paragraphs_that_come_back_and_belong_nowhere_are_set_aside() -> None:
    taught = [article(("summary", f"n{at}"), ("neutral", f"m{at}"), ("other", "Abonnez-vous !")) for at in range(2)]
    labeller = Labeller(Run("summary", 0, 1, 0.9), Run("neutral", 1, 2, 0.9))
    seen = unread(article(("summary", "a|b|Abonnez-vous !")))
    labels = reread(seen, learn(taught), labeller)
    assert labeller.asked == [["a", "b"]]
    assert kinds(seen, labels) == ["summary", "neutral", "other"]


TEXTS = st.lists(st.text("abc é.", min_size=1, max_size=8), min_size=1, max_size=4)
ARTICLES = st.lists(st.tuples(st.sampled_from([*(kind.value for kind in Kind), "local"]), TEXTS), max_size=6).map(
    lambda parts: article(*((kind, "|".join(texts)) for kind, texts in parts))
)


@given(st.lists(ARTICLES, max_size=4), TEXTS)
def test_whatever_is_learnt_leans_by_finite_scores(corrected: list[Article], texts: list[str]) -> None:
    leaning = learn(corrected).leaning(texts, KINDS, FLAT, LEVEL)
    for start in range(len(texts)):
        for end in range(start + 1, len(texts) + 1):
            assert all(-10 < value < 10 for value in leaning.run(start, end))
    assert all(-10 < value < 10 for row in (leaning.first, *leaning.follows) for value in row)


@given(ARTICLES, st.lists(ARTICLES, max_size=3))
def test_reading_again_never_loses_a_paragraph(seen: Article, corrected: list[Article]) -> None:
    texts = [each.text for section in seen.sections for each in section.paragraphs]
    labeller = Labeller(*(Run("other" if at else "neutral", at, at + 1, 0.9) for at in range(len(texts))))
    labels = reread(seen, learn(corrected), labeller)
    assert set(labels) <= set(marks_of(texts))
    after = relabel(seen, labels)
    assert sorted(each.text for section in after.sections for each in section.paragraphs) == sorted(texts)
