"""How much of the planted affinity between firms is found, where the truth is known.

Learns from the records of a world until its test begins, and prints Spearman's rank correlation of each
method's scores with the planted affinity of the firms abroad that considered each other in the test, and of
each part of the model's score with what was planted of that part.

    python -m benchmarks.partners_world CONFIG WORLD
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from influence.config import Config, load_config
from influence.evaluation.partners.learning import Trained
from influence.evaluation.partners.methods import untrained
from influence.evaluation.partners.next_links import test_window
from influence.experiment import recipe_of
from influence.graph.partner_columns import GROUPS
from influence.graph.partners import moment_code
from influence.metrics import spearman
from influence.readers import read
from influence.tasks.partners import Asked, Lists
from influence.training.partner_windows import History, dated_stage

N_RESAMPLES = 1_000
PLANTED = ("affinity", "direct", "indirect")
PARTS = tuple(f"model.{group}" for group in GROUPS)


def main() -> None:
    """Print one line per method and part of the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="the configuration to train with")
    parser.add_argument("world", type=Path, help="a world that `influence synth` wrote")
    asked = parser.parse_args()
    rows = considered(load_config(asked.config), asked.world)
    print(f"{len(rows):,} pairs of firms abroad; Spearman with 95 % intervals over pairs")
    print(f"{'method':<24}" + "".join(f"{name:>24}" for name in PLANTED))
    for name in [each for each in rows if each not in (*PLANTED, "source_id", "target_id", "at")]:
        told = [_with_interval(rows[planted], rows[name]) for planted in PLANTED]
        print(f"{name:<24}" + "".join(f"{each:>24}" for each in told), flush=True)


def considered(config: Config, world: Path) -> pd.DataFrame:
    """Pairs abroad that considered each other in the test: what was planted, and every method's score."""
    network = read(world)
    history = History.of_network(network, "companies", config.partners)
    cut, end = test_window(history, config.partners)
    stage = dated_stage(history, config.partners, cut, config.seeds[0])
    trained = Trained.of(stage, recipe_of(config, config.seeds[0], None))
    scores = dict(untrained(config.seeds[0])) | {name: mix.score for name, mix in trained.mixes.items()}
    truth = pd.read_parquet(world / "truth" / "partners.parquet").dropna(subset="at")
    found = []
    for graph, _ in history.openings(cut, end, config.partners.window_days):
        until = graph.at + config.partners.window_days * 86_400_000_000
        moment = truth["at"].dt.tz_convert("UTC").dt.as_unit("us").astype("int64")
        own = truth[(moment >= graph.at) & (moment < min(until, moment_code(end)))]
        source, target = graph.positions(own["source_id"]), graph.positions(own["target_id"])
        kept = (source >= 0) & (target >= 0) & graph.is_foreign(source, target)
        own, source, target = own[kept], source[kept], target[kept]
        n = len(own)
        lists = Lists(np.arange(n), source, target, np.zeros(n, np.bool_), np.zeros(n, np.float32))
        asked = Asked.of(graph, lists)
        values = {name: score(asked) for name, score in scores.items()}
        values |= dict(zip(PARTS, trained.mixes["model"].parts(asked).T, strict=True))
        found.append(own[["source_id", "target_id", "at", *PLANTED]].assign(**values))
    return pd.concat(found, ignore_index=True)


def _with_interval(planted: pd.Series, score: pd.Series) -> str:
    a, b = planted.rank().to_numpy(), score.rank().to_numpy()
    rng = np.random.default_rng(0)
    drawn = (rng.integers(0, len(a), len(a)) for _ in range(N_RESAMPLES))
    low, high = np.nanquantile([_correlation(a[some], b[some]) for some in drawn], (0.025, 0.975))
    return f"{spearman(planted.to_numpy(), score.to_numpy()):.3f} [{low:.3f}, {high:.3f}]"


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


if __name__ == "__main__":
    main()
