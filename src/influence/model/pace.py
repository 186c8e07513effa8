"""How many links a source makes in a horizon: gamma-Poisson rates, fitted by likelihood.

A source's rate is drawn from a gamma distribution common to all; its past count updates it (empirical Bayes:
Robbins 1956).  A newcomer has the mean of all, a busy one mostly its own past.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

Floats = NDArray[np.float64]
BOUNDS = ((1e-6, 1e4), (0.1, 1e4))
"""Of the mean and of the strength: a newcomer must have a rate that somebody has."""
RIDGE = 10.0
"""Precision of the prior of a correction: few links cannot correct much."""
LEAST_RATE = 1e-12


@dataclass(frozen=True)
class Pace:
    """Rates per horizon are spread around `mean`; the prior counts as `strength` horizons watched."""

    mean: float
    strength: float
    horizon_days: float

    @classmethod
    def fit(cls, past: Floats, n_horizons: float, after: Floats, horizon_days: float) -> Pace:
        """Maximum likelihood of the links of one horizon given those before.

        Parameters
        ----------
        past, after : float64 [sources], links before, and in the horizon that followed
        n_horizons : how many horizons `past` was counted over
        """
        pairs, times = np.unique(np.column_stack((past, after)), axis=0, return_counts=True)
        k, y = pairs.T
        start = np.log([max(after.mean(), 1e-6), 1.0])

        def loss(theta: Floats) -> float:
            mean, strength = np.exp(theta)
            shape, rate = mean * strength + k, strength + n_horizons
            log_p = (
                gammaln(shape + y) - gammaln(shape) + shape * np.log(rate / (rate + 1)) - y * np.log(rate + 1)
            )
            return -float(times @ log_p)

        mean, strength = np.exp(minimize(loss, start, method="L-BFGS-B", bounds=np.log(BOUNDS)).x)
        return cls(float(mean), float(strength), horizon_days)

    def expected(self, past: Floats, n_horizons: float) -> Floats:
        """Links expected in the coming horizon, [sources], of those with `past` links so far."""
        return np.asarray((self.mean * self.strength + past) / (self.strength + n_horizons))

    @property
    def told(self) -> dict[str, Any]:
        """What `Pace(**told)` makes the same of again."""
        return {"mean": self.mean, "strength": self.strength, "horizon_days": self.horizon_days}


@dataclass(frozen=True)
class RateCorrection:
    """Rates of links as they came true: log(rate) -> log(rate) + level + (slope - 1) (log(rate) - centre)."""

    level: float = 0.0
    slope: float = 1.0
    centre: float = 0.0

    @classmethod
    def fit(cls, rate: Floats, happened: Floats) -> RateCorrection:
        """Maximum likelihood of Poisson counts, drawn towards no correction.

        Parameters
        ----------
        rate, happened : float64 [pairs], rates foretold, above 0, and what became of them: 0 or 1
        """
        centre = float(np.average(np.log(rate), weights=rate))
        apart = np.log(rate) - centre

        def loss(theta: Floats) -> tuple[float, Floats]:
            eta = centre + theta[0] + (1 + theta[1]) * apart
            left = np.exp(eta) - happened
            value = (np.exp(eta) - happened * eta).sum() + RIDGE / 2 * (theta @ theta)
            return float(value), np.array([left.sum(), left @ apart]) + RIDGE * theta

        found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-5, 5), (-0.95, 4)]).x
        return cls(float(found[0]), float(1 + found[1]), centre)

    def __call__(self, rate: Floats) -> Floats:
        """The corrected rates."""
        apart = np.log(np.maximum(rate, LEAST_RATE)) - self.centre
        return np.asarray(np.exp(self.centre + self.level + self.slope * apart))

    @property
    def told(self) -> dict[str, float]:
        """What `RateCorrection(**told)` makes the same of again."""
        return {"level": self.level, "slope": self.slope, "centre": self.centre}
