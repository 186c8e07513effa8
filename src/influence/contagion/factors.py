"""Factors of rates, drawn from their posterior: gamma-Poisson, drawn towards 1 by as much as they differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]

STRENGTHS = np.geomspace(0.1, 300.0, 13)
"""How much a kind of factor may be drawn towards 1, in take-ups: factors have the variance 1 / strength."""
LOG_PRIOR = -np.log(STRENGTHS)
"""Flat over that variance (Gelman 2006, "Prior distributions for variance parameters")."""
SMALLEST = 1e-12


def draw_factors(
    success: Floats, expected: Floats, rng: np.random.Generator, times: Floats | None = None
) -> tuple[Floats, Floats]:
    """Factors of one kind [keys], and their means given how much factors of this kind were drawn to differ.

    Parameters
    ----------
    success, expected
        float64 [keys], counts, and what they would be in the mean were the factor 1.
    times
        How many there are of each key, where one stands for several that are alike.
    """
    strength = draw_strength(success, expected, rng, times)
    shape, rate = strength + success, strength + expected
    return np.maximum(rng.gamma(shape) / rate, SMALLEST), shape / rate


def draw_strength(
    success: Floats, expected: Floats, rng: np.random.Generator, times: Floats | None = None
) -> float:
    """One of `STRENGTHS`, by its posterior with the factors integrated out."""
    log_p = log_marginals(success, expected, times) + LOG_PRIOR
    p = np.exp(log_p - log_p.max())
    return float(rng.choice(STRENGTHS, p=p / p.sum()))


def log_marginals(success: Floats, expected: Floats, times: Floats | None = None) -> Floats:
    """[strengths] log marginal likelihood of successes, `expected` of which were without the factor.

    The negative binomial of a Poisson whose rate has a gamma factor of mean 1, up to a constant; keys without
    successes or expectation say nothing.
    """
    told = (expected > 0) | (success > 0)
    times = np.ones(int(told.sum())) if times is None else times[told]
    success, expected = success[told], expected[told]
    number, which = np.unique(success, return_inverse=True)
    each = STRENGTHS[:, None]
    counted = (gammaln(each + number) - gammaln(each) + each * np.log(each)) @ np.bincount(which, times)
    return counted - np.array([(times * (one + success)) @ np.log(one + expected) for one in STRENGTHS])
