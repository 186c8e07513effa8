"""Metrics of one forecast under many sets of row weights: sorted once, then one pass per resample.

Each kernel takes rows in ascending order of the score and walks groups of equal scores, so that a
row drawn three times counts exactly as three rows would.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.metrics.acceptance import N_BINS
from influence.metrics.checks import Floats
from influence.metrics.ranking import PLAN_SHARE

Counts = NDArray[np.int32]
"""(b, n): how often each of b resamples drew each of n rows."""


@njit(cache=True)
def concordant_pairs(
    order: NDArray[np.int64], opens: NDArray[np.bool_], kind: NDArray[np.int8], counts: Counts
) -> Floats:
    """(b, 2) pairs of a positive and a negative row: how many are ranked rightly, and how many there are.

    Parameters
    ----------
    order
        (n,) rows by ascending score.
    opens
        (n,) in that order: the row is the first of its group of equal scores.
    kind
        (n,) by row: 1 positive, 0 negative, -1 in no pair.
    """
    result = np.empty((counts.shape[0], 2))
    for b in range(counts.shape[0]):
        below = won = positives = tied_positives = tied_negatives = 0.0
        for position in range(len(order)):
            if opens[position]:
                won += tied_positives * (below + 0.5 * tied_negatives)
                positives += tied_positives
                below += tied_negatives
                tied_positives = tied_negatives = 0.0
            row = order[position]
            if kind[row] == 1:
                tied_positives += counts[b, row]
            elif kind[row] == 0:
                tied_negatives += counts[b, row]
        result[b, 0] = won + tied_positives * (below + 0.5 * tied_negatives)
        result[b, 1] = (positives + tied_positives) * (below + tied_negatives)
    return result


@njit(cache=True)
def average_precision(
    order: NDArray[np.int64], opens: NDArray[np.bool_], happened: NDArray[np.bool_], counts: Counts
) -> Floats:
    """(b,) average precision, NaN without a positive; arguments as in `concordant_pairs`."""
    result = np.empty(counts.shape[0])
    for b in range(counts.shape[0]):
        area = seen = positives = tied_positives = 0.0
        for position in range(len(order) - 1, -1, -1):
            row = order[position]
            seen += counts[b, row]
            if happened[row]:
                tied_positives += counts[b, row]
            if opens[position]:
                positives += tied_positives
                if tied_positives > 0:
                    area += tied_positives * positives / seen
                tied_positives = 0.0
        result[b] = area / positives if positives > 0 else np.nan
    return result


@njit(cache=True)
def calibration_error(
    order: NDArray[np.int64], opens: NDArray[np.bool_], residual: Floats, counts: Counts
) -> Floats:
    """(b,) expected calibration errors over equal-count bins of the resample, as `metrics.ece`.

    `residual` is (n,) by row: probability minus outcome; the other arguments as in
    `concordant_pairs`.
    """
    result = np.empty(counts.shape[0])
    n = len(order)
    for b in range(counts.shape[0]):
        total = counts[b].sum()
        error = in_bin = tied = tied_residual = 0.0
        n_closed = 0
        room = float(total // N_BINS + (total % N_BINS > 0))
        for position in range(n + 1):
            if position == n or opens[position]:
                while tied > 0:
                    taken = min(tied, room)
                    share = tied_residual * taken / tied
                    in_bin += share
                    tied_residual -= share
                    tied -= taken
                    room -= taken
                    if room == 0:
                        error += abs(in_bin)
                        in_bin = 0.0
                        n_closed += 1
                        room = float(total // N_BINS + (total % N_BINS > n_closed))
                tied_residual = 0.0
            if position < n:
                row = order[position]
                tied += counts[b, row]
                tied_residual += counts[b, row] * residual[row]
        result[b] = error / total
    return result


@njit(cache=True)
def accepted_share_of_plan(
    order: NDArray[np.int64],
    opens: NDArray[np.bool_],
    starts: NDArray[np.int64],
    happened: NDArray[np.bool_],
    counts: Counts,
) -> Floats:
    """(b,) share accepted of the best fifth of every week's requests, as `metrics.yield_at_20pct`.

    Parameters
    ----------
    order
        (n,) rows by week, within a week by ascending score.
    opens
        (n,) in that order: the row is the first of its group of equal scores within its week.
    starts
        (weeks + 1,) where each week begins in that order; the last one is n.
    happened
        (n,) by row.
    """
    result = np.empty(counts.shape[0])
    for b in range(counts.shape[0]):
        won = invited = 0.0
        for week in range(len(starts) - 1):
            total = 0
            for position in range(starts[week], starts[week + 1]):
                total += counts[b, order[position]]
            room = PLAN_SHARE * total
            invited += room
            tied = tied_won = 0.0
            for position in range(starts[week + 1] - 1, starts[week] - 1, -1):
                row = order[position]
                tied += counts[b, row]
                if happened[row]:
                    tied_won += counts[b, row]
                if opens[position] and tied > 0:
                    taken = min(tied, room)
                    won += tied_won * taken / tied
                    room -= taken
                    tied = tied_won = 0.0
        result[b] = won / invited if invited > 0 else np.nan
    return result
