"""Metrics of acceptance: discrimination, probability and calibration at 1 and 21 days.

All are over n rows: `happened` is (n,) bool, or 0 and 1; `score` (n,) finite, higher = more likely;
`probability` (n,) in [0, 1]; `outcome` (n,) codes of `influence.metrics.Outcome`; `p_at_once` and
`p_within_3_weeks` (n,) cumulative, the second containing the first; `rng` redraws outcomes.  What does not
fit is a DataError; of no rows a metric is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from influence.errors import DataError
from influence.metrics.checks import Bools, Floats, Outcome, cumulative, finite, mean, pair
from influence.metrics.ranking import yield_at_20pct

N_BINS = 10
"""Equal-count bins of the calibration errors."""
N_REDRAWS = 1_000
"""How often outcomes are redrawn to learn the calibration error of perfect forecasts."""


def auc(happened: ArrayLike, score: ArrayLike) -> float:
    """Area under the ROC curve; NaN unless both classes occur.

    Parameters
    ----------
    happened
        (n,) bool, or 0 and 1.
    score
        (n,) any finite score, higher = more likely.
    """
    y, s = pair(happened, score)
    return float(roc_auc_score(y, s)) if _both_classes(y) else float("nan")


def ap(happened: ArrayLike, score: ArrayLike) -> float:
    """Average precision (the step-wise area under the precision-recall curve); NaN without a positive."""
    y, s = pair(happened, score)
    return float(average_precision_score(y, s)) if y.any() else float("nan")


def brier(happened: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared difference of probability and outcome, 0 to 1: Brier (1950), Monthly Weather Review 78."""
    y, p = pair(happened, probability, probabilities=True)
    return mean((p - y) ** 2)


def log_loss(happened: ArrayLike, probability: ArrayLike) -> float:
    """Mean negative log likelihood in nats; probabilities are kept off 0 and 1 by the float's epsilon."""
    y, p = pair(happened, probability, probabilities=True)
    return mean(-np.log(clip(np.where(y, p, 1 - p))))


def log_loss_3class(outcome: ArrayLike, p_at_once: ArrayLike, p_within_3_weeks: ArrayLike) -> float:
    """Mean negative log likelihood in nats of the classes: within 1 day, 1-21 days, neither.

    Parameters
    ----------
    outcome
        (n,) codes of `Outcome`.
    p_at_once, p_within_3_weeks
        (n,) cumulative probabilities: the second contains the first.
    """
    return mean(-np.log(clip(likelihood_3class(*cumulative(outcome, p_at_once, p_within_3_weeks)))))


def likelihood_3class(outcome: NDArray[np.int64], p_at_once: Floats, p_within_3_weeks: Floats) -> Floats:
    """(n,) probability that was given to the class that came true; inputs already checked."""
    later = np.maximum(p_within_3_weeks - p_at_once, 0.0)
    return np.select(
        [outcome == Outcome.AT_ONCE, outcome == Outcome.LATER], [p_at_once, later], 1 - p_within_3_weeks
    )


def ece(happened: ArrayLike, probability: ArrayLike, n_bins: int = N_BINS) -> float:
    """Expected calibration error over equal-count bins of the sorted probabilities.

    Bin sizes are those of `np.array_split`.  A group of equal probabilities that straddles a bin's
    edge is shared out in proportion, outcomes and all, so that the order of rows never matters.
    """
    y, p = pair(happened, probability, probabilities=True)
    if not len(p):
        return float("nan")
    order = np.argsort(p, kind="stable")
    return float(_EqualCountBins(p[order], n_bins).error((p - y)[order][None, :])[0])


