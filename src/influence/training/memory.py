"""How soon recalibration should forget: rehearsed on the rows that a model is developed on.

Trees are developed on an early part of them and forecast all the rest, as a model in use answers for months
without a new training; the half-life that would have served best there is taken.
"""

from __future__ import annotations

import numpy as np

from influence.model.calibration import CalibrationConfig, History, Prequential
from influence.model.hazard import ACCEPT, Forecast, log_likelihood_at_horizons
from influence.model.trees import TreesConfig
from influence.training.forecaster import TreesForecaster
from influence.training.mixture import Stage, develop

EARLY, VALIDATION = 0.4, 0.15
"""Share of the rows that is developed on, and the share of these that chooses."""
FEWEST = 50
"""Acceptances that the early part must have shown; with fewer nothing is rehearsed."""


def with_rehearsed_memory(config: CalibrationConfig, stage: Stage, trees: TreesConfig) -> CalibrationConfig:
    """The configuration with the one half-life that the rehearsal favours; its first one without a rehearsal.

    Parameters
    ----------
    stage
        What is developed on; nothing else is looked at.
    trees
        How the trees of the rehearsal are boosted.
    """
    losses = rehearsed_losses(config, stage, trees)
    best = config.half_lives_days[int(np.argmin(losses))] if losses else config.half_lives_days[0]
    return config.model_copy(update={"half_lives_days": (best,)})


def rehearsed_losses(config: CalibrationConfig, stage: Stage, trees: TreesConfig) -> list[float]:
    """Mean loss at the reported horizons under each half-life; empty where there is nothing to choose."""
    at, rows = stage.everything.queries.at, np.arange(len(stage.everything))
    known, later = np.split(rows, [int(EARLY * len(rows))])
    train, validation = np.split(known, [len(known) - int(VALIDATION * len(known))])
    if len(config.half_lives_days) < 2 or not len(validation) or not len(later):
        return []
    early = Stage.cut(
        stage.everything, stage.everything_outcomes, train, validation,
        int(at[validation[0]]), int(at[later[0]]),
    )  # fmt: skip
    if (early.train_outcomes.event == ACCEPT).sum() < FEWEST:
        return []
    part = develop(TreesForecaster("pair", trees, (0,)), early)
    logits = part.forecaster.logits(stage.everything.part(later))
    outcomes = stage.everything_outcomes[later]
    history = History(part.validation_logits, at[validation], early.validation_outcomes)
    found = []
    for half_life_days in config.half_lives_days:
        one = config.model_copy(update={"half_lives_days": (half_life_days,)})
        follow = Prequential.of(history, early.centre, one).extended(logits, at[later], outcomes)
        forecast = Forecast.from_logits(follow(logits, at[later]))
        found.append(-float(log_likelihood_at_horizons(forecast, outcomes).mean()))
    return found
