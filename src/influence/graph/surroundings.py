"""The surroundings of a contact: what all who are tied to it did and met, summed over its ties at t.

Sampled neighbours tell of the latest events; the sums tell of everybody.  A circle's willingness to
accept shows in the answers of a hundred neighbours long before it shows in the contact's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.state import shrunk_rate
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, position_before

if TYPE_CHECKING:
    from influence.graph.active_ties import ActiveTies
    from influence.graph.temporal import TemporalGraph

SURROUNDING_COLUMNS = (
    "log_ties",
    "rate_accepting",
    "log_received",
    "rate_accepted",
    "log_sent",
    "log_actions_14d",
    "busyness",
)
"""`busyness` is the log of the ties' actions of 14 days over what 60 days would let one expect."""

_ROLES = (
    ("invited", "in"),
    ("accepted", "out"),
    ("invited", "out"),
    ("accepted", "in"),
    ("interactions", "out"),
)
_RECENT = 14 * MICROSECONDS_PER_DAY
_USUAL = 60 * MICROSECONDS_PER_DAY


def surroundings(
    graph: TemporalGraph,
    ties: Ties,
    contact: NDArray[np.int64],
    other: NDArray[np.int64],
    at: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Sums over the ties of each contact, those that hold at its moment, the query's other end left out.

    Parameters
    ----------
    contact, other : int64 [n], positions, -1 where never met;  at : int64 [n], microseconds

    Returns
    -------
    float32 [n, len(SURROUNDING_COLUMNS)]
    """
    lines = [graph.timelines[role] for role in _ROLES]
    ptr, moments = [line.ptr for line in lines], [line.at for line in lines]
    sums = _sums(
        ties.ptr, ties.neighbour, ties.since, ties.until,
        ptr[0], moments[0], ptr[1], moments[1], ptr[2], moments[2], ptr[3], moments[3], ptr[4], moments[4],
        contact, other, at,
    )  # fmt: skip
    return in_columns(sums)


def counts(graph: TemporalGraph, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """What one contact adds to the sums of those tied to it: float64 [n, len(SURROUNDING_COLUMNS)]."""
    lines = [graph.timelines[role] for role in _ROLES]
    told = [line.count_before(contact, at) for line in lines]
    since = [told[-1] - lines[-1].count_before(contact, at - ago) for ago in (_RECENT, _USUAL)]
    return np.column_stack((np.ones(len(contact)), *told[:-1], *since))


def totals(ties: ActiveTies, added: NDArray[np.float64], contact: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums of what everybody adds (`counts` of all contacts) over the ties of each contact (-1: none)."""
    return _totals(ties.ptr, ties.neighbour, added, contact)


def in_columns(sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """Sums [n, 7] as SURROUNDING_COLUMNS."""
    n, received, accepting, sent, accepted, recent, usual = sums.T
    return np.column_stack(
        (
            np.log1p(n),
            shrunk_rate(accepting, received),
            np.log1p(received),
            shrunk_rate(accepted, sent),
            np.log1p(sent),
            np.log1p(recent),
            np.log((recent + 5) / (usual * _RECENT / _USUAL + 5)),
        )
    ).astype(np.float32)


@njit(cache=True)
def _before(ptr, at, contact, moment):  # type: ignore[no-untyped-def]
    return position_before(at, ptr[contact], ptr[contact + 1], moment) - ptr[contact]


@njit(cache=True, parallel=True)
def _sums(  # type: ignore[no-untyped-def]
    ptr, neighbour, since, until,
    received_ptr, received_at, accepting_ptr, accepting_at, sent_ptr, sent_at, accepted_ptr, accepted_at,
    actions_ptr, actions_at, contact, other, at,
):  # fmt: skip
    out = np.zeros((len(contact), 7))
    for i in prange(len(contact)):
        if contact[i] < 0:
            continue
        moment = at[i]
        for place in range(ptr[contact[i]], ptr[contact[i] + 1]):
            w = neighbour[place]
            if w == other[i] or not (since[place] < moment <= until[place]):
                continue
            so_far = _before(actions_ptr, actions_at, w, moment)
            out[i, 0] += 1
            out[i, 1] += _before(received_ptr, received_at, w, moment)
            out[i, 2] += _before(accepting_ptr, accepting_at, w, moment)
            out[i, 3] += _before(sent_ptr, sent_at, w, moment)
            out[i, 4] += _before(accepted_ptr, accepted_at, w, moment)
            out[i, 5] += so_far - _before(actions_ptr, actions_at, w, moment - _RECENT)
            out[i, 6] += so_far - _before(actions_ptr, actions_at, w, moment - _USUAL)
    return out


@njit(cache=True, parallel=True)
def _totals(ptr, neighbour, added, contact):  # type: ignore[no-untyped-def]
    out = np.zeros((len(contact), added.shape[1]))
    for i in prange(len(contact)):
        if contact[i] >= 0:
            for place in range(ptr[contact[i]], ptr[contact[i] + 1]):
                for column in range(added.shape[1]):
                    out[i, column] += added[neighbour[place], column]
    return out
