"""Rankers of partners: chosen on later lists, fitted again on all, mixed so that the parts still add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from influence.graph.partner_columns import GROUPS
from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.tasks.partners import Asked
from influence.training.loop import TrainingConfig
from influence.training.partner_boosting import PartnerBoosting
from influence.training.partner_linear import PartnerLinear
from influence.training.partner_lists import PartnerForecaster, losses_abroad
from influence.training.partner_networks import PartnerNet, PartnerSageNet
from influence.training.parts import Recipe

__all__ = [
    "BASELINES", "COMBINATIONS", "MODEL", "PARTS", "PartnerBoosting", "PartnerForecaster", "PartnerLinear",
    "PartnerMix", "PartnerNet", "PartnerPart", "choose_weights", "develop", "load_partner_forecaster",
]  # fmt: skip

Floats = NDArray[np.float64]


def load_partner_forecaster(
    folder: Path,
    told: Mapping[str, Any],
    encoder: EncoderConfig,
    trees: TreesConfig,
    training: TrainingConfig,
) -> PartnerForecaster:
    """Read what a forecaster's `save` wrote and told.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or the weights are of another shape.
    """
    if told["kind"] == "linear":
        return PartnerLinear.load(told)
    if told["kind"] == "network":
        return PartnerNet.load(folder, encoder, training, told)
    return PartnerBoosting.load(folder, trees, told)


Builder = Callable[[Recipe], PartnerForecaster]


def _net(recipe: Recipe, name: str, hops: int, kind: type[PartnerNet] = PartnerNet) -> PartnerNet:
    made = recipe.network(name, recipe.encoder)
    return kind(recipe.encoder, recipe.training, recipe.seeds, hops, made.folder, tuple(made.callbacks))


PARTS: Mapping[str, Builder] = {
    "gnn": lambda recipe: _net(recipe, "gnn", 1),
    "boosted_trees": lambda recipe: PartnerBoosting(recipe.trees, recipe.seeds),
    "log_linear": lambda recipe: PartnerLinear(),
    "network_without_neighbours": lambda recipe: _net(recipe, "network_without_neighbours", 0),
}
"""The parts of all methods."""

MODEL = ("gnn", "boosted_trees", "log_linear")
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "model": MODEL,
    "gnn": ("gnn",),
    "model_without_gnn": ("network_without_neighbours", "boosted_trees", "log_linear"),
    "boosted_trees": ("boosted_trees",),
    "log_linear": ("log_linear",),
}
"""Method -> the parts it mixes."""

LIKENESS = ("fit.similarity", "fit.rare_similarity", "fit.rarest_shared", "fit.same_city")
"""How alike two entities are by what they do; what past links teach about that is not in it."""
STANDING = ("direct.log_target_degree", "direct.log_target_in_degree", "direct.persistence")
"""How many partners the target has, and how many of the source's are from its country."""
BASELINES: Mapping[str, Builder] = {
    "graphsage": lambda recipe: _net(recipe, "graphsage", 0, PartnerSageNet),
    "logistic_regression": lambda recipe: PartnerLinear((*LIKENESS, "gravity.")),
    "gravity": lambda recipe: PartnerLinear(("gravity.",)),
    "gravity_popularity_persistence": lambda recipe: PartnerLinear(("gravity.", *STANDING)),
}
"""Further methods learnt from the same lists: the logit knows only how alike and how far apart two are."""


@dataclass(frozen=True)
class PartnerPart:
    """A forecaster fitted on everything; as it was before the validation lists, and what it scored them."""

    forecaster: PartnerForecaster
    before: PartnerForecaster
    held_out: tuple[Floats, ...]


def develop(part: PartnerForecaster, train: Sequence[Asked], validation: Sequence[Asked]) -> PartnerPart:
    """Choose on validation, then fit on both."""
    part.select(train, validation)
    held_out = tuple(part.score(asked) for asked in validation)
    return PartnerPart(part.refit([*train, *validation]), part, held_out)


@dataclass(frozen=True)
class PartnerMix:
    """Forecasters whose scores are added with weights; so are their parts."""

    forecasters: Mapping[str, PartnerForecaster]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, parts: Mapping[str, PartnerPart], validation: Sequence[Asked]) -> PartnerMix:
        """The weights under which the validation lists' choices were most likely; none is negative."""
        scores = {name: np.concatenate(part.held_out) for name, part in parts.items()}
        weights = choose_weights(scores, validation)
        return cls({name: part.forecaster for name, part in parts.items()}, weights)

    def parts(self, asked: Asked) -> Floats:
        """[rows, len(GROUPS)] parts that sum to the score."""
        total = np.zeros((len(asked.lists), len(GROUPS)))
        for name, weight in self.weights.items():
            if weight > 0:
                total += weight * self.forecasters[name].parts(asked)
        return total

    def score(self, asked: Asked) -> Floats:
        """[rows] scores, the sums of the parts: log of the odds among equals, up to a constant per list."""
        return self.mixed({name: self.forecasters[name].score(asked) for name in self.used})

    def mixed(self, scores: Mapping[str, Floats]) -> Floats:
        """[rows] the sum of its forecasters' scores [rows] of the same lists, each with its weight."""
        return np.asarray(sum(self.weights[name] * scores[name] for name in self.used))

    @property
    def used(self) -> list[str]:
        """The forecasters of any weight; all where none has any."""
        return [name for name, weight in self.weights.items() if weight > 0] or list(self.weights)


def choose_weights(scores: Mapping[str, Floats], validation: Iterable[Asked]) -> dict[str, float]:
    """Weights, 0 or more, of least loss on the validation lists; their sum is a temperature."""
    lists = list(validation)
    stacked = np.stack(list(scores.values()))
    ends = np.cumsum([len(one.lists) for one in lists])[:-1]

    def loss(weights: Floats) -> float:
        return float(losses_abroad(np.split(weights @ stacked, ends), lists).mean())

    start = np.full(len(scores), 1 / len(scores))
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(0.0, 5.0)] * len(scores))
    return dict(zip(scores, np.asarray(found.x).tolist(), strict=True))
