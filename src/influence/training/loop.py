"""The one training loop: early stopping on validation, an averaged model, resumable after a kill.

What is trained is any module that maps a batch to outputs; the task brings the loss and the criterion.
The average of the weights along the way (Polyak & Juditsky 1992) is what is validated and kept.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch_geometric.data import Data

from influence.errors import ConfigError
from influence.model.calibration import clearly_better
from influence.settings import Settings
from influence.training.snapshots import restore, store
from influence.training.workers import ALONE, Workers


class TrainingConfig(Settings):
    """How a network is trained."""

    learning_rate: PositiveFloat = 1e-3
    """Step size of AdamW."""
    weight_decay: NonNegativeFloat = 1e-2
    """Decoupled weight decay of AdamW."""
    batch_size: PositiveInt = 256
    """Queries per step."""
    max_epochs: PositiveInt = 30
    """Passes over the training queries at most."""
    patience: PositiveInt = 5
    """Epochs without improvement on validation before training stops."""
    averaging: float = Field(default=0.99, ge=0, lt=1)
    """How much of the running average of the weights each step keeps."""
    clip_norm: PositiveFloat = 1.0
    """Largest norm of a gradient."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train and to score; `auto` takes a GPU if there is one.  A model trained on a GPU scores on a
    machine without one, too."""


@dataclass
class Progress:
    """What a callback hears after every epoch."""

    epoch: int
    max_epochs: int
    train_loss: float
    """Mean over the queries; of several workers, those of a last batch too small to share count for each."""
    criterion: float
    """The validation criterion, lower is better; NaN where nothing is validated."""
    seconds: float
    is_last: bool = False
    """Whether training ends with it, be it before `max_epochs`."""


class Callback(Protocol):
    """Called after each epoch; tracking and progress bars come in here."""

    def __call__(self, progress: Progress, /) -> None:
        """Take note."""


@dataclass
class TrainingState:
    """Everything that a resumed training needs, beside the weights."""

    epoch: int = 0
    step: int = 0
    best_epoch: int = 0


def device_of(config: TrainingConfig) -> torch.device:
    """The device to train on.

    Raises
    ------
    ConfigError
        If a GPU is asked for and there is none.
    """
    if config.device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("training.device is cuda, but there is no GPU here. Set it to auto or cpu.")
    return scoring_device(config)


def scoring_device(config: TrainingConfig) -> torch.device:
    """The device to score on: the one that was trained on, or the CPU where there is no GPU."""
    return torch.device("cuda" if config.device != "cpu" and torch.cuda.is_available() else "cpu")


class Trainer:
    """Trains one module.

    Parameters
    ----------
    module
        Maps a batch to outputs.
    loss
        (outputs, batch) -> mean loss.
    config, seed
        How to train, and the seed of dropout and of the order of batches.
    folder
        Where to keep snapshots, one per epoch; training resumes from the latest one there.
    workers
        The processes that train together, this one among them; the first one's snapshots count.
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[[Tensor, Data], Tensor],
        config: TrainingConfig,
        seed: int,
        folder: Path | None = None,
        workers: Workers = ALONE,
    ) -> None:
        self.device, self.workers = device_of(config), workers
        self.module = module.to(self.device)
        self.average = copy.deepcopy(self.module)
        self.best = copy.deepcopy(self.module)
        self.loss, self.config, self.folder = loss, config, folder
        self.optimizer = torch.optim.AdamW(
            self.module.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.generator = torch.Generator().manual_seed(seed)
        self.state = TrainingState()
        self.best_losses: NDArray[np.float64] | None = None
        self.seed = seed

    def fit(
        self,
        batches: Callable[[torch.Generator], Iterable[Data]],
        criterion: Callable[[nn.Module], NDArray[np.float64]] | None = None,
        n_epochs: int | None = None,
        callbacks: Iterable[Callback] = (),
    ) -> nn.Module:
        """Train, and return the best averaged module.

        Parameters
        ----------
        batches
            The training batches of one epoch, shuffled by the generator given; of several workers each
            gets its share of every batch.
        criterion
            Losses of the averaged module on the validation rows; an epoch is kept if it is clearly better
            than the one kept before. Without it training runs for `n_epochs` and keeps the last average.
            Of several workers only the first one asks for it.
        """
        restore(self)
        parallel = self.workers.parallel(self.module)
        limit = n_epochs if n_epochs is not None else self.config.max_epochs
        while self.state.epoch < limit and not self._is_over(criterion is not None):
            started = time.perf_counter()
            train_loss = self._epoch(parallel, batches)
            losses = criterion(self.average) if criterion is not None and self.workers.is_first else None
            self._keep(losses)
            if self.folder is not None and self.workers.is_first:
                store(self)
            value = float("nan") if losses is None else float(losses.mean())
            is_last = self.state.epoch >= limit or self._is_over(criterion is not None)
            seconds = time.perf_counter() - started
            progress = Progress(self.state.epoch, limit, train_loss, value, seconds, is_last)
            for callback in callbacks:
                callback(progress)
        return self.best.eval()

    def _is_over(self, is_validated: bool) -> bool:
        return is_validated and self.state.epoch - self.state.best_epoch >= self.config.patience

    def _epoch(self, parallel: nn.Module, batches: Callable[[torch.Generator], Iterable[Data]]) -> float:
        # Dropout draws from torch's own stream: seeded per epoch so that a resumed run repeats it, and
        # forked so that nobody else's stream is touched.  Workers share the order, not the dropout.
        seed = self.seed * 100_003 + self.state.epoch
        self.generator.manual_seed(seed)
        total, n = 0.0, 0.0
        on_gpu = self.device.type == "cuda"
        with torch.random.fork_rng(devices=[torch.cuda.current_device()] if on_gpu else []):
            torch.manual_seed(seed + self.workers.rank * 1_000_000_007)
            parallel.train()
            for batch in batches(self.generator):
                total += self._step(parallel, batch.to(self.device)) * len(batch.query)
                n += len(batch.query)
        total, n = self.workers.sum(total, n)
        if not np.isfinite(total):
            raise ConfigError(
                f"The training loss is not finite in epoch {self.state.epoch + 1}. "
                "Lower training.learning_rate or training.clip_norm."
            )
        self.state.epoch += 1
        return total / max(n, 1)

    def _step(self, parallel: nn.Module, batch: Data) -> float:
        loss = self.loss(parallel(batch), batch)
        self.optimizer.zero_grad()
        self.workers.weighted(loss, len(batch.query)).backward()
        nn.utils.clip_grad_norm_(self.module.parameters(), self.config.clip_norm)
        self.optimizer.step()
        self.state.step += 1
        keep = min(self.config.averaging, self.state.step / (self.state.step + 10))
        with torch.no_grad():
            for mean, weight in zip(self.average.parameters(), self.module.parameters(), strict=True):
                mean.lerp_(weight, 1 - keep)
        return loss.item()

    def _keep(self, losses: NDArray[np.float64] | None) -> None:
        if self.workers.told(lambda: losses is None or clearly_better(losses, self.best_losses)):
            self.best_losses, self.state.best_epoch = losses, self.state.epoch
            self.best.load_state_dict(self.average.state_dict())
