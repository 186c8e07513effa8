"""IMM: influence maximisation by martingales (Tang, Shi & Xiao 2015), its bound as corrected by Chen (2018).

The number of reverse reachable sets is raised until the greedy choice on them proves how much the best choice
spreads at least; that tells how many are enough for the final choice to be, with probability 1 - 1 / n^ell,
within `epsilon` of the share of the best that greedy guarantees (1 - 1/e without caps and budget).  The final
choice keeps the sets of the search.  That breaks the original proof; Chen's second remedy is to raise ell so
that a union over every possible number of sets holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from influence.contagion.ambassadors.greedy import Choice, Ground, choose
from influence.contagion.ambassadors.reverse_reachable import ReverseReachable
from influence.contagion.ambassadors.spread_graph import SpreadGraph
from influence.settings import Settings

GREEDY = 1 - 1 / np.e
LEAST_SIZE, MOST_SIZE = 250_000, 20_000_000
"""Between these lies what is drawn beyond the bound."""


class Precision(Settings):
    """How close to the best choice, and how surely."""

    epsilon: float = 0.5
    """The choice is worth at least 1 - 1/e - epsilon of the best one, ..."""
    ell: float = 1.0
    """... with probability 1 - 1 / n^ell."""
    members_per_person: int = 5_000
    """Sets are drawn until they hold so many members for each person to be chosen, however few the bound asks
    for: a fraction of a millisecond of work for each that steadies the choice."""

    def least_size(self, k: int) -> int:
        """Members of all sets together, at least."""
        return int(np.clip(self.members_per_person * k, LEAST_SIZE, MOST_SIZE))


@dataclass(frozen=True)
class _Numbers:
    """How many sets are needed, times what the best choice is worth."""

    n: int
    k: int
    precision: Precision

    def _log_choices(self) -> float:
        n, k = self.n, self.k
        return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    @property
    def epsilon_search(self) -> float:
        return float(np.sqrt(2) * self.precision.epsilon)

    def search(self, ell: float) -> float:
        """The paper's lambda'."""
        epsilon = self.epsilon_search
        logs = self._log_choices() + ell * np.log(self.n) + np.log(max(np.log2(self.n), 1))
        return float((2 + 2 / 3 * epsilon) * logs * self.n / epsilon**2)

    def final(self, ell: float) -> float:
        """The paper's lambda*."""
        alpha = np.sqrt(ell * np.log(self.n) + np.log(2))
        beta = np.sqrt(GREEDY * (self._log_choices() + ell * np.log(self.n) + np.log(2)))
        return float(2 * self.n * ((GREEDY * alpha + beta) / self.precision.epsilon) ** 2)

    def ell(self) -> float:
        """Ell raised for the two phases together (Tang et al.) and for the reuse of sets (Chen)."""
        ell = self.precision.ell * (1 + np.log(2) / np.log(self.n))
        gamma = 0.0
        for _ in range(20):  # smallest gamma with lambda*(ell + gamma) <= n^gamma
            gamma = np.log(self.final(ell + gamma)) / np.log(self.n)
        return float(ell + gamma)


def imm(
    graph: SpreadGraph, ground: Ground, rng: np.random.Generator, precision: Precision | None = None
) -> Choice:
    """People with nearly the highest spread within the limits, as reverse reachable sets estimate it.

    The estimate of the chosen themselves runs high, since they were chosen by it: simulate for their worth.

    Parameters
    ----------
    graph, ground
        Positions of the ground are those of the graph.
    """
    precision = precision or Precision()
    n, k = len(graph), min(ground.k, len(ground.eligible))
    if not graph.n_edges or k < 1:
        return choose(ReverseReachable(graph, rng).coverage, ground)
    numbers = _Numbers(n, k, precision)
    ell, sets = numbers.ell(), ReverseReachable(graph, rng)
    found, at_least = None, float(max(k, 1) if not np.isfinite(ground.budget) else 1)
    for i in range(1, max(int(np.log2(n)), 2)):
        worth = n / 2**i
        needed = int(np.ceil(numbers.search(ell) / worth))
        if found is None or len(sets) < needed:
            _grow(sets, needed, precision.least_size(k))
            found = choose(sets.coverage, ground)
        if found.worth >= (1 + numbers.epsilon_search) * worth:
            at_least = found.worth / (1 + numbers.epsilon_search)
            break
    needed = int(np.ceil(numbers.final(ell) / at_least))
    if found is None or len(sets) < needed:
        _grow(sets, needed, precision.least_size(k))
        found = choose(sets.coverage, ground)
    return found


def _grow(sets: ReverseReachable, needed: int, least_size: int) -> None:
    sets.grow(needed)
    while sets.size < least_size:
        sets.grow(max(int(len(sets) * least_size / sets.size), len(sets) + 1))
