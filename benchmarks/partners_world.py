"""How much of the planted affinity between firms is found, where the truth is known.

Learns from the records of a world until its test begins, and prints Spearman's rank correlation of each
method's scores with the planted affinity of the firms abroad that considered each other in the test, and of
each part of the model's score with what was planted of that part.  Then it ranks the next links, among all
firms abroad, beside `planted`, the best forecast: it knows the laws, who considers whom, and latent tastes.

    python -m benchmarks.partners_world CONFIG WORLD [--set key=value ...]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from influence.config import load_config
from influence.evaluation.partners.asking import Test, judged
from influence.evaluation.partners.learning import Trained
from influence.evaluation.partners.methods import Score, untrained
from influence.evaluation.partners.next_links import test_window
from influence.evaluation.partners.protocol import ranked
from influence.evaluation.ranks import RANKED_HITS
from influence.evaluation.summary import summarise
from influence.experiment import recipe_of
from influence.graph.partner_columns import GROUPS
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.metrics import spearman
from influence.readers import read
from influence.synthesis import WorldConfig
from influence.synthesis.linking import LinkLaw
from influence.tasks.partners import Asked, Lists, PartnersConfig
from influence.training.partner_windows import History, dated_stage

N_RESAMPLES = 1_000
PLANTED = ("affinity", "direct", "indirect")
PARTS = tuple(f"model.{group}" for group in GROUPS)
RANKS = ("mrr", "hits_at_10", "recall_at_50")


def main() -> None:
    """Print one line per method and part of the model, then one per method that ranks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="the configuration to train with")
    parser.add_argument("world", type=Path, help="a world that `influence synth` wrote")
    parser.add_argument("--set", action="append", default=[], help="key=value over the configuration's own")
    asked = parser.parse_args()
    config = load_config(asked.config, asked.set)
    history = History.of_network(read(asked.world), "companies", config.partners)
    cut, end = test_window(history, config.partners)
    stage = dated_stage(history, config.partners, cut, config.seeds[0])
    trained = Trained.of(stage, recipe_of(config, config.seeds[0], None))
    scores = dict(untrained(config.seeds[0])) | {name: mix.score for name, mix in trained.mixes.items()}
    test = Test.of(history, config.partners, cut, end)
    _print_affinity(considered(test, config.partners, trained, scores, asked.world))
    told = json.loads((asked.world / "truth" / "world.json").read_text(encoding="utf-8"))
    scores["planted"] = planted(LinkLaw.of(WorldConfig(**told["config"])))
    _print_ranks(next_links(test, config.partners, scores, config.seeds[0]))


def considered(
    test: Test, config: PartnersConfig, trained: Trained, scores: Mapping[str, Score], world: Path
) -> pd.DataFrame:
    """Pairs abroad that considered each other in the test: what was planted, and every method's score."""
    truth = pd.read_parquet(world / "truth" / "partners.parquet").dropna(subset="at")
    moment = truth["at"].dt.tz_convert("UTC").dt.as_unit("us").astype("int64")
    found = []
    for graph, _ in test.windows:
        until = graph.at + config.window_days * MICROSECONDS_PER_DAY
        own = truth[(moment >= graph.at) & (moment < min(until, test.until))]
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


def planted(law: LinkLaw) -> Score:
    """Scores of lists under the world's own laws; firms are named by their number."""

    def score(asked: Asked) -> np.ndarray:
        number = asked.graph.ids.str.removeprefix("f").astype("int64").to_numpy()
        n_common = np.expm1(asked.columns.column("indirect.log_common")).round()
        return np.log(law.expected(number[asked.lists.source], number[asked.lists.target], n_common))

    return score


def next_links(test: Test, config: PartnersConfig, scores: Mapping[str, Score], seed: int) -> dict[str, Any]:
    """Figures of every method's ranks among the configured candidates, and of the model minus each."""
    rows = [
        ranked(one.asked, one.query_ids, name, seed, score(one.asked))
        for one in judged(test, config.judged_among, config.n_judged, seed)
        for name, score in scores.items()
    ]
    n = {"n_train": 0, "n_validation": 0, "n_test": sum(len(own) for own in rows) // len(scores)}
    return summarise(
        pd.concat(rows, ignore_index=True), task="partners", dataset="", counts=n, judge=RANKED_HITS
    )


def _print_affinity(rows: pd.DataFrame) -> None:
    print(f"{len(rows):,} pairs of firms abroad; Spearman with 95 % intervals over pairs")
    print(f"{'method':<30}" + "".join(f"{name:>24}" for name in PLANTED))
    for name in [each for each in rows if each not in (*PLANTED, "source_id", "target_id", "at")]:
        told = [_with_interval(rows[planted], rows[name]) for planted in PLANTED]
        print(f"{name:<30}" + "".join(f"{each:>24}" for each in told), flush=True)


def _print_ranks(found: Mapping[str, Any]) -> None:
    print(f"\n{found['n_test']:,} next links; the model minus each method behind its figures")
    print(f"{'method':<30}" + "".join(f"{metric:>46}" for metric in RANKS))
    for name, own in found["methods"].items():
        told = "".join(f"{_figure(own[metric]):>22}" + _minus(found, name, metric) for metric in RANKS)
        print(f"{name:<30}{told}")


def _minus(found: Mapping[str, Any], name: str, metric: str) -> str:
    return f"{_figure(found['differences'][name][metric], '+'):>24}" if name != "model" else " " * 24


def _figure(told: Mapping[str, float], sign: str = "") -> str:
    value, low, high = (f"{told[end]:{sign}.3f}" for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


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
