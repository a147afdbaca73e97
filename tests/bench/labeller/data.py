"""The labelled articles, their features, and the voices that wrote them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.articles.features import HASHED, ParagraphFeatures, describe
from bot.articles.labeller import KINDS, _shape, boundary_values
from bot.articles.meaning import Encoder, within_budget

FOLDER = Path(__file__).parents[2] / "data" / "labelled"
Array = npt.NDArray[np.float64]


@dataclass(slots=True)
class Example:
    """One article as the labeller sees it. `runs`: (kind, start, end); none for an ordinary article."""

    name: str
    voice: str
    language: str
    texts: list[str]
    runs: list[tuple[int, int, int]]
    features: list[ParagraphFeatures]
    vectors: Array | None

    @property
    def ordinary(self) -> bool:
        return not self.runs


def load_articles() -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) | {"name": path.stem} for path in sorted(FOLDER.glob("*.json"))]


def load_examples(encoder: Encoder | None) -> list[Example]:
    return [make_example(article, encoder) for article in load_articles()]


def make_example(article: dict[str, Any], encoder: Encoder | None) -> Example:
    texts = [text for section in article["sections"] for text in section["paragraphs"]]
    language = article["language"][:2]
    kinds = [section["kind"] for section in article["sections"]]
    runs, start = [], 0
    for section in article["sections"]:
        end = start + len(section["paragraphs"])
        if "other" not in kinds:
            runs.append((KINDS.index(section["kind"]), start, end))
        start = end
    vectors = np.array(encoder.encode(within_budget(texts))) if encoder is not None else None
    features = [describe(text, language) for text in texts]
    return Example(article["name"], article["voice"], language, texts, runs, features, vectors)


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
            vectors = None
            if chosen[0].vectors is not None:
                vectors = np.vstack([example.vectors[:end] for example, end in parts if example.vectors is not None])
            features = [row for example, end in parts for row in example.features[:end]]
            made.append(Example(f"made-{language}-{number}", chosen[0].voice, language, texts, [], features, vectors))
    return made


@dataclass(slots=True)
class Tables:
    """An example in numbers, scaled as the weights will meet it; what `labeller._Scorer` computes, as arrays."""

    example: Example
    paragraphs: Array
    boundaries: Array
    shapes: Array
    ordinary: Array
    valid: npt.NDArray[np.bool_]


CUES, MEANING, WORDS = 0.25, 3.0, 1.5
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
    parts = [cues * CUES, (cues - cues.mean(0)) * CUES, hashed * WORDS]
    rest = [hashed.mean(0) * WORDS]
    if example.vectors is not None:
        vectors = example.vectors
        parts += [vectors * MEANING, (vectors - vectors.mean(0)) * MEANING]
        rest.append(vectors.mean(0) * MEANING)
    plain = None if example.vectors is None else example.vectors.tolist()
    boundaries = [boundary_values(rows, plain, position) for position in range(1, count)]
    boundaries.insert(0, [0.0] * len(boundaries[0]))
    words = np.concatenate([[0], np.cumsum([row.words for row in rows])])
    shapes = np.zeros((count, count + 1, 13))
    for start in range(count):
        for end in range(start + 1, count + 1):
            shapes[start, end] = _shape(start, end, count, words[end] - words[start])
    third = cues[-max(1, count // 3) :]
    summary = np.concatenate([cues.max(0), cues.mean(0), third.mean(0)]) * ORDINARY_CUES
    ordinary = np.concatenate(
        [[1.0, (count - 9) / 4, np.log(max(1, words[-1]) / 500)], summary, np.concatenate(rest) * ORDINARY_REST]
    )
    starts, ends = np.meshgrid(np.arange(count), np.arange(count + 1), indexing="ij")
    return Tables(example, np.hstack(parts), np.array(boundaries), shapes, ordinary, ends > starts)
