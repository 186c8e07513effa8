"""The choice of invitations under quotas and caps: an assignment of senders to recipients, solved exactly.

Senders have quotas, recipients and companies have caps, and a recipient belongs to one company at most: a
flow from senders over pairs and recipients to companies.  Its constraint matrix is a network matrix, so it is
totally unimodular: a vertex of the linear programme is a choice of whole invitations, and no other choice
within the limits has a higher sum (Hoffman & Kruskal 1956; Ahuja, Magnanti & Orlin 1993, chapter 11).

Few of all pairs are chosen, so the programme begins with a few and takes up others for as long as its prices
say that they would raise the sum (column generation: Dantzig & Wolfe 1960).

Often several choices have the highest sum, since people of whom little is known have equal chances.  They are
the optimal face of the programme; of these it takes the one that holds the earliest pairs, so that lists of
different lengths name people in the same order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array, vstack

from influence.metrics.checks import Floats
from influence.planning.candidates import Ints, Room, is_full

FEWEST = 20
"""Pairs of each sender that the programme takes up at a time, if not more are to be chosen."""
TOLERANCE = 1e-9
"""What a pair must add to the sum to be taken up."""
EQUAL = 1e-7
"""Chances that differ by less are equal: the solver does not tell them apart."""
Mask = NDArray[np.bool_]


def choose(pairs: pd.DataFrame, worth: Floats, room: Room, k: int) -> Ints:
    """Rows of at most `k` pairs with the highest sum of worth that the limits allow, best first.

    Parameters
    ----------
    pairs
        One row for each invitation that could be sent: sender_id, recipient_id, company_id.
    worth
        (n,) 0 or more; only the sum matters.
    room
        How many of the chosen pairs may hold each sender, recipient, company.

    Returns
    -------
    int64 [at most k], positions in `pairs`; of pairs that are worth the same, the earlier ones.
    """
    rows = contenders(pairs, worth[None], room, k)
    if not len(rows):
        return rows
    matrix, bounds = _constraints(pairs.iloc[rows], room, k)
    sender = pd.factorize(pairs["sender_id"].iloc[rows])[0]
    n_each = max(FEWEST, 2 * k // (sender.max() + 1))
    used = np.sort(_foremost(worth[rows], sender, n_each))
    while True:
        # The dual simplex method ends at a vertex.
        found = linprog(
            -worth[rows[used]], A_ub=matrix[:, used], b_ub=bounds, bounds=(0, 1), method="highs-ds"
        )
        prices = -found.ineqlin.marginals
        gain = worth[rows] - prices @ matrix
        better = np.setdiff1d(np.flatnonzero(gain > TOLERANCE), used)
        if not len(better):
            break
        used = np.union1d(used, better[_foremost(gain[better], sender[better], n_each)])
    held = np.zeros(len(rows), np.bool_)
    held[used[found.x > 0.5]] = True
    best_first = np.argsort(-worth[rows], kind="stable")
    rows, held, gain = rows[best_first], held[best_first], gain[best_first]
    return rows[_earliest(held, gain, matrix[:, best_first], bounds, prices)]


def _earliest(held: Mask, gain: Floats, matrix: csc_array, bounds: Floats, prices: Floats) -> Ints:
    """Of all choices with the same sum as the one held, that of the earliest pairs.

    They use up every limit that has a price, and leave out what does not gain its price (complementary
    slackness).
    """
    equal = np.flatnonzero(held | (gain > -EQUAL))
    if len(equal) == held.sum():
        return equal
    tight, at_least = prices > EQUAL, held[equal] & (gain[equal] > EQUAL)
    found = linprog(
        -len(equal) / (1 + equal),  # the first of all and a late one come before two in the middle
        A_ub=matrix[~tight][:, equal],
        b_ub=bounds[~tight],
        A_eq=matrix[tight][:, equal],
        b_eq=bounds[tight],
        bounds=np.column_stack((at_least, np.ones(len(equal)))),
        method="highs-ds",
    )
    # Should rounding leave the solver without an answer, the choice held has the same sum.
    return equal[found.x > 0.5] if found.success else np.flatnonzero(held)


def _constraints(pairs: pd.DataFrame, room: Room, k: int) -> tuple[csc_array, Floats]:
    """One row for each limit, one column for each pair; and the limits."""
    matrices, bounds = [csr_array(np.ones((1, len(pairs))))], [np.array([float(k)])]
    for column, capacity in room.items():
        code, ids = pd.factorize(pairs[column])
        limit = capacity.reindex(ids).to_numpy(np.float64)
        held = np.flatnonzero(code >= 0)
        matrix = csr_array((np.ones(len(held)), (code[held], held)), shape=(len(ids), len(pairs)))
        matrices.append(matrix[~np.isnan(limit)])
        bounds.append(limit[~np.isnan(limit)])
    return vstack(matrices, format="csc"), np.concatenate(bounds)


def _foremost(gain: Floats, sender: Ints, n_each: int) -> Ints:
    """Positions of each sender's `n_each` best."""
    order = np.lexsort((-gain, sender))
    place = np.arange(len(order)) - np.searchsorted(sender[order], sender[order])
    return order[place < n_each]


