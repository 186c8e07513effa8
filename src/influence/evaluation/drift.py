"""New records against those that a model was trained on: what moved, and whether the forecasts still hold.

Inputs that moved are told; only forecasts that no longer hold call for a new training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, PositiveInt
from scipy import stats

from influence import metrics
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.held_out import Fitted, later_forecasts, validation_forecasts
from influence.evaluation.moves import Inputs, Move, moves
from influence.settings import Settings

BEYOND_MOVES = 2
"""So many windows more than moves: one to start from, and the oldest, in which records only begin."""

Status = Literal["no drift", "inputs moved", "outcomes unknown", "retrain"]


class DriftConfig(Settings):
    """What counts as drift."""

    input_level: float = Field(default=0.05, gt=0, lt=0.5)
    """Chance that any input is called moved where nothing has changed."""
    forecast_level: float = Field(default=0.01, gt=0, lt=0.5)
    """Chance that calibration, and that ranking, fails where nothing has changed."""
    tolerance: float = Field(default=0.02, ge=0, lt=1)
    """Errors of calibration, and losses of AUC, that do not matter to those who use the forecasts."""
    n_windows: int = Field(default=10, ge=4)
    """Moves from window to window of the training that tell what is usual."""
    fewest: PositiveInt = 50
    """Invitations that a window needs, and known outcomes that forecasts are judged by."""
    most: PositiveInt = 5_000
    """Invitations that a window holds at most."""
    seed: int = 0
    """Of the outcomes redrawn for the calibration check."""


@dataclass(frozen=True)
class Check:
    """One property of the forecasts of new invitations whose outcome is known."""

    name: str
    value: float
    expected: float
    """What perfect calibration, or the model's own validation, lets expect."""
    p_value: float
    """Chance of a value as bad as this if the expectation held."""
    failed: bool
    """Whether it is worse than chance and tolerance explain."""


@dataclass(frozen=True)
class Drift:
    """What was found, and what to do."""

    status: Status
    sentence: str
    """The verdict in plain words."""
    moves: tuple[Move, ...]
    checks: tuple[Check, ...]
    n_window: int
    """Invitations in each window."""
    n_judged: int
    """New invitations with a known outcome, by which the forecasts were judged."""

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "status": self.status,
            "sentence": self.sentence,
            "n_window": self.n_window,
            "n_judged": self.n_judged,
            "moves": {one.name: {**vars(one), "is_unusual": one.is_unusual} for one in self.moves},
            "checks": {one.name: vars(one) for one in self.checks},
        }


