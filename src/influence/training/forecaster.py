"""What every method is to the rest: chosen on validation, fitted again on everything, asked for hazards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.pairs import PairFeatures
from influence.model.calibration import recalibrated_losses
from influence.model.hazard import Outcomes, base_logits
from influence.model.trees import HazardTrees, TreesConfig

Matrix = NDArray[np.float32]
Logits = NDArray[np.float64]


class Forecaster(Protocol):
    """A method that forecasts hazards."""

    def select(self, train: QuerySet, known: Outcomes, validation: QuerySet, later: Outcomes) -> None:
        """Fit on the training queries as known at validation's start; choose on the validation queries."""

    def refit(self, train: QuerySet, known: Outcomes) -> Self:
        """A new forecaster with the choices made, fitted on these queries."""

    def logits(self, queries: QuerySet) -> Logits:
        """Hazard logits [n, N_LOGITS] of queries, each from what was visible before its own time."""


COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "pair": (("pair",), PairFeatures.columns),
    "pair_and_neighbours": (("pair", "neighbours"), PairFeatures.columns + NEIGHBOUR_COLUMNS),
}
"""Sets of columns that trees may see: the parts of a `QuerySet` that hold them, and their names."""


class TreesForecaster:
    """An ensemble of boosted hazard trees.

    Parameters
    ----------
    columns
        A name in `COLUMNS`.
    config, seeds
        How to boost; one member per seed.
    n_rounds
        Trees per member; chosen by `select`.
    """

    def __init__(
        self, columns: str, config: TreesConfig, seeds: tuple[int, ...], n_rounds: int | None = None
    ) -> None:
        self.columns, self.config, self.seeds, self.n_rounds = columns, config, seeds, n_rounds
        self.members: list[HazardTrees] = []

    def select(self, train: QuerySet, known: Outcomes, validation: QuerySet, later: Outcomes) -> None:
        centre = base_logits(known)
        self._boost(train, known, self.config.max_rounds)
        x = self._matrix(validation)
        rounds = [m.rounds_to_keep(x, lambda z: recalibrated_losses(z, later, centre)) for m in self.members]
        self.n_rounds = int(np.median(rounds))

    def refit(self, train: QuerySet, known: Outcomes) -> TreesForecaster:
        assert self.n_rounds is not None, "select first"
        new = TreesForecaster(self.columns, self.config, self.seeds, self.n_rounds)
        new._boost(train, known, self.n_rounds)
        return new

    def logits(self, queries: QuerySet) -> Logits:
        parts = self._parts(queries)
        return np.mean([member.logits(*parts, n_rounds=self.n_rounds) for member in self.members], axis=0)

    def _boost(self, train: QuerySet, known: Outcomes, n_rounds: int) -> None:
        x = self._matrix(train)
        self.members = [HazardTrees(self.config, seed).fit(x, known, n_rounds) for seed in self.seeds]

    def _matrix(self, queries: QuerySet) -> Matrix:
        parts = self._parts(queries)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def _parts(self, queries: QuerySet) -> list[Matrix]:
        return [getattr(queries, name) for name in COLUMNS[self.columns][0]]

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the members into a folder; returns what else `load` needs, as JSON."""
        for seed, member in zip(self.seeds, self.members, strict=True):
            member.save(folder / f"member-{seed}")
        return {"columns": self.columns, "n_rounds": self.n_rounds, "seeds": list(self.seeds)}

    @classmethod
    def load(cls, folder: Path, config: TreesConfig, told: dict[str, Any]) -> TreesForecaster:
        """Read what `save` wrote."""
        new = cls(told["columns"], config, tuple(told["seeds"]), told["n_rounds"])
        new.members = [HazardTrees.load(folder / f"member-{seed}", config, seed) for seed in new.seeds]
        return new
