"""When to send: the hours of the day at which a contact is usually active.

Requests that reached people at such an hour were answered sooner, not more often (decision 0023).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.contagion.timing import Moments
from influence.graph.temporal import TemporalGraph

ACTS = ("invited", "accepted", "declined", "interactions")
"""Groups of edges that their source brings about."""
FEWEST = 20
"""With fewer acts than these nothing is said about a contact."""
PRIOR_STRENGTH = 10.0
"""A contact's hours are shrunk towards everyone's as if that many acts had shown them."""


def active_hours(
    graph: TemporalGraph, contact: NDArray[np.int64], moment: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The hour at which each contact is most likely to be active, from its acts strictly before a moment.

    Acts are invitations sent, answers given and interactions. Neighbouring hours count half; an act at
    midnight to the second is a date without a time of day, and left out.

    Parameters
    ----------
    contact : int64 [n], positions;  moment : microseconds

    Returns
    -------
    hour : float64 [n], the hour's beginning in UTC, 0 to 23; NaN with fewer than `FEWEST` acts
    n_acts : int64 [n]
    """
    counts = Moments.of(graph, ACTS, moment).by_hour(graph.n_contacts)
    everyone = counts.sum(0) + 1.0
    own = np.where(contact[:, None] >= 0, counts[np.maximum(contact, 0)], 0.0)
    n_acts = own.sum(1).astype(np.int64)
    shrunk = own + PRIOR_STRENGTH * everyone / everyone.sum()
    smooth = shrunk + (np.roll(shrunk, 1, axis=1) + np.roll(shrunk, -1, axis=1)) / 2
    return np.where(n_acts >= FEWEST, smooth.argmax(1).astype(np.float64), np.nan), n_acts
