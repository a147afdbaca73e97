"""The trainer computes what the bot computes: same scores, same probabilities, gradients that are slopes."""

import numpy as np
import pytest

from bot.articles.labeller import SectionLabeller, weights_from
from bot.articles.meaning import Meaning
from tests.bench.labeller import training
from tests.bench.labeller.data import Example, load_articles, make_example, outside_of, scaling, tabulate
from tests.bench.labeller.evaluation import UNCALIBRATED

DIMENSION = 6


class Vectors:
    """Meaning made up from letters, so that no model is needed."""

    def encode(self, texts):
        rows = np.array([[text.count(letter) + 1.0 for letter in "aeinst"] for text in texts], dtype=np.float32)
        pieces = [[[word.count(letter) for letter in "aeinst"] for word in text.split()[:30]] for text in texts]
        return Meaning(
            rows / np.linalg.norm(rows, axis=1, keepdims=True),
            np.array([row for each in pieces for row in each], dtype=np.float32),
            [len(each) for each in pieces],
        )


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    articles = load_articles()
    if not articles:
        pytest.skip("the labelled articles are not here")
    return [make_example(article, Vectors()) for article in articles[::40]]


def test_exported_weights_give_the_trainers_probabilities(examples: list[Example]) -> None:
    mean, scale = scaling(examples)
    tables = [tabulate(example, mean, scale) for example in examples]
    view = training.layout(tables[0])
    parameters = view(np.random.default_rng(3).normal(0, 0.05, view.size))
    labeller = SectionLabeller(weights_from(training.export(parameters, mean, scale)), UNCALIBRATED)
    for table in tables:
        scores = training.run_scores(table, parameters)
        ordinary = float(table.ordinary @ parameters.ordinary)
        _, runs, _, share = training.expectations(scores, parameters.first, parameters.follows, ordinary)
        decoded = labeller.decode(table.example.texts, table.example.language)
        assert decoded.ordinary == pytest.approx(share, abs=0.02)
        for run in decoded.runs:
            assert run.probability == pytest.approx(runs[run.start, run.end, run.kind], abs=0.02)


def test_the_gradient_is_the_slope_of_the_loss(examples: list[Example]) -> None:
    mean, scale = scaling(examples)
    tables = [tabulate(example, mean, scale) for example in examples[:3]]
    view = training.layout(tables[0])
    chance = np.random.default_rng(5)
    point, direction = chance.normal(0, 0.05, view.size), chance.normal(0, 1, view.size)
    _, gradient = training.objective(point, tables, view)
    ahead, _ = training.objective(point + 1e-5 * direction, tables, view)
    behind, _ = training.objective(point - 1e-5 * direction, tables, view)
    assert (ahead - behind) / 2e-5 == pytest.approx(float(gradient @ direction), rel=1e-4)


def test_the_minimiser_finds_the_bottom_of_a_bowl() -> None:
    target = np.array([1.0, -2.0, 3.0])
    found = training.minimise(
        lambda x: (float(((x - target) ** 2 * [1, 10, 100]).sum()), 2 * (x - target) * [1, 10, 100]), 3, 60
    )
    assert found == pytest.approx(target, abs=1e-2)


def test_the_bots_network_computes_what_the_trainers_does(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="a tool of the bench alone")
    from bot.articles.network import Network
    from tests.bench.labeller import committee

    monkeypatch.setattr(committee, "EPOCHS", 2)
    monkeypatch.setattr(committee, "PIECES", DIMENSION)
    monkeypatch.setattr(committee, "LOOK_ALIKES", 0)
    basis = committee.Basis.of(examples)
    items = committee.items(examples, basis)
    member = committee.fit(items, items, seed=3)
    network = Network(committee.exported(basis, [member]))
    for item in items:
        with torch.no_grad():
            scores, ordinary = member([item])
        found = network.scores(item.example.features, outside_of(item.example), item.example.meaning)
        assert found.ordinary == pytest.approx(float(ordinary[0]), abs=0.05)
        for start, rows in enumerate(found.runs):
            assert np.array(rows) == pytest.approx(scores[0, start, start + 1 :].numpy(), abs=0.05)
