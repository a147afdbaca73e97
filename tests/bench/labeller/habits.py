"""What the labeller learns from moderators' corrections: `python -m tests.bench.labeller.habits`.

The labeller as it ships, on the articles held out (data/labelled-heldout). Publishers are made of them: six articles
whose sections stand in the publisher's own order; some also begin their sections with words of their own. Each of the
six is judged in turn as the sixth, before anything was corrected and after one, three and all five of the others were.
Nothing of what is judged was seen by the weights, nor learnt from.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.articles.habits import SourceHabits, learn
from bot.articles.labeller import KINDS, load_labeller, shipped_weights
from bot.articles.meaning import default_encoder
from bot.articles.network import shipped_network
from bot.models import Article, Paragraph, Section
from tests.bench.labeller.data import HELD_OUT, Example, composed, load_examples, make_example
from tests.bench.labeller.evaluation import Decode, Judged, decoder, paragraph_pairs

CORRECTED = (0, 1, 3, 5)
SIX = 6
USUAL = ("summary", "neutral", "analogy", "optimistic", "pessimistic")
ORDERS: dict[str, Sequence[str] | None] = {
    "each article as it was written": None,
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
    runs = sorted(example.runs, key=lambda run: ranks[run[0]])
    return composed(example, [(kind, example, range(start, end)) for kind, start, end in runs])


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


def publishers(examples: Sequence[Example], order: Sequence[str] | None) -> Iterator[Publisher]:
    for language in ("en", "fr"):
        pool = [example for example in examples if example.language == language and len(example.runs) >= 3]
        for start in range(0, len(pool) - SIX + 1, SIX):
            six = tuple(reordered(example, order) if order else example for example in pool[start : start + SIX])
            yield Publisher(f"{language}-{start // SIX}", six)


def as_corrected(example: Example) -> Article:
    sections = tuple(
        Section(kind=KINDS[kind], paragraphs=tuple(Paragraph(text=text) for text in example.texts[start:end]))
        for kind, start, end in example.runs
    )
    return Article(title=example.name, language=example.language, sections=sections)


def habits_from(others: Sequence[Example]) -> SourceHabits | None:
    return learn([as_corrected(example) for example in others]) if others else None


def judge(decode: Decode, publisher: Publisher, corrected: int) -> Iterator[Judged]:
    for at, example in enumerate(publisher.articles):
        others = [*publisher.articles[at + 1 :], *publisher.articles[:at]][:corrected]
        yield Judged(example, decode(example, habits_from(others)), 0)


def print_table(decode: Decode, made: Sequence[Publisher], sure: Callable[[float], bool]) -> None:
    print("corrected before | paragraphs right | of them served | sections served | of them wholly right")
    for corrected in CORRECTED:
        judged = [one for publisher in made for one in judge(decode, publisher, corrected)]
        pairs, shown = paragraph_pairs(judged), paragraph_pairs(judged, sure=sure)
        served = [run for one in judged for run in one.served if sure(run[0])]
        right, seen = (np.mean([true == found for true, found in each]) for each in (pairs, shown))
        whole = np.mean([run[1] for run in served]) if served else 0
        print(f"{corrected:16} | {right:16.1%} | {seen:14.1%} | {len(served):15} | {whole:20.1%}")


def ordinary_after_five(decode: Decode, aside: Sequence[Example], made: Sequence[Publisher]) -> float:
    """How many pieces of ordinary news in such a source would be given perspectives."""
    fooled = []
    for publisher in made:
        habits = habits_from(publisher.articles[:5])
        fooled += [
            decode(example, habits).ordinary < 0.5
            for example in aside
            if example.ordinary and example.language == publisher.articles[0].language
        ]
    return float(np.mean(fooled))


def print_speed(decode: Decode, made: Sequence[Publisher]) -> None:
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
            decode(example, chosen)
        took.append((time.process_time() - start) / len(examples))
    print(
        f"\nlearning from six articles: {(learnt - began) / len(made) * 1000:.1f} ms; "
        f"one article without habits {took[0] * 1000:.1f} ms, with them {took[1] * 1000:.1f} ms (encoding aside)"
    )


def main() -> None:
    encoder = default_encoder()
    labeller = load_labeller()
    decode = decoder(shipped_weights(), None if encoder is None else shipped_network())
    examples = load_examples(encoder, HELD_OUT)

    def sure(probability: float) -> bool:
        return labeller.confidence(probability) >= labeller.threshold

    for name, order in ORDERS.items():
        made = list(publishers(examples, order))
        print(f"\n== {len(made)} publishers, {name} ==")
        print_table(decode, made, sure)
        print(f"ordinary news taken for the genre after five: {ordinary_after_five(decode, examples, made):.1%}")
        if order is not None:
            spoken = [
                Publisher(each.name, tuple(with_openings(one, encoder) for one in each.articles)) for each in made
            ]
            print(f"-- {name}, and openings of their own --")
            print_table(decode, spoken, sure)
    print_speed(decode, made)


if __name__ == "__main__":
    main()
