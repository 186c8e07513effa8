"""Paired bootstrap over queries and seeds.

Every resample draws queries (or whole senders) with replacement, and seeds with replacement; all
methods are scored on the same draws, so that their differences are paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from influence.evaluation.kernels import Counts
from influence.metrics import Metric, metric
from influence.metrics.checks import Floats

CELLS_AT_A_TIME = 4_000_000
"""Resamples are drawn in chunks of at most this many counts (16 MB)."""
LEVEL = 0.95
"""Coverage of the intervals."""


class Judged(Protocol):
    """One method's predictions of the test rows, ready to be scored on many resamples at once."""

    @property
    def values(self) -> Mapping[str, float]:
        """Metric -> its value on all rows."""
        ...

    def resampled(self, counts: Counts) -> Mapping[str, Floats]:
        """Metric -> (b,) its values on each of b resamples, given how often each row was drawn [b, n]."""
        ...


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sampled:
    """Metric by metric, a value and its resamples, seeds already averaged."""

    values: Mapping[str, float]
    resamples: Mapping[str, Floats]
    """Metric -> (n_resamples,)."""

    def intervals(self) -> dict[str, Interval]:
        """Each metric's value and interval."""
        return {
            name: _interval(metric(name), self.values[name], self.resamples[name]) for name in self.values
        }

    def minus(self, other: Sampled) -> dict[str, Interval]:
        """Paired differences to another method drawn alike, for the metrics that both have."""
        return {
            name: _interval(
                metric(name),
                self.values[name] - other.values[name],
                self.resamples[name] - other.resamples[name],
                difference=True,
            )
            for name in self.values
            if name in other.values
        }


def bootstrap(
    methods: Mapping[str, Sequence[Judged]],
    units: NDArray[np.int64],
    n_resamples: int,
    rng: np.random.Generator,
) -> dict[str, Sampled]:
    """Score every method on the same resamples.

    Parameters
    ----------
    methods
        Name -> its forecasts of the same n rows, one for each of the s seeds; a single forecast
        stands for all seeds (a method without randomness).
    units
        (n,) codes 0..u-1 of what is drawn: the query, or the sender, of each row.
    """
    n_seeds = max(len(forecasts) for forecasts in methods.values())
    seed_shares = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=n_resamples) / n_seeds
    chunks: dict[str, list[Mapping[str, Floats]]] = {name: [] for name in methods}
    start = 0
    for counts in draw_counts(units, n_resamples, rng):
        shares = seed_shares[start : start + len(counts)]
        for name, forecasts in methods.items():
            chunks[name].append(_over_seeds([forecast.resampled(counts) for forecast in forecasts], shares))
        start += len(counts)
    return {
        name: Sampled(
            values={key: float(np.mean([f.values[key] for f in forecasts])) for key in forecasts[0].values},
            resamples={
                key: np.concatenate([chunk[key] for chunk in chunks[name]]) for key in chunks[name][0]
            },
        )
        for name, forecasts in methods.items()
    }


def draw_counts(units: NDArray[np.int64], n_resamples: int, rng: np.random.Generator) -> Iterator[Counts]:
    """Chunks of (b, n) counts: how often each row is drawn when its unit is drawn with replacement."""
    n_units = int(units.max()) + 1
    at_a_time = max(1, CELLS_AT_A_TIME // len(units))
    for start in range(0, n_resamples, at_a_time):
        b = min(at_a_time, n_resamples - start)
        drawn = rng.integers(0, n_units, size=(b, n_units)) + np.arange(b)[:, None] * n_units
        counts = np.bincount(drawn.ravel(), minlength=b * n_units).reshape(b, n_units)
        yield np.ascontiguousarray(counts[:, units], dtype=np.int32)


def _over_seeds(found: Sequence[Mapping[str, Floats]], shares: Floats) -> dict[str, Floats]:
    if len(found) == 1:
        return dict(found[0])
    return {key: np.einsum("sb,bs->b", np.stack([one[key] for one in found]), shares) for key in found[0]}


def _interval(about: Metric, value: float, resamples: Floats, difference: bool = False) -> Interval:
    """Percentile interval; for metrics that resampling inflates, moved so that it is centred on the value."""
    defined = resamples[~np.isnan(resamples)]
    if not len(defined) or np.isnan(value):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    if about.inflated_by_resampling:
        low, high = np.array([low, high]) + (value - defined.mean())
    if not difference:
        low, high = np.clip([low, high], about.low, about.high)
    return Interval(value, float(low), float(high))
