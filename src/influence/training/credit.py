"""Forecasters of credit: chosen on a later window, fitted again on all windows, mixed on the log scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from torch_geometric.data import Data

from influence.metrics import kendall, ndcg_at_5pct
from influence.model.credit import CreditLine, CreditNetwork, CreditTrees, checkpoint_error, tweedie_deviance
from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.tasks.leadership import Candidates
from influence.training.loop import Callback, Trainer, TrainingConfig, scoring_device

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]

PENALTIES = (0.01, 0.1, 1.0)
"""Ridges of the straight line that validation chooses among."""


@dataclass(frozen=True)
class Rows:
    """Columns of candidates at one or several moments: [n, columns]; around them [n, blocks x columns]."""

    x: Matrix
    neighbours: Matrix

    @classmethod
    def of(cls, parts: Sequence[Candidates]) -> Rows:
        """The rows of several moments, one after another."""
        return cls(np.concatenate([p.x for p in parts]), np.concatenate([p.neighbours for p in parts]))

    def __len__(self) -> int:
        return len(self.x)

    def spread(self, n: int) -> Rows:
        """So many rows, evenly spread over all."""
        rows = np.unique(np.linspace(0, len(self) - 1, n).astype(np.int64))
        return Rows(self.x[rows], self.neighbours[rows])

    @property
    def wide(self) -> Matrix:
        """Own columns and those around, [n, (1 + blocks) x columns]."""
        return np.concatenate((self.x, self.neighbours), axis=1)

    @property
    def n_blocks(self) -> int:
        """How many blocks there are around each row's own columns."""
        return self.neighbours.shape[1] // self.x.shape[1]


def rank_quality(y: Floats, score: Floats) -> float:
    """What is chosen by: the mean of Kendall's tau-b and NDCG at 5 %; -1 where nothing can be ranked."""
    found = kendall(y, score), ndcg_at_5pct(y, score)
    return -1.0 if np.isnan(found).any() else float(np.mean(found))


class CreditForecaster(Protocol):
    """A method that forecasts credit."""

    def select(self, train: Rows, y: Floats, validation: Rows, later: Floats) -> None:
        """Fit on the training rows; choose by the validation rows."""

    def refit(self, train: Rows, y: Floats) -> Self:
        """A new forecaster with the choices made, fitted on these rows."""

    def members(self, rows: Rows) -> Floats:
        """Log mean credit [members, n]."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the weights into a folder; returns what else is needed to read them, as JSON."""


def narrow(rows: Rows) -> Matrix:
    """A row's own columns."""
    return rows.x


def wide(rows: Rows) -> Matrix:
    """A row's own columns and those around it."""
    return rows.wide


VIEWS: Mapping[str, Callable[[Rows], Matrix]] = {"own": narrow, "own_and_around": wide}
"""What trees may see."""


