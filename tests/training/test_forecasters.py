"""Forecasters: chosen, fitted again, stored; trees and networks alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from influence.errors import CheckpointError
from influence.model.encoder import EncoderConfig
from influence.model.hazard import N_LOGITS
from influence.model.trees import TreesConfig
from influence.training.forecaster import COLUMNS, TreesForecaster
from influence.training.loop import Progress, TrainingConfig
from influence.training.mixture import Stage, develop
from influence.training.networks import NetworkForecaster

ENCODER = EncoderConfig(width=8, heads=2, fan_out=(3,))
TRAINING = TrainingConfig(max_epochs=2, batch_size=64, device="cpu")
TREES = TreesConfig(max_rounds=30, min_data_in_leaf=10)


def network(folder: Path | None = None, **changes: object) -> NetworkForecaster:
    return NetworkForecaster(ENCODER, TRAINING, (3, 4), folder=folder, **changes)  # type: ignore[arg-type]


def trees() -> TreesForecaster:
    return TreesForecaster("pair", TREES, (3, 4))


def selected(forecaster: NetworkForecaster, stage: Stage) -> NetworkForecaster:
    forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
    return forecaster


@pytest.mark.parametrize("make", [network, trees])
def test_forecaster__developed__finite_logits_and_the_mean_of_its_members(make: object, stage: Stage) -> None:
    forecaster = develop(make(), stage).forecaster  # type: ignore[operator]
    found = forecaster.logits(stage.validation)
    assert found.shape == (len(stage.validation), N_LOGITS)
    assert np.isfinite(found).all()
    alone = []
    for member in list(forecaster.members):
        forecaster.members = [member]
        alone.append(forecaster.logits(stage.validation))
    np.testing.assert_allclose(np.mean(alone, axis=0), found, atol=1e-6)
    assert np.abs(alone[0] - alone[1]).max() > 1e-4


def test_trees_forecaster__refit__chosen_rounds_on_more_rows(stage: Stage) -> None:
    part = develop(trees(), stage)
    assert part.forecaster.n_rounds <= TREES.max_rounds
    assert all(m.accept.current_iteration() <= part.forecaster.n_rounds for m in part.forecaster.members)
    assert not np.allclose(part.forecaster.logits(stage.validation), part.validation_logits)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_columns__every_set__as_many_as_named(name: str, stage: Stage) -> None:
    parts, names = COLUMNS[name]
    assert sum(getattr(stage.validation, part).shape[1] for part in parts) == len(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("make", [network, trees])
def test_forecaster__no_queries__no_answers(make: object, stage: Stage) -> None:
    none = stage.validation[np.arange(0)]
    assert develop(make(), stage).forecaster.logits(none).shape == (0, N_LOGITS)  # type: ignore[operator]


def test_network_forecaster__killed_and_resumed__the_very_same_logits(tmp_path: Path, stage: Stage) -> None:
    def kill(progress: Progress) -> None:
        if progress.epoch == 1:
            raise KeyboardInterrupt

    whole = selected(network(), stage).logits(stage.validation)
    with pytest.raises(KeyboardInterrupt):
        selected(network(tmp_path, callbacks=[kill]), stage)
    resumed = selected(network(tmp_path), stage).logits(stage.validation)
    np.testing.assert_array_equal(resumed, whole)


def test_network_forecaster__selected_twice__as_once(stage: Stage) -> None:
    forecaster = selected(selected(network(), stage), stage)
    assert len(forecaster.n_epochs) == len(forecaster.members) == 2
    forecaster.refit(stage.train, stage.train_outcomes)


def test_network_forecaster__any_use__leaves_torch_s_own_stream(stage: Stage) -> None:
    before = torch.get_rng_state()
    selected(network(), stage).logits(stage.validation)
    assert torch.equal(torch.get_rng_state(), before)


def test_network_forecaster__stored_under_another_width__refused(tmp_path: Path, stage: Stage) -> None:
    told = selected(network(), stage).save(tmp_path)
    same = NetworkForecaster.load(tmp_path, ENCODER, TRAINING, told)
    np.testing.assert_array_equal(
        same.logits(stage.validation), selected(network(), stage).logits(stage.validation)
    )
    wider = ENCODER.model_copy(update={"width": 10})
    with pytest.raises(CheckpointError, match="do not fit"):
        NetworkForecaster.load(tmp_path, wider, TRAINING, told)
