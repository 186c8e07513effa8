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

from influence.contagion.factors import SMALLEST, draw_factors
from influence.contagion.outside import Outside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    outside
        The rate from outside, whose factors are drawn too.
    """

    def __init__(
        self, pairs: Sequence[Ints], risk: Sequence[Ints], sizes: Sequence[int], ptr: Ints, cap: float,
        outside: Outside,
    ) -> None:  # fmt: skip
        self.pairs, self.risk, self.ptr, self.cap, self.outside = pairs, risk, ptr, cap, outside
        self.position = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
        self.factors = [np.ones(size) for size in sizes]
        """The present draw, one array for each kind."""
        self.means = [np.ones(size) for size in sizes]
        """Its mean given the present causes, which differs less from sweep to sweep."""
        self.base = 1.0
        """The chance where every factor is 1."""
        self.watched = 1.0
        """Of all that exposures are to set off, the share that comes while they are watched."""

    def under(self, density: Floats, elapsed: Floats) -> Chain:
        """Go on under other delays.

        Parameters
        ----------
        density
            Of the delay of every pair, per second.
        elapsed
            Share of the delays that is over at the end of every exposure.
        """
        self.density, self.elapsed = density, elapsed
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
        hazard, outside = chance * self.density, self.outside.rate
        total = np.bincount(self.position, hazard, len(outside)) + outside
        return hazard / total[self.position], outside / total

    def sweep(self, rng: np.random.Generator) -> None:
        """Draw causes, the factors of the outside, the base, and factor after factor."""
        moved = causes(self.shares()[0], self.ptr, rng)
        self.outside.draw(1 - np.bincount(self.position, moved, len(self.ptr) - 1), rng)
        expected = _product(self.factors, self.risk) * self.elapsed
        self.base = rng.gamma(moved.sum() + 0.5) / max(float(expected.sum()), SMALLEST)
        expected = expected * self.base
        for kind, before in enumerate(self.factors):
            success = np.bincount(self.pairs[kind], moved, len(before))
            without = np.bincount(self.risk[kind], expected, len(before)) / before
            after, self.means[kind] = draw_factors(success, without, rng)
            expected *= (after / before)[self.risk[kind]]
            self.factors[kind] = after
        ever = np.divide(expected, self.elapsed, out=np.zeros_like(expected), where=self.elapsed > 0)
        self.watched = float(expected.sum()) / max(float(ever.sum()), SMALLEST)


def causes(share: Floats, ptr: Ints, rng: np.random.Generator) -> Floats:
    """[n_pairs] 1 where the candidate is drawn as the cause of its take-up, by these shares, else 0."""
    ends = np.append(0.0, np.cumsum(share))
    drawn = np.searchsorted(ends, ends[ptr[:-1]] + rng.random(len(ptr) - 1), side="right") - 1
    moved = np.zeros(len(share))
    moved[drawn[drawn < ptr[1:]]] = 1.0  # beyond the take-up's own pairs: it came from outside
    return moved


def _product(factors: Sequence[Floats], keys: Sequence[Ints]) -> Floats:
    found = np.ones(len(keys[0]))
    for factor, key in zip(factors, keys, strict=True):
        found *= factor[key]
    return found
