"""Shapley values of groups of evidence by sampling orders, such that they sum exactly.

Each order starts from one background row and exchanges group after group for the row's own; a group's
contribution is the mean of what its exchange changes.  Steps of one order telescope, so base and
contributions sum to the score whatever the number of orders.  Sources: Shapley (1953); Castro, Gómez & Tejada
(2009), "Polynomial calculation of the Shapley value based on sampling"; Štrumbelj & Kononenko (2014),
"Explaining prediction models and individual predictions with feature contributions"; orders come with their
reverses (antithetic: Mitchell et al. 2022, "Sampling permutations for Shapley value estimation").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Attribution:
    """Scores taken apart: `score` is `base` plus the sum of the contributions.

    Attributes
    ----------
    score, base : float64 [n]
    contributions : float64 [n, players]
    """

    score: NDArray[np.float64]
    base: NDArray[np.float64]
    contributions: NDArray[np.float64]


@dataclass(frozen=True)
class Orders:
    """The states to be valued, the same for every row: comparable, whatever they are asked together with.

    Attributes
    ----------
    background : int64 [states], which background row stands in for what is not kept
    kept : bool [states, players]
    place : int64 [orders, players], when each player is exchanged
    state : int64 [orders, players + 1], the state after each exchange
    """

    background: NDArray[np.int64]
    kept: NDArray[np.bool_]
    place: NDArray[np.int64]
    state: NDArray[np.int64]

    @classmethod
    def draw(cls, n_players: int, n_backgrounds: int, rng: np.random.Generator) -> Orders:
        """One random order and its reverse per background row."""
        drawn = np.stack([rng.permutation(n_players) for _ in range(n_backgrounds)])
        place = np.concatenate((drawn, n_players - 1 - drawn))
        background = np.tile(np.arange(n_backgrounds), 2)
        kept = place[:, None, :] < np.arange(n_players + 1)[None, :, None]
        stand_in = np.where(kept.all(2), 0, background[:, None])
        states = np.column_stack((stand_in.ravel(), kept.reshape(-1, n_players)))
        unique, state = np.unique(states, axis=0, return_inverse=True)
        return cls(unique[:, 0], unique[:, 1:].astype(bool), place, state.reshape(place.shape[0], -1))

    def attribute(self, values: NDArray[np.float64]) -> Attribution:
        """Contributions of each player, from the values of all states, [n, states]."""
        path = values[:, self.state]
        steps = np.take_along_axis(np.diff(path, axis=2), self.place[None], axis=2)
        return Attribution(path[:, 0, -1], path[:, :, 0].mean(1), steps.mean(1))
