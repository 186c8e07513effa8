"""The protocol one step earlier: what parts and mixes are worth, no test row touched.

Everything is developed on what was known at the validation's start and forecasts the validation window,
where only what was known at the test's start counts.  `python -m benchmarks.rehearsal FOLDER ...`
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

import influence
from influence.config import Config
from influence.data.splits import SplitConfig
from influence.evaluation.baselines import BASELINES
from influence.evaluation.protocol import Study
from influence.experiment import recipe_of
from influence.graph.loading import QuerySet
from influence.model.calibration import recalibrated_losses
from influence.model.hazard import ACCEPT, AT_ONCE_BINS, Forecast, Outcomes, log_likelihood_at_horizons
from influence.training.forecaster import Logits
from influence.training.mixture import Stage, develop, mix
from influence.training.parts import PARTS

BUILDERS = {**PARTS, "boosted_trees": BASELINES["boosted_trees"], "graphsage": BASELINES["graphsage"]}


def main() -> None:
    """Rehearse on every folder named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    asked = parser.parse_args()
    print(f"{'data':<22}{'what':<52}{'auc_1d':>8}{'loss':>8}{'level-free':>12}")
    for folder in asked.folders:
        found: dict[str, list[tuple[float, float, float]]] = {}
        study = Study.of(influence.read(folder))
        for seed in asked.seeds:
            for name, values in rehearse(study, seed):
                found.setdefault(name, []).append(values)
        for name, rows in found.items():
            auc, loss, level_free = np.mean(rows, axis=0)
            print(f"{folder.name:<22}{name:<52}{auc:>8.4f}{loss:>8.4f}{level_free:>12.4f}", flush=True)


def rehearse(study: Study, seed: int) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """(What, its `figures`) for every part and mix."""
    stage, later, known = stages(study)
    parts = {name: develop(build(recipe_of(Config(), seed, None)), stage) for name, build in BUILDERS.items()}
    forecasts = {name: part.forecaster.logits(later) for name, part in parts.items()}
    for names in _mixes():
        logits = mix(forecasts, dict.fromkeys(names, 1 / len(names)))
        yield " + ".join(names), figures(logits, known, stage.centre)


def stages(study: Study) -> tuple[Stage, QuerySet, Outcomes]:
    """What is developed on, then the queries to forecast and what was known of them at the test's start."""
    split = study.split(SplitConfig())
    whole = study.stage(split.train, split.validation, split.validation_from, split.test_from)
    train, validation = np.split(split.train, [-len(split.validation)])
    at = study.queries.queries.at
    earlier = Stage.cut(
        study.queries, study.outcomes, train, validation, int(at[validation[0]]), int(at[split.validation[0]])
    )
    return earlier, whole.validation, whole.validation_outcomes


def _mixes() -> Iterator[tuple[str, ...]]:
    trees = [name for name in BUILDERS if "trees" in name]
    yield from ((name,) for name in BUILDERS)
    yield from (("gnn", *some) for n in (1, 2) for some in itertools.combinations(trees, n))
    yield ("network_without_neighbours", "boosted_trees")


def figures(logits: Logits, known: Outcomes, centre: Logits) -> tuple[float, float, float]:
    """AUC within a day, loss at the horizons, the same after a recalibration on these very rows."""
    forecast = Forecast.from_logits(logits)
    accepted = (known.event == ACCEPT) & (known.n_at_risk <= AT_ONCE_BINS)
    watched = accepted | (known.n_at_risk >= AT_ONCE_BINS)
    auc = roc_auc_score(accepted[watched], forecast.p_at_once[watched])
    loss = -log_likelihood_at_horizons(forecast, known).mean()
    return float(auc), float(loss), float(recalibrated_losses(logits, known, centre).mean())


if __name__ == "__main__":
    main()
