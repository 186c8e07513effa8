"""Every method that learns from a stage, and what it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.tasks.partners import Asked
from influence.training.partner_windows import PartnerStage
from influence.training.partners import (
    BASELINES,
    COMBINATIONS,
    PARTS,
    Builder,
    PartnerForecaster,
    PartnerMix,
    develop,
)
from influence.training.parts import Recipe


@dataclass(frozen=True)
class Trained:
    """What one seed made of a stage.

    Attributes
    ----------
    parts : every forecaster, fitted once, whichever methods share it
    mixes : method -> its parts and their weights
    seconds : method -> what its parts took
    """

    parts: Mapping[str, PartnerForecaster]
    mixes: Mapping[str, PartnerMix]
    seconds: Mapping[str, float]

    @classmethod
    def of(cls, stage: PartnerStage, recipe: Recipe, alone: Mapping[str, Builder] = BASELINES) -> Trained:
        """Every part chosen and fitted, every method mixed; `alone` are methods of one part."""
        parts, seconds = {}, {}
        for name, build in {**PARTS, **alone}.items():
            started = time.perf_counter()
            parts[name] = develop(build(recipe), stage.train, stage.validation)
            seconds[name] = time.perf_counter() - started
        methods = {**COMBINATIONS, **{name: (name,) for name in alone}}
        return cls(
            {name: part.forecaster for name, part in parts.items()},
            {
                method: PartnerMix.of({name: parts[name] for name in used}, stage.validation)
                for method, used in methods.items()
            },
            {method: sum(seconds[name] for name in used) for method, used in methods.items()},
        )

    def scores(self, asked: Asked) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """Every method's scores [rows]; each part is asked once."""
        found = {name: part.score(asked) for name, part in self.parts.items()}
        for method, mix in self.mixes.items():
            yield method, mix.mixed(found)
