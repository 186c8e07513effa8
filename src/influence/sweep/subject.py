"""A data set as a sweep sees it, and how settings are judged on it: on its validation rows."""

from __future__ import annotations

from dataclasses import dataclass

from influence.config import Config
from influence.data import Network
from influence.evaluation.baselines import BASELINES
from influence.evaluation.protocol import Study
from influence.experiment import recipe_of
from influence.model.calibration import recalibrated_losses
from influence.progress import Tell
from influence.sweep.config import METHODS
from influence.training.mixture import Stage, choose_weights, mix
from influence.training.parts import PARTS


@dataclass(frozen=True)
class Subject:
    """A data set or world as far as a sweep may see it: everything visible before the test begins."""

    name: str
    stage: Stage
    fingerprint: str

    @classmethod
    def of(cls, name: str, network: Network, base: Config) -> Subject:
        """Divide by time, then hide the test rows and all that comes with or after them."""
        split = Study.of(network).split(base.split)
        known = network.as_of(split.test_from)
        # In the order of time, the rows before the test stand where they stood.
        stage = Study.of(known).stage(
            split.train, split.validation, split.validation_from, split.test_from, base.split.max_rows
        )
        return cls(name, stage, known.fingerprint)


def validation_loss(config: Config, method: str, subject: Subject, seed: int, progress: Tell) -> float:
    """Mean loss of a method on the validation rows, fitted on the training rows."""
    stage, held_out = subject.stage, {}
    recipe = recipe_of(config, seed, None, progress)
    for name in METHODS[method]:
        forecaster = {**PARTS, **BASELINES}[name](recipe)
        forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
        held_out[name] = forecaster.logits(stage.validation)
    weights = choose_weights(held_out, stage.validation_outcomes, stage.centre)
    return float(recalibrated_losses(mix(held_out, weights), stage.validation_outcomes, stage.centre).mean())
