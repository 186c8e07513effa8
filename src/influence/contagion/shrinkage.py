"""Rates of small counts, drawn towards the rate of all.

Empirical Bayes (Robbins 1956; Efron & Morris 1975): the spread of the rates is itself estimated from all
rows, so that a rate out of two is not taken for a rate out of two hundred.  Shares of so many tries follow
the beta-binomial model (`BetaBinomial`), counts that may exceed what they are compared with the gamma-Poisson
model (`shrunk_rates`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit
from scipy.stats import beta

Floats = NDArray[np.float64]

STRENGTHS = (0.1, 10_000.0)
"""The prior is worth at least and at most so many observations."""
DEFAULT = (0.5, 1.0)
"""Mean and strength where there is nothing to fit: Jeffreys' prior."""


@dataclass(frozen=True)
class BetaBinomial:
    """Rates are spread around `mean`; the prior counts as `strength` observations."""

    mean: float
    strength: float

    @classmethod
    def fit(cls, happened: Floats, n: Floats) -> BetaBinomial:
        """Maximum likelihood from counts out of n, both [rows]."""
        pairs, times = np.unique(np.column_stack((happened, n))[n > 0], axis=0, return_counts=True)
        if not len(pairs):
            return cls(*DEFAULT)
        k, total = pairs.T
        start = np.array([_logit((k @ times + 0.5) / (total @ times + 1)), np.log(2.0)])

        def loss(theta: Floats) -> float:
            a, b = expit(theta[0]) * np.exp(theta[1]), expit(-theta[0]) * np.exp(theta[1])
            return -float(times @ (betaln(a + k, b + total - k) - betaln(a, b)))

        bounds = [(-12.0, 12.0), tuple(np.log(STRENGTHS))]
        found = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
        return cls(float(expit(found[0])), float(np.exp(found[1])))

    def posterior(self, happened: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
        """Mean and ends of the 95 % interval of each row's rate, [rows]."""
        a = self.mean * self.strength + happened
        b = (1 - self.mean) * self.strength + n - happened
        return a / (a + b), beta.ppf(0.025, a, b), beta.ppf(0.975, a, b)


def _logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


def shrunk_rates(counts: Floats, exposure: Floats) -> Floats:
    """Empirical-Bayes rates: each one drawn to the overall rate the more, the fewer its exposure.

    The prior is a gamma whose strength is fitted by moments (Clayton & Kaldor 1987, "Empirical Bayes
    estimates of age-standardized relative risks").
    """
    known = exposure > 0
    if not known.any():
        return np.full(len(exposure), np.nan)
    total, mean = exposure[known].sum(), counts[known].sum() / exposure[known].sum()
    spread = (exposure[known] * (counts[known] / exposure[known] - mean) ** 2).sum() / total
    between = spread - mean * known.sum() / total
    strength = mean / between if between > mean / 1_000 else 1_000.0
    return (counts + strength * mean) / (exposure + strength)
