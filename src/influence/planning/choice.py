"""The choice of invitations under quotas and caps: an assignment of senders to recipients, solved exactly.

Senders have quotas, recipients and companies have caps, and a recipient belongs to one company at most: a
flow from senders over pairs and recipients to companies.  Its constraint matrix is a network matrix, so it is
totally unimodular: a vertex of the linear programme is a choice of whole invitations, and no other choice
within the limits has a higher sum (Hoffman & Kruskal 1956; Ahuja, Magnanti & Orlin 1993, chapter 11).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from influence.metrics.checks import Floats
from influence.planning.candidates import Room, is_full

Ints = NDArray[np.int64]


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
    int64 [at most k], positions in `pairs`.
    """
    rows = _contenders(pairs, worth, room, k)
    if not len(rows):
        return rows
    matrices, bounds = [csr_array(np.ones((1, len(rows))))], [np.array([float(k)])]
    for column, capacity in room.items():
        code, ids = pd.factorize(pairs[column].iloc[rows])
        limit = capacity.reindex(ids).to_numpy(np.float64)
        held = np.flatnonzero(code >= 0)
        shape = (len(ids), len(rows))
        matrix = csr_array((np.ones(len(held)), (code[held], held)), shape=shape)
        matrices.append(matrix[~np.isnan(limit)])
        bounds.append(limit[~np.isnan(limit)])
    # The dual simplex method ends at a vertex.
    found = linprog(
        -worth[rows], A_ub=vstack(matrices), b_ub=np.concatenate(bounds), bounds=(0, 1), method="highs-ds"
    )
    chosen = rows[found.x > 0.5]
    return chosen[np.argsort(-worth[chosen], kind="stable")]


def _contenders(pairs: pd.DataFrame, worth: Floats, room: Room, k: int) -> Ints:
    """Rows that a best choice can do with: each sender's `k` best of each of its `k` best companies.

    The others of a choice occupy `k` - 1 recipients and companies at most; a pair that comes later in one of
    these orders can be exchanged for one before it that is free and worth no less.
    """
    rows = np.flatnonzero(~is_full(pairs, room))
    rows = rows[np.argsort(-worth[rows], kind="stable")]
    group = pairs["company_id"].fillna(pairs["recipient_id"].radd("\0")).iloc[rows]
    order = pd.DataFrame({"sender": pairs["sender_id"].iloc[rows].to_numpy(), "group": group.to_numpy()})
    is_first = ~order.duplicated()
    place = is_first.groupby(order["sender"]).cumsum().where(is_first)
    near = order.groupby(["sender", "group"]).cumcount() < k
    return rows[near & (place.groupby([order["sender"], order["group"]]).transform("first") <= k)]