def drift(model: Fitted, records: Network, config: DriftConfig | None = None) -> Drift:
    """Compare invitations sent since a model's training with those that trained it.

    Parameters
    ----------
    model
        With the records that trained it.
    records
        Records up to date, the past included.

    Raises
    ------
    DataError
        If the training or the new invitations are too few to compare.
    """
    config = config or DriftConfig()
    training, new = _training(model, config), _new(model, records, config)
    n = min(len(new), len(training) // (config.n_windows + BEYOND_MOVES), config.most)
    moved = moves(training, new, n, config.n_windows, config.input_level)
    forecasts = later_forecasts(model, records, model.trained_until)
    checks = _checks(forecasts, validation_forecasts(model), config)
    status = _status(moved, checks)
    return Drift(status, _sentence(status, moved, checks, len(forecasts)), moved, checks, n, len(forecasts))


def _training(model: Fitted, config: DriftConfig) -> Inputs:
    known = model.network.as_of(model.trained_until)
    n, needed = len(known.table("invitations")), config.fewest * (config.n_windows + BEYOND_MOVES)
    if n < needed:
        raise DataError(
            f"There are no training statistics to compare with: the records stored with the model hold {n} "
            f"invitations sent before {model.trained_until:%Y-%m-%d}, and it takes {needed} to know what "
            "moves are usual. Train the model on more, or --set fewest or n_windows lower."
        )
    return Inputs.of(known)


def _new(model: Fitted, records: Network, config: DriftConfig) -> Inputs:
    n = int((records.table("invitations")["sent_at"] >= model.trained_until).sum())
    if n < config.fewest:
        raise DataError(
            f"The records hold {n} invitations sent since {model.trained_until:%Y-%m-%d}, when the training "
            f"ended, too few to compare: it takes {config.fewest}. Give later records with --data."
        )
    return Inputs.of(records, model.trained_until)


def _checks(new: pd.DataFrame, validation: pd.DataFrame, config: DriftConfig) -> tuple[Check, ...]:
    """Calibration at both horizons, and ranking against the model's own validation."""
    if len(new) < config.fewest:
        return ()
    rng = np.random.default_rng(config.seed)
    happened = metrics.accepted_within(new["label"].to_numpy(np.int64))
    checks = []
    for days, column, y in zip((1, 21), ("p_at_once", "p_within_3_weeks"), happened, strict=True):
        p = new[column].to_numpy()
        by_chance = metrics.ece_of_perfect_forecasts(p, rng)
        value, expected = metrics.ece(y, p), float(by_chance.mean())
        p_value = float((1 + (by_chance >= value).sum()) / (1 + len(by_chance)))
        failed = p_value <= config.forecast_level / 2 and value - expected > config.tolerance
        checks.append(Check(f"calibration error, {days} d", value, expected, p_value, failed))
    return (*checks, *_ranking(new, validation, config))


def _ranking(new: pd.DataFrame, validation: pd.DataFrame, config: DriftConfig) -> tuple[Check, ...]:
    (value, variance), (expected, variance_then) = _auc(new), _auc(validation)
    if np.isnan(value) or np.isnan(expected):
        return ()
    p_value = float(stats.norm.cdf((value - expected) / np.sqrt(variance + variance_then)))
    failed = p_value <= config.forecast_level and expected - value > config.tolerance
    return (Check("AUC, 21 d", value, expected, p_value, failed),)


def _auc(frame: pd.DataFrame) -> tuple[float, float]:
    """The AUC and its variance; NaN unless both classes occur."""
    accepted = metrics.accepted_within(frame["label"].to_numpy(np.int64))[1]
    if not accepted.any() or accepted.all():
        return float("nan"), float("nan")
    value = metrics.auc(accepted, frame["p_within_3_weeks"].to_numpy(np.float64))
    return value, variance_of_auc(value, int(accepted.sum()), int((~accepted).sum()))


def variance_of_auc(auc: float, n_positive: int, n_negative: int) -> float:
    """How much an AUC varies from sample to sample (Hanley & McNeil 1982, Radiology 143)."""
    by_positive = (n_positive - 1) * (auc / (2 - auc) - auc**2)
    by_negative = (n_negative - 1) * (2 * auc**2 / (1 + auc) - auc**2)
    return (auc * (1 - auc) + by_positive + by_negative) / (n_positive * n_negative)


def _status(moved: Sequence[Move], checks: Sequence[Check]) -> Status:
    if any(check.failed for check in checks):
        return "retrain"
    if not checks:
        return "outcomes unknown"
    return "inputs moved" if any(move.is_unusual for move in moved) else "no drift"


def _sentence(status: Status, moved: Sequence[Move], checks: Sequence[Check], n_judged: int) -> str:
    unusual = "; ".join(move.told for move in moved if move.is_unusual)
    inputs = f"Moved more than usual: {unusual}." if unusual else "No input moved more than usual."
    if status == "outcomes unknown":
        return (
            f"{inputs} The forecasts cannot be judged yet: of the new invitations, {n_judged} have a known "
            "outcome, three weeks after they were sent."
        )
    if status == "retrain":
        failed = "; ".join(
            f"{one.name}: {one.value:.3f} where {one.expected:.3f} was to be expected"
            for one in checks
            if one.failed
        )
        return f"The forecasts no longer hold ({failed}): train the model anew. {inputs}"
    if status == "inputs moved":
        return f"{inputs} The forecasts still hold: no need to train anew."
    return "No sign of drift: no input moved more than usual, and the forecasts hold."
