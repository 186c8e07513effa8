"""The parts that methods are combined of: one line per method says which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.training.forecaster import Forecaster, TreesForecaster
from influence.training.loop import Progress, TrainingConfig
from influence.training.networks import NetworkForecaster
from influence.training.workers import ALONE, Workers

EpochListener = Callable[[str, Progress], None]
"""Hears (name of the part, how its training stands) after every epoch."""


@dataclass(frozen=True)
class Recipe:
    """What the parts of one run are made with."""

    encoder: EncoderConfig
    trees: TreesConfig
    training: TrainingConfig
    seeds: tuple[int, ...]
    """One ensemble member each."""
    folder: Path | None = None
    """Where trainings keep their snapshots."""
    listeners: Iterable[EpochListener] = field(default=())
    """Hear of every epoch of every network."""
    workers: Workers = ALONE
    """The processes that train its networks together."""

    def network(self, name: str, encoder: EncoderConfig, **options: object) -> NetworkForecaster:
        """An ensemble of networks that keeps its snapshots apart under a name."""
        folder = self.folder / name if self.folder is not None else None
        return NetworkForecaster(
            encoder,
            self.training,
            self.seeds,
            folder=folder,
            callbacks=[partial(listener, name) for listener in self.listeners],
            workers=self.workers,
            **options,  # type: ignore[arg-type]
        )


def _gnn(recipe: Recipe) -> Forecaster:
    return recipe.network("gnn", recipe.encoder)


def _network_without_neighbours(recipe: Recipe) -> Forecaster:
    alone = recipe.encoder.model_copy(update={"fan_out": (), "snapshot_days": None})
    return recipe.network("network_without_neighbours", alone)


def _trees_with_neighbours(recipe: Recipe) -> Forecaster:
    return TreesForecaster("pair_and_neighbours", recipe.trees, recipe.seeds)


def _boosted_trees(recipe: Recipe) -> Forecaster:
    return TreesForecaster("pair", recipe.trees, recipe.seeds)


Builder = Callable[[Recipe], Forecaster]

PARTS: Mapping[str, Builder] = {
    "gnn": _gnn,
    "trees_with_neighbours": _trees_with_neighbours,
    "boosted_trees": _boosted_trees,
    "network_without_neighbours": _network_without_neighbours,
}
"""The model's own parts; the other baselines have theirs."""

MODEL = ("gnn", "trees_with_neighbours", "boosted_trees")
"""What ships: the network, trees that see the means over the same neighbours, and trees on the pair alone."""

COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "model": MODEL,
    "gnn": ("gnn",),
    "model_without_gnn": ("network_without_neighbours", "boosted_trees"),
}
"""Method -> its parts, where it has more than itself."""
