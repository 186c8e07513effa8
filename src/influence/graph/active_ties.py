"""The ties that hold at one moment, and what pairs share by then: the questions of `Ties`, many at once.

At one moment a tie holds or not, and every degree is one number.  Ties that do not hold are left out
once, not at every pair, and a row of neighbours is walked in half the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.ties import MUTUAL_COLUMNS, Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC, position_before

_BLOCK = 1024
"""Pairs that share one bitmap; each block begins with a clean one."""


@dataclass(frozen=True)
class ActiveTies:
    """Who is tied to whom at one moment: one entry per tie and end, sorted by neighbour.

    Attributes
    ----------
    moment : int, microseconds
    ptr : int64 [n_contacts + 1]
    neighbour : int32 [2 n_ties];  since : int64 [2 n_ties]
    degree : int64 [n_contacts]
    adamic_adar, allocation : float64 [n_contacts], what each adds to a pair that it is tied to both ends of
    """

    moment: int
    ptr: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    since: NDArray[np.int64]
    degree: NDArray[np.int64]
    adamic_adar: NDArray[np.float64]
    allocation: NDArray[np.float64]

    @classmethod
    def of(cls, ties: Ties, moment: int) -> ActiveTies:
        """The ties that hold at a moment, of those ever formed."""
        n_contacts = len(ties.ptr) - 1
        everyone = np.arange(n_contacts)
        holds = (ties.since < moment) & (moment <= ties.until)
        ptr = np.append(0, np.cumsum(holds))[ties.ptr]
        neighbour, since = ties.neighbour[holds].astype(np.int32), ties.since[holds]
        degree = ties.degree(everyone, np.full(n_contacts, moment))
        weights = 1.0 / np.log(np.maximum(degree, 2)), 1.0 / np.maximum(degree, 1)
        return cls(moment, ptr, neighbour, since, degree, *weights)

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
            self.ptr, self.neighbour, self.since, self.degree, self.adamic_adar, self.allocation,
            source, target, self.moment, out,
        )  # fmt: skip
        return out


@njit(cache=True)
def is_in(mark, x):  # type: ignore[no-untyped-def]
    """Whether bit `x` of a bitmap of 32-bit words is set."""
    return (mark[x >> 5] >> (x & 31)) & 1


@njit(cache=True)
def set_marks(mark, neighbour, start, end):  # type: ignore[no-untyped-def]
    """Set the bits of a run of neighbours."""
    for place in range(start, end):
        x = neighbour[place]
        mark[x >> 5] |= np.uint32(1) << np.uint32(x & 31)


@njit(cache=True)
def clear_marks(mark, neighbour, start, end):  # type: ignore[no-untyped-def]
    """Clear the words of a run of neighbours."""
    for place in range(start, end):
        mark[neighbour[place] >> 5] = np.uint32(0)


@njit(cache=True)
def is_tied(ptr, neighbour, u, v):  # type: ignore[no-untyped-def]
    """Whether two contacts are tied, by a binary search."""
    place = position_before(neighbour, ptr[u], ptr[u + 1], v)
    return place < ptr[u + 1] and neighbour[place] == v


@njit(cache=True, parallel=True)
def _mutual(  # type: ignore[no-untyped-def]
    ptr, neighbour, since, degree, adamic_adar, allocation, source, target, moment, out
):
    for block in prange((len(source) + _BLOCK - 1) // _BLOCK):
        mark = np.zeros((len(ptr) >> 5) + 1, dtype=np.uint32)
        marked = -1
        for i in range(block * _BLOCK, min((block + 1) * _BLOCK, len(source))):
            u, v = source[i], target[i]
            degree_u = degree[u] if u >= 0 else 0
            degree_v = degree[v] if v >= 0 else 0
            latest = STATIC
            if u >= 0 and v >= 0:
                if u != marked:
                    if marked >= 0:
                        clear_marks(mark, neighbour, ptr[marked], ptr[marked + 1])
                    set_marks(mark, neighbour, ptr[u], ptr[u + 1])
                    marked = u
                for b in range(ptr[v], ptr[v + 1]):
                    x = neighbour[b]
                    if is_in(mark, x):
                        a = position_before(neighbour, ptr[u], ptr[u + 1], x)
                        out[i, 0] += 1
                        out[i, 1] += adamic_adar[x]
                        out[i, 2] += allocation[x]
                        latest = max(latest, max(since[a], since[b]))
                if is_in(mark, v):
                    degree_u, degree_v = degree_u - 1, degree_v - 1
                out[i, 3] = out[i, 0] / max(degree_u + degree_v - out[i, 0], 1)
            out[i, 4] = np.log1p((moment - latest) / MICROSECONDS_PER_DAY) if latest != STATIC else np.nan
            out[i, 5], out[i, 6] = np.log1p(degree_u), np.log1p(degree_v)
