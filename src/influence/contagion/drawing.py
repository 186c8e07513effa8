"""Candidates drawn for training, where a take-up has more of them than a step can hold."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.takeups import Exposures, TakeUps

N_FIRST, N_LAST = 4, 8
"""The first and the last candidates always stay: most parents are among them."""


def drawn(
    take_ups: TakeUps, of: NDArray[np.int64], parent: NDArray[np.int64], n: int, rng: np.random.Generator
) -> tuple[Exposures, NDArray[np.float32]]:
    """At most n candidates of each take-up: its parent, the first, the last, and evenly drawn ones between.

    The log of how many candidates each drawn one stands for is added to its log weight in training, so that
    the sum over the sample estimates the sum over all of them without bias (sampled softmax: Bengio &
    Senécal 2008).  Nothing is drawn, and nothing corrected, when take-ups are scored.

    Parameters
    ----------
    of : int64 [n_take_ups], rows of `take_ups` that have a parent
    parent : int64 [n_take_ups], the parent of each, a row of `take_ups` among its candidates
    n : candidates to keep, more than the first, the last and the parent

    Returns
    -------
    exposures
    log_count : float32 [n_pairs]
    """
    before = take_ups.n_before[of]
    begins = take_ups.ptr[take_ups.item[of]]
    kept = np.minimum(before, n)
    ptr = np.concatenate(([0], kept.cumsum())).astype(np.int64)
    row, log_count = np.empty(ptr[-1], np.int64), np.zeros(ptr[-1], np.float32)
    _draw(begins, before, parent, ptr, rng.random(len(of)), row, log_count)
    return Exposures(ptr, row, of), log_count


@njit(cache=True)
def _draw(begins, before, parent, ptr, start, row, log_count):  # type: ignore[no-untyped-def]
    for i in range(len(begins)):
        size, place = ptr[i + 1] - ptr[i], ptr[i]
        if size == before[i]:
            for k in range(size):
                row[place + k] = begins[i] + k
            continue
        low, high = begins[i] + N_FIRST, begins[i] + before[i] - N_LAST
        between = low <= parent[i] < high
        n_between = high - low - between
        n_drawn = size - N_FIRST - N_LAST - between
        for k in range(N_FIRST):
            row[place] = begins[i] + k
            place += 1
        told = not between
        for k in range(n_drawn):
            # Evenly spread from a random start: every candidate is as likely, none comes twice.
            one = low + np.int64((k + start[i]) * n_between / n_drawn)
            one += between and one >= parent[i]
            if not told and one > parent[i]:
                row[place], told = parent[i], True
                place += 1
            row[place], log_count[place] = one, np.log(n_between / n_drawn)
            place += 1
        if not told:
            row[place] = parent[i]
            place += 1
        for k in range(N_LAST):
            row[place] = high + k
            place += 1
