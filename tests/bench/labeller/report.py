"""How well sections are recognised without headings: `python -m tests.bench.labeller.report`.

First (`held-out`) the labeller as it ships, on articles that nothing was ever trained, tuned or calibrated on
(data/labelled-heldout). Then (`unseen`) cross-validation, with PyTorch (see `committee`): four times,
a quarter of the voices is kept aside, weights are trained on the others, and only what was kept aside is judged, by the
labeller that runs in the bot. Confidence and threshold for a quarter come from the other three.
"""

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec

from bot.articles.labeller import SectionLabeller, labeller_of_words, load_labeller
from bot.articles.meaning import default_encoder
from tests.bench.labeller.data import HELD_OUT, load_examples
from tests.bench.labeller.evaluation import (
    FOLDS,
    Judged,
    calibrate,
    cross_judge,
    interpolate,
    kind_names,
    paragraph_pairs,
    threshold_for,
)


def main() -> None:
    wanted = sys.argv[1:] or ["held-out", "unseen"]
    encoder = default_encoder()
    if "held-out" in wanted:
        print_held_out("words alone", labeller_of_words())
        if encoder is not None:
            print_held_out("words and meaning", load_labeller())
    if "unseen" in wanted:
        examples = load_examples(encoder if find_spec("torch") else None)
        for name, judged in cross_judge(examples).items():
            print_cross_validation("words alone" if name == "words" else "words and meaning", judged)


def print_held_out(name: str, labeller: SectionLabeller) -> None:
    examples = load_examples(None, HELD_OUT)
    judged = [Judged(each, labeller.decode(each.texts, each.language), 0) for each in examples]
    print(f"\n== {name}, as shipped, on {len(examples)} articles held out ==")
    for label, part in (("all", judged), *_parts(judged)):
        if part:
            print_accuracy(label, part)
    print_confusion(judged)
    threshold = labeller.threshold
    runs = [(labeller.confidence(run[0]), run[1], one.example.ordinary) for one in judged for run in one.served]
    served = [run for run in runs if run[0] >= threshold]
    there = sum(kind != 0 for one in judged for kind, _, _ in one.example.runs)
    fooled = sum(
        one.example.ordinary and any(labeller.confidence(run[0]) >= threshold for run in one.served) for one in judged
    )
    pairs = paragraph_pairs(judged, lambda probability: labeller.confidence(probability) >= threshold)
    print(
        f"\nserved from a confidence of {threshold}: {len(served)} of {there} sections, wholly right "
        f"{sum(run[1] for run in served) / max(1, len(served)):.1%}; ordinary articles given a perspective: "
        f"{fooled} of {sum(one.example.ordinary for one in judged)}; paragraphs right, unserved ones counted wrong: "
        f"{sum(true == found for true, found in pairs) / len(pairs):.1%}"
    )
    print_speed(labeller)


def print_cross_validation(name: str, judged: Sequence[Judged]) -> None:
    voices = {one.example.voice for one in judged}
    print(f"\n== {name}: {len(judged)} articles, {len(voices)} voices, each judged unseen ==")
    for label, part in (("all", judged), *_parts(judged)):
        print_accuracy(label, part)
    print_confusion(judged)
    print_served(judged)
    print_calibration(judged)


