"""Rankers of partners: chosen on later lists, fitted again on all, mixed so that the parts still add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize
from torch_geometric.data import Data

from influence.graph.partner_columns import GROUPS
from influence.graph.partners import PartnerGraph
from influence.model.calibration import clearly_better
from influence.model.credit import checkpoint_error
from influence.model.encoder import EncoderConfig
from influence.model.partners import EntityBlocks, PartnerNetwork, PartnerTrees, choice_loss, list_losses
from influence.model.trees import TreesConfig
from influence.tasks.partners import Asked
from influence.training.loop import Callback, Trainer, TrainingConfig, device_of
from influence.training.parts import Recipe

Floats = NDArray[np.float64]
ROWS_AT_A_TIME = 200_000
"""Rows scored at once."""
FEWEST_HAVING = 3
"""Entities that must share a word for it to have an embedding."""


class PartnerForecaster(Protocol):
    """A method that scores candidates, group by group."""

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        """Fit on the training lists; choose by the validation lists."""

    def refit(self, asked: Sequence[Asked]) -> Self:
        """A new one with the choices made, fitted on these lists."""

    def parts(self, asked: Asked) -> Floats:
        """[rows, len(GROUPS)] parts of every row's score, the mean over members."""

    def score(self, asked: Asked) -> Floats:
        """[rows] scores: the sum of the parts up to a constant, without taking them apart."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the weights into a folder; returns what else is needed to read them, as JSON."""


class PartnerBoosting:
    """An ensemble of boosted trees on the pair columns.

    Parameters
    ----------
    config, seeds : how to boost; one member per seed
    """

    def __init__(self, config: TreesConfig, seeds: Sequence[int], n_rounds: int | None = None) -> None:
        self.config, self.seeds, self.n_rounds = config, tuple(seeds), n_rounds
        self.trees: list[PartnerTrees] = []

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        self._boost(train, self.config.max_rounds)
        boosted, kept = self.config.max_rounds, None
        for n in range(self.config.check_every, boosted + 1, self.config.check_every):
            found = np.concatenate([_losses(self.score(asked, n), asked) for asked in validation])
            if clearly_better(found, kept):
                self.n_rounds, kept = n, found

    def refit(self, asked: Sequence[Asked]) -> PartnerBoosting:
        assert self.n_rounds is not None, "select first"
        new = PartnerBoosting(self.config, self.seeds, self.n_rounds)
        new._boost(asked, self.n_rounds)
        return new

    def parts(self, asked: Asked) -> Floats:
        return np.mean([tree.parts(asked.columns) for tree in self.trees], axis=0)

    def score(self, asked: Asked, n: int | None = None) -> Floats:
        return np.mean([tree.score(asked.columns.values, n) for tree in self.trees], axis=0)

    def _boost(self, asked: Sequence[Asked], n: int) -> None:
        x = np.concatenate([one.columns.values for one in asked])
        hit = np.concatenate([one.lists.hit for one in asked])
        log_q = np.concatenate([one.lists.log_q for one in asked])
        first = np.cumsum([0, *(one.lists.n_queries for one in asked[:-1])])
        query = np.concatenate([one.lists.query + start for one, start in zip(asked, first, strict=True)])
        self.trees = [PartnerTrees(self.config, seed).fit(x, hit, query, log_q, n) for seed in self.seeds]

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        for seed, tree in zip(self.seeds, self.trees, strict=True):
            tree.save(folder / f"member-{seed}.txt")
        return {"kind": "trees", "seeds": list(self.seeds), "n_rounds": self.n_rounds}

    @classmethod
    def load(cls, folder: Path, config: TreesConfig, told: Mapping[str, Any]) -> PartnerBoosting:
        """Read what `save` wrote."""
        new = cls(config, told["seeds"], told["n_rounds"])
        new.trees = [PartnerTrees.load(folder / f"member-{seed}.txt", config, seed) for seed in new.seeds]
        return new


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
    networks: list[PartnerNetwork] = field(default_factory=list)

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        self._know(train)
        held_out = [(asked, self._blocks(asked.graph)) for asked in validation]

        def criterion(network: torch.nn.Module) -> Floats:
            return np.concatenate(
                [_losses(self._parts(network, one, blocks).sum(1), one) for one, blocks in held_out]
            )

        trainers = [self._train(train, seed, "select", criterion) for seed in self.seeds]
        self.n_epochs = [max(trainer.state.best_epoch, 1) for trainer in trainers]
        self.networks = [_best(trainer) for trainer in trainers]

    def refit(self, asked: Sequence[Asked]) -> PartnerNet:
        assert self.n_epochs, "select first"
        new = PartnerNet(self.encoder, self.training, self.seeds, self.hops, self.folder, self.callbacks)
        new._know(asked)
        new.n_epochs = self.n_epochs
        new.networks = [
            _best(new._train(asked, seed, "refit", None, n))
            for seed, n in zip(self.seeds, self.n_epochs, strict=True)
        ]
        return new

    def parts(self, asked: Asked) -> Floats:
        blocks = self._blocks(asked.graph)
        return np.mean([self._parts(network, asked, blocks) for network in self.networks], axis=0)

    def score(self, asked: Asked) -> Floats:
        return np.asarray(self.parts(asked).sum(1))

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

    def _network(self, seed: int) -> PartnerNetwork:
        n_blocks = 0 if self.hops is None else 1 + self.hops
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return PartnerNetwork(self.columns, len(self.vocabulary), n_blocks, self.encoder)

    def _parts(self, network: torch.nn.Module, asked: Asked, blocks: EntityBlocks) -> Floats:
        device = device_of(self.training)
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


