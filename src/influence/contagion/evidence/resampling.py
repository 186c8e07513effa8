"""Intervals by drawing items with replacement: take-ups of one item depend on each other, items hardly do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_ITEMS = 10
"""With fewer items no interval is given: it would be drawn from a handful."""
N_RESAMPLES = 1_000


def item_counts(n_items: int, n_resamples: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """[n_resamples, n_items] how often each item is drawn."""
    return rng.multinomial(n_items, np.full(n_items, 1 / n_items), size=n_resamples)


def resampled_sum(values: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Ends of the 95 % interval of a sum over items; NaN with fewer than `FEWEST_ITEMS`."""
    if len(values) < FEWEST_ITEMS:
        return float("nan"), float("nan")
    sums = np.concatenate(
        [item_counts(len(values), 50, rng) @ values for _ in range(N_RESAMPLES // 50)]  # in parts: memory
    )
    return float(np.quantile(sums, 0.025)), float(np.quantile(sums, 0.975))
