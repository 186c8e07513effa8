"""Pairs per second from Parquet to Parquet beside LightGBM's bare prediction: `python -m benchmarks.scoring`.

All pairs ask about one moment.  The model is fitted on a small world of its own and answers from a large
one.  LightGBM predicts from rows that are ready: one of the model's boosters in one call, and all that the
hazards of one of its parts ask, a call for each time bin.  Seconds of the processor are told beside those of
the clock: where other processes wait for the same cores, only they say what the work costs.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

import influence
from benchmarks.turns import need_memory
from influence import batch
from influence.config import parse_config
from influence.graph.loading import QuerySet
from influence.graph.moment import Moment
from influence.graph.pairs import Queries
from influence.graph.temporal import microseconds
from influence.model.hazard import N_BINS
from influence.prediction import Model
from influence.training.forecaster import TreesForecaster
from influence.training.mixture import Combination

NEEDED_MIB = 8_192
PREBUILT = 65_536
SETTINGS = {"seeds": [0], "training": {"max_epochs": 3}}


def main() -> None:
    """Print pairs per second of every method, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--more", type=int, default=0, help="pairs of a second file, to compare peak memory")
    parser.add_argument("--per-sender", type=int, default=100, help="pairs of a sender in a row; 1: no order")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, help="a trained model; without one, a small one is fitted")
    asked = parser.parse_args()
    need_memory(NEEDED_MIB)
    with tempfile.TemporaryDirectory() as name:
        _compare(_model(asked, Path(name)), asked, Path(name))


def _model(asked: argparse.Namespace, folder: Path) -> Model:
    """A model that answers from the large world."""
    if asked.model is not None:
        model = Model.load(asked.model)
    else:
        config = parse_config({**SETTINGS, "output": str(folder / "model")})
        model = influence.fit(influence.synthesize(4_000), config)
    return model.with_network(influence.synthesize(asked.contacts))


def _compare(model: Model, asked: argparse.Namespace, folder: Path) -> None:
    at = model.network.last_observed_at
    _write(model, asked.pairs, asked.per_sender, folder / "pairs.parquet")
    moment = Moment(model.acceptance_face.features, int(microseconds(pd.Series([at]))[0]))
    methods = {name: _only(model, parts, moment) for name, parts in METHODS.items()}
    places = folder / "pairs.parquet", folder / "out.parquet"
    steps: dict[str, tuple[int, Callable[[], object]]] = {
        name: (asked.pairs, partial(batch.score, one, *places, at=at)) for name, one in methods.items()
    }
    steps |= _bare(model, at)
    taken = _turns(steps, asked.rounds)
    print(f"{asked.contacts:,} contacts, {asked.pairs:,} pairs, {asked.per_sender} of a sender in a row")
    print(f"{'':<30}{'best/s':>11}{'median/s':>11}{'lowest/s':>11}{'us of processor/pair':>22}")
    for name, (wall, processor) in taken.items():
        rates = steps[name][0] / np.array((wall.min(), np.median(wall), wall.max()))
        cost = 1e6 * processor.min() / steps[name][0]
        print(f"{name:<30}" + "".join(f"{rate:>11,.0f}" for rate in rates) + f"{cost:>22.2f}")
    _print_memory(asked, model, folder, at)


METHODS = {
    "gnn": ("gnn",),
    "trees": ("trees_with_neighbours", "boosted_trees"),
    "model": ("gnn", "trees_with_neighbours", "boosted_trees"),
}
"""The parts that are mixed, evenly, whatever this model's validation chose."""


def _only(model: Model, parts: tuple[str, ...], moment: Moment) -> Model:
    """Some parts alone; methods share the tables of contacts, or each would throw the others' away."""
    combination = model.acceptance
    weights = {name: 1 / len(parts) if name in parts else 0.0 for name in combination.forecasters}
    mixed: Combination = replace(combination, weights=weights)
    only = Model(model.network, model.config, {"acceptance": mixed}, model.trained_until)
    only.acceptance_face.features, only.acceptance_face._moment = moment.features, moment
    return only


def _write(model: Model, n: int, per_sender: int, path: Path) -> None:
    rng, ids = np.random.default_rng(0), pa.array(model.network.contact_ids.to_numpy(object), pa.string())
    schema = pa.schema({"sender_id": pa.string(), "recipient_id": pa.string()})
    with pa.parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, n, 1_000_000):
            size = min(1_000_000, n - start)
            sender = np.repeat(rng.integers(len(ids), size=-(-size // per_sender)), per_sender)[:size]
            ends = ids.take(pa.array(sender)), ids.take(pa.array(rng.integers(len(ids), size=size)))
            writer.write_table(pa.table(list(ends), schema=schema))


def _bare(model: Model, at: pd.Timestamp) -> dict[str, tuple[int, Callable[[], object]]]:
    """LightGBM on rows that are ready."""
    features, rng = model.acceptance_face.features, np.random.default_rng(1)
    ends = rng.integers(features.graph.n_contacts, size=(2, PREBUILT))
    moment = int(microseconds(pd.Series([at]))[0])
    queries = Queries(ends[0], ends[1], np.full(PREBUILT, moment), np.full(PREBUILT, np.nan, np.float32))
    x = QuerySet(features, queries, Moment(features, moment)).pair
    trees = model.acceptance.forecasters["boosted_trees"]
    assert isinstance(trees, TreesForecaster)
    accept, decline = trees.members[0].accept, trees.members[0].decline
    told = np.column_stack((x, np.zeros(len(x), np.float32)))

    def predict(booster: lgb.Booster | None, rows: np.ndarray) -> None:
        if booster is not None:
            booster.predict(rows, raw_score=True, num_iteration=trees.n_rounds)

    def hazards() -> None:
        for _ in range(N_BINS):
            predict(accept, told)
        predict(decline, x)

    return {
        f"LightGBM, 1 call, {trees.n_rounds} trees": (PREBUILT, lambda: predict(accept, told)),
        "LightGBM, hazards of one part": (PREBUILT, hazards),
    }


def _turns(
    steps: dict[str, tuple[int, Callable[[], object]]], rounds: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Seconds of the clock and of the processor, [rounds] each, of steps that take turns, one to warm up."""
    seconds = {name: (np.empty(rounds), np.empty(rounds)) for name in steps}
    for turn in range(-1, rounds):
        for name, (_, step) in steps.items():
            began = time.perf_counter(), time.process_time()
            step()
            if turn >= 0:
                seconds[name][0][turn] = time.perf_counter() - began[0]
                seconds[name][1][turn] = time.process_time() - began[1]
    return seconds


def _print_memory(asked: argparse.Namespace, model: Model, folder: Path, at: pd.Timestamp) -> None:
    peaks = [(asked.pairs, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)]
    if asked.more:
        _write(model, asked.more, asked.per_sender, folder / "more.parquet")
        batch.score(model, folder / "more.parquet", folder / "out.parquet", at=at)
        peaks.append((asked.more, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    for pairs, mib in peaks:
        print(f"{pairs:>12,} pairs: {mib:,.0f} MiB at the peak, the world and the libraries included")


if __name__ == "__main__":
    main()
