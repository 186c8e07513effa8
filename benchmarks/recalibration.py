"""Memories and strengths of recalibration over long windows, no test row touched.

Trees are developed on an early part of what was known at the test's start and forecast all the rest of it,
months after months without a new training.  `python -m benchmarks.recalibration FOLDER ...`
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import influence
from influence.data.splits import SplitConfig
from influence.evaluation.protocol import Study
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.metrics import ece
from influence.model.calibration import CalibrationConfig, History, Prequential
from influence.model.hazard import ACCEPT, HORIZON_DAYS, Forecast, log_likelihood_at_horizons
from influence.model.trees import TreesConfig
from influence.training.forecaster import TreesForecaster
from influence.training.mixture import Stage, develop

SETTINGS = ((7.0, 30.0), (7.0, 100.0), (7.0, 1000.0), (30.0, 100.0), (30.0, 300.0), (30.0, 1000.0))
"""(half-life in days, strength)."""
PARTS = (0.25, 0.4, 0.55, 0.7)
"""Shares of the rows before the test that are developed on."""
VALIDATION = 0.15
FEWEST = 200
"""Requests with a known outcome that a calibration error needs."""


def main() -> None:
    """Print losses at the reported horizons, and calibration errors at three weeks, of every setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    names = ("left alone", *(f"{days:g} d, {strength:g}" for days, strength in SETTINGS))
    print(f"{'data':<16}{'part':>5}{'days':>6}", *(f"{name:>16}" for name in names))
    for folder in parser.parse_args().folders:
        study = Study.of(influence.read(folder))
        for part in PARTS:
            days, *found = rehearse(study, part)
            cells = (f"{loss:.4f} ({error:.3f})" for loss, error in found)
            print(
                f"{folder.name:<16}{part:>5}{days[0]:>6.0f}", *(f"{cell:>16}" for cell in cells), flush=True
            )


def rehearse(study: Study, part: float) -> Iterator[tuple[float, float]]:
    """(Days forecast, 0), then (loss, calibration error) left alone and under every setting."""
    split = study.split(SplitConfig())
    at, end = study.queries.queries.at, int(study.queries.queries.at[split.test[0]])
    rows = np.concatenate((split.train, split.validation))
    known, later = np.split(rows, [int(part * len(rows))])
    train, validation = np.split(known, [-int(VALIDATION * len(known)) - 1])
    stage = Stage.cut(
        study.queries, study.outcomes, train, validation, int(at[validation[0]]), int(at[later[0]])
    )
    found = develop(TreesForecaster("pair", TreesConfig(max_rounds=160), (0,)), stage)
    logits, outcomes = (
        found.forecaster.logits(study.queries[later]),
        study.outcomes[later].censored(at[later], end),
    )
    yield float(np.ptp(at[later]) / MICROSECONDS_PER_DAY), 0.0
    history = History(found.validation_logits, at[validation], stage.validation_outcomes)
    whole = at[later] + HORIZON_DAYS * MICROSECONDS_PER_DAY < end
    accepted = outcomes.event == ACCEPT

    def figures(values: np.ndarray) -> tuple[float, float]:
        forecast = Forecast.from_logits(values)
        loss = -float(log_likelihood_at_horizons(forecast, outcomes).mean())
        if whole.sum() < FEWEST:
            return loss, float("nan")
        return loss, float(ece(accepted[whole], forecast.p_within_3_weeks[whole]))

    yield figures(logits)
    for half_life_days, strength in SETTINGS:
        config = CalibrationConfig(half_lives_days=(half_life_days,), strength=strength)
        follow = Prequential.of(history, stage.centre, config).extended(logits, at[later], outcomes)
        yield figures(follow(logits, at[later]))


if __name__ == "__main__":
    main()
