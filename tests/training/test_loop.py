"""The training loop: stopping, averaging, and taking up where a kill left it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from influence.errors import CheckpointError, ConfigError
from influence.training.loop import Progress, Trainer, TrainingConfig, device_of

CONFIG = TrainingConfig(learning_rate=0.05, max_epochs=4, batch_size=8, patience=3, device="cpu")


class Toy(nn.Module):
    """A line with dropout."""

    def __init__(self, n_columns: int = 3) -> None:
        super().__init__()
        self.line = nn.Sequential(nn.Dropout(0.3), nn.Linear(n_columns, 1))

    def forward(self, batch: Data) -> Tensor:
        return self.line(batch.x).squeeze(1)


def toy(seed: int = 0, n_columns: int = 3) -> Toy:
    torch.manual_seed(seed)
    return Toy(n_columns)


def batches(generator: torch.Generator) -> Iterator[Data]:
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(9))
    y = x @ torch.tensor([1.0, -2.0, 0.5])
    for rows in torch.randperm(40, generator=generator).split(8):
        yield Data(x=x[rows], y=y[rows], query=rows)


def squared(found: Tensor, batch: Data) -> Tensor:
    return ((found - batch.y) ** 2).mean()


def trainer(folder: Path | None = None, config: TrainingConfig = CONFIG, **changes: int) -> Trainer:
    return Trainer(
        toy(n_columns=changes.get("n_columns", 3)), squared, config, changes.get("seed", 5), folder
    )


def weights(module: nn.Module) -> np.ndarray:
    return torch.cat([p.flatten() for p in module.parameters()]).detach().numpy().copy()


class KillError(Exception):
    """Stands for a kill."""


def kill_after(epoch: int) -> Callable[[Progress], None]:
    def told(progress: Progress) -> None:
        if progress.epoch == epoch:
            raise KillError

    return told


def scripted(*levels: float) -> Callable[[nn.Module], np.ndarray]:
    """A criterion that follows a script, by what it was asked before."""
    left = iter(levels)
    return lambda _: np.full(10, next(left)) + np.arange(10)


def test_fit__killed_after_two_epochs_and_resumed__the_very_weights_of_four(tmp_path: Path) -> None:
    whole = trainer()
    whole.fit(batches)
    with pytest.raises(KillError):
        trainer(tmp_path).fit(batches, callbacks=[kill_after(2)])
    resumed = trainer(tmp_path)
    heard: list[int] = []
    resumed.fit(batches, callbacks=[lambda p: heard.append(p.epoch)])
    assert heard == [3, 4]
    for part in ("module", "average", "best"):
        np.testing.assert_array_equal(weights(getattr(resumed, part)), weights(getattr(whole, part)))


def test_fit__killed_between_worse_epochs_and_resumed__stops_where_it_would_have(tmp_path: Path) -> None:
    with pytest.raises(KillError):
        trainer(tmp_path).fit(batches, scripted(5, 3, 4), 9, [kill_after(3)])
    resumed = trainer(tmp_path)
    resumed.fit(batches, scripted(3.5, 3, 9, 9, 9), 9)
    assert (resumed.state.epoch, resumed.state.best_epoch) == (5, 2)


def test_fit__resumed_when_over__trains_no_more(tmp_path: Path) -> None:
    done = trainer(tmp_path)
    done.fit(batches)
    again = trainer(tmp_path)
    again.fit(batches, callbacks=[kill_after(5)])
    np.testing.assert_array_equal(weights(again.best), weights(done.best))


def test_fit__validation_gets_worse__stops_and_keeps_the_best() -> None:
    one, seen = trainer(), list[np.ndarray]()
    script = scripted(5, 3, 4, 4, 4, 1)

    def criterion(module: nn.Module) -> np.ndarray:
        seen.append(weights(module))
        return script(module)

    best = one.fit(batches, criterion, 9)
    assert (one.state.epoch, one.state.best_epoch) == (5, 2)
    np.testing.assert_array_equal(weights(best), seen[1])
    assert not best.training


def test_fit__fixed_number_of_epochs__keeps_the_last_average() -> None:
    one = trainer()
    one.fit(batches, n_epochs=3)
    assert one.state.epoch == 3
    np.testing.assert_array_equal(weights(one.best), weights(one.average))
    assert np.abs(weights(one.average) - weights(one.module)).max() > 1e-6


def test_fit__no_averaging__the_average_is_the_weights() -> None:
    one = trainer(config=CONFIG.model_copy(update={"averaging": 0.0}))
    one.fit(batches)
    np.testing.assert_allclose(weights(one.average), weights(one.module), atol=1e-7)


def test_fit__any_training__learns_and_says_so() -> None:
    heard: list[Progress] = []
    trainer().fit(batches, n_epochs=20, callbacks=[heard.append])
    assert heard[-1].train_loss < heard[0].train_loss
    assert [p.epoch for p in heard] == list(range(1, 21))
    assert {p.max_epochs for p in heard} == {20}
    assert [p.epoch for p in heard if p.is_last] == [20]
    assert np.isnan(heard[0].criterion)


def test_fit__no_better_for_its_patience__the_last_epoch_says_so() -> None:
    heard: list[Progress] = []
    one = trainer(config=CONFIG.model_copy(update={"patience": 2, "max_epochs": 9}))
    one.fit(batches, lambda _: np.ones(4), callbacks=[heard.append])
    assert [p.is_last for p in heard] == [False, False, True]


def test_fit__another_seed__another_way() -> None:
    one, other = trainer(seed=5), trainer(seed=6)
    one.fit(batches)
    other.fit(batches)
    assert np.abs(weights(one.best) - weights(other.best)).max() > 1e-4


def test_fit__torch_s_own_stream__left_where_it_was() -> None:
    one = trainer()
    before = torch.get_rng_state()
    one.fit(batches)
    assert torch.equal(torch.get_rng_state(), before)


def test_fit__loss_overflows__told_instead_of_kept() -> None:
    one = trainer(config=CONFIG.model_copy(update={"learning_rate": 1e30}))
    with pytest.raises(ConfigError, match=r"learning_rate"):
        one.fit(batches)


@pytest.mark.parametrize(
    ("changes", "says"), [({"seed": 6}, "another seed"), ({"n_columns": 4}, "another network")]
)
def test_fit__snapshot_of_another_training__refused(
    tmp_path: Path, changes: dict[str, int], says: str
) -> None:
    trainer(tmp_path).fit(batches, n_epochs=1)
    with pytest.raises(CheckpointError, match=says):
        trainer(tmp_path, **changes).fit(batches)


@pytest.mark.parametrize("name", ["state.json", "epoch-0001.safetensors"])
def test_fit__snapshot_damaged__refused_by_name(tmp_path: Path, name: str) -> None:
    trainer(tmp_path).fit(batches, n_epochs=1)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:20])
    with pytest.raises(CheckpointError, match="damaged"):
        trainer(tmp_path).fit(batches)


def test_fit__snapshots__one_at_a_time(tmp_path: Path) -> None:
    trainer(tmp_path).fit(batches)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["epoch-0004.safetensors", "state.json"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_device_of__no_gpu__asked_for_is_refused_auto_is_cpu() -> None:
    with pytest.raises(ConfigError, match=r"training\.device is cuda"):
        device_of(TrainingConfig(device="cuda"))
    assert device_of(TrainingConfig(device="auto")) == torch.device("cpu")
