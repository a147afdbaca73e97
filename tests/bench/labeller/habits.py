"""What the labeller learns from moderators' corrections: `python -m tests.bench.labeller.habits`.

A third of the voices is kept aside, weights are trained on the others. From the articles kept aside, publishers are
made: six articles whose sections stand in the publisher's own order, an odd one; some also begin their sections with
words of their own. Each of the six is judged in turn as the sixth, before anything was corrected and after one, three
and all five of the others were. Nothing of what is judged was seen by the weights, nor learnt from.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.articles.habits import SourceHabits, learn
from bot.articles.labeller import KINDS, SectionLabeller, weights_from
from bot.articles.meaning import default_encoder
from bot.models import Article, Paragraph, Section
from tests.bench.labeller.data import Example, load_examples, make_example
from tests.bench.labeller.evaluation import (
    FOLDS,
    Judged,
    _Vectors,
    calibrate,
    fold_of_voices,
    interpolate,
    paragraph_pairs,
    threshold_for,
)
from tests.bench.labeller.training import train

ASIDE = (0, 1)
"""Of the six parts that voices are dealt into."""
CORRECTED = (0, 1, 3, 5)
SIX = 6
USUAL = ("summary", "neutral", "analogy", "optimistic", "pessimistic")
ORDERS = {
    "usual order": USUAL,
    "views first": ("optimistic", "pessimistic", "neutral", "summary", "analogy"),
    "poutine first": ("analogy", "pessimistic", "optimistic", "neutral", "summary"),
    "gloom first": ("summary", "pessimistic", "optimistic", "analogy", "neutral"),
}
OPENINGS = {
    "fr": {
        "summary": "En deux mots, ",
        "neutral": "Posons les choses : ",
        "analogy": "Passons à table. ",
        "optimistic": "Du côté du verger, ",
        "pessimistic": "Du côté du marais, ",
    },
    "en": {
        "summary": "In two words, ",
        "neutral": "Let us lay it out: ",
        "analogy": "Come to the table. ",
        "optimistic": "Over in the orchard, ",
        "pessimistic": "Down in the marsh, ",
    },
}


@dataclass(frozen=True, slots=True)
class Publisher:
    name: str
    articles: tuple[Example, ...]


def reordered(example: Example, order: Sequence[str]) -> Example:
    """The same sections in another order."""
    ranks = [order.index(kind.value) for kind in KINDS]
    texts, runs, rows = [], [], []
    for kind, start, end in sorted(example.runs, key=lambda run: ranks[run[0]]):
        runs.append((kind, len(texts), len(texts) + end - start))
        texts += example.texts[start:end]
        rows += range(start, end)
    vectors = None if example.vectors is None else example.vectors[rows]
    return replace(example, texts=texts, runs=runs, features=[example.features[row] for row in rows], vectors=vectors)


def with_openings(example: Example, encoder: object) -> Example:
    sections = [
        {
            "kind": KINDS[kind].value,
            "paragraphs": [
                OPENINGS[example.language][KINDS[kind].value] + text if at == start else text
                for at, text in enumerate(example.texts[start:end], start)
            ],
        }
        for kind, start, end in example.runs
    ]
    article = {"name": example.name, "voice": example.voice, "language": example.language, "sections": sections}
    return make_example(article, encoder)  # type: ignore[arg-type]


def publishers(examples: Sequence[Example], order: Sequence[str]) -> Iterator[Publisher]:
    for language in ("en", "fr"):
        pool = [example for example in examples if example.language == language and len(example.runs) >= 3]
        for start in range(0, len(pool) - SIX + 1, SIX):
            six = tuple(reordered(example, order) for example in pool[start : start + SIX])
            yield Publisher(f"{language}-{start // SIX}", six)


def as_corrected(example: Example) -> Article:
    sections = tuple(
        Section(kind=KINDS[kind], paragraphs=tuple(Paragraph(text=text) for text in example.texts[start:end]))
        for kind, start, end in example.runs
    )
    return Article(title=example.name, language=example.language, sections=sections)


def habits_from(others: Sequence[Example]) -> SourceHabits | None:
    return learn([as_corrected(example) for example in others]) if others else None


def judge(weights: dict[str, object], publisher: Publisher, corrected: int) -> Iterator[Judged]:
    for at, example in enumerate(publisher.articles):
        others = [*publisher.articles[at + 1 :], *publisher.articles[:at]][:corrected]
        labeller = SectionLabeller(weights_from(weights), _Vectors(example) if example.vectors is not None else None)
        yield Judged(example, labeller.decode(example.texts, example.language, habits_from(others)), 0)


def print_table(weights: dict[str, object], made: Sequence[Publisher], threshold: float) -> None:
    print("corrected before | paragraphs right | sections served | of them wholly right | articles wholly right")
    for corrected in CORRECTED:
        judged = [one for publisher in made for one in judge(weights, publisher, corrected)]
        pairs = paragraph_pairs(judged)
        served = [run for one in judged for run in one.served if run[0] >= threshold]
        whole = [
            one.decoded.ordinary < 0.5
            and {(run.kind, run.start, run.end) for run in one.decoded.runs} == set(one.example.runs)
            for one in judged
        ]
        print(
            f"{corrected:16} | {np.mean([a == b for a, b in pairs]):16.1%} | {len(served):15} | "
            f"{np.mean([run[1] for run in served]) if served else 0:20.1%} | {np.mean(whole):21.1%}"
        )


def ordinary_after_five(weights: dict[str, object], aside: Sequence[Example], made: Sequence[Publisher]) -> float:
    """How many pieces of ordinary news in such a source would be given perspectives."""
    fooled = []
    for publisher in made:
        habits = habits_from(publisher.articles[:5])
        for example in aside:
            if example.ordinary and example.language == publisher.articles[0].language:
                encoder = _Vectors(example) if example.vectors is not None else None
                decoded = SectionLabeller(weights_from(weights), encoder).decode(
                    example.texts, example.language, habits
                )
                fooled.append(decoded.ordinary < 0.5)
    return float(np.mean(fooled))


def print_speed(weights: dict[str, object], made: Sequence[Publisher]) -> None:
    began = time.process_time()
    for publisher in made:
        habits_from(publisher.articles)
    learnt = time.process_time()
    habits = habits_from(made[0].articles)
    examples = [example for publisher in made for example in publisher.articles]
    took = []
    for chosen in (None, habits):
        start = time.process_time()
        for example in examples:
            encoder = _Vectors(example) if example.vectors is not None else None
            SectionLabeller(weights_from(weights), encoder).decode(example.texts, example.language, chosen)
        took.append((time.process_time() - start) / len(examples))
    print(
        f"\nlearning from six articles: {(learnt - began) / len(made) * 1000:.1f} ms; "
        f"one article without habits {took[0] * 1000:.1f} ms, with them {took[1] * 1000:.1f} ms (encoding aside)"
    )


def main() -> None:
    encoder = default_encoder()
    examples = load_examples(encoder)
    folds = fold_of_voices(examples)
    aside = [example for example in examples if folds[example.voice] in ASIDE]
    seen = [example for example in examples if folds[example.voice] not in ASIDE]
    weights = train(seen)
    plain = [
        Judged(
            one,
            SectionLabeller(weights_from(weights), _Vectors(one) if encoder else None).decode(one.texts, one.language),
            0,
        )
        for one in aside
    ]
    curve = calibrate(plain)
    threshold = threshold_for(plain)
    print(
        f"{len(aside)} articles by {len({one.voice for one in aside})} voices kept aside of {FOLDS} parts; "
        f"served from a probability of {threshold:.2f} ({interpolate(curve, threshold):.2f})"
    )
    for name, order in ORDERS.items():
        made = list(publishers(aside, order))
        print(f"\n== {len(made)} publishers, {name} ==")
        print_table(weights, made, threshold)
        spoken = [Publisher(each.name, tuple(with_openings(one, encoder) for one in each.articles)) for each in made]
        print(f"-- {name}, and openings of their own --")
        print_table(weights, spoken, threshold)
        print(
            f"ordinary news given perspectives after five corrections: {ordinary_after_five(weights, aside, made):.1%}"
        )
    print_speed(weights, made)


if __name__ == "__main__":
    main()
