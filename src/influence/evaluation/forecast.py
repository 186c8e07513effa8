"""One method's forecast of the test rows, ready to be scored on many resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence import metrics
from influence.evaluation.kernels import (
    Counts,
    accepted_share_of_plan,
    average_precision,
    calibration_error,
    concordant_pairs,
)
from influence.metrics.acceptance import clip, likelihood_3class
from influence.metrics.checks import Bools, Floats


class Ranking:
    """Scores alone: a method that ranks but states no probabilities.

    Parameters
    ----------
    outcome
        (n,) codes of `Outcome`.
    score
        (n,) finite, higher = more likely to accept within 21 days.
    week
        (n,) the week in which each request was sent; without it there are no weekly plans to score.
    """

    def __init__(
        self, outcome: NDArray[np.int64], score: Floats, week: NDArray[np.int64] | None = None
    ) -> None:
        self.by_1d, self.by_21d = metrics.accepted_within(outcome)
        self.sorted_21d = Sorted(score)
        self.by_week = None if week is None else SortedByWeek(score, week)
        self.values: dict[str, float] = {
            "auc": metrics.auc(self.by_21d, score),
            "ap": metrics.ap(self.by_21d, score),
        }
        """Metric -> its value on the full rows."""
        if week is not None:
            self.values["yield_at_20pct"] = metrics.yield_at_20pct(self.by_21d, score, week)

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples."""
        found = {
            "auc": _ratio(self.sorted_21d.pairs(self.by_21d.astype(np.int8), counts)),
            "ap": average_precision(self.sorted_21d.order, self.sorted_21d.opens, self.by_21d, counts),
        }
        if self.by_week is not None:
            found["yield_at_20pct"] = self.by_week.accepted_share(self.by_21d, counts)
        return found


class Forecast(Ranking):
    """Cumulative probabilities of acceptance within 1 and 21 days.

    Parameters
    ----------
    outcome
        (n,) codes of `Outcome`.
    p_at_once, p_within_3_weeks
        (n,) probabilities; the second contains the first.
    rng
        Redraws the outcomes for `ece_excess_*`.
    week
        As in `Ranking`.
    """

    def __init__(
        self,
        outcome: NDArray[np.int64],
        p_at_once: Floats,
        p_within_3_weeks: Floats,
        rng: np.random.Generator,
        week: NDArray[np.int64] | None = None,
    ) -> None:
        super().__init__(outcome, p_within_3_weeks, week)
        self.values = metrics.acceptance_metrics(outcome, p_at_once, p_within_3_weeks, rng, week)
        self.sorted_1d = Sorted(p_at_once)
        self._kind_1d = self.by_1d.astype(np.int8)
        self._kind_21d = np.where(self.by_1d, -1, self.by_21d).astype(np.int8)
        self._residual_1d, self._residual_21d = p_at_once - self.by_1d, p_within_3_weeks - self.by_21d
        squared_1d, squared_21d = self._residual_1d**2, self._residual_21d**2
        self._losses = {
            "brier": squared_21d,
            "log_loss": _surprise(np.where(self.by_21d, p_within_3_weeks, 1 - p_within_3_weeks)),
            "log_loss_3class": _surprise(likelihood_3class(outcome, p_at_once, p_within_3_weeks)),
            "integrated_brier": (squared_1d + squared_21d) / 2,
        }

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples.

        `ece_excess_*` subtracts what it subtracts on the full rows: redrawing the outcomes for every
        resample would cost a thousand times more and hardly move that quantile.
        """
        means = (counts @ np.column_stack(list(self._losses.values()))) / counts.sum(axis=1)[:, None]
        pairs = self.sorted_1d.pairs(self._kind_1d, counts) + self.sorted_21d.pairs(self._kind_21d, counts)
        found = super().resampled(counts) | dict(zip(self._losses, means.T, strict=True))
        found["c_index"] = _ratio(pairs)
        found["ece_1d"] = self.sorted_1d.ece(self._residual_1d, counts)
        found["ece_21d"] = self.sorted_21d.ece(self._residual_21d, counts)
        for horizon in ("1d", "21d"):
            by_chance = self.values[f"ece_{horizon}"] - self.values[f"ece_excess_{horizon}"]
            found[f"ece_excess_{horizon}"] = found[f"ece_{horizon}"] - by_chance
        return found


class Sorted:
    """The ascending order of a score and where its groups of equal values begin."""

    def __init__(self, score: Floats) -> None:
        self.order = np.argsort(score, kind="stable")
        self.opens: Bools = np.diff(score[self.order], prepend=np.nan) != 0

    def pairs(self, kind: NDArray[np.int8], counts: Counts) -> Floats:
        """(b, 2) pairs ranked rightly, and all pairs, of rows of kind 1 and 0."""
        return np.asarray(concordant_pairs(self.order, self.opens, kind, counts))

    def ece(self, residual: Floats, counts: Counts) -> Floats:
        """(b,) calibration errors."""
        return np.asarray(calibration_error(self.order, self.opens, residual, counts))


class SortedByWeek:
    """The ascending order of a score within each week."""

    def __init__(self, score: Floats, week: NDArray[np.int64]) -> None:
        self.order = np.lexsort((score, week))
        begins: Bools = np.diff(week[self.order], prepend=-1) != 0
        self.opens: Bools = begins | (np.diff(score[self.order], prepend=np.nan) != 0)
        self.starts = np.append(np.flatnonzero(begins), len(week))

    def accepted_share(self, happened: Bools, counts: Counts) -> Floats:
        """(b,) share accepted of the weekly plans."""
        return np.asarray(accepted_share_of_plan(self.order, self.opens, self.starts, happened, counts))


def _ratio(pairs: Floats) -> Floats:
    won, of = pairs.T
    return np.asarray(np.divide(won, of, out=np.full(len(of), np.nan), where=of > 0))


def _surprise(likelihood: Floats) -> Floats:
    return np.asarray(-np.log(clip(likelihood)))
