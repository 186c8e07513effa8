"""How many take-ups each candidate seems to have set off so far: a filter that runs along each item.

Every take-up is shared out among those before it in proportion to rate x density of the delay, and the
shares raise the rates for the next one: the posterior mean of a gamma-distributed rate, given a Poisson
number of
take-ups of which only the shares are known.  It is one pass of expectation-maximisation for a Hawkes
process with
a rate per person (Veen & Schoenberg 2008), in the order of time, so that nothing later is ever seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.takeups import Exposures, TakeUps

EXCITATION = ("log_rate_so_far", "log_share_so_far")
SHAPE_FIRST, SHAPE_OTHER = 1.0, 0.2
"""Shapes of the gamma distributions: a few of the others set off nearly everything."""


@dataclass(frozen=True)
class Excitation:
    """What is known of rates and delays before an item begins.

    Attributes
    ----------
    log_mean, log_deviation : of the delay between parent and child, log seconds
    rate_first, rate_other : mean take-ups set off by whoever comes first, and by each of the others
    """

    log_mean: float
    log_deviation: float
    rate_first: float
    rate_other: float

    @classmethod
    def of(cls, take_ups: TakeUps, parent: NDArray[np.int64]) -> Excitation:
        """From take-ups with a known parent, rows of take-ups; -1 where it is not."""
        child = np.flatnonzero(parent >= 0)
        first = take_ups.ptr[take_ups.item[child]]
        of_first = parent[child] == first
        n_items = len(np.unique(take_ups.item[child]))
        delay = np.log1p((take_ups.at[child] - take_ups.at[parent[child]]) / 1e6)[~of_first]
        return cls(
            float(delay.mean()) if len(delay) else 0.0,
            max(float(delay.std()), 0.5) if len(delay) else 1.0,
            float((of_first.sum() + 1) / max(n_items, 1)),
            float(((~of_first).sum() + 1) / (len(child) + 1)),
        )

    def columns(
        self, take_ups: TakeUps, log_multiple: NDArray[np.float32], exposures: Exposures
    ) -> NDArray[np.float32]:
        """float32 [n_pairs, len(EXCITATION)]; `log_multiple` [n_take_ups] is of the rates but the first's."""
        out = np.empty((len(exposures), len(EXCITATION)), np.float32)
        order = np.argsort(exposures.of, kind="stable")
        rates = (self.log_mean, self.log_deviation, self.rate_first, self.rate_other)
        _filter(
            exposures.of[order], order, exposures.ptr, exposures.row, take_ups.item, take_ups.ptr,
            take_ups.at,
            take_ups.n_before, np.exp(log_multiple.astype(np.float64)), *rates, out,
        )  # fmt: skip
        return out


@njit(cache=True)
def _filter(  # type: ignore[no-untyped-def]
    asked, order, ptr, row, item, item_ptr, at, n_before, multiple, mean, deviation, rate_first, rate_other,
    out
):  # fmt: skip
    """Run along every item that is asked for, up to the last take-up that is."""
    n = 0
    while n < len(asked):
        this = item[asked[n]]
        begin, end = item_ptr[this], item_ptr[this + 1]
        size = end - begin
        set_off, rate, weight = np.zeros(size), np.zeros(size), np.zeros(size)
        i = begin
        while i < end and n < len(asked) and item[asked[n]] == this:
            total = 0.0
            for j in range(n_before[i]):
                delay = (at[i] - at[begin + j]) / 1e6 + 1.0
                z = (math.log(delay) - mean) / deviation
                density = math.exp(-0.5 * z * z) / (delay * deviation)
                elapsed = 0.5 * math.erfc(-z / 1.4142135623730951)
                if j == 0:
                    shape, inverse = SHAPE_FIRST, SHAPE_FIRST / rate_first
                else:
                    shape, inverse = SHAPE_OTHER, SHAPE_OTHER / (rate_other * multiple[begin + j])
                rate[j] = (shape + set_off[j]) / (inverse + elapsed)
                weight[j] = rate[j] * density
                total += weight[j]
            if asked[n] == i:
                for pair in range(ptr[order[n]], ptr[order[n] + 1]):
                    j = row[pair] - begin
                    out[pair, 0] = math.log(rate[j])
                    out[pair, 1] = math.log(weight[j] / total + 1e-12)
                n += 1
            for j in range(n_before[i]):
                set_off[j] += weight[j] / total
            i += 1
