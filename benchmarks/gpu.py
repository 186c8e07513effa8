"""The same code on a GPU: whether the numbers are those of the CPU, and what it gains.

    python -m benchmarks.gpu [--contacts 5000] [--width 48] [--epochs 3] [--pairs 50000]

Trains the network of acceptance without dropout on the CPU and on the GPU from the same seed, compares the
forecasts of both, and prints the seconds of an epoch and the pairs scored per second on each.  Without a GPU
it says so and ends with status 1.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch

from influence import experiment, synthesize
from influence.config import parse_config
from influence.data import Network
from influence.graph.loading import QuerySet
from influence.graph.pairs import Queries
from influence.training.networks import NetworkForecaster

TOLERANCE = 0.02
"""Largest difference of a logit that rounding explains after some hundred steps in float32."""


def main() -> None:
    """Train and score on both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("contacts", 5000), ("width", 48), ("epochs", 3), ("pairs", 50_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here: nothing was measured.")
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {torch.get_num_threads()} CPU threads")
    network = synthesize(asked.contacts)
    found = {device: _run(network, device, asked) for device in ("cpu", "cuda")}
    difference = np.abs(found["cpu"] - found["cuda"]).max()
    print(f"largest difference of a logit between the two: {difference:.2e} (at most {TOLERANCE} expected)")
    if difference > TOLERANCE:
        sys.exit("The GPU does not give what the CPU gives.")


def _run(network: Network, device: str, asked: argparse.Namespace) -> np.ndarray:
    config = parse_config({
        "seeds": [0],
        "encoder": {"width": asked.width, "dropout": 0.0, "input_dropout": 0.0},
        "training": {"device": device, "max_epochs": asked.epochs, "patience": asked.epochs},
    })  # fmt: skip
    heard: list[float] = []
    stage = experiment.stage_of(network, config, network.last_observed_at)
    recipe = experiment.recipe_of(config, 0, None, on_epoch=lambda _, p: heard.append(p.seconds))
    forecaster = recipe.network("gnn", config.encoder)
    forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
    rate = _rate(forecaster, stage.everything, asked.pairs)
    print(
        f"{device}: {np.median(heard):.2f} s an epoch of {len(stage.train):,} queries, validation included; "
    )
    print(f"{device}: {rate:,.0f} pairs scored per second by the network, their features prepared beforehand")
    return forecaster.logits(stage.validation)


def _rate(forecaster: NetworkForecaster, known: QuerySet, n_pairs: int) -> float:
    rows, q = np.random.default_rng(0).integers(len(known), size=n_pairs), known.queries
    queries = QuerySet(known.features, Queries(*(getattr(q, name)[rows] for name in q.__dataclass_fields__)))
    _ = queries.pair, queries.surroundings
    forecaster.logits(queries[:2048])
    began = time.perf_counter()
    forecaster.logits(queries)
    return n_pairs / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