class TreesOfCredit:
    """An ensemble of boosted trees.

    Parameters
    ----------
    view : a name in `VIEWS`
    config, seeds : how to boost; one member per seed
    columns : which columns of the view to use; all of them where not given
    """

    def __init__(
        self, view: str, config: TreesConfig, seeds: Sequence[int], columns: Sequence[int] | None = None,
        n_rounds: int | None = None,
    ) -> None:  # fmt: skip
        self.view, self.config, self.seeds, self.columns = view, config, tuple(seeds), columns
        self.n_rounds = n_rounds
        self.trees: list[CreditTrees] = []

    def select(self, train: Rows, y: Floats, validation: Rows, later: Floats) -> None:
        self._boost(train, y, self.config.max_rounds)
        x, quality = self._matrix(validation), partial(rank_quality, later)
        self.n_rounds = int(np.median([tree.best_rounds(x, quality)[0] for tree in self.trees]))

    def refit(self, train: Rows, y: Floats) -> TreesOfCredit:
        assert self.n_rounds is not None, "select first"
        new = TreesOfCredit(self.view, self.config, self.seeds, self.columns, self.n_rounds)
        new._boost(train, y, self.n_rounds)
        return new

    def members(self, rows: Rows) -> Floats:
        x = self._matrix(rows)
        return np.stack([tree(x, self.n_rounds) for tree in self.trees])

    def _boost(self, train: Rows, y: Floats, n_rounds: int) -> None:
        x = self._matrix(train)
        self.trees = [CreditTrees(self.config, seed).fit(x, y, n_rounds) for seed in self.seeds]

    def _matrix(self, rows: Rows) -> Matrix:
        x = VIEWS[self.view](rows)
        return x if self.columns is None else x[:, list(self.columns)]

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        for seed, tree in zip(self.seeds, self.trees, strict=True):
            tree.save(folder / f"member-{seed}.txt")
        columns = None if self.columns is None else [int(place) for place in self.columns]
        told = {"view": self.view, "seeds": list(self.seeds), "n_rounds": self.n_rounds, "columns": columns}
        return {"kind": "trees"} | told

    @classmethod
    def load(cls, folder: Path, config: TreesConfig, told: Mapping[str, Any]) -> TreesOfCredit:
        """Read what `save` wrote."""
        new = cls(told["view"], config, told["seeds"], told["columns"], told["n_rounds"])
        new.trees = [CreditTrees.load(folder / f"member-{seed}.txt", config, seed) for seed in new.seeds]
        return new


