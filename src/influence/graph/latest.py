"""The latest events of contacts at one moment: who they were with, their means, and whom else these know.

What `TemporalNeighborSampler` finds of one hop, laid out by contact: an event is found, and described,
once for all the pairs that its contact is an end of.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.active_ties import (
    BLOCK,
    N_MARKS,
    ActiveTies,
    place_in,
    place_of,
    prefetch_rows,
    set_marks,
)
from influence.graph.temporal import Incidence
from influence.graph.timeline import HALF_LIVES_DAYS, MICROSECONDS_PER_DAY, position_before

EDGE_COLUMNS = (
    "outgoing",
    "log_days_ago",
    *(f"freshness_{days:.3g}d" for days in HALF_LIVES_DAYS),
    "is_other_end",
    "tied_to_other_end",
)
"""What is said of a sampled edge besides its relation."""

N_OWN_COLUMNS = len(EDGE_COLUMNS) - 2
"""How many of these are the edge's own; the last two depend on the query's other end."""

IS_OTHER_END, TIED_TO_OTHER_END = 1, 2
"""Bits of what `meetings` tells."""

_TIED_TO_SENDER, _MET_BY_SENDER = 1, 2
"""Marks; who is both has both."""


def latest_edges(
    incidence: Incidence, contact: NDArray[np.int64], moment: int, size: int
) -> NDArray[np.int64]:
    """Rows of `incidence` [n, size]: each contact's latest edges strictly before the moment, latest first.

    -1 stands where a contact, or one that was never met (-1), has fewer.
    """
    return _latest_edges(incidence.ptr, incidence.at, incidence.until, contact, moment, size)


def own_columns(
    incidence: Incidence, edge: NDArray[np.int64], at: NDArray[np.int64] | int
) -> NDArray[np.float64]:
    """The first `N_OWN_COLUMNS` of EDGE_COLUMNS, [n, N_OWN_COLUMNS], of edges [n] as seen at moments."""
    days = np.maximum((at - np.maximum(incidence.at[edge], -(2**60))) / MICROSECONDS_PER_DAY, 0.0)
    freshness = 0.5 ** (days[:, None] / np.array(HALF_LIVES_DAYS))
    return np.column_stack((incidence.outgoing[edge], np.log1p(days), freshness))


def means_of(child: NDArray, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means [n, columns] over those of `rows` [contacts, columns] that `child` [n, size] names (-1: nobody).

    What is NaN is left out; NaN where nothing is known.
    """
    return _means(child, rows)


def meetings(
    ties: ActiveTies, child: NDArray[np.int32], sender: NDArray[np.int64], recipient: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """What the other contact of each end's latest events is to the query's other end.

    Parameters
    ----------
    child : int32 [n_contacts + 1, size], the other contact of the latest events; -1 for none
    sender, recipient : int64 [n], positions; -1 for a contact that was never met

    Returns
    -------
    uint8 [n, 2, size], for senders and recipients, bits `IS_OTHER_END` and `TIED_TO_OTHER_END`
    """
    return _meetings(ties.ptr, ties.neighbour, child, sender, recipient, N_MARKS)


@njit(cache=True, parallel=True)
def _latest_edges(ptr, at, until, contact, moment, size):  # type: ignore[no-untyped-def]
    out = np.full((len(contact), size), -1, dtype=np.int64)
    for i in prange(len(contact)):
        if contact[i] < 0:
            continue
        start = ptr[contact[i]]
        edge = position_before(at, start, ptr[contact[i] + 1], moment) - 1
        taken = 0
        while taken < size and edge >= start:
            if until[edge] >= moment:
                out[i, taken] = edge
                taken += 1
            edge -= 1
    return out


@njit(cache=True, parallel=True)
def _means(child, rows):  # type: ignore[no-untyped-def]
    out = np.empty((len(child), rows.shape[1]), dtype=np.float32)
    for i in prange(len(child)):
        known = np.zeros(rows.shape[1], dtype=np.float32)
        total = np.zeros(rows.shape[1], dtype=np.float32)
        for j in range(child.shape[1]):
            if child[i, j] < 0:
                break
            for column in range(rows.shape[1]):
                value = rows[child[i, j], column]
                if not np.isnan(value):
                    total[column] += value
                    known[column] += np.float32(1)
        for column in range(rows.shape[1]):
            out[i, column] = total[column] / known[column] if known[column] > 0 else np.nan
    return out


@njit(cache=True, parallel=True)
def _meetings(ptr, neighbour, child, sender, recipient, n_marks):  # type: ignore[no-untyped-def]
    size = child.shape[1]
    out = np.zeros((len(sender), 2, size), dtype=np.uint8)
    for block in prange((len(sender) + BLOCK - 1) // BLOCK):
        mark = np.zeros(n_marks, dtype=np.uint8)
        marked, first, last = -1, block * BLOCK, min((block + 1) * BLOCK, len(sender))
        for i in range(first, last):
            prefetch_rows(ptr, neighbour, sender, recipient, i)
            u, v = sender[i], recipient[i]
            if u < 0 or v < 0:
                continue
            start, end = ptr[u], ptr[u + 1]
            if u != marked:  # the pairs of a sender often follow each other
                if marked >= 0:
                    _mark(mark, neighbour, ptr[marked], ptr[marked + 1], child[marked], 0, 0)
                _mark(mark, neighbour, start, end, child[u], _TIED_TO_SENDER, _MET_BY_SENDER)
                marked = u
            for j in range(size):
                w = child[v, j]
                if w < 0:
                    break
                tied = mark[place_in(mark, w)] & _TIED_TO_SENDER and place_of(neighbour, start, end, w) >= 0
                out[i, 1, j] = (w == u) * IS_OTHER_END + tied * TIED_TO_OTHER_END
            if mark[place_in(mark, v)] & _MET_BY_SENDER:
                _tell(out[i, 0], child[u], v, IS_OTHER_END)
            for place in range(ptr[v], ptr[v + 1]):
                if mark[place_in(mark, neighbour[place])] & _MET_BY_SENDER:
                    _tell(out[i, 0], child[u], neighbour[place], TIED_TO_OTHER_END)
    return out


@njit(cache=True)
def _mark(mark, neighbour, start, end, child, tied, met):  # type: ignore[no-untyped-def]
    """Mark those tied to a contact, and on top of it those of its latest events."""
    set_marks(mark, neighbour, start, end, tied)
    for w in child:
        if w < 0:
            break
        mark[place_in(mark, w)] = (mark[place_in(mark, w)] | met) if met else 0


@njit(cache=True)
def _tell(told, child, contact, bit):  # type: ignore[no-untyped-def]
    """Add a bit to every event that was with a contact."""
    for j in range(len(child)):
        if child[j] == contact:
            told[j] |= bit
