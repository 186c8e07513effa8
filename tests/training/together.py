"""Trainings of a line in two processes, connected by gloo, and in one; what came of them, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn
from torch_geometric.data import Data

from influence.training.loop import Progress, Trainer, TrainingConfig
from influence.training.workers import Workers

CONFIG = TrainingConfig(learning_rate=0.05, max_epochs=4, batch_size=8, patience=2, device="cpu")
N_ROWS = 41
"""Five batches of eight, and a last one of fewer rows than there are workers."""
Told = dict[str, NDArray[np.float64]]


class Line(nn.Module):
    """A line, and a weight that nothing depends on, as networks without neighbours have."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.idle = nn.Linear(3, 1), nn.Linear(3, 2)

    def forward(self, batch: Data) -> Tensor:
        return self.line(batch.x).squeeze(1)


def shares(workers: Workers) -> Callable[[torch.Generator], Iterator[Data]]:
    x = torch.randn(N_ROWS, 3, generator=torch.Generator().manual_seed(9))
    y = x @ torch.tensor([1.0, -2.0, 0.5])

    def drawn(generator: torch.Generator) -> Iterator[Data]:
        for rows in torch.randperm(N_ROWS, generator=generator).split(CONFIG.batch_size):
            own = rows[workers.rank :: workers.n] if len(rows) >= workers.n else rows
            yield Data(x=x[own], y=y[own], query=own)

    return drawn


def squared(found: Tensor, batch: Data) -> Tensor:
    return ((found - batch.y) ** 2).mean()


def trainer(workers: Workers, folder: Path | None) -> Trainer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Trainer(Line(), squared, CONFIG, 5, folder, workers)


def told(one: Trainer, heard: Iterable[Progress]) -> Told:
    parts = [*one.module.parameters(), *one.average.parameters(), *one.best.parameters()]
    return {
        "weights": torch.cat([p.detach().flatten() for p in parts]).double().numpy(),
        "losses": np.array([p.train_loss for p in heard]),
        "epochs": np.array([one.state.epoch, one.state.best_epoch]),
    }


def trained(workers: Workers, folder: Path | None = None, n_epochs: int = 4) -> Told:
    """A training of a fixed length."""
    one, heard = trainer(workers, folder), list[Progress]()
    one.fit(shares(workers), n_epochs=n_epochs, callbacks=[heard.append])
    return told(one, heard)


def judged(workers: Workers, folder: Path | None = None) -> Told:
    """A training whose second epoch is the best; only the first worker can know."""
    one, heard = trainer(workers, folder), list[Progress]()
    script = iter((5.0, 3.0, 4.0, 4.0, 9.0))

    def criterion(_: nn.Module) -> NDArray[np.float64]:
        assert workers.is_first, "the others have no validation rows"
        return np.full(10, next(script)) + np.arange(10)

    one.fit(shares(workers), criterion, 9, callbacks=[heard.append])
    return told(one, heard)


def resumed(workers: Workers, folder: Path) -> Told:
    """Cut off after two epochs and taken up again, where only the first worker's disk has the snapshot."""
    own = folder / f"disk-{workers.rank}"
    trained(workers, own, n_epochs=2)
    return trained(workers, own)


def run(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", f"file://{folder}/meeting", timedelta(seconds=60), world_size=2, rank=rank
    )
    workers = Workers(rank, 2)
    found = {"trained": trained(workers), "judged": judged(workers), "resumed": resumed(workers, folder)}
    flat = {f"{scene}.{name}": value for scene, parts in found.items() for name, value in parts.items()}
    np.savez(folder / f"worker-{rank}.npz", **flat)
    distributed.destroy_process_group()
