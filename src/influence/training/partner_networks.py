"""Networks as rankers of partners, trained by the one loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch_geometric.data import Data

from influence.graph.partner_columns import GROUPS
from influence.graph.partners import PartnerGraph
from influence.model.credit import checkpoint_error
from influence.model.encoder import EncoderConfig
from influence.model.partner_sage import PartnerSage
from influence.model.partners import EntityBlocks, PartnerNetwork, choice_loss
from influence.tasks.partners import Asked
from influence.training.loop import Callback, Trainer, TrainingConfig, scoring_device
from influence.training.partner_lists import losses_abroad

Floats = NDArray[np.float64]
ROWS_AT_A_TIME = 200_000
"""Rows scored at once."""
FEWEST_HAVING = 3
"""Entities that must share a word for it to have an embedding."""


@dataclass
class PartnerNet:
    """An ensemble of networks, each trained by the one loop.

    Attributes
    ----------
    encoder, training, seeds : shape, how to train, one seed per member
    hops : how far words are propagated; None leaves the similarity of embeddings out
    folder, callbacks : where trainings keep their snapshots, and who hears of every epoch
    """

    encoder: EncoderConfig
    training: TrainingConfig
    seeds: tuple[int, ...]
    hops: int | None = 1
    folder: Path | None = None
    callbacks: tuple[Callback, ...] = ()
    columns: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    n_epochs: list[int] = field(default_factory=list)
    networks: list[Any] = field(default_factory=list)

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        self._know(train)
        held_out = [(asked, self._blocks(asked.graph)) for asked in validation]

        def criterion(network: torch.nn.Module) -> Floats:
            scores = [self._parts(network, one, blocks).sum(1) for one, blocks in held_out]
            return losses_abroad(scores, validation)

        trainers = [self._train(train, seed, "select", criterion) for seed in self.seeds]
        self.n_epochs = [max(trainer.state.best_epoch, 1) for trainer in trainers]
        self.networks = [_best(trainer) for trainer in trainers]

    def refit(self, asked: Sequence[Asked]) -> PartnerNet:
        assert self.n_epochs, "select first"
        new = type(self)(self.encoder, self.training, self.seeds, self.hops, self.folder, self.callbacks)
        new._know(asked)
        new.n_epochs = self.n_epochs
        new.networks = [
            _best(new._train(asked, seed, "refit", None, n))
            for seed, n in zip(self.seeds, self.n_epochs, strict=True)
        ]
        return new

    def parts(self, asked: Asked) -> Floats:
        blocks = self._blocks(asked.graph)
        return np.asarray(np.mean([self._parts(network, asked, blocks) for network in self.networks], axis=0))

    def score(self, asked: Asked) -> Floats:
        return self.parts(asked).sum(1)

    def embeddings(self, graph: PartnerGraph) -> tuple[torch.Tensor, torch.Tensor]:
        """Every entity as a source and as a target, each float32 [n, width x members].

        The dot product of the two is the mean over members of each one's similarity.
        """
        blocks = self._blocks(graph)
        found: list[tuple[torch.Tensor, torch.Tensor]] = []
        with torch.inference_mode():
            for network in self.networks:
                some = [
                    network.cpu().embeddings(Data(**blocks.bags(rows)))
                    for rows in np.array_split(np.arange(len(graph)), -(-len(graph) // ROWS_AT_A_TIME) or 1)
                ]
                found.append((torch.cat([z for z, _ in some]), torch.cat([z for _, z in some])))
        source, target = (torch.cat(z, 1) for z in zip(*found, strict=True))
        return source / len(self.networks), target

    def _know(self, asked: Sequence[Asked]) -> None:
        """The names of the columns, and the words that enough entities share."""
        self.columns = asked[0].columns.names
        if self.hops is None:
            return
        latest = max((one.graph for one in asked), key=lambda graph: graph.at)
        often = np.asarray(latest.words.sum(0)).ravel() >= FEWEST_HAVING
        self.vocabulary = tuple(latest.word_names[often])

    def _blocks(self, graph: PartnerGraph) -> EntityBlocks:
        return EntityBlocks(()) if self.hops is None else EntityBlocks.of(graph, self.vocabulary, self.hops)

    def _train(
        self, asked: Sequence[Asked], seed: int, phase: str,
        criterion: Callable[[torch.nn.Module], Floats] | None, n_epochs: int | None = None,
    ) -> Trainer:  # fmt: skip
        network = self._network(seed)
        network.fit_statistics(torch.from_numpy(np.concatenate([one.columns.values for one in asked])))
        blocks = [self._blocks(one.graph) for one in asked]

        def loss(parts: torch.Tensor, batch: Data) -> torch.Tensor:
            return choice_loss(parts.sum(1) - batch.log_q, batch.hit, batch.row_query)

        def batches(generator: torch.Generator) -> Iterator[Data]:
            for place in torch.randperm(len(asked), generator=generator).tolist():
                one = asked[place]
                if not one.lists.n_queries:
                    continue
                order = torch.randperm(one.lists.n_queries, generator=generator)
                for queries in order.split(self.training.batch_size):
                    yield self._batch(one, blocks[place], np.sort(queries.numpy()))

        folder = self.folder / f"{phase}-{seed}" if self.folder is not None else None
        trainer = Trainer(network, loss, self.training, seed, folder)
        trainer.fit(batches, criterion, n_epochs, self.callbacks)
        return trainer

    def _network(self, seed: int) -> Any:
        n_blocks = 0 if self.hops is None else 1 + self.hops
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return PartnerNetwork(self.columns, len(self.vocabulary), n_blocks, self.encoder)

    def _parts(self, network: torch.nn.Module, asked: Asked, blocks: EntityBlocks) -> Floats:
        device = scoring_device(self.training)
        network = network.to(device).eval()
        found = []
        with torch.inference_mode():
            for first in range(0, len(asked.lists), ROWS_AT_A_TIME):
                rows = np.arange(first, min(first + ROWS_AT_A_TIME, len(asked.lists)))
                found.append(network(self._rows(asked, blocks, rows).to(device)).cpu().double().numpy())
        return np.concatenate(found) if found else np.zeros((0, len(GROUPS)))

    def _batch(self, asked: Asked, blocks: EntityBlocks, queries: NDArray[np.int64]) -> Data:
        """The rows of some lists."""
        rows = np.flatnonzero(np.isin(asked.lists.query, queries))
        batch = self._rows(asked, blocks, rows)
        batch.query = torch.from_numpy(queries)
        return batch

    def _rows(self, asked: Asked, blocks: EntityBlocks, rows: NDArray[np.int64]) -> Data:
        lists = asked.lists
        ends = np.stack((lists.source[rows], lists.target[rows]))
        entities, place = np.unique(ends, return_inverse=True)
        return Data(
            x=torch.from_numpy(asked.columns.values[rows]),
            ends=torch.from_numpy(place.reshape(ends.shape)),
            hit=torch.from_numpy(lists.hit[rows]),
            log_q=torch.from_numpy(lists.log_q[rows]),
            row_query=torch.from_numpy(np.unique(lists.query[rows], return_inverse=True)[1]),
            **blocks.bags(entities),
        )

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        for seed, network in zip(self.seeds, self.networks, strict=True):
            weights = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
            save_file(weights, folder / f"member-{seed}.safetensors")
        shape = {"columns": list(self.columns), "vocabulary": list(self.vocabulary), "hops": self.hops}
        return {"kind": "network", "seeds": list(self.seeds), "n_epochs": self.n_epochs} | shape

    @classmethod
    def load(
        cls, folder: Path, encoder: EncoderConfig, training: TrainingConfig, told: Mapping[str, Any]
    ) -> PartnerNet:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If the weights are of another shape than the configuration.
        """
        new = cls(encoder, training, tuple(told["seeds"]), told["hops"])
        new.columns, new.vocabulary = tuple(told["columns"]), tuple(told["vocabulary"])
        new.n_epochs = told["n_epochs"]
        for seed in new.seeds:
            network = new._network(seed)
            try:
                network.load_state_dict(load_file(folder / f"member-{seed}.safetensors"))
            except (RuntimeError, OSError, SafetensorError) as error:
                raise checkpoint_error(folder, error) from error
            new.networks.append(network.eval())
        return new


class PartnerSageNet(PartnerNet):
    """The same with plain GraphSAGE in the place of the network: the words and the links, no pair columns."""

    def _network(self, seed: int) -> PartnerSage:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return PartnerSage(len(self.vocabulary), self.encoder)

    def _rows(self, asked: Asked, blocks: EntityBlocks, rows: NDArray[np.int64]) -> Data:
        lists, ties = asked.lists, asked.graph.ties.tocoo()
        return Data(
            ends=torch.from_numpy(np.stack((lists.source[rows], lists.target[rows]))),
            edge_index=torch.from_numpy(np.stack((ties.row, ties.col)).astype(np.int64)),
            hit=torch.from_numpy(lists.hit[rows]),
            log_q=torch.from_numpy(lists.log_q[rows]),
            row_query=torch.from_numpy(np.unique(lists.query[rows], return_inverse=True)[1]),
            **blocks.bags(np.arange(len(asked.graph))),
        )


def _best(trainer: Trainer) -> Any:
    return trainer.best.eval()