def _best(trainer: Trainer) -> PartnerNetwork:
    assert isinstance(trainer.best, PartnerNetwork)
    return trainer.best.eval()


def _losses(score: Floats, asked: Asked) -> Floats:
    return list_losses(score - asked.lists.log_q, asked.lists.hit, asked.lists.query)


def load_partner_forecaster(
    folder: Path,
    told: Mapping[str, Any],
    encoder: EncoderConfig,
    trees: TreesConfig,
    training: TrainingConfig,
) -> PartnerForecaster:
    """Read what a forecaster's `save` wrote and told.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or the weights are of another shape.
    """
    if told["kind"] == "network":
        return PartnerNet.load(folder, encoder, training, told)
    return PartnerBoosting.load(folder, trees, told)


Builder = Callable[[Recipe], PartnerForecaster]


def _net(recipe: Recipe, name: str, hops: int | None) -> PartnerNet:
    made = recipe.network(name, recipe.encoder)
    return PartnerNet(recipe.encoder, recipe.training, recipe.seeds, hops, made.folder, tuple(made.callbacks))


PARTS: Mapping[str, Builder] = {
    "gnn": lambda recipe: _net(recipe, "gnn", 1),
    "network_without_neighbours": lambda recipe: _net(recipe, "network_without_neighbours", 0),
    "boosted_trees": lambda recipe: PartnerBoosting(recipe.trees, recipe.seeds),
}
"""The parts of all methods."""

MODEL = ("gnn", "boosted_trees")
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "model": MODEL,
    "gnn": ("gnn",),
    "model_without_gnn": ("network_without_neighbours", "boosted_trees"),
    "boosted_trees": ("boosted_trees",),
}
"""Method -> the parts it mixes."""


@dataclass(frozen=True)
class PartnerPart:
    """A forecaster fitted on everything, and the scores [rows] of the validation lists before that."""

    forecaster: PartnerForecaster
    held_out: tuple[Floats, ...]


def develop(part: PartnerForecaster, train: Sequence[Asked], validation: Sequence[Asked]) -> PartnerPart:
    """Choose on validation, then fit on both."""
    part.select(train, validation)
    held_out = tuple(part.score(asked) for asked in validation)
    return PartnerPart(part.refit([*train, *validation]), held_out)


@dataclass(frozen=True)
class PartnerMix:
    """Forecasters whose scores are added with weights; so are their parts."""

    forecasters: Mapping[str, PartnerForecaster]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, parts: Mapping[str, PartnerPart], validation: Sequence[Asked]) -> PartnerMix:
        """The weights under which the validation lists' choices were most likely; none is negative."""
        scores = {name: np.concatenate(part.held_out) for name, part in parts.items()}
        weights = choose_weights(scores, validation)
        return cls({name: part.forecaster for name, part in parts.items()}, weights)

    def parts(self, asked: Asked) -> Floats:
        """[rows, len(GROUPS)] parts that sum to the score."""
        total = np.zeros((len(asked.lists), len(GROUPS)))
        for name, weight in self.weights.items():
            if weight > 0:
                total += weight * self.forecasters[name].parts(asked)
        return total

    def score(self, asked: Asked) -> Floats:
        """[rows] scores: log of the odds among equals, up to a constant per list."""
        return self.mixed({name: part.score(asked) for name, part in self.forecasters.items()})

    def mixed(self, scores: Mapping[str, Floats]) -> Floats:
        """The mix of its forecasters' scores [rows] of the same lists."""
        return np.asarray(sum(weight * scores[name] for name, weight in self.weights.items()))


def choose_weights(scores: Mapping[str, Floats], validation: Iterable[Asked]) -> dict[str, float]:
    """Weights, 0 or more, of least loss on the validation lists; their sum is a temperature."""
    stacked = np.stack(list(scores.values()))
    lists = [asked.lists for asked in validation]
    first = np.cumsum([0, *(one.n_queries for one in lists[:-1])])
    query = np.concatenate([one.query + start for one, start in zip(lists, first, strict=True)])
    hit, log_q = (np.concatenate([getattr(one, name) for one in lists]) for name in ("hit", "log_q"))

    def loss(weights: Floats) -> float:
        return float(list_losses(weights @ stacked - log_q, hit, query).mean())

    start = np.full(len(scores), 1 / len(scores))
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(0.0, 5.0)] * len(scores))
    return dict(zip(scores, np.asarray(found.x).tolist(), strict=True))
