"""What the word of somebody close to the target adds to the chance that it accepts.

No record says that a request came with an introduction.  What records do show is whether requests were
accepted more often than the model had said where a mutual contact was close to the recipient.  That is
measured on forecasts made without the outcome, and used only where it is clearly there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from influence.data import Network
from influence.explanation.people import log_dealings, mutual_contacts
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import microseconds
from influence.model.hazard import ACCEPT
from influence.planning.introductions.asks import WAIT, was_watched
from influence.tasks.acceptance import outcomes_of, queries_of
from influence.training.mixture import Combination

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 50
"""With fewer judged requests that had a mutual contact, no effect is claimed."""
NEARLY = 1e-6
"""Chances are kept so far from 0 and 1."""
Z95 = 1.959964


@dataclass(frozen=True)
class HeldOut:
    """Requests with a mutual contact, forecast without their outcome, [n] each.

    Attributes
    ----------
    log_odds : float64, of acceptance within three weeks, as forecast
    closeness : float64, log1p of the dealings of the recipient with the mutual contact closest to it
    accepted : bool;  judged_at : int64, microseconds, from when on the outcome is known
    """

    log_odds: Floats
    closeness: Floats
    accepted: NDArray[np.bool_]
    judged_at: Ints

    @classmethod
    def of(cls, network: Network, features: PairFeatures, combination: Combination) -> HeldOut:
        """From the held-out forecasts that recalibration follows."""
        invitations = network.table("invitations").sort_values(
            ["sent_at", "invitation_id"], ignore_index=True
        )
        history = combination.calibration.history
        forecast, row = matched(history.sent_at, microseconds(invitations["sent_at"]))
        rows = invitations.iloc[row]
        accepted, queries = outcomes_of(rows).event == ACCEPT, queries_of(rows, features.graph)
        close = closest_mutual(features, queries)
        kept = ~np.isnan(close) & was_watched(rows)
        said = combination.forecast(history.logits, history.sent_at).p_within_3_weeks[forecast][kept]
        return cls(
            logit(said.clip(NEARLY, 1 - NEARLY)), close[kept], accepted[kept], queries.at[kept] + WAIT + 1
        )

    def before(self, moment: int) -> HeldOut:
        """Those judged strictly before a moment."""
        known = self.judged_at < moment
        return HeldOut(*(getattr(self, name)[known] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.log_odds)


def matched(forecast_at: Ints, sent_at: Ints) -> tuple[Ints, Ints]:
    """(Forecast, request) pairs of the same moment; both are sorted alike within a moment.

    Where one moment has more requests than forecasts, none is matched: which is which cannot be told.
    """
    place = [pd.Series(at).groupby(at).cumcount().to_numpy() for at in (forecast_at, sent_at)]
    size = [pd.Series(at).groupby(at).transform("size").to_numpy() for at in (forecast_at, sent_at)]
    keys = [
        pd.DataFrame({"at": at, "place": p, "size": n, "row": np.arange(len(at))})
        for at, p, n in zip((forecast_at, sent_at), place, size, strict=True)
    ]
    both = keys[0].merge(keys[1], on=["at", "place", "size"])
    return both["row_x"].to_numpy(np.int64), both["row_y"].to_numpy(np.int64)


def closest_mutual(features: PairFeatures, queries: Queries) -> Floats:
    """[n] log1p of the dealings of each recipient with the mutual contact closest to it; NaN without one."""
    ties, ends = features.ties["connection"], zip(queries.sender, queries.recipient, queries.at, strict=True)
    shared = [mutual_contacts(ties, int(u), int(v), int(at)) for u, v, at in ends]
    row = np.repeat(np.arange(len(queries)), [len(some) for some in shared])
    who = np.concatenate([np.empty(0, np.int64), *shared])
    close = log_dealings(features, who, queries.recipient[row], queries.at[row])
    found = np.full(len(queries), -np.inf)
    np.maximum.at(found, row, close)
    return np.where(np.isinf(found), np.nan, found)


@dataclass(frozen=True)
class Endorsement:
    """What is added to the log-odds of acceptance: `level` + `slope` x closeness of endorser and target.

    Both are 0 unless the slope is clearly above 0.
    """

    level: float
    slope: float
    measured: tuple[float, float, float]
    """The slope as measured, with the ends of its 95 % interval; NaN with too little to measure it by."""
    n_requests: int

    @classmethod
    def fit(cls, held_out: HeldOut) -> Endorsement:
        """A logistic regression on closeness, the forecast's log-odds held fixed (as an offset)."""
        n, k = len(held_out), int(held_out.accepted.sum())
        if n < FEWEST or k in (0, n) or np.ptp(held_out.closeness) == 0:
            return cls(0.0, 0.0, (np.nan, np.nan, np.nan), n)
        theta, spread = _newton(held_out)
        slope, error = float(theta[1]), float(spread[1])
        low, high = slope - Z95 * error, slope + Z95 * error
        used = theta if low > 0 else np.zeros(2)
        return cls(float(used[0]), float(used[1]), (slope, low, high), n)

    @property
    def is_found(self) -> bool:
        """Whether the records show such an effect."""
        return self.slope > 0

    def __call__(self, p_accept: Floats, closeness: Floats) -> Floats:
        """[n] chances of acceptance with the endorser's word."""
        if not self.is_found:
            return p_accept
        odds = logit(p_accept.clip(NEARLY, 1 - NEARLY))
        return np.asarray(expit(odds + self.level + self.slope * closeness))


def _newton(held_out: HeldOut) -> tuple[Floats, Floats]:
    """Maximum-likelihood (level, slope) and their standard errors; a trace of a penalty keeps them finite."""
    design = np.column_stack((np.ones(len(held_out)), held_out.closeness))
    theta, curvature = np.zeros(2), np.eye(2)
    for _ in range(50):
        p = expit(held_out.log_odds + design @ theta)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-3 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (held_out.accepted - p) - 1e-3 * theta)
        theta = theta + step.clip(-1.0, 1.0)
        if np.abs(step).max() < 1e-9:
            break
    return theta, np.sqrt(np.diag(np.linalg.inv(curvature)))
