"""Every tensor follows the module's device: on torch's fake GPU, which needs none and refuses a mixture."""

from __future__ import annotations

import pytest
import torch
from tests.experiment.worlds import network
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch_geometric.data import Data

from influence.evaluation.baselines import GraphSage
from influence.evaluation.protocol import Study
from influence.graph.loading import batches
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import N_LOGITS, hazard_loss
from influence.training.loop import TrainingConfig, device_of, scoring_device
from influence.training.networks import HazardNetwork

FULL = EncoderConfig(width=8, heads=2, fan_out=(4, 3), snapshot_days=30.0, snapshot_hops=1)
ALONE = EncoderConfig(width=8, heads=2, fan_out=())
GPU = torch.device("cuda:0")


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.of(network())


def moved(mode: FakeTensorMode, found: Tensor | nn.Module | Data) -> Tensor | nn.Module | Data:
    """The same on the fake GPU."""

    def one(tensor: Tensor) -> Tensor:
        return mode.from_tensor(tensor.detach()).to(GPU)

    if isinstance(found, Tensor):
        return one(found)
    return found.apply(one) if isinstance(found, Data) else found._apply(one)


@pytest.mark.parametrize(
    ("build", "config"),
    [(TemporalEncoder, FULL), (TemporalEncoder, ALONE), (GraphSage, FULL)],
    ids=["two hops and snapshots", "no neighbours", "graphsage"],
)
def test_network__on_a_gpu__no_tensor_stays_behind(
    build: type[nn.Module], config: EncoderConfig, study: Study
) -> None:
    queries = study.queries[torch.arange(20).numpy()]
    batch = next(iter(batches(queries, config.fan_out, 20, snapshot=config.snapshot)))
    network_ = HazardNetwork(build(config), config.width)
    n_at_risk, event = torch.full((20,), 5), torch.arange(20) % 3
    with FakeTensorMode() as mode, torch.no_grad():
        logits = moved(mode, network_.eval())(moved(mode, batch))  # type: ignore[operator]
        loss = hazard_loss(logits, moved(mode, n_at_risk), moved(mode, event))  # type: ignore[arg-type]
    assert (logits.device, logits.shape) == (GPU, (20, N_LOGITS))
    assert loss.device == GPU


def test_fake_gpu__a_tensor_left_on_the_cpu__refused() -> None:
    with FakeTensorMode() as mode, pytest.raises(RuntimeError, match="device"):
        moved(mode, torch.ones(3)) + torch.ones(3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_scoring_device__trained_on_a_gpu_that_is_not_here__the_cpu() -> None:
    assert scoring_device(TrainingConfig(device="cuda")) == torch.device("cpu")


def test_device__gpu_present__follows_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for device, expected in (("auto", "cuda"), ("cuda", "cuda"), ("cpu", "cpu")):
        assert device_of(TrainingConfig(device=device)) == torch.device(expected)
        assert scoring_device(TrainingConfig(device=device)) == torch.device(expected)
