"""The labelled articles, their features, and the voices that wrote them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.articles.features import BEGINNINGS, HASHED, ParagraphFeatures, describe
from bot.articles.labeller import KINDS
from bot.articles.meaning import Encoder, Meaning
from bot.articles.runs import Outside, seen_from_outside

FOLDER = Path(__file__).parents[2] / "data" / "labelled"
HELD_OUT = FOLDER.with_name("labelled-heldout")
"""By other writers; never trained, tuned or calibrated on."""
Array = npt.NDArray[np.float64]

SHORTENED, LOST, BORROWED = 0.6, 0.2, 0.1
"""In `shuffled`: sections that lose a paragraph, articles that lose a section, sections that come from elsewhere."""


@dataclass(slots=True)
class Example:
    """One article as the labeller sees it. `runs`: (kind, start, end); none for an ordinary article."""

    name: str
    voice: str
    language: str
    texts: list[str]
    runs: list[tuple[int, int, int]]
    features: list[ParagraphFeatures]
    meaning: Meaning | None

    @property
    def ordinary(self) -> bool:
        return not self.runs


Section = tuple[int, Example, Sequence[int]]
"""Kind, and some paragraphs of an article."""


def load_articles(folder: Path = FOLDER) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) | {"name": path.stem} for path in sorted(folder.glob("*.json"))]


def load_examples(encoder: Encoder | None, folder: Path = FOLDER) -> list[Example]:
    return [make_example(article, encoder) for article in load_articles(folder)]


def make_example(article: dict[str, Any], encoder: Encoder | None) -> Example:
    texts = [text for section in article["sections"] for text in section["paragraphs"]]
    language = article["language"][:2]
    kinds = [section["kind"] for section in article["sections"]]
    runs, start = [], 0
    for section in article["sections"]:
        end = start + len(section["paragraphs"])
        if "other" not in kinds and len(kinds) > 1:
            runs.append((KINDS.index(section["kind"]), start, end))
        start = end
    meaning = encoder.encode(texts) if encoder is not None else None
    features = [describe(text, language) for text in texts]
    return Example(article["name"], article.get("voice", ""), language, texts, runs, features, meaning)


def look_alikes(examples: list[Example], each: int, seed: int) -> list[Example]:
    """Ordinary articles made of summaries, one to three after another: news without any perspective."""
    random = np.random.default_rng(seed)
    made = []
    for language in ("en", "fr"):
        pool = [
            example
            for example in examples
            if example.language == language and example.runs[:1] and example.runs[0][0] == 0
        ]
        for number in range(each):
            chosen = [pool[i] for i in random.choice(len(pool), random.integers(1, 4), replace=False)]
            parts = [(example, example.runs[0][2]) for example in chosen]
            texts = [text for example, end in parts for text in example.texts[:end]]
            if len(texts) < 2:
                continue
            features = [row for example, end in parts for row in example.features[:end]]
            meaning = joined([first_of(example.meaning, end) for example, end in parts if example.meaning is not None])
            made.append(Example(f"made-{language}-{number}", chosen[0].voice, language, texts, [], features, meaning))
    return made


def shuffled(examples: Sequence[Example], seed: int) -> list[Example]:
    """Each article once more with its sections in any order, a paragraph less in some, here and there one of another's.

    Nearly all writers put hope before worry. A network that can go by the order need not learn to tell them apart.
    """
    random = np.random.default_rng(seed)
    pool: dict[tuple[str, int], list[Section]] = {}
    for example in examples:
        for kind, start, end in example.runs:
            pool.setdefault((example.language, kind), []).append((kind, example, range(start, end)))
    made = []
    for example in examples:
        if len(example.runs) < 2:
            continue
        sections: list[Section] = [(kind, example, range(start, end)) for kind, start, end in example.runs]
        if len(sections) > 2 and random.random() < LOST:
            sections.pop(random.integers(len(sections)))
        for at, (kind, _, _) in enumerate(sections):
            if random.random() < BORROWED:
                choice = pool[example.language, kind]
                sections[at] = choice[random.integers(len(choice))]
        sections = [_shortened(section, random) for section in sections]
        sections = [sections[at] for at in random.permutation(len(sections))]
        if sum(len(rows) for _, _, rows in sections) > 2:
            made.append(composed(example, sections))
    return made


def _shortened(section: Section, random: np.random.Generator) -> Section:
    kind, source, rows = section
    if len(rows) == 1 or random.random() >= SHORTENED:
        return section
    lost = random.integers(len(rows))
    return kind, source, [row for at, row in enumerate(rows) if at != lost]


def composed(example: Example, sections: Sequence[Section]) -> Example:
    """An article like `example` made of these sections."""
    ends = np.cumsum([len(rows) for _, _, rows in sections])
    meanings = [rows_of(source.meaning, rows) for _, source, rows in sections if source.meaning is not None]
    return replace(
        example,
        texts=[source.texts[row] for _, source, rows in sections for row in rows],
        runs=[(kind, int(end) - len(rows), int(end)) for (kind, _, rows), end in zip(sections, ends, strict=True)],
        features=[source.features[row] for _, source, rows in sections for row in rows],
        meaning=joined(meanings),
    )


def first_of(meaning: Meaning, end: int) -> Meaning:
    return rows_of(meaning, range(end))


def rows_of(meaning: Meaning, rows: Sequence[int]) -> Meaning:
    """What is known of these paragraphs."""
    starts = np.concatenate([[0], np.cumsum(meaning.lengths)])
    pieces = [meaning.pieces[starts[row] : starts[row + 1]] for row in rows]
    return Meaning(meaning.paragraphs[list(rows)], np.concatenate(pieces), [meaning.lengths[row] for row in rows])


def joined(parts: Sequence[Meaning]) -> Meaning | None:
    if not parts:
        return None
    return Meaning(
        np.concatenate([part.paragraphs for part in parts]),
        np.concatenate([part.pieces for part in parts]),
        [length for part in parts for length in part.lengths],
    )


def outside_of(example: Example) -> Outside:
    return seen_from_outside(example.features, example.meaning.likeness() if example.meaning is not None else None)


def shapes_of(outside: Outside) -> Array:
    """By start and end."""
    count = len(outside.shapes)
    shapes = np.zeros((count, count + 1, len(outside.shapes[0][0])))
    for start, rows in enumerate(outside.shapes):
        shapes[start, start + 1 :] = rows
    return shapes


@dataclass(slots=True)
class Tables:
    """An example in numbers, scaled as the weights will meet it; what `labeller._Scorer` computes, as arrays."""

    example: Example
    paragraphs: Array
    begins: Array
    boundaries: Array
    shapes: Array
    ordinary: Array
    valid: npt.NDArray[np.bool_]


CUES, WORDS, BEGINS = 0.25, 1.5, 1.0
"""How strongly each group of features may speak, against one common ridge."""
ORDINARY_CUES, ORDINARY_REST = 0.4, 1.0


def scaling(examples: list[Example]) -> tuple[Array, Array]:
    dense = np.array([row.dense for example in examples for row in example.features])
    return dense.mean(0), dense.std(0) + 0.1


def tabulate(example: Example, mean: Array, scale: Array) -> Tables:
    rows, count = example.features, len(example.features)
    cues = np.clip((np.array([row.dense for row in rows]) - mean) / scale, -3, 3)
    hashed = np.zeros((count, HASHED))
    for position, row in enumerate(rows):
        hashed[position, list(row.hashed)] = 1 / np.sqrt(max(1, len(row.hashed)))
    begins = np.zeros((count, BEGINNINGS))
    for position, row in enumerate(rows):
        begins[position, list(row.begins)] = BEGINS / np.sqrt(max(1, len(row.begins)))
    parts = [cues * CUES, (cues - cues.mean(0)) * CUES, hashed * WORDS]
    outside = seen_from_outside(rows)
    boundaries, shapes, words = outside.boundaries, shapes_of(outside), sum(row.words for row in rows)
    third = cues[-max(1, count // 3) :]
    summary = np.concatenate([cues.max(0), cues.mean(0), third.mean(0)]) * ORDINARY_CUES
    ordinary = np.concatenate(
        [[1.0, (count - 9) / 4, np.log(max(1, words) / 500)], summary, hashed.mean(0) * WORDS * ORDINARY_REST]
    )
    starts, ends = np.meshgrid(np.arange(count), np.arange(count + 1), indexing="ij")
    return Tables(example, np.hstack(parts), begins, np.array(boundaries), shapes, ordinary, ends > starts)
