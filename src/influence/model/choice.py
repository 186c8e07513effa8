"""Boosted trees that choose one of several, by the conditional logit's likelihood (McFadden 1974)."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from influence.contagion.parents import Choices, base, normalised, share_first
from influence.model.trees import TreesConfig

LONGEST_STEP = 1.0
"""The most that a leaf moves a log weight, before shrinkage: Newton's step is too long for tiny chances."""


class ChoiceTrees:
    """Log weights of candidates as trees; within a take-up their softmax is the chance of each.

    Parameters
    ----------
    config, seed
        How to boost, and the seed of bagging and column sampling.
    """

    def __init__(self, config: TreesConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        self.booster: lgb.Booster | None = None
        self.p_first = 0.5

    def fit(self, choices: Choices, n_rounds: int) -> ChoiceTrees:
        """Boost `n_rounds` trees on take-ups whose parent is known."""
        self.p_first = share_first(choices)
        parent = np.zeros(len(choices.columns))
        parent[choices.chosen] = 1.0

        def gradient(
            score: NDArray[np.float64], _: lgb.Dataset
        ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            chance = normalised(score, choices.ptr)
            return chance - parent, np.maximum(chance * (1 - chance), 1e-6)

        start = choices.offset + base(choices.columns, self.p_first)
        data = lgb.Dataset(choices.columns, parent, init_score=start)
        given = self.config.boosting(len(parent), self.seed, objective=gradient, max_delta_step=LONGEST_STEP)
        self.booster = lgb.train(given, data, num_boost_round=n_rounds)
        return self

    def score(self, columns: NDArray[np.float32], n_rounds: int | None = None) -> NDArray[np.float64]:
        """float64 [n_pairs], log weights under the first `n_rounds` trees or all."""
        assert self.booster is not None, "fit the trees first"
        found = self.booster.predict(columns, raw_score=True, num_iteration=n_rounds)
        return np.asarray(found) + base(columns, self.p_first)
