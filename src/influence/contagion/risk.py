"""Exposures that have not led to a take-up, or not yet: what a likelihood needs beside the take-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.takeups import TakeUps
from influence.graph.ties import Ties


@dataclass(frozen=True)
class AtRisk:
    """Every active contact with every tied contact who had not taken up the item by then.

    Attributes
    ----------
    row : int64 [n], the take-up of the one who is active
    contact : int64 [n], the one exposed; -1 where that may be anybody
    seconds : float64 [n], how long: until the exposed one's own take-up, the end of the tie, or of the
    records
    """

    row: NDArray[np.int64]
    contact: NDArray[np.int64]
    seconds: NDArray[np.float64]

    @classmethod
    def along(cls, take_ups: TakeUps, ties: Ties, until: int) -> AtRisk:
        """Exposures along ties that held at the active one's take-up; `until` is the end of the records.

        Time and memory grow with the ties of those who took something up.
        """
        given = (
            take_ups.ptr, take_ups.contact, take_ups.at, take_ups.n_contacts,
            ties.ptr, ties.neighbour, ties.since, ties.until, until,
        )  # fmt: skip
        n = _along(*given, *(np.empty(0, kind) for kind in (np.int64, np.int64, np.float64)), False)
        found = tuple(np.empty(n, kind) for kind in (np.int64, np.int64, np.float64))
        _along(*given, *found, True)
        return cls(*found)

    @classmethod
    def anybody(cls, take_ups: TakeUps, rows: NDArray[np.int64], until: int) -> AtRisk:
        """Where no ties are on record: each of these take-ups exposes whoever may come."""
        seconds = np.maximum(until - take_ups.at[rows], 0) / 1e6
        return cls(rows, np.full(len(rows), -1), seconds)

    @property
    def to_anybody(self) -> bool:
        """Whether those exposed are not known."""
        return bool(len(self)) and bool((self.contact < 0).all())

    def __len__(self) -> int:
        return len(self.row)


@njit(cache=True)
def _along(  # type: ignore[no-untyped-def]
    ptr, contact, at, n_contacts, tie_ptr, neighbour, since, until, end, row_out, who_out, seconds_out, fill
):  # fmt: skip
    """Count or write the exposures of every take-up."""
    taken = np.full(n_contacts, np.iinfo(np.int64).max, np.int64)
    n = 0
    for item in range(len(ptr) - 1):
        for i in range(ptr[item], ptr[item + 1]):
            taken[contact[i]] = at[i]
        for i in range(ptr[item], ptr[item + 1]):
            for slot in range(tie_ptr[contact[i]], tie_ptr[contact[i] + 1]):
                v = neighbour[slot]
                if since[slot] < at[i] <= until[slot] and taken[v] > at[i] and at[i] < end:
                    if fill:
                        stop = min(end, min(taken[v], until[slot]))
                        row_out[n], who_out[n] = i, v
                        seconds_out[n] = (stop - at[i]) / 1e6
                    n += 1
        for i in range(ptr[item], ptr[item + 1]):
            taken[contact[i]] = np.iinfo(np.int64).max
    return n
