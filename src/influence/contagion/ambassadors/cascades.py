"""Independent cascades (Kempe, Kleinberg & Tardos 2003), simulated.

In every simulated world each edge is live or not, once and for all, whoever is chosen: its coin is a number
of SplitMix64 (Steele, Lea & Flood 2014) at the place that world and edge name.  So choices are compared in
the same worlds, adding a person never lowers a spread, and the parts of several people sum to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.stats import norm

from influence.contagion.ambassadors.spread_graph import Floats, Ints, SpreadGraph

N_SIMULATIONS = 10_000
Z = float(norm.ppf(0.975))
"""Half width of a 95 % interval in standard errors."""

_GOLDEN, _MIX_1, _MIX_2 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_30, _27, _31, _11 = (np.uint64(n) for n in (30, 27, 31, 11))


@dataclass(frozen=True)
class Spread:
    """What chosen people bring, in the order in which they were chosen, they themselves included.

    Attributes
    ----------
    marginal : [k] take-ups that each adds to those of the people before
    value, low, high : [k] expected take-ups of each and all before, with a 95 % interval for the expectation
    totals : int64 [n_simulations], take-ups in each world
    """

    marginal: Floats
    value: Floats
    low: Floats
    high: Floats
    totals: Ints


def draw_worlds(rng: np.random.Generator) -> int:
    """A number that names a sequence of worlds."""
    return int(rng.integers(2**63))


def simulate(graph: SpreadGraph, chosen: Ints, worlds: int, n_simulations: int = N_SIMULATIONS) -> Spread:
    """The spread from people who take something up at the start.

    Parameters
    ----------
    chosen
        [k] positions, each once.
    worlds
        As `draw_worlds` gives.  World i is the same for every choice of people.
    """
    chosen = np.asarray(chosen, np.int64)
    sums, squares, totals = _simulate(*_edges(graph), chosen, np.uint64(worlds), n_simulations, False)
    value = sums.cumsum() / n_simulations
    variance = np.maximum(squares / n_simulations - value**2, 0) / max(n_simulations - 1, 1)
    half = Z * np.sqrt(variance)
    return Spread(sums / n_simulations, value, value - half, value + half, totals)


def shapley(graph: SpreadGraph, chosen: Ints, worlds: int, n_simulations: int = N_SIMULATIONS) -> Floats:
    """[k] each person's part of the spread: a take-up that c of them would bring counts 1 / c for each.

    These are Shapley values (1953) of the spread as a game among the chosen.  Each world lets them go one
    after the other in an order of its own; the mean of what each adds is unbiased, and in every world the
    parts sum to the spread that `simulate` finds in it.  People's own take-ups are counted as theirs alone.
    """
    chosen = np.asarray(chosen, np.int64)
    sums, _, _ = _simulate(*_edges(graph), chosen, np.uint64(worlds), n_simulations, True)
    return np.asarray(sums / n_simulations)


def _edges(graph: SpreadGraph) -> tuple[Ints, Ints, Floats]:
    return graph.ptr, graph.target, graph.p


@njit(inline="always")
def _number(seed, place):  # type: ignore[no-untyped-def]
    """The number at a place of the sequence of SplitMix64 that a seed begins."""
    z = seed + (np.uint64(place) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return z ^ (z >> _31)


@njit(inline="always")
def _uniform(seed, place):  # type: ignore[no-untyped-def]
    return np.float64(np.int64(_number(seed, place) >> _11)) * 2.0**-53


@njit(cache=True)
def _simulate(ptr, target, p, chosen, worlds, n_simulations, shuffled):  # type: ignore[no-untyped-def]
    """Sums [k] of what each adds, sums [k] of squares of what each and all before bring, totals."""
    k, n = len(chosen), len(ptr) - 1
    sums, squares = np.zeros(k, np.int64), np.zeros(k, np.float64)
    totals = np.zeros(n_simulations, np.int64)
    reached_in, queue = np.full(n, -1, np.int64), np.empty(n, np.int64)
    order = np.arange(k)
    for world in range(n_simulations):
        coins = _number(worlds, np.uint64(2 * world))
        if shuffled:
            lots = _number(worlds, np.uint64(2 * world + 1))
            for last in range(k - 1, 0, -1):
                i = int(_uniform(lots, last) * (last + 1))
                order[i], order[last] = order[last], order[i]
            for j in range(k):  # nobody reaches those who have taken it up by themselves
                reached_in[chosen[j]] = world
        size, before = 0, 0
        for place in range(k):
            j = order[place]
            if shuffled or reached_in[chosen[j]] != world:
                reached_in[chosen[j]] = world
                queue[size] = chosen[j]
                size += 1
            at = before
            while at < size:
                node = queue[at]
                at += 1
                for edge in range(ptr[node], ptr[node + 1]):
                    if reached_in[target[edge]] != world and _uniform(coins, edge) < p[edge]:
                        reached_in[target[edge]] = world
                        queue[size] = target[edge]
                        size += 1
            sums[j] += size - before
            squares[j] += float(size) ** 2
            before = size
        totals[world] = size
    return sums, squares, totals
