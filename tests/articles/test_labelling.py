"""What is served of what a labeller found, and what an operator may say about it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.builder import build_article
from bot.articles.labelling import Run, served
from bot.models import BodyFormat, Entry, Kind

KINDS = ("summary", "neutral", "analogy", "optimistic", "pessimistic", "other", "local")
BODY = "\n\n".join(
    (
        "Une équipe publie un modèle de langue qui fonctionne sans connexion sur un vieux téléphone, dit l’annonce.",
        "D’un côté, la chose est utile ; de l’autre, elle se trompe souvent : reste à voir ce qui l’emportera.",
        "Imaginez une poutine format bébé : moins de fromage, des frites plus petites, et la sauce à part.",
        "Enfin une bonne nouvelle ! C’est une victoire formidable, accessible à tous : l’espoir est permis !",
        "Le risque est préoccupant : qui contrôle la machine ? Les abus menacent, et le danger est réel.",
    )
)


class Found:
    """A labeller that found these confidences, one paragraph a kind, in the usual order."""

    threshold = 0.8

    def __init__(self, *confidences: float) -> None:
        self._confidences = confidences

    def label(self, paragraphs, language):
        return [Run(KINDS[at], at, at + 1, confidence) for at, confidence in enumerate(self._confidences)]


def kinds(threshold: float | None) -> list[str]:
    entry = Entry("id", title="Un modèle", body=BODY, body_format=BodyFormat.TEXT)
    article = build_article(entry, labeller=Found(1.0, 0.9, 0.8, 0.7, 0.2), threshold=threshold)
    return [section.kind for section in article.sections]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (None, ["summary", "neutral", "analogy", "other"]),
        (0.0, ["summary", "neutral", "analogy", "optimistic", "pessimistic"]),
        (0.5, ["summary", "neutral", "analogy", "optimistic", "other"]),
        (1.0, ["summary", "other"]),
    ],
)
def test_a_section_below_the_threshold_is_other(threshold: float | None, expected: list[str]) -> None:
    assert kinds(threshold) == expected


def test_what_is_sure_by_a_heading_is_served_whatever_the_threshold() -> None:
    body = f"## Optimiste\n\n{BODY}\n\n## Pessimiste\n\nLe risque est là."
    entry = Entry("id", body=body, body_format=BodyFormat.MARKDOWN)
    article = build_article(entry, labeller=Found(), threshold=1.0)
    assert [section.kind for section in article.sections] == ["optimistic", "pessimistic"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 4), st.floats(0, 1)), max_size=8), st.floats(0, 1))
def test_serving_covers_every_paragraph_once_and_nothing_unsure(
    parts: list[tuple[str, int, float]], threshold: float
) -> None:
    runs, start = [], 0
    for kind, length, confidence in parts:
        runs.append(Run(kind, start, start + length, confidence))
        start += length
    found = served(runs, threshold)
    assert [at for run in found for at in range(run.start, run.end)] == list(range(start))
    assert all(run.confidence >= threshold or run.kind in (Kind.OTHER, Kind.SUMMARY) for run in found)
    assert not any(one.kind == two.kind == Kind.OTHER for one, two in pairwise(found))
    for run in runs:
        if run.confidence >= threshold and run.kind != Kind.OTHER:
            assert run in found