def _parts(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    groups = {
        "French": lambda one: one.example.language == "fr" and not one.example.name.startswith("corpus"),
        "English": lambda one: one.example.language == "en",
        "the 36 of the shared corpus": lambda one: one.example.name.startswith("corpus"),
    }
    return [(name, [one for one in judged if belongs(one)]) for name, belongs in groups.items()]


def print_accuracy(label: str, judged: Sequence[Judged]) -> None:
    pairs = paragraph_pairs(judged)
    right = sum(true == found for true, found in pairs) / len(pairs)
    runs = [run for one in judged for run in one.served if not one.example.ordinary]
    whole = sum(run[1] for run in runs) / max(1, len(runs))
    print(
        f"{label:28} paragraphs right {right:6.1%} of {len(pairs)}; sections wholly right {whole:6.1%} of {len(runs)}"
    )


def print_confusion(judged: Sequence[Judged]) -> None:
    names = kind_names()
    print("\ntrue kind \\ found   " + " ".join(f"{name[:8]:>9}" for name in names) + "   recall")
    pairs = paragraph_pairs(judged)
    for kind, name in enumerate(names):
        row = [sum(pair == (kind, found) for pair in pairs) for found in range(len(names))]
        total = sum(true == kind for true, _ in pairs)
        print(f"{name:20}" + " ".join(f"{count:9}" for count in row) + f"   {row[kind] / total:6.1%}")


def print_served(judged: Sequence[Judged]) -> None:
    """At the threshold measured on the other folds."""
    served: list[tuple[bool, bool]] = []
    pairs: list[tuple[int, int]] = []
    ordinary = wrongly = 0
    for fold in range(FOLDS):
        threshold = threshold_for([one for one in judged if one.fold != fold])
        here = [one for one in judged if one.fold == fold]
        pairs += paragraph_pairs(here, threshold.__le__)
        for one in here:
            chosen = [run for run in one.served if run[0] >= threshold]
            served += [(run[1], one.example.ordinary) for run in chosen]
            ordinary += one.example.ordinary
            wrongly += one.example.ordinary and bool(chosen)
    there = sum(kind != 0 for one in judged for kind, _, _ in one.example.runs)
    right = sum(whole for whole, _ in served)
    print(
        f"\nserved: {len(served)} of {there} sections ({right / there:.0%} of what there is), "
        f"wholly right {right / len(served):.1%}; ordinary articles given a perspective: {wrongly} of {ordinary}"
    )
    known = [(true, found) for true, found in pairs if found >= 0]
    print(
        f"paragraphs shown under a kind: {len(known) / len(pairs):.0%}, "
        f"right {sum(t == f for t, f in known) / len(known):.1%}; "
        f"right among all, unserved ones counted wrong: {sum(t == f for t, f in pairs) / len(pairs):.1%}"
    )
    print("\n  served share / wholly right by threshold on the probability")
    runs = sorted((run for one in judged for run in one.served), reverse=True)
    for threshold in (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.0):
        chosen = [run for run in runs if run[0] >= threshold]
        if chosen:
            right = sum(run[1] for run in chosen)
            print(f"  {threshold:4.1f}  {len(chosen) / there:6.1%}  {right / len(chosen):6.1%}")


def print_calibration(judged: Sequence[Judged]) -> None:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for fold in range(FOLDS):
        curve = calibrate([one for one in judged if one.fold != fold])
        for one in judged:
            if one.fold == fold:
                for probability, whole, _, _ in one.served:
                    confidence = interpolate(curve, probability)
                    bins.setdefault(min(9, int(confidence * 10)), []).append((confidence, whole))
    print("\ncalibration: confidence stated / sections wholly right")
    gap = total = 0.0
    for number in sorted(bins):
        stated = sum(confidence for confidence, _ in bins[number]) / len(bins[number])
        right = sum(whole for _, whole in bins[number]) / len(bins[number])
        gap, total = gap + abs(stated - right) * len(bins[number]), total + len(bins[number])
        print(f"  {stated:6.1%} {right:6.1%}  ({len(bins[number])})")
    print(f"  mean gap {gap / total:.1%}")


def print_speed(labeller: SectionLabeller) -> None:
    examples = load_examples(None, HELD_OUT)
    labeller.label(examples[0].texts, "en")
    started = time.process_time()
    for example in examples:
        labeller.label(example.texts, example.language)
    words = sum(len(text.split()) for example in examples for text in example.texts) / len(examples)
    taken = (time.process_time() - started) / len(examples)
    print(f"one article, of {words:.0f} words on average, takes {taken * 1000:.0f} ms of one core")


if __name__ == "__main__":
    main()
