"""Candidates drawn for training, where a take-up has more of them than a step can hold."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.takeups import Exposures, TakeUps

N_FIRST, N_LAST = 4, 8
"""The first and the last candidates always stay: most parents are among them."""


def drawn(
    take_ups: TakeUps,
    of: NDArray[np.int64],
    parent: NDArray[np.int64],
    n: int,
    strength: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[Exposures, NDArray[np.float32]]:
    """At most n candidates of each take-up: its parent, the first, the last, and others drawn by strength.

    The log of how many candidates each drawn one stands for is added to its log weight in training, so that
    the sum over the sample estimates the sum over all of them without bias (sampled softmax: Bengio &
    Senécal 2008).  The logarithm of that sum is then too low by more, the more the sum varies from draw to
    draw: a strong candidate that is seldom drawn, and then stands for many, comes out far too strong.
    Whoever seems strong beforehand is therefore drawn more often.  Nothing is drawn, and nothing corrected,
    when take-ups are scored.

    Parameters
    ----------
    of : int64 [n_take_ups], rows of `take_ups` that have a parent
    parent : int64 [n_take_ups], the parent of each, a row of `take_ups` among its candidates
    n : candidates to keep, more than the first, the last and the parent
    strength : float64 [len(take_ups)], above zero; candidates between are drawn in proportion to it

    Returns
    -------
    exposures
    log_count : float32 [n_pairs]
    """
    begins, before = take_ups.ptr[take_ups.item[of]], take_ups.n_before[of]
    # One place more than needed: the chances sum to the number of draws only as far as rounding goes.
    row, log_count = np.empty((len(of), n + 1), np.int64), np.empty((len(of), n + 1), np.float32)
    size = np.empty(len(of), np.int64)
    _draw(begins, before, parent, n, strength, rng.random(len(of)), row, log_count, size)
    kept = np.arange(n + 1) < size[:, None]
    ptr = np.concatenate(([0], size.cumsum())).astype(np.int64)
    return Exposures(ptr, row[kept], of), log_count[kept]


@njit(cache=True)
def _draw(begins, before, parent, n, strength, start, row, log_count, size):  # type: ignore[no-untyped-def]
    for i in range(len(begins)):
        end = begins[i] + before[i]
        low, high = (begins[i] + N_FIRST, end - N_LAST) if before[i] > n else (end, end)
        is_between = low <= parent[i] < high
        sure = _sure(strength, low, high, parent[i], n - N_FIRST - N_LAST - is_between)
        place, reached = 0, start[i]
        for one in range(begins[i], end):
            chance = 1.0
            if low <= one < high and one != parent[i]:
                # Systematic sampling: a draw wherever the chances, added up, pass a whole number.
                chance = min(strength[one] / sure, 1.0)
                passed = np.floor(reached)
                reached += chance
                if np.floor(reached) == passed:
                    continue
            row[i, place], log_count[i, place] = one, -np.log(chance)
            place += 1
        size[i] = place


@njit(cache=True)
def _sure(strength, low, high, parent, n):  # type: ignore[no-untyped-def]
    """The strength from which on a candidate is drawn for sure, so that the chances of all sum to n."""
    sure, n_sure = np.inf, -1
    while True:
        total, count = 0.0, 0
        for one in range(low, high):
            if one != parent and strength[one] >= sure:
                count += 1
            elif one != parent:
                total += strength[one]
        if count == n_sure or total == 0.0:
            return sure
        sure, n_sure = total / (n - count), count