def ece_of_perfect_forecasts(
    probability: ArrayLike, rng: np.random.Generator, n_redraws: int = N_REDRAWS
) -> Floats:
    """(n_redraws,) calibration errors that forecasts show when they are perfectly calibrated.

    Outcomes are redrawn from the probabilities themselves, on the same rows and bins.
    """
    p = np.sort(finite(probability, "probability", probabilities=True))
    if not len(p):
        return np.full(n_redraws, np.nan)
    bins = _EqualCountBins(p, N_BINS)
    at_a_time = max(1, 2_000_000 // len(p))  # 16 MB of uniforms, whatever the number of rows
    sizes = [min(at_a_time, n_redraws - start) for start in range(0, n_redraws, at_a_time)]
    return np.concatenate([bins.error(p - (rng.random((size, len(p))) < p)) for size in sizes])


def ece_excess(happened: ArrayLike, probability: ArrayLike, rng: np.random.Generator) -> float:
    """`ece` minus the 95th percentile of the `ece` of perfectly calibrated forecasts on the same rows.

    At or below 0: the data give no sign of miscalibration.
    """
    error = ece(happened, probability)
    return error - float(np.quantile(ece_of_perfect_forecasts(probability, rng), 0.95))


def integrated_brier(happened: ArrayLike, probability: ArrayLike, horizons_days: Sequence[float]) -> float:
    """Brier score integrated over time by the trapezoid rule, divided by the span of the horizons.

    Parameters
    ----------
    happened
        (n, h) bool: accepted within each horizon.
    probability
        (n, h) cumulative probability at each horizon.
    horizons_days
        h increasing horizons; with two of them this is the mean of the two Brier scores, with one
        its Brier score.

    References
    ----------
    Graf et al. (1999), Statistics in Medicine 18; every row is fully observed here, so that no
    weighting for censoring is needed.
    """
    y, p = np.asarray(happened, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    days = np.asarray(horizons_days, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 2 or y.shape[1] != len(days):
        raise DataError(
            f"Outcomes {y.shape}, probabilities {p.shape}, horizons ({len(days)},) do not fit together."
        )
    if np.any(np.diff(days) <= 0):
        raise DataError(f"Horizons must increase, got {list(days)}.")
    per_horizon = np.array([brier(y[:, i], p[:, i]) for i in range(len(days))])
    if len(days) == 1:
        return float(per_horizon[0])
    return float(np.trapezoid(per_horizon, days) / (days[-1] - days[0]))


def c_index(outcome: ArrayLike, p_at_once: ArrayLike, p_within_3_weeks: ArrayLike) -> float:
    """Time-dependent concordance at the resolution of the classes: within 1 day, 1-21 days, neither.

    Of all pairs in which one invitation was accepted in an earlier class than the other, the share
    in which it also had the higher cumulative probability at the end of that class; ties count half.

    References
    ----------
    Antolini, Boracchi & Biganzoli (2005), Statistics in Medicine 24.
    """
    y, p_1d, p_21d = cumulative(outcome, p_at_once, p_within_3_weeks)
    at_once, later = y == Outcome.AT_ONCE, y == Outcome.LATER
    still_open = ~at_once
    n_first = int(at_once.sum()) * int(still_open.sum())
    n_second = int(later.sum()) * int((still_open & ~later).sum())
    if not n_first + n_second:
        return float("nan")
    first = n_first * auc(at_once, p_1d) if n_first else 0.0
    second = n_second * auc(later[still_open], p_21d[still_open]) if n_second else 0.0
    return (first + second) / (n_first + n_second)


def acceptance_metrics(
    outcome: ArrayLike,
    p_at_once: ArrayLike,
    p_within_3_weeks: ArrayLike,
    rng: np.random.Generator,
    week: ArrayLike | None = None,
) -> dict[str, float]:
    """Every metric of `ACCEPTANCE` for one set of predictions; arguments as in `log_loss_3class`.

    `week`, as in `yield_at_20pct`; without it that metric is left out.
    """
    y, p_1d, p_21d = cumulative(outcome, p_at_once, p_within_3_weeks)
    by_1d, by_21d = accepted_within(y)
    return {
        "auc": auc(by_21d, p_21d),
        "ap": ap(by_21d, p_21d),
        **({} if week is None else {"yield_at_20pct": yield_at_20pct(by_21d, p_21d, week)}),
        "brier": brier(by_21d, p_21d),
        "log_loss": log_loss(by_21d, p_21d),
        "log_loss_3class": log_loss_3class(y, p_1d, p_21d),
        "ece_1d": ece(by_1d, p_1d),
        "ece_21d": ece(by_21d, p_21d),
        "ece_excess_1d": ece_excess(by_1d, p_1d, rng),
        "ece_excess_21d": ece_excess(by_21d, p_21d, rng),
        "integrated_brier": integrated_brier(np.c_[by_1d, by_21d], np.c_[p_1d, p_21d], (1, 21)),
        "c_index": c_index(y, p_1d, p_21d),
    }


def accepted_within(outcome: NDArray[np.int64]) -> tuple[Bools, Bools]:
    """(n,) accepted within 1 day, and (n,) accepted within 21 days."""
    by_1d = outcome == Outcome.AT_ONCE
    return by_1d, by_1d | (outcome == Outcome.LATER)


def clip(probability: Floats) -> Floats:
    """Probabilities kept off 0 and 1 by the float's epsilon, so that a log loss stays finite."""
    epsilon = np.finfo(np.float64).eps
    return np.clip(probability, epsilon, 1 - epsilon)


def _both_classes(happened: Bools) -> bool:
    return bool(happened.any() and not happened.all())


class _EqualCountBins:
    """Equal-count bins over sorted probabilities, tied groups shared out in proportion."""

    def __init__(self, p_sorted: Floats, n_bins: int) -> None:
        n = len(p_sorted)
        sizes = np.full(n_bins, n // n_bins)
        sizes[: n % n_bins] += 1  # as np.array_split
        edges = np.concatenate([[0], np.cumsum(sizes)])
        starts = np.concatenate([[0], np.flatnonzero(np.diff(p_sorted)) + 1])
        ends = np.append(starts[1:], n)
        group = np.minimum(np.searchsorted(ends, edges, side="left"), len(ends) - 1)
        self._left, self._right = starts[group], ends[group]
        self._share = (edges - self._left) / (self._right - self._left)

    def error(self, residuals: Floats) -> Floats:
        """(m,) calibration errors of (m, n) residuals p - outcome, columns in sorted order."""
        sums = np.concatenate([np.zeros((len(residuals), 1)), np.cumsum(residuals, axis=1)], axis=1)
        at_edges = sums[:, self._left] * (1 - self._share) + sums[:, self._right] * self._share
        errors: Floats = np.abs(np.diff(at_edges, axis=1)).sum(axis=1) / residuals.shape[1]
        return errors