class LineOfCredit:
    """A straight line on the log scale; nothing in it is drawn at random.

    Parameters
    ----------
    penalty : of the ridge; chosen by `select`
    """

    def __init__(self, penalty: float | None = None) -> None:
        self.penalty = penalty
        self.line = CreditLine()

    def select(self, train: Rows, y: Floats, validation: Rows, later: Floats) -> None:
        lines = {penalty: CreditLine().fit(train.x, y, penalty) for penalty in PENALTIES}
        self.penalty = max(lines, key=lambda penalty: rank_quality(later, lines[penalty](validation.x)))
        self.line = lines[self.penalty]

    def refit(self, train: Rows, y: Floats) -> LineOfCredit:
        assert self.penalty is not None, "select first"
        new = LineOfCredit(self.penalty)
        new.line.fit(train.x, y, self.penalty)
        return new

    def members(self, rows: Rows) -> Floats:
        return self.line(rows.x)[None]

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        save_arrays(self.line.tensors, folder / "line.safetensors")
        return {"kind": "line", "penalty": self.penalty}

    @classmethod
    def load(cls, folder: Path, told: Mapping[str, Any]) -> LineOfCredit:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If the file is missing or damaged.
        """
        new = cls(told["penalty"])
        try:
            new.line = CreditLine.of(load_arrays(folder / "line.safetensors"))
        except (OSError, KeyError, SafetensorError) as error:
            raise checkpoint_error(folder, error) from error
        return new


class NetworkOfCredit:
    """An ensemble of networks, each trained by the one loop.

    Parameters
    ----------
    encoder, training, seeds : shape, how to train, one seed per member
    folder, callbacks : where trainings keep their snapshots, and who hears of every epoch
    """

    def __init__(
        self, encoder: EncoderConfig, training: TrainingConfig, seeds: Sequence[int],
        folder: Path | None = None, callbacks: Iterable[Callback] = (),
    ) -> None:  # fmt: skip
        self.encoder, self.training = encoder, training
        self.seeds, self.folder, self.callbacks = tuple(seeds), folder, tuple(callbacks)
        self.n_epochs: list[int] = []
        self.networks: list[CreditNetwork] = []
        self.shape = (0, 0)

    def select(self, train: Rows, y: Floats, validation: Rows, later: Floats) -> None:
        def criterion(network: torch.nn.Module) -> Floats:
            return tweedie_deviance(self._score(network, validation), torch.from_numpy(later)).numpy()

        trainers = [self._train(train, y, seed, "select", criterion) for seed in self.seeds]
        self.n_epochs = [trainer.state.best_epoch for trainer in trainers]
        self.networks = [_best(trainer) for trainer in trainers]

    def refit(self, train: Rows, y: Floats) -> NetworkOfCredit:
        assert self.n_epochs, "select first"
        new = NetworkOfCredit(self.encoder, self.training, self.seeds, self.folder, self.callbacks)
        new.n_epochs = self.n_epochs
        new.networks = [
            _best(new._train(train, y, seed, "refit", None, n_epochs))
            for seed, n_epochs in zip(self.seeds, self.n_epochs, strict=True)
        ]
        return new

    def members(self, rows: Rows) -> Floats:
        return np.stack([self._score(network, rows).numpy() for network in self.networks])

    def _train(
        self, train: Rows, y: Floats, seed: int, phase: str,
        criterion: Callable[[torch.nn.Module], Floats] | None, n_epochs: int | None = None,
    ) -> Trainer:  # fmt: skip
        self.shape = (train.x.shape[1], train.n_blocks)
        x, label = self._tensor(train), torch.from_numpy(y.astype(np.float32))
        network = self._network(seed)
        network.fit_statistics(x, label)

        def loss(log_mean: torch.Tensor, batch: Data) -> torch.Tensor:
            return tweedie_deviance(log_mean, batch.y).mean()

        def batches(generator: torch.Generator) -> Iterator[Data]:
            for rows in torch.randperm(len(x), generator=generator).split(self.training.batch_size):
                yield Data(x=x[rows], y=label[rows], query=rows)

        folder = self.folder / f"{phase}-{seed}" if self.folder is not None else None
        trainer = Trainer(network, loss, self.training, seed, folder)
        trainer.fit(batches, criterion, n_epochs, self.callbacks)
        return trainer

    def _network(self, seed: int) -> CreditNetwork:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return CreditNetwork(*self.shape, self.encoder)

    def _tensor(self, rows: Rows) -> torch.Tensor:
        return torch.from_numpy(rows.wide.astype(np.float32))

    def _score(self, network: torch.nn.Module, rows: Rows) -> torch.Tensor:
        device = scoring_device(self.training)
        network = network.to(device).eval()
        with torch.inference_mode():
            return network(Data(x=self._tensor(rows).to(device))).cpu().double()

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        for seed, network in zip(self.seeds, self.networks, strict=True):
            weights = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
            save_file(weights, folder / f"member-{seed}.safetensors")
        told = {"seeds": list(self.seeds), "n_epochs": self.n_epochs, "shape": list(self.shape)}
        return {"kind": "network"} | told

    @classmethod
    def load(
        cls, folder: Path, encoder: EncoderConfig, training: TrainingConfig, told: Mapping[str, Any]
    ) -> NetworkOfCredit:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If the weights are of another shape than the configuration.
        """
        new = cls(encoder, training, told["seeds"])
        new.n_epochs, new.shape = told["n_epochs"], tuple(told["shape"])
        for seed in new.seeds:
            network = new._network(seed)
            try:
                network.load_state_dict(load_file(folder / f"member-{seed}.safetensors"))
            except (RuntimeError, OSError) as error:
                raise checkpoint_error(folder, error) from error
            new.networks.append(network.eval())
        return new


def _best(trainer: Trainer) -> CreditNetwork:
    assert isinstance(trainer.best, CreditNetwork)
    return trainer.best.eval()


def load_forecaster(
    folder: Path,
    told: Mapping[str, Any],
    encoder: EncoderConfig,
    trees: TreesConfig,
    training: TrainingConfig,
) -> CreditForecaster:
    """Read what a forecaster's `save` wrote and told.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or the weights are of another shape.
    """
    if told["kind"] == "line":
        return LineOfCredit.load(folder, told)
    if told["kind"] == "network":
        return NetworkOfCredit.load(folder, encoder, training, told)
    return TreesOfCredit.load(folder, trees, told)
