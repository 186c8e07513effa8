"""A fitted model's forecasts of invitations that it had not seen, with what became of them.

Two kinds are fair to judge by: the validation rows, as forecast before the model was fitted on them, and
everything sent after all that its training and its test have used.
"""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
import pandas as pd

from influence.data import Network
from influence.data.splits import HORIZON_DAYS, watched_until
from influence.graph.temporal import microseconds
from influence.tasks.acceptance import outcomes_of
from influence.training.mixture import Combination

COLUMNS = ("query_id", "candidate_id", "sent_at", "label", "p_at_once", "p_within_3_weeks")
"""Of the frames returned here: one row per invitation, `label` a code of `metrics.Outcome`."""


class Fitted(Protocol):
    """What judging needs of a model, as `influence.prediction.Model` has it."""

    network: Network
    trained_until: pd.Timestamp

    @property
    def acceptance(self) -> Combination:
        """The fitted combination."""
        ...

    def with_network(self, network: Network) -> Self:
        """The same model answering from other records."""
        ...

    def predict(self, task: str, pairs: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """One row of answers per row of `pairs`, in their order."""
        ...


def unused_from(model: Fitted) -> pd.Timestamp:
    """The first moment whose invitations neither the training nor a test of the model has used.

    A model that was evaluated is stored with the records of its test: they have judged it once, and choose
    nothing afterwards.
    """
    stored = model.network.table("invitations")["sent_at"]
    return max(model.trained_until, stored.max() + _TICK) if len(stored) else model.trained_until


def is_decided(invitations: pd.DataFrame) -> pd.Series:
    """Whether each invitation was watched over the whole horizon."""
    return invitations["sent_at"] + _HORIZON <= watched_until(invitations)


def decided(records: Network) -> pd.DataFrame:
    """The invitations watched over the whole horizon, in the order of time."""
    invitations = records.table("invitations")
    rows = invitations[is_decided(invitations)]
    return rows.sort_values(["sent_at", "invitation_id"], ignore_index=True)


def later_forecasts(model: Fitted, records: Network, since: pd.Timestamp) -> pd.DataFrame:
    """Forecasts of the decided invitations sent at a moment or later, each from what was before it."""
    rows = decided(records)
    rows = rows[rows["sent_at"] >= since].reset_index(drop=True)
    if not len(rows):
        return pd.DataFrame(columns=list(COLUMNS))
    found = model.with_network(records).predict("acceptance", rows)
    return _frame(rows, found["p_at_once"].to_numpy(), found["p_within_3_weeks"].to_numpy())


def validation_forecasts(model: Fitted) -> pd.DataFrame:
    """The model's forecasts of its validation rows, made before it was fitted on them.

    No rows where the stored records do not hold the validation that the model remembers.
    """
    history = model.acceptance.calibration.history
    if not len(history.sent_at):
        return pd.DataFrame(columns=list(COLUMNS))
    rows = decided(model.network)
    at = microseconds(rows["sent_at"])
    mine = (at >= history.sent_at.min()) & (at <= history.sent_at.max())
    if not np.array_equal(at[mine], history.sent_at):
        return pd.DataFrame(columns=list(COLUMNS))
    forecast = model.acceptance.forecast(history.logits, history.sent_at)
    return _frame(rows[mine].reset_index(drop=True), forecast.p_at_once, forecast.p_within_3_weeks)


def _frame(rows: pd.DataFrame, p_at_once: np.ndarray, p_within_3_weeks: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "query_id": rows["invitation_id"],
            "candidate_id": rows["recipient_id"],
            "sent_at": rows["sent_at"],
            "label": outcomes_of(rows).classes,
            "p_at_once": p_at_once,
            "p_within_3_weeks": p_within_3_weeks,
        }
    )


_TICK = pd.Timedelta(1, "us")
_HORIZON = pd.Timedelta(days=HORIZON_DAYS)
