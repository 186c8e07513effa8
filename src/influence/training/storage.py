"""Fitted combinations on disk: safetensors, LightGBM's text and JSON; nothing that runs code when read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from influence.errors import CheckpointError
from influence.model.calibration import History, Prequential
from influence.model.encoder import EncoderConfig
from influence.model.hazard import Outcomes
from influence.model.trees import TreesConfig
from influence.training.forecaster import Forecaster, TreesForecaster
from influence.training.loop import TrainingConfig
from influence.training.mixture import Combination
from influence.training.networks import NetworkForecaster


def save_combination(combination: Combination, folder: Path) -> dict[str, Any]:
    """Write the parts and the recalibration's history; returns what `load_combination` needs, as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    calibration, history = combination.calibration, combination.calibration.history
    tensors = {
        "centre": calibration.centre,
        "logits": history.logits,
        "sent_at": history.sent_at,
        "n_at_risk": history.outcomes.n_at_risk,
        "event": history.outcomes.event,
    }
    save_file(
        {name: np.ascontiguousarray(values) for name, values in tensors.items()},
        folder / "history.safetensors",
    )
    return {
        "weights": dict(combination.weights),
        "parts": {name: _save_part(part, folder / name) for name, part in combination.forecasters.items()},
        "calibration": {
            "half_life_days": _finite(calibration.half_life_days),
            "strength": _finite(calibration.strength),
            "every_days": calibration.every_days,
        },
    }


def load_combination(
    folder: Path,
    told: Mapping[str, Any],
    encoder: EncoderConfig,
    trees: TreesConfig,
    training: TrainingConfig,
) -> Combination:
    """Read what `save_combination` wrote.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or the weights are of another shape.
    """
    try:
        tensors = load_file(folder / "history.safetensors")
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
    history = History(tensors["logits"], tensors["sent_at"], Outcomes(tensors["n_at_risk"], tensors["event"]))
    steps = {name: np.inf if value is None else value for name, value in told["calibration"].items()}
    return Combination(forecasters, told["weights"], Prequential(history, tensors["centre"], **steps))


def _save_part(part: Forecaster, folder: Path) -> dict[str, Any]:
    assert isinstance(part, NetworkForecaster | TreesForecaster), "only the model's own parts are stored"
    kind = "network" if isinstance(part, NetworkForecaster) else "trees"
    return {"kind": kind, **part.save(folder)}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
