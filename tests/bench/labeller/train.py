"""Rebuilds bot/articles/weights.json from tests/data/labelled: `python -m tests.bench.labeller.train`.

With meaning when the encoder's package is installed, and always without it.
"""

import json
from pathlib import Path

from bot.articles import labeller
from bot.articles.meaning import default_encoder
from tests.bench.labeller.data import load_examples
from tests.bench.labeller.evaluation import calibrate, cross_judge, interpolate, threshold_for
from tests.bench.labeller.training import train

WEIGHTS = Path(labeller.__file__).with_name("weights.json")


def main() -> None:
    weights = json.loads(WEIGHTS.read_text("utf-8")) if WEIGHTS.exists() else {}
    encoder = default_encoder()
    for name, chosen in (("plain", None), ("meaning", encoder)):
        if name == "meaning" and encoder is None:
            print("no encoder installed: the weights with meaning stay as they are")
            continue
        examples = load_examples(chosen)
        judged = cross_judge(examples)
        fitted = train(examples)
        fitted["curve"] = calibrate(judged)
        fitted["threshold"] = round(interpolate(fitted["curve"], threshold_for(judged)), 3)
        weights[name] = fitted
        print(f"{name}: {len(examples)} articles, serves from a confidence of {fitted['threshold']}")
    WEIGHTS.write_text(json.dumps(weights, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
