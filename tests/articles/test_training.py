"""The trainer computes what the bot computes: same scores, same probabilities, gradients that are slopes."""

import numpy as np
import pytest

from bot.articles.labeller import SectionLabeller, weights_from
from tests.bench.labeller import training
from tests.bench.labeller.data import Example, load_articles, make_example, scaling, tabulate

DIMENSION = 6


class Vectors:
    """Meaning made up from letters, so that no model is needed."""

    def encode(self, texts):
        rows = np.array([[text.count(letter) + 1.0 for letter in "aeinst"] for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).tolist()


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
    labeller = SectionLabeller(weights_from(training.export(parameters, mean, scale, meaning=True)), Vectors())
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
