"""The ties that hold at one moment, and what pairs share by then: the questions of `Ties`, many at once.

At one moment a tie holds or not, and every degree is one number.  Ties that do not hold are left out
once, not at every pair, and a row of neighbours is walked in half the bytes.

Who is tied to one end of a pair is marked, and the row of the other end is walked past the marks.  A mark is
a byte for the lowest bits of a position: few enough to stay in the nearest cache, however many contacts there
are.  It holds the number of the sender that it was made for, so that nobody takes it away.  Two contacts may
share one, so that whoever is marked is looked up before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.prefetching import prefetch, prefetch_run
from influence.graph.ties import MUTUAL_COLUMNS, Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC, position_before

BLOCK = 255
"""Pairs that share marks; each block begins with clean ones, and a byte can number all of its senders."""

AHEAD = 6
"""So many pairs before it is their turn, memory is asked for their rows; twice as many: where these begin."""

N_MARKS = 1 << 15
"""Marks, a byte each; a power of 2."""


@dataclass(frozen=True)
class ActiveTies:
    """Who is tied to whom at one moment: one entry per tie and end, sorted by neighbour.

    Attributes
    ----------
    moment : int, microseconds
    ptr : int64 [n_contacts + 1]
    neighbour : int32 [2 n_ties];  since : int64 [2 n_ties]
    adamic_adar, allocation : float64 [n_contacts], what each adds to a pair that it is tied to both ends of
    log_degree : float64 [largest degree + 1], log(1 + degree)
    """

    moment: int
    ptr: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    since: NDArray[np.int64]
    adamic_adar: NDArray[np.float64]
    allocation: NDArray[np.float64]
    log_degree: NDArray[np.float64]

    @classmethod
    def of(cls, ties: Ties, moment: int) -> ActiveTies:
        """The ties that hold at a moment, of those ever formed."""
        holds = (ties.since < moment) & (moment <= ties.until)
        ptr = np.append(0, np.cumsum(holds))[ties.ptr]
        neighbour, since = ties.neighbour[holds].astype(np.int32), ties.since[holds]
        degree = np.diff(ptr)
        weights = 1.0 / np.log(np.maximum(degree, 2)), 1.0 / np.maximum(degree, 1)
        return cls(moment, ptr, neighbour, since, *weights, _log1p_of(np.max(degree, initial=0)))

    def mutual(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.float32]:
        """As `Ties.mutual` at the moment, bit by bit; fastest where the pairs of a source follow each other.

        Parameters
        ----------
        source, target : int64 [n], positions; -1 for a contact that was never met

        Returns
        -------
        float32 [n, len(MUTUAL_COLUMNS)]
        """
        out = np.zeros((len(source), len(MUTUAL_COLUMNS)), np.float32)
        _mutual(
            self.ptr, self.neighbour, self.since, self.adamic_adar, self.allocation, self.log_degree,
            source, target, self.moment, N_MARKS, out,
        )  # fmt: skip
        return out


@njit(cache=True)
def _log1p_of(most):  # type: ignore[no-untyped-def]
    """log(1 + n) of 0 to `most`, to the bit as where it is computed pair by pair."""
    out = np.empty(most + 1)
    for n in range(most + 1):
        out[n] = np.log1p(n)
    return out


@njit(cache=True)
def place_in(mark, x):  # type: ignore[no-untyped-def]
    """Where a contact is marked."""
    return np.uint32(x) & np.uint32(len(mark) - 1)


@njit(cache=True)
def set_marks(mark, neighbour, start, end, value):  # type: ignore[no-untyped-def]
    """Mark a run of neighbours; 0 takes the marks away."""
    for place in range(start, end):
        mark[place_in(mark, neighbour[place])] = value


@njit(cache=True)
def place_of(neighbour, start, end, x):  # type: ignore[no-untyped-def]
    """The place of a neighbour in a sorted run; -1 where it is not there."""
    place = position_before(neighbour, start, end, x)
    return place if place < end and neighbour[place] == x else -1


@njit(cache=True)
def prefetch_rows(ptr, neighbour, source, target, i):  # type: ignore[no-untyped-def]
    """Ask for the rows of the pair that comes AHEAD pairs after `i`."""
    near, far = i + AHEAD, i + 2 * AHEAD
    if far < len(source):
        prefetch(ptr, source[far])
        prefetch(ptr, target[far])
    if near < len(source):
        u, v = source[near], target[near]
        if u != source[near - 1]:  # the pairs of a sender often follow each other
            prefetch_run(neighbour, ptr[u], ptr[u + 1])
        prefetch_run(neighbour, ptr[v], ptr[v + 1])


@njit(cache=True, parallel=True)
def _mutual(  # type: ignore[no-untyped-def]
    ptr, neighbour, since, adamic_adar, allocation, log_degree, source, target, moment, n_marks, out
):
    for block in prange((len(source) + BLOCK - 1) // BLOCK):
        mark, sender, marked = np.zeros(n_marks, dtype=np.uint8), 0, -1
        first, last = block * BLOCK, min((block + 1) * BLOCK, len(source))
        for i in range(first, last):
            prefetch_rows(ptr, neighbour, source, target, i)
            u, v = source[i], target[i]
            degree_u = ptr[u + 1] - ptr[u] if u >= 0 else 0
            degree_v = ptr[v + 1] - ptr[v] if v >= 0 else 0
            latest = STATIC
            if u >= 0 and v >= 0:
                if u != marked:  # the pairs of a sender often follow each other
                    sender += 1
                    set_marks(mark, neighbour, ptr[u], ptr[u + 1], sender)
                    marked = u
                for b in range(ptr[v], ptr[v + 1]):
                    x = neighbour[b]
                    if mark[place_in(mark, x)] == sender:
                        a = place_of(neighbour, ptr[u], ptr[u + 1], x)
                        if a >= 0:
                            out[i, 0] += 1
                            out[i, 1] += adamic_adar[x]
                            out[i, 2] += allocation[x]
                            latest = max(latest, max(since[a], since[b]))
                if mark[place_in(mark, v)] == sender and place_of(neighbour, ptr[u], ptr[u + 1], v) >= 0:
                    degree_u, degree_v = degree_u - 1, degree_v - 1
                out[i, 3] = out[i, 0] / max(degree_u + degree_v - out[i, 0], 1)
            out[i, 4] = np.log1p((moment - latest) / MICROSECONDS_PER_DAY) if latest != STATIC else np.nan
            out[i, 5], out[i, 6] = log_degree[degree_u], log_degree[degree_v]