def contenders(pairs: pd.DataFrame, worths: Floats, room: Room, k: int) -> Ints:
    """Rows that best choices can do with, whatever other senders offer: each sender's best.

    Kept are its best pairs with each of its `k` best companies, as many as the company can take; a recipient
    whose company is unknown or can take any number stands for itself.  The other `k` - 1 pairs of a choice
    leave one of these companies free, and the others with a company leave free one of its people.  So a pair
    that comes later in one of these orders can be exchanged for one that is worth no less.

    Parameters
    ----------
    pairs, room
        As for `choose`.
    worths
        (m, n) a row for each choice to be made.

    Returns
    -------
    int64, positions in `pairs`, sorted.
    """
    rows = np.flatnonzero(~is_full(pairs, room))
    group, capacity = _groups(pairs.iloc[rows], room, k)
    sender = pd.factorize(pairs["sender_id"].iloc[rows])[0]
    by_sender = np.argsort(sender, kind="stable")
    kept = [rows[:0]]
    for own in np.split(by_sender, np.flatnonzero(np.diff(sender[by_sender])) + 1):
        place, groups = pd.factorize(group[own])
        kept += [rows[own][_best(worth[rows[own]], place, capacity[groups], k)] for worth in worths]
    return np.unique(np.concatenate(kept))


def _groups(pairs: pd.DataFrame, room: Room, k: int) -> tuple[Ints, Ints]:
    """For each pair the company that shares a cap, or else a group of its own; what each group can take."""
    company, ids = pd.factorize(pairs["company_id"])
    left = room.get("company_id", pd.Series(dtype="float64")).reindex(ids).to_numpy(np.float64)
    is_alone = np.isnan(np.append(left, np.nan)[company])  # -1 stands for an unknown company
    group = np.where(is_alone, len(ids) + np.arange(len(pairs)), company)
    capacity = np.concatenate((np.minimum(np.nan_to_num(left), k), np.ones(len(pairs))))
    return group, capacity.astype(np.int64)


def _best(worth: Floats, group: Ints, capacity: Ints, k: int) -> Ints:
    """Positions of the best pairs with the `k` best groups, as many with each as it can take."""
    best = np.full(len(capacity), -np.inf)
    np.maximum.at(best, group, worth)
    ahead = np.flatnonzero(best >= np.partition(best, -k)[-k]) if k < len(best) else np.arange(len(best))
    leads = np.zeros(len(best), dtype=np.bool_)
    leads[ahead[np.argsort(-best[ahead], kind="stable")[:k]]] = True
    rows = np.flatnonzero(leads[group])
    rows = rows[np.argsort(-worth[rows], kind="stable")]
    place = pd.Series(group[rows]).groupby(group[rows]).cumcount().to_numpy()
    return rows[place < capacity[group[rows]]]
