"""Rebuilds bot/articles/weights.json and network.npz from tests/data/labelled: `python -m tests.bench.labeller.train`.

With meaning when the encoder's package and PyTorch (see `committee`) are installed, and always without it.
"""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bot.articles import labeller
from bot.articles.meaning import default_encoder
from tests.bench.labeller.data import load_examples
from tests.bench.labeller.evaluation import Fitted, calibrate, cross_judge, interpolate, threshold_for

WEIGHTS = Path(labeller.__file__).with_name("weights.json")
NETWORK = WEIGHTS.with_name("network.npz")


def main() -> None:
    stored = json.loads(WEIGHTS.read_text("utf-8")) if WEIGHTS.exists() else {}
    encoder = default_encoder() if find_spec("torch") else None
    if encoder is None:
        print("no encoder or no PyTorch installed: the weights with meaning stay as they are")
    examples = load_examples(encoder)
    judged = cross_judge(examples)
    fitted = Fitted.to(examples)
    calibration = stored.get("calibration", {})
    for name, part in judged.items():
        curve = calibrate(part)
        calibration[name] = {"curve": curve, "threshold": round(interpolate(curve, threshold_for(part)), 3)}
        print(f"{name}: {len(examples)} articles, serves from a confidence of {calibration[name]['threshold']}")
    if fitted.network is not None:
        np.savez(NETWORK, **fitted.network)
    data = {"calibration": calibration, "weights": fitted.weights}
    WEIGHTS.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
