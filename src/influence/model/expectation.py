"""From a score on the log scale to an expected credit with an interval, fitted on a window held out.

The mean is a Poisson quasi-likelihood regression on the score (Wedderburn 1974, "Quasi-likelihood functions,
generalized linear models, and the Gauss-Newton method"); around it credit is gamma distributed, with a
variance that grows with the mean, with its square, and the fewer observations there are of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import logsumexp
from scipy.stats import gamma

Floats = NDArray[np.float64]

N_RESAMPLES = 100
CAUTION = 0.9
"""The quantile, over resamples of the held-out rows, of the variance that is reported."""
SLOPES = (0.25, 3.0)
"""A score may be stretched or flattened by no more than this."""
LEVEL = 0.95
OF_NOTHING = 0.5
"""The total that is expected where none was credited: the mean of a Poisson rate under Jeffreys' prior."""


@dataclass(frozen=True)
class Expectation:
    """Expected credit exp(intercept + slope x score).

    Attributes
    ----------
    intercept, slope : of the log mean
    dispersion : float64 [resamples, 3], worth of mean, of its square, and of its square / (1 + observations)
    """

    intercept: float
    slope: float
    dispersion: Floats

    @classmethod
    def fit(
        cls, score: Floats, y: Floats, n_observations: NDArray[np.int64], rng: np.random.Generator
    ) -> Self:
        """From held-out scores [n], credit [n], which may be nothing, and numbers of observations [n]."""
        intercept, slope = _quasi_poisson(score, y)
        mean = np.exp(intercept + slope * score)
        design, squared = _terms(mean, n_observations), (y - mean) ** 2
        weight = 1 / (mean + mean**2 + 1e-3)
        found = []
        for _ in range(N_RESAMPLES):
            rows = rng.integers(0, len(y), len(y))
            found.append(nnls(design[rows] * weight[rows, None], squared[rows] * weight[rows])[0])
        return cls(intercept, slope, np.array(found))

    def anchored(self, score: Floats, y: Floats) -> Self:
        """The same slope and dispersion, at the level at which the total of these rows is met."""
        return replace(self, intercept=_level(self.slope * score, y))

    def log_mean(self, score: Floats) -> Floats:
        """The log of the expected credit [n]."""
        return self.intercept + self.slope * score

    def interval(
        self, score: Floats, spread: Floats, n_observations: NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """The ends [n] between which 95 % of what is credited lies.

        Parameters
        ----------
        score, spread : float64 [n], the mean of the members' scores and their variance
        """
        mean = np.exp(self.log_mean(score))
        variance = np.quantile(_terms(mean, n_observations) @ self.dispersion.T, CAUTION, axis=1)
        variance = np.maximum(variance + mean**2 * self.slope**2 * spread, 1e-12)
        shape, scale = mean**2 / variance, variance / mean
        low, high = (gamma.ppf(q, shape, scale=scale) for q in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        # The chance of nothing at all, as in a Tweedie distribution of this mean and variance with power 1.5.
        low = np.where(np.exp(-2 * shape) >= (1 - LEVEL) / 2, 0.0, low)
        # A mean pulled up by rare great credit may lie beyond the bulk of the distribution.
        return np.minimum(low, mean), np.maximum(high, mean)

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which `of` makes the same again."""
        return {"intercept": self.intercept, "slope": self.slope, "dispersion": self.dispersion.tolist()}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """What `as_json` told."""
        return cls(told["intercept"], told["slope"], np.array(told["dispersion"]))


def _terms(mean: Floats, n_observations: NDArray[np.int64]) -> Floats:
    return np.column_stack((mean, mean**2, mean**2 / (1 + n_observations)))


def _quasi_poisson(score: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope of the log mean: totals agree; the slope only as far as `SLOPES` allow."""
    slope = 1.0
    for _ in range(50):
        mean = np.exp(slope * (score - score.max()))
        mean *= _total(y) / mean.sum()
        centred = score - (mean * score).sum() / mean.sum()
        curvature = (mean * centred**2).sum()
        step = ((y - mean) * centred).sum() / curvature if curvature > 1e-9 else 0.0
        new = float(np.clip(slope + np.clip(step, -0.5, 0.5), *SLOPES))
        if abs(new - slope) < 1e-9:
            break
        slope = new
    return _level(slope * score, y), slope


def _level(log_mean: Floats, y: Floats) -> float:
    """What must be added to log means so that their total is that of y."""
    return float(np.log(_total(y)) - logsumexp(log_mean))


def _total(y: Floats) -> float:
    """The total of credits [n], of which a logarithm can be taken.

    Where everybody takes something up but once, all who follow in a window are newcomers: whoever is asked
    about receives nothing in it.
    """
    return float(y.sum()) or OF_NOTHING
