"""Sections recognised by plain cue words, decoded over the whole article. Needs no model and is sure of little."""

import math
from collections.abc import Sequence

from bot.articles.characters import fold
from bot.articles.labelling import Run
from bot.models import Kind

KINDS = (Kind.SUMMARY, Kind.NEUTRAL, Kind.ANALOGY, Kind.OPTIMISTIC, Kind.PESSIMISTIC)
_CUES: dict[Kind, str] = {
    Kind.NEUTRAL: """d un cote|de l autre|equilibre|tension|tandis que|nuance|a la fois|reste a voir
        |on the one hand|on the other|
        both|balance|remains to be seen|whether|while|nuanced|investir""",
    Kind.ANALOGY: """imaginez une|imaginez un|imagine a|imagine you|comme si|c est comme|comme un|comme une
        |it s like|as if|like a|
        poutine|recette|recettes|cuisine
        |restaurant|restauration|fromage|frites|sauce
        |recipe|kitchen|gravy|fries|cheese|chef|soup|pizza""",
    Kind.OPTIMISTIC: """victoire|imaginez les possibilites
        |accelerer|a nos portes|formidable|bonne nouvelle|enfin|espoir|demontre que|
        accessible a tous
        |accessibles a tous|pouvons creer|excellente nouvelle|merveilleux|victory|breakthrough|at last|hope|
        good news|wonderful|exciting|imagine the possibilities|possibilites|possibilities""",
    Kind.PESSIMISTIC: """preoccupant|preoccupantes|malveillantes|abus
        |dangereuse|risque|risques|dependance|menace|inquietant|deraper|
        destabiliser|inquietude|qui controle|worrying|risk|risks|danger|abuse|threat|dependence|who controls|concern""",
}
_PHRASES = {kind: tuple(" ".join(cue.split()) for cue in cues.split("|")) for kind, cues in _CUES.items()}
_SWITCH = -0.8
_SURE, _UNSURE, _GUESSED = 0.9, 0.5, 0.2


class CueLabeller:
    threshold = _SURE

    def label(self, paragraphs: Sequence[str], language: str) -> Sequence[Run]:  # noqa: ARG002
        scores = [_scores(text, position) for position, text in enumerate(paragraphs)]
        found = _decode(scores)
        strength = {kind: sum(max(0.0, scores[i][kind]) for i in range(start, end)) for kind, start, end in found}
        perspectives = [kind for kind in strength if kind is not Kind.SUMMARY and strength[kind] >= 1.0]
        of_the_genre = len(perspectives) >= 3 and Kind.ANALOGY in perspectives
        return [
            Run(kind, start, end, _confidence(kind is Kind.SUMMARY or kind in perspectives, of_the_genre))
            for kind, start, end in found
        ]


def _confidence(strong: bool, of_the_genre: bool) -> float:
    if not of_the_genre:
        return _GUESSED
    return _SURE if strong else _UNSURE


def _scores(text: str, position: int) -> dict[Kind, float]:
    folded = f" {fold(text)} "
    scores = {kind: 1.0 * sum(f" {cue} " in folded for cue in cues) for kind, cues in _PHRASES.items()}
    scores[Kind.OPTIMISTIC] += 0.6 * min(2, text.count("!"))
    scores[Kind.PESSIMISTIC] += 0.6 * min(2, text.count("?"))
    scores[Kind.SUMMARY] = 1.2 - 0.3 * position
    return scores


def _decode(scores: Sequence[dict[Kind, float]]) -> list[tuple[Kind, int, int]]:
    """The best segmentation into contiguous runs, each kind at most once."""
    best: dict[tuple[int, int], tuple[float, list[int]]] = {(1, 0): (scores[0][Kind.SUMMARY], [0])}
    for row in scores[1:]:
        reached: dict[tuple[int, int], tuple[float, list[int]]] = {}
        for (used, last), (total, path) in best.items():
            for index, kind in enumerate(KINDS):
                if index != last and used & (1 << index):
                    continue
                value = total + row[kind] + (0.0 if index == last else _SWITCH)
                state = (used | 1 << index, index)
                if value > reached.get(state, (-math.inf, []))[0]:
                    reached[state] = (value, [*path, index])
        best = reached
    path = max(best.values(), key=lambda item: item[0])[1]
    runs: list[tuple[Kind, int, int]] = []
    start = 0
    for position in range(1, len(path) + 1):
        if position == len(path) or path[position] != path[start]:
            runs.append((KINDS[path[start]], start, position))
            start = position
    return runs
