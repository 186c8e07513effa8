"""Boosted trees as a ranker of partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from influence.model.calibration import clearly_better
from influence.model.partners import PartnerTrees
from influence.model.trees import TreesConfig
from influence.tasks.partners import Asked
from influence.training.partner_lists import Stacked, losses_abroad

Floats = NDArray[np.float64]


class PartnerBoosting:
    """An ensemble of boosted trees on the pair columns.

    Parameters
    ----------
    config, seeds : how to boost; one member per seed
    """

    def __init__(self, config: TreesConfig, seeds: Sequence[int], n_rounds: int | None = None) -> None:
        self.config, self.seeds, self.n_rounds = config, tuple(seeds), n_rounds
        self.trees: list[PartnerTrees] = []

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        self._boost(train, self.config.max_rounds)
        boosted, kept = self.config.max_rounds, None
        for n in range(self.config.check_every, boosted + 1, self.config.check_every):
            found = losses_abroad([self._score(asked, n) for asked in validation], validation)
            if clearly_better(found, kept):
                self.n_rounds, kept = n, found

    def refit(self, asked: Sequence[Asked]) -> PartnerBoosting:
        assert self.n_rounds is not None, "select first"
        new = PartnerBoosting(self.config, self.seeds, self.n_rounds)
        new._boost(asked, self.n_rounds)
        return new

    def parts(self, asked: Asked) -> Floats:
        return np.asarray(np.mean([tree.parts(asked.columns) for tree in self.trees], axis=0))

    def score(self, asked: Asked) -> Floats:
        return self._score(asked)

    def _score(self, asked: Asked, n: int | None = None) -> Floats:
        return np.asarray(np.mean([tree.score(asked.columns.values, n) for tree in self.trees], axis=0))

    def _boost(self, asked: Sequence[Asked], n: int) -> None:
        rows = Stacked.of(asked)
        self.trees = [
            PartnerTrees(self.config, seed).fit(rows.x, rows.hit, rows.query, rows.log_q, n)
            for seed in self.seeds
        ]

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        for seed, tree in zip(self.seeds, self.trees, strict=True):
            tree.save(folder / f"member-{seed}.txt")
        return {"kind": "trees", "seeds": list(self.seeds), "n_rounds": self.n_rounds}

    @classmethod
    def load(cls, folder: Path, config: TreesConfig, told: Mapping[str, Any]) -> PartnerBoosting:
        """Read what `save` wrote."""
        new = cls(config, told["seeds"], told["n_rounds"])
        new.trees = [PartnerTrees.load(folder / f"member-{seed}.txt", config, seed) for seed in new.seeds]
        return new
