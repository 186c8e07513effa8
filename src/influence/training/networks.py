"""Networks as forecasters: an ensemble of encoders with hazard heads, each trained by the one loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.loader import LinkLoader

from influence.errors import CheckpointError
from influence.graph.loading import QuerySet, batches
from influence.model.at_moment import BATCH, MomentEncoder
from influence.model.calibration import recalibrated_losses
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import N_LOGITS, Outcomes, base_logits, hazard_loss
from influence.training.forecaster import Logits
from influence.training.loop import Callback, Trainer, TrainingConfig, device_of, scoring_device
from influence.training.workers import ALONE, Workers

SCORING_BATCH = 1024
SCALER_QUERIES = 4096
"""Queries whose columns the scalers take their statistics from."""


class HazardNetwork(nn.Module):
    """An encoder of queries and a linear hazard head on top of the marginal hazards."""

    base: Tensor

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width, N_LOGITS)
        self.register_buffer("base", torch.zeros(N_LOGITS))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Data) -> Tensor:
        """Hazard logits [queries, N_LOGITS]."""
        return self.head(self.encoder(batch)) + self.base


class NetworkForecaster:
    """An ensemble of hazard networks.

    Parameters
    ----------
    encoder, training, seeds
        The encoder's shape, how to train it, and one seed per member.
    build
        Makes the encoder; another one makes another method of the same protocol.
    folder
        Where trainings keep their snapshots; without it they cannot be resumed.
    callbacks
        Hear of every epoch.
    workers
        The processes that train together, this one among them.
    """

    def __init__(
        self,
        encoder: EncoderConfig,
        training: TrainingConfig,
        seeds: Sequence[int],
        build: Callable[[EncoderConfig], nn.Module] = TemporalEncoder,
        folder: Path | None = None,
        callbacks: Iterable[Callback] = (),
        workers: Workers = ALONE,
    ) -> None:
        self.encoder, self.training, self.seeds = encoder, training, tuple(seeds)
        self.build, self.folder, self.callbacks = build, folder, tuple(callbacks)
        self.workers = workers
        self.n_epochs: list[int] = []
        self.members: list[HazardNetwork] = []

    def select(self, train: QuerySet, known: Outcomes, validation: QuerySet, later: Outcomes) -> None:
        centre = base_logits(known)

        def criterion(network: nn.Module) -> Logits:
            return recalibrated_losses(self._score(network, validation), later, centre)

        self.n_epochs, self.members = [], []
        for seed in self.seeds:
            trainer = self._trainer(train, known, seed, "select")
            self._fit(trainer, train, criterion)
            self.n_epochs.append(trainer.state.best_epoch)
            self.members.append(trainer.best)

    def refit(self, train: QuerySet, known: Outcomes) -> NetworkForecaster:
        assert self.n_epochs, "select first"
        new = NetworkForecaster(
            self.encoder, self.training, self.seeds, self.build, self.folder, self.callbacks, self.workers
        )
        new.n_epochs = self.n_epochs
        for seed, n_epochs in zip(self.seeds, self.n_epochs, strict=True):
            trainer = new._trainer(train, known, seed, "refit")
            new._fit(trainer, train, None, n_epochs)
            new.members.append(trainer.best)
        return new

    def logits(self, queries: QuerySet) -> Logits:
        return np.mean([self._score(member, queries) for member in self.members], axis=0)

    def _fit(self, trainer: Trainer, train: QuerySet, criterion: Any, n_epochs: int | None = None) -> None:
        trainer.fit(lambda generator: self._batches(train, generator), criterion, n_epochs, self.callbacks)

    def _trainer(self, train: QuerySet, known: Outcomes, seed: int, phase: str) -> Trainer:
        network = self._network(seed)
        # Evenly spread rows rather than drawn ones: the statistics do not depend on a seed.
        rows = np.unique(np.linspace(0, len(train) - 1, SCALER_QUERIES).astype(np.int64))
        part = train[rows]
        network.encoder.fit_scalers(next(iter(self._batches(part, size=len(part)))))  # type: ignore[operator]
        network.base.copy_(torch.from_numpy(base_logits(known)))
        device = device_of(self.training)
        n_at_risk, event = (torch.from_numpy(each).to(device) for each in (known.n_at_risk, known.event))

        def loss(logits: Tensor, batch: Data) -> Tensor:
            return hazard_loss(logits, n_at_risk[batch.query], event[batch.query])

        folder = self.folder / f"{phase}-{seed}" if self.folder is not None else None
        return Trainer(network, loss, self.training, seed, folder, self.workers)

    def _network(self, seed: int) -> HazardNetwork:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return HazardNetwork(self.build(self.encoder), self.encoder.width)

    def _batches(
        self, queries: QuerySet, generator: torch.Generator | None = None, size: int = SCORING_BATCH
    ) -> LinkLoader:
        snapshot = self.encoder.snapshot
        if generator is None:
            return batches(queries, self.encoder.fan_out, size, snapshot=snapshot)
        size, share = self.training.batch_size, self.workers.share
        return batches(queries, self.encoder.fan_out, size, generator, snapshot=snapshot, share=share)

    def _score(self, network: nn.Module, queries: QuerySet) -> Logits:
        if not len(queries):
            return np.empty((0, N_LOGITS))
        if queries.moment is not None and MomentEncoder.serves(network.encoder):
            return self._score_at_moment(network, queries)
        device = scoring_device(self.training)
        network = network.to(device).eval()
        with torch.inference_mode():
            parts = [network(batch.to(device)).cpu() for batch in self._batches(queries)]
        return torch.cat(parts).numpy().astype(np.float64)

    def _score_at_moment(self, network: HazardNetwork, queries: QuerySet) -> Logits:
        """The same logits from what is kept of every contact at the one moment."""
        if network.training or network.base.is_cuda:  # walking through all modules costs as much as the head
            network = network.cpu().eval()
        with torch.inference_mode():
            encoder = MomentEncoder.of(network.encoder, queries.moment)
            _ = queries.pairwise, queries.dealt, queries.meetings  # found once, and kept for the other parts
            starts = range(0, len(queries), BATCH)
            parts = [network.head(encoder(queries[i : i + BATCH])) + network.base for i in starts]
        return torch.cat(parts).numpy().astype(np.float64)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the members' weights into a folder; returns what else `load` needs, as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        for seed, member in zip(self.seeds, self.members, strict=True):
            weights = {name: tensor.cpu().contiguous() for name, tensor in member.state_dict().items()}
            save_file(weights, folder / f"member-{seed}.safetensors")
        return {"seeds": list(self.seeds), "n_epochs": self.n_epochs}

    @classmethod
    def load(
        cls, folder: Path, encoder: EncoderConfig, training: TrainingConfig, told: dict[str, Any]
    ) -> NetworkForecaster:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If the weights are of another shape than the configuration.
        """
        new = cls(encoder, training, told["seeds"])
        new.n_epochs = told["n_epochs"]
        for seed in new.seeds:
            member = new._network(seed)
            try:
                member.load_state_dict(load_file(folder / f"member-{seed}.safetensors"))
            except (RuntimeError, OSError) as error:
                raise CheckpointError(
                    f"{folder}: the weights do not fit the configuration. {error}"
                ) from error
            new.members.append(member.eval())
        return new
