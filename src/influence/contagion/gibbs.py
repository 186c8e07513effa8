"""Draws of who moved whom, and of what makes some move others: a Gibbs sampler.

In turn are drawn the cause of every take-up, given the chances (data augmentation: Tanner & Wong 1987); every
factor of the chances, given the causes (gamma-Poisson); and how much factors of a kind differ.  Fitting
shares and factors in turn instead (expectation-maximisation) is quicker and far too sure: it takes shares for
observed causes, and settles on one value for how much people differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRENGTHS = np.geomspace(0.1, 300.0, 13)
"""How much a kind of factor may be drawn towards 1, in take-ups: factors have the variance 1 / strength."""
LOG_PRIOR = -np.log(STRENGTHS)
"""Flat over that variance (Gelman 2006, "Prior distributions for variance parameters")."""
SMALLEST = 1e-12
STARTING_ROUNDS = 100
"""Of expectation-maximisation, over take-ups alone: without differences exposures are one number."""


class Chain:
    """The state of the sampler.

    Parameters
    ----------
    pairs, risk
        For each kind of factor, the key of every pair of take-up and candidate, and of every exposure.
    sizes
        Keys of each kind.
    ptr
        int64 [n_take_ups + 1], where each take-up's pairs begin.
    cap
        The highest chance.
    """

    def __init__(
        self, pairs: Sequence[Ints], risk: Sequence[Ints], sizes: Sequence[int], ptr: Ints, cap: float
    ) -> None:
        self.pairs, self.risk, self.ptr, self.cap = pairs, risk, ptr, cap
        self.position = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
        self.factors = [np.ones(size) for size in sizes]
        """The present draw, one array for each kind."""
        self.means = [np.ones(size) for size in sizes]
        """Its mean given the present causes, which differs less from sweep to sweep."""
        self.base = 1.0
        """The chance where every factor is 1."""

    def under(self, density: Floats, outside: Floats, elapsed: Floats) -> Chain:
        """Go on under other rates.

        Parameters
        ----------
        density, outside
            Of the delay of every pair, and of every take-up from outside, per second.
        elapsed
            Share of the delays that is over at the end of every exposure.
        """
        self.density, self.outside, self.elapsed = density, outside, elapsed
        return self

    def start(self) -> None:
        """The likeliest base where all people are alike, so that it need not be found by small steps."""
        exposed = max(float(self.elapsed.sum()), 1.0)
        self.base = 0.5 * max(len(self.position), 1) / exposed
        for _ in range(STARTING_ROUNDS):
            self.base = max(float(self.shares()[0].sum()), SMALLEST) / exposed

    def shares(self) -> tuple[Floats, Floats]:
        """Each candidate's part of the hazard [n_pairs], and the outside's [n_take_ups]."""
        chance = np.minimum(self.base * _product(self.factors, self.pairs), self.cap)
        hazard = chance * self.density
        total = np.bincount(self.position, hazard, len(self.outside)) + self.outside
        return hazard / total[self.position], self.outside / total

    def sweep(self, rng: np.random.Generator) -> None:
        """Draw causes, the base, and factor after factor."""
        moved = causes(self.shares()[0], self.ptr, rng)
        expected = _product(self.factors, self.risk) * self.elapsed
        self.base = rng.gamma(moved.sum() + 0.5) / max(float(expected.sum()), SMALLEST)
        expected = expected * self.base
        for kind, before in enumerate(self.factors):
            success = np.bincount(self.pairs[kind], moved, len(before))
            without = np.bincount(self.risk[kind], expected, len(before)) / before
            strength = draw_strength(success, without, rng)
            after = np.maximum(rng.gamma(strength + success) / (strength + without), SMALLEST)
            expected *= (after / before)[self.risk[kind]]
            self.factors[kind], self.means[kind] = after, (strength + success) / (strength + without)


def causes(share: Floats, ptr: Ints, rng: np.random.Generator) -> Floats:
    """[n_pairs] 1 where the candidate is drawn as the cause of its take-up, by these shares, else 0."""
    ends = np.append(0.0, np.cumsum(share))
    drawn = np.searchsorted(ends, ends[ptr[:-1]] + rng.random(len(ptr) - 1), side="right") - 1
    moved = np.zeros(len(share))
    moved[drawn[drawn < ptr[1:]]] = 1.0  # beyond the take-up's own pairs: it came from outside
    return moved


def draw_strength(success: Floats, expected: Floats, rng: np.random.Generator) -> float:
    """One of `STRENGTHS`, by its posterior with the factors integrated out."""
    log_p = log_marginals(success, expected) + LOG_PRIOR
    p = np.exp(log_p - log_p.max())
    return float(rng.choice(STRENGTHS, p=p / p.sum()))


def log_marginals(success: Floats, expected: Floats) -> Floats:
    """[strengths] log marginal likelihood of successes, `expected` of which were without the factor.

    The negative binomial of a Poisson whose rate has a gamma factor of mean 1, up to a constant; keys without
    successes or expectation say nothing.
    """
    told = (expected > 0) | (success > 0)
    success, expected = success[told], expected[told]
    number, times = np.unique(success, return_counts=True)
    each = STRENGTHS[:, None]
    counted = (gammaln(each + number) - gammaln(each) + each * np.log(each)) @ times
    return counted - np.array([(one + success) @ np.log(one + expected) for one in STRENGTHS])


class LogMoments:
    """Running mean, and mean and variance of the logarithm, of draws of any shape."""

    def __init__(self) -> None:
        self.n = 0

    def add(self, draw: Floats, mean: Floats | None = None) -> None:
        """One more draw; `mean` counts in its place for the mean (Rao & Blackwell), where that is known."""
        log = np.log(draw)
        if not self.n:
            self.mean, self._log, self._square = np.zeros(log.shape), np.zeros(log.shape), np.zeros(log.shape)
        self.n += 1
        self.mean += ((draw if mean is None else mean) - self.mean) / self.n
        step = log - self._log
        self._log += step / self.n
        self._square += step * (log - self._log)

    def interval(self) -> tuple[Floats, Floats]:
        """Ends of the 95 % interval, on the scale of the draws, by the normal law of their logarithm."""
        reach = 1.96 * np.sqrt(self._square / max(self.n - 1, 1))
        return np.exp(self._log - reach), np.exp(self._log + reach)


def _product(factors: Sequence[Floats], keys: Sequence[Ints]) -> Floats:
    found = np.ones(len(keys[0]))
    for factor, key in zip(factors, keys, strict=True):
        found *= factor[key]
    return found
