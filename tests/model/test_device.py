"""Every tensor follows the module's device, forward, in the loss and backward."""

from __future__ import annotations

import pytest
import torch
from tests.experiment.worlds import network
from torch import nn

from influence.evaluation.baselines import GraphSage
from influence.evaluation.protocol import Study
from influence.graph.loading import batches
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import N_LOGITS, hazard_loss
from influence.training.loop import TrainingConfig, device_of, scoring_device
from influence.training.networks import HazardNetwork

FULL = EncoderConfig(width=8, heads=2, fan_out=(4, 3), snapshot_days=30.0, snapshot_hops=1)
ALONE = EncoderConfig(width=8, heads=2, fan_out=())
OTHER = torch.device("meta")
"""A device that every build of torch has, and that does not mix with the CPU any more than a GPU does."""


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.of(network())


@pytest.mark.parametrize(
    ("build", "config"),
    [(TemporalEncoder, FULL), (TemporalEncoder, ALONE), (GraphSage, FULL)],
    ids=["two hops and snapshots", "no neighbours", "graphsage"],
)
def test_network__on_another_device__no_tensor_stays_behind(
    build: type[nn.Module], config: EncoderConfig, study: Study
) -> None:
    queries = study.queries[torch.arange(20).numpy()]
    batch = next(iter(batches(queries, config.fan_out, 20, snapshot=config.snapshot)))
    module = HazardNetwork(build(config), config.width)
    n_at_risk, event = torch.full((20,), 5), torch.arange(20) % 3
    logits = module.to(OTHER)(batch.to(OTHER))
    loss = hazard_loss(logits, n_at_risk.to(OTHER), event.to(OTHER))
    loss.backward()
    assert (logits.device, logits.shape) == (OTHER, (20, N_LOGITS))
    assert loss.device == OTHER


def test_other_device__a_tensor_left_on_the_cpu__refused() -> None:
    with pytest.raises(RuntimeError, match="device"):
        torch.ones(3, device=OTHER) + torch.ones(3)
    with pytest.raises(RuntimeError, match="device"):
        torch.cat((torch.ones(3, device=OTHER), torch.ones(3)))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_scoring_device__trained_on_a_gpu_that_is_not_here__the_cpu() -> None:
    assert scoring_device(TrainingConfig(device="cuda")) == torch.device("cpu")


def test_device__gpu_present__follows_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for device, expected in (("auto", "cuda"), ("cuda", "cuda"), ("cpu", "cpu")):
        assert device_of(TrainingConfig(device=device)) == torch.device(expected)
        assert scoring_device(TrainingConfig(device=device)) == torch.device(expected)
