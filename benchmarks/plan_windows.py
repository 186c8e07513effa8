"""Plans in windows before the test: what the best fifth of each week brings within a day, method by method.

`python -m benchmarks.plan_windows FOLDER ...`: rehearsals, each developed on what was known when its window
began and judged by what was known when the test began.  No test row is touched.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

import influence
from influence.config import Config
from influence.evaluation.baselines import BASELINES
from influence.evaluation.protocol import Study, forecasts_of
from influence.evaluation.summary import summarise
from influence.evaluation.terminal import side_by_side
from influence.experiment import recipe_of
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.metrics.checks import Outcome
from influence.model.calibration import CalibrationConfig
from influence.training.mixture import Combination, Stage, develop
from influence.training.parts import MODEL, PARTS

METHODS = {
    "model": MODEL,
    "model_and_linear": (*MODEL, "logistic_regression"),
    "model_and_graphsage": (*MODEL, "graphsage"),
    **{name: (name,) for name in ("gnn", "boosted_trees", "logistic_regression", "graphsage")},
    **{name: (name,) for name in ("recipient_rate", "mutual_connections")},
}
"""Method -> its parts; what joins the model is weighed on validation, as its own parts are."""
DEFAULTS = Config()


def main() -> None:
    """Print yields and AUC of all windows together, and of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--predictions", type=Path, help="keep the forecasts in this Parquet file")
    asked = parser.parse_args()
    for folder in asked.folders:
        study = Study.of(influence.read(folder))
        found = pd.concat([one for seed in asked.seeds for one in windows(study, asked.windows, seed)])
        if asked.predictions is not None:
            found.to_parquet(asked.predictions)
        for name, rows in (("all", found), *found.groupby("window")):
            _print(rows, f"{folder.name}, window {name}")


def windows(study: Study, n_windows: int, seed: int, config: Config = DEFAULTS) -> Iterator[pd.DataFrame]:
    """Forecasts of each window, as long as the validation's; 1 is the latest."""
    split, at = study.split(config.split), study.queries.queries.at
    rows, size = np.concatenate((split.train, split.validation)), len(split.validation)
    until = at[split.test[0]]
    known = replace(study, outcomes=study.outcomes.censored(at, int(until)))
    recipe = recipe_of(config, seed, None)
    names = {name for parts in METHODS.values() for name in parts}
    for window in range(1, n_windows + 1):
        end = len(rows) - size * (window - 1)
        train, validation, later = np.split(rows[:end], [end - 2 * size, end - size])
        stage = Stage.cut(study.queries, study.outcomes, train, validation, at[validation[0]], at[later[0]])
        later = later[at[later] + MICROSECONDS_PER_DAY < until]  # whether at once is shown
        builders = {name: build for name, build in {**PARTS, **BASELINES}.items() if name in names}
        parts = {name: develop(build(recipe), stage) for name, build in builders.items()}
        logits = {name: part.forecaster.logits(study.queries[later]) for name, part in parts.items()}
        asked = replace(split, test=later)
        for method, of in METHODS.items():
            made = Combination.of({name: parts[name] for name in of}, stage, CalibrationConfig())
            yield _within_a_day(forecasts_of(known, asked, made, logits, method, seed)).assign(window=window)


def _within_a_day(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The same of acceptance within a day alone: what windows close to the test can show."""
    label = np.where(forecasts["label"] == Outcome.AT_ONCE, Outcome.AT_ONCE, Outcome.NEITHER)
    return forecasts.assign(label=label, p_within_3_weeks=forecasts["p_at_once"])


def _print(rows: pd.DataFrame, title: str) -> None:
    n = rows["query_id"].nunique()
    counts = {"n_train": 0, "n_validation": 0, "n_test": n}  # of each window others
    told = summarise(rows, task="acceptance", dataset=title, counts=counts)
    caption = "Intervals: 95 %, 1,000 resamples of requests and seeds; below, the model minus each."
    shown = ("yield_at_20pct", "auc", "log_loss")
    Console(width=120).print(
        side_by_side(told, "model", title=f"{title}: {n:,} requests", caption=caption, metrics=shown)
    )


if __name__ == "__main__":
    main()
