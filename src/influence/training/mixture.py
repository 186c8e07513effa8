"""Methods combined and recalibrated: every method that is compared or shipped is a combination of parts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from influence.errors import CheckpointError
from influence.graph.loading import QuerySet
from influence.model.calibration import (
    CalibrationConfig,
    History,
    Prequential,
    clearly_better,
    recalibrated_losses,
)
from influence.model.encoder import EncoderConfig
from influence.model.hazard import Forecast, Outcomes, base_logits
from influence.model.trees import TreesConfig
from influence.training.forecaster import Forecaster, Logits, TreesForecaster
from influence.training.loop import TrainingConfig
from influence.training.networks import NetworkForecaster

HISTORY = "history.safetensors"
"""What recalibration remembers, in the folder of a combination."""
WEIGHT_STEP = 0.25
"""The grid of mixing weights; a finer one would fit the validation rows' noise."""


@dataclass(frozen=True)
class Stage:
    """Queries and outcomes of one development: what is chosen on, and what is fitted at last.

    `train` and `validation` are for choosing: outcomes known at the validation's start and at its end.
    `everything` is both, known at its end.
    """

    train: QuerySet
    train_outcomes: Outcomes
    validation: QuerySet
    validation_outcomes: Outcomes
    everything: QuerySet
    everything_outcomes: Outcomes

    @classmethod
    def cut(
        cls, queries: QuerySet, outcomes: Outcomes, train: NDArray[np.int64], validation: NDArray[np.int64],
        validation_from: int, until: int, everything: NDArray[np.int64] | None = None,
    ) -> Stage:  # fmt: skip
        """Censor outcomes at both boundaries; moments in microseconds.

        `everything` holds the rows to fit on at last, ascending, the others among them; by default all before
        `until`.
        """
        at = queries.queries.at
        everything = np.flatnonzero(at < until) if everything is None else everything
        whole = queries[everything]

        def known(rows: NDArray[np.int64], boundary: int) -> Outcomes:
            return outcomes[rows].censored(at[rows], boundary)

        def part(rows: NDArray[np.int64]) -> QuerySet:
            return whole.part(np.searchsorted(everything, rows))

        return cls(
            part(train), known(train, validation_from),
            part(validation), known(validation, until),
            whole, known(everything, until),
        )  # fmt: skip

    @property
    def centre(self) -> Logits:
        """The marginal hazards' logits when choosing."""
        return base_logits(self.train_outcomes)


@dataclass(frozen=True)
class Part:
    """A forecaster fitted on everything, and the held-out validation logits of its selection."""

    forecaster: Forecaster
    validation_logits: Logits


def develop(forecaster: Forecaster, stage: Stage) -> Part:
    """Choose on validation, then fit on everything."""
    forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
    held_out = forecaster.logits(stage.validation)
    return Part(forecaster.refit(stage.everything, stage.everything_outcomes), held_out)


