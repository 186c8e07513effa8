"""What more invitations teach: `python -m benchmarks.rows WORLD [--rows 5000 20000] [--parts gnn]`.

The parts of the model are developed on so many of the invitations before the test (`split.max_rows`), evenly
spread, and forecast the same test; the difference to learning from all is told with its standard error.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from influence import readers
from influence.config import Config
from influence.evaluation.protocol import Study
from influence.experiment import recipe_of
from influence.model.calibration import CalibrationConfig
from influence.model.hazard import ACCEPT, log_likelihood_at_horizons
from influence.training.mixture import Combination, develop
from influence.training.parts import MODEL, PARTS


def main(world: Path, limits: list[int], parts: list[str]) -> None:
    """Print the loss and AUC of the test, and CPU seconds of development, for each limit."""
    study, config = Study.of(readers.read(world)), Config(seeds=(0,))
    split = study.split(config.split)
    test, outcomes = study.queries[split.test], study.outcomes[split.test]
    at, accepted = test.queries.at, outcomes.event == ACCEPT
    assert len(test.pair)  # not to be counted with the first
    print(f"{len(split.test):,} test rows; {', '.join(parts)}")
    print(f"{'rows':>10}{'CPU s':>9}{'loss':>9}{'AUC':>8}{'loss - all':>12}{'s.e.':>8}")
    of_all = None
    for limit in (None, *sorted(limits, reverse=True)):
        stage = study.stage(split.train, split.validation, split.validation_from, split.test_from, limit)
        began = time.process_time()
        found = {name: develop(PARTS[name](recipe_of(config, 0, None)), stage) for name in parts}
        seconds = time.process_time() - began
        combination = Combination.of(found, stage, CalibrationConfig(half_lives_days=(30.0,)))
        logits = combination.mixed({name: part.forecaster.logits(test) for name, part in found.items()})
        forecast = combination.following(logits, at, outcomes).forecast(logits, at)
        losses = -log_likelihood_at_horizons(forecast, outcomes)
        of_all = losses if of_all is None else of_all
        auc = roc_auc_score(accepted, forecast.p_within_3_weeks)
        more = losses - of_all
        error = more.std() / np.sqrt(len(more))
        print(
            f"{len(stage.everything):>10,}{seconds:>9.1f}{losses.mean():>9.4f}{auc:>8.4f}"
            f"{more.mean():>12.4f}{error:>8.4f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 10_000, 20_000])
    parser.add_argument("--parts", nargs="+", choices=MODEL, default=["boosted_trees"])
    asked = parser.parse_args()
    main(asked.world, asked.rows, asked.parts)
