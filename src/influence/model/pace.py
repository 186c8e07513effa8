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