@dataclass(frozen=True)
class Combination:
    """Parts mixed at the logit level, their forecasts recalibrated as outcomes come in."""

    forecasters: Mapping[str, Forecaster]
    weights: Mapping[str, float]
    calibration: Prequential

    @classmethod
    def of(cls, parts: Mapping[str, Part], stage: Stage, config: CalibrationConfig) -> Combination:
        """Choose weights on the validation logits; recalibration begins with what became of them."""
        held_out = {name: part.validation_logits for name, part in parts.items()}
        weights = choose_weights(held_out, stage.validation_outcomes, stage.centre)
        history = History(mix(held_out, weights), stage.validation.queries.at, stage.validation_outcomes)
        calibration = Prequential.of(history, stage.centre, config)
        return cls({name: part.forecaster for name, part in parts.items()}, weights, calibration)

    def logits(self, queries: QuerySet) -> Logits:
        """Mixed hazard logits [n, N_LOGITS], not yet recalibrated."""
        used = [name for name, weight in self.weights.items() if weight > 0]
        return self.mixed({name: self.forecasters[name].logits(queries) for name in used})

    def mixed(self, logits: Mapping[str, Logits]) -> Logits:
        """The parts' logits, mixed by the chosen weights."""
        return mix(logits, self.weights)

    def following(self, logits: Logits, sent_at: NDArray[np.int64], outcomes: Outcomes) -> Combination:
        """The same, recalibrating by these later forecasts too, once their outcomes are known."""
        return replace(self, calibration=self.calibration.extended(logits, sent_at, outcomes))

    def forecast(self, logits: Logits, at: NDArray[np.int64]) -> Forecast:
        """Recalibrated forecasts of queries at given moments (microseconds)."""
        return Forecast.from_logits(self.calibration(logits, at))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the parts and the recalibration's history; returns what `load` needs besides, as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        calibration, history = self.calibration, self.calibration.history
        tensors = {
            "centre": calibration.centre,
            "logits": history.logits,
            "sent_at": history.sent_at,
            "n_at_risk": history.outcomes.n_at_risk,
            "event": history.outcomes.event,
        }
        save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, folder / HISTORY)
        return {
            "weights": dict(self.weights),
            "parts": {name: _save_part(part, folder / name) for name, part in self.forecasters.items()},
            "calibration": {
                "half_life_days": _finite(calibration.half_life_days),
                "strength": _finite(calibration.strength),
                "every_days": calibration.every_days,
            },
        }

    @classmethod
    def load(
        cls,
        folder: Path,
        told: Mapping[str, Any],
        encoder: EncoderConfig,
        trees: TreesConfig,
        training: TrainingConfig,
    ) -> Combination:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If a file is missing or damaged, or the weights are of another shape.
        """
        try:
            tensors = load_file(folder / HISTORY)
            forecasters: dict[str, Forecaster] = {}
            for name, part in told["parts"].items():
                if part["kind"] == "network":
                    forecasters[name] = NetworkForecaster.load(folder / name, encoder, training, part)
                else:
                    forecasters[name] = TreesForecaster.load(folder / name, trees, part)
        except (OSError, KeyError, SafetensorError) as error:
            raise CheckpointError(
                f"{folder}: the stored model is incomplete or damaged ({error}). Train it anew."
            ) from error
        outcomes = Outcomes(tensors["n_at_risk"], tensors["event"])
        history = History(tensors["logits"], tensors["sent_at"], outcomes)
        steps = {name: np.inf if value is None else value for name, value in told["calibration"].items()}
        return cls(forecasters, told["weights"], Prequential(history, tensors["centre"], **steps))


def _save_part(part: Forecaster, folder: Path) -> dict[str, Any]:
    assert isinstance(part, NetworkForecaster | TreesForecaster), "only the model's own parts are stored"
    kind = "network" if isinstance(part, NetworkForecaster) else "trees"
    return {"kind": kind, **part.save(folder)}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def choose_weights(
    parts: Mapping[str, Logits], outcomes: Outcomes, centre: Logits, step: float = WEIGHT_STEP
) -> dict[str, float]:
    """Weights that sum to 1: equal ones, unless others are clearly better on validation."""
    names, levels = list(parts), round(1 / step)
    candidates = [
        dict(zip(names, (np.array(counts) / levels).tolist(), strict=True))
        for counts in itertools.product(range(levels + 1), repeat=len(names))
        if sum(counts) == levels
    ]

    def losses(weights: Mapping[str, float]) -> Logits:
        return recalibrated_losses(mix(parts, weights), outcomes, centre)

    equal = {name: 1 / len(names) for name in names}
    best = min(candidates, key=lambda weights: float(losses(weights).mean()))
    return best if clearly_better(losses(best), losses(equal)) else equal


def mix(parts: Mapping[str, Logits], weights: Mapping[str, float]) -> Logits:
    """The weighted mean of hazard logits."""
    return np.sum([weight * parts[name] for name, weight in weights.items() if weight > 0], axis=0)
