"""Acceptance: who will accept an invitation: at once, within three weeks, or never."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data.splits import HORIZON_DAYS, watched_until
from influence.graph.pairs import Queries
from influence.graph.temporal import TemporalGraph, microseconds
from influence.model.hazard import ACCEPT, BIN_ENDS_DAYS, DECLINE, NONE, Forecast, Outcomes
from influence.schema import TABLES

NAME = "acceptance"
PURPOSE = "who will accept an invitation, within a day and within three weeks"
METHOD = (
    "a temporal graph network and boosted trees over what was known before each request, mixed as validation "
    "chose"
)
LIMITS = (
    "Only invitations that were really sent could be checked: for people whom nobody here would have "
    "invited, the chances are an extrapolation. They are forecasts, not causes. People whom the records do "
    "not know are answered from what little there is, and marked as cold. Habits change: `influence drift` "
    "tells when the forecasts no longer hold."
)
ID_COLUMNS = ("sender_id", "recipient_id")
OPTIONAL_COLUMNS = tuple(TABLES["invitations"].column(name) for name in ("sent_at", "has_note"))
EXAMPLE = {"sender_id": ("ana", "ana"), "recipient_id": ("bo", "cy")}
OUTPUT_COLUMNS = ("p_at_once", "p_within_3_weeks", "p_declined", "p_no_answer", "median_days")


def queries_of(invitations: pd.DataFrame, graph: TemporalGraph) -> Queries:
    """Invitations (or pairs in the same columns: sender_id, recipient_id, sent_at, has_note) as queries."""
    return Queries(
        graph.positions(invitations["sender_id"]),
        graph.positions(invitations["recipient_id"]),
        microseconds(invitations["sent_at"]),
        invitations["has_note"].astype("Float32").to_numpy(np.float32, na_value=np.nan),
    )


def outcomes_of(invitations: pd.DataFrame) -> Outcomes:
    """What the table shows of each invitation's outcome.

    An answer later than the horizon counts as none; a decline counts only once the horizon is over; an
    invitation is censored where it was no longer watched (`watched_until`).  For what was known before an
    earlier boundary, see `Outcomes.censored`.
    """
    delay = _days(invitations["responded_at"] - invitations["sent_at"])
    watched = _days(watched_until(invitations) - invitations["sent_at"])
    outcome = invitations["outcome"].to_numpy()
    ends = np.array(BIN_ENDS_DAYS)
    watched_through = (watched[:, None] >= ends).sum(1)
    bin_of_answer = np.searchsorted(ends, delay, side="left")
    accepted = (outcome == "accepted") & (bin_of_answer < watched_through)
    declined = (outcome == "declined") & (delay <= HORIZON_DAYS) & (watched >= HORIZON_DAYS)
    return Outcomes(
        np.where(accepted, bin_of_answer + 1, watched_through),
        np.select((accepted, declined), (ACCEPT, DECLINE), default=NONE),
    )


def _days(durations: pd.Series) -> NDArray[np.float64]:
    return (durations / pd.Timedelta(days=1)).to_numpy(np.float64)


def answer(forecast: Forecast) -> pd.DataFrame:
    """The forecast in the columns that users see, one row per query.

    `p_within_3_weeks` contains `p_at_once`; with `p_declined` and `p_no_answer` it sums to 1.
    `median_days` is the median delay of an acceptance, should one come within the horizon;
    NaN where none can.
    """
    accepted, declined = forecast.p_within_3_weeks, forecast.p_declined
    return pd.DataFrame(
        {
            "p_at_once": forecast.p_at_once,
            "p_within_3_weeks": accepted,
            "p_declined": declined,
            "p_no_answer": np.clip(1.0 - accepted - declined, 0.0, 1.0),
            "median_days": _median_days(forecast.p_accepted_by),
        }
    )


def _median_days(p_accepted_by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where half of the acceptances have come, even flow within each bin; NaN where none can come."""
    total = np.where(p_accepted_by[:, -1:] > 0, p_accepted_by[:, -1:], np.nan)
    share = np.column_stack((np.zeros(len(p_accepted_by)), p_accepted_by / total))
    ends = np.array((0.0, *BIN_ENDS_DAYS))
    upper = np.clip((share < 0.5).sum(1), 1, len(BIN_ENDS_DAYS))
    rows = np.arange(len(share))
    low, high = share[rows, upper - 1], share[rows, upper]
    part = np.divide(0.5 - low, high - low, out=np.full(len(share), np.nan), where=high > low)
    return ends[upper - 1] + part * (ends[upper] - ends[upper - 1])
