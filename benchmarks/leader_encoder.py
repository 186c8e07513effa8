"""The encoder of acceptance beside the propagated columns of leadership, rehearsed before the test.

Everything is developed on what was known when 60 % of the take-ups had happened, and forecasts the credit of
the next fifth.  `python -m benchmarks.leader_encoder FOLDER ...`; a folder may be `world:CONTACTS:SEED`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.loader import LinkLoader

import influence
from influence.config import Config
from influence.data import Network
from influence.data.splits import SplitConfig
from influence.evaluation.protocol import Study
from influence.experiment import recipe_of
from influence.graph.loading import QuerySet, batches
from influence.graph.pairs import PairFeatures, Queries
from influence.metrics import kendall, ndcg_at_5pct
from influence.model.credit import LEAST, tweedie_deviance
from influence.model.encoder import TemporalEncoder
from influence.model.scaling import Standardizer
from influence.tasks.leadership import Candidates, History, candidates_at
from influence.training import mixture
from influence.training.credit import CreditForecaster, Floats, Matrix, Rows
from influence.training.credit_mix import MODEL, PARTS, CreditStage, _windows, develop, mix
from influence.training.loop import Trainer
from influence.training.networks import NetworkForecaster
from influence.training.parts import Recipe

KNOWN, ASKED = 0.6, 0.8
"""Shares of the take-ups: what is developed on, and the end of the window that judges."""
SHARED = "with acceptance's embedding"


def people(features: PairFeatures, rows: Sequence[Candidates]) -> QuerySet:
    """Rows of credit as queries, window by window: everybody asks themselves, both ends are one person."""
    contact = np.concatenate([features.graph.positions(part.contact_id) for part in rows])
    at = np.concatenate([np.full(len(part), part.at) for part in rows])
    return QuerySet(features, Queries(contact, contact, at, np.full(len(at), np.nan, np.float32)))


class AttentiveCredit(nn.Module):
    """Own columns beside the encoder's embedding of the person, in the place of the propagated blocks."""

    base: Tensor

    def __init__(self, n_columns: int, recipe: Recipe) -> None:
        super().__init__()
        config, width = recipe.encoder, recipe.encoder.width
        self.scaler, self.encoder = Standardizer(n_columns), TemporalEncoder(config)
        self.input_dropout = nn.Dropout(config.input_dropout)
        self.own = nn.Linear(2 * n_columns, width)
        self.merge = nn.Sequential(
            nn.Linear(2 * width, width), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(width, width),
            nn.ReLU(),
        )  # fmt: skip
        self.head, self.straight = nn.Linear(width, 1), nn.Linear(2 * n_columns, 1)
        self.register_buffer("base", torch.zeros(()))
        for layer in (self.head, self.straight):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, batch: Data) -> Tensor:
        """Log mean credit [n]."""
        own = self.input_dropout(self.scaler(batch.own))
        around = self.encoder.ends(batch)[0]
        bent = self.head(self.merge(torch.cat((self.own(own).relu(), around), 1)))
        return (bent + self.straight(own)).squeeze(1) + self.base


class AttentionOfCredit:
    """`AttentiveCredit` as a forecaster; it finds the queries of rows by the rows themselves."""

    def __init__(self, recipe: Recipe, queries: Mapping[int, QuerySet]) -> None:
        self.recipe, self.queries = recipe, queries
        self.n_epochs = 0
        self.network: nn.Module | None = None

    def select(self, train: Rows, y: Floats, validation: Rows, later: Floats) -> None:
        """Choose the number of epochs on validation."""

        def criterion(network: nn.Module) -> Floats:
            return tweedie_deviance(self._score(network, validation), torch.from_numpy(later)).numpy()

        trainer = self._train(train, y, criterion)
        self.n_epochs, self.network = trainer.state.best_epoch, trainer.best

    def refit(self, train: Rows, y: Floats) -> AttentionOfCredit:
        """Fitted on these rows for as many epochs."""
        new = AttentionOfCredit(self.recipe, self.queries)
        new.network = new._train(train, y, None, self.n_epochs).best
        return new

    def members(self, rows: Rows) -> Floats:
        """Log mean credit [1, n]."""
        assert self.network is not None, "select first"
        return self._score(self.network, rows).numpy()[None]

    def save(self, folder: Path) -> dict[str, object]:
        """Not needed here."""
        raise NotImplementedError("a rehearsal keeps nothing")

    def _train(self, train: Rows, y: Floats, criterion: object, n_epochs: int | None = None) -> Trainer:
        seed, x, label = self.recipe.seeds[0], torch.from_numpy(train.x), torch.from_numpy(y).float()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = AttentiveCredit(x.shape[1], self.recipe)
        network.scaler.fit(x)
        network.base.copy_(label.mean().clamp(min=LEAST).log())
        spread = np.unique(np.linspace(0, len(x) - 1, 4096).astype(np.int64))
        part = next(iter(self._batches(self.queries[id(train)][spread], len(spread))))
        network.encoder.state_scaler.fit(part.x)
        network.encoder.edge_scaler.fit(part.edge_attr)

        def loss(log_mean: Tensor, batch: Data) -> Tensor:
            return tweedie_deviance(log_mean, label[batch.query]).mean()

        def shuffled(generator: torch.Generator) -> Iterator[Data]:
            size = self.recipe.training.batch_size
            return self._with_columns(train, self._batches(self.queries[id(train)], size, generator))

        trainer = Trainer(network, loss, self.recipe.training, seed)
        trainer.fit(shuffled, criterion, n_epochs)  # type: ignore[arg-type]
        return trainer

    def _score(self, network: nn.Module, rows: Rows) -> Tensor:
        network.eval()
        with torch.inference_mode():
            asked = self._with_columns(rows, self._batches(self.queries[id(rows)], 2048))
            return torch.cat([network(batch) for batch in asked]).double()

    def _batches(self, queries: QuerySet, size: int, generator: torch.Generator | None = None) -> LinkLoader:
        return batches(queries, self.recipe.encoder.fan_out, size, generator, describe_pairs=False)

    def _with_columns(self, rows: Rows, loader: LinkLoader) -> Iterator[Data]:
        for batch in loader:
            batch.own = torch.from_numpy(rows.x[batch.query.numpy()])
            yield batch


def main() -> None:
    """Print one line per source and method, means over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args()
    print(f"{'data':<24}{'what':<44}{'kendall':>18}{'ndcg_at_5pct':>18}")
    for folder in asked.folders:
        kind, *numbers = folder.split(":")
        world = kind == "world"
        network = (
            influence.synthesize(int(numbers[0]), seed=int(numbers[1])) if world else influence.read(folder)
        )
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in asked.seeds:
            for name, values in rehearse(network, seed):
                found.setdefault(name, []).append(values)
        for name, rows in found.items():
            cells = [f"{m:.4f} ± {s:.4f}" for m, s in zip(np.mean(rows, 0), np.std(rows, 0), strict=True)]
            print(
                f"{folder if world else Path(folder).name:<24}{name:<44}" + "".join(f"{c:>18}" for c in cells)
            )


def rehearse(network: Network, seed: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """(What, its Kendall's tau-b and NDCG at 5 %) for every part and mix."""
    config, history = Config(), History.of(network)
    recipe = recipe_of(config, seed, None)
    start = pd.Timestamp(history.moment(KNOWN), unit="us", tz="UTC")
    known = network.as_of(start)
    stage = CreditStage.of(known, config.leadership)
    candidates = candidates_at(network, start, config.leadership)
    later, label = Rows.of([candidates]), history.labels(candidates, history.moment(ASKED))[0]
    asked_of = _asked_of(known, config, stage) | {id(later): [candidates]}
    features = PairFeatures(network)
    queries = {rows: people(features, of) for rows, of in asked_of.items()}

    def scores(part: CreditForecaster, stage: CreditStage, rows: Rows) -> Floats:
        return develop(part, stage).forecaster.members(rows).mean(0)

    found = {name: scores(PARTS[name](recipe, stage.latest.columns), stage, later) for name in MODEL}
    found["attention"] = scores(AttentionOfCredit(recipe, queries), stage, later)
    told = _embedding(network, known, recipe)
    if told is not None:
        with_it = {rows: np.asarray(told(asked)) for rows, asked in queries.items()}
        shared = replace(
            stage, **{
                name: (_beside(rows, with_it[id(rows)]), given, received)
                for name, (rows, given, received) in _labelled(stage).items()
            }
        )  # fmt: skip
        for name in ("gnn", "trees_with_neighbours"):
            part = PARTS[name](recipe, stage.latest.columns)
            found[f"{name} {SHARED}"] = scores(part, shared, _beside(later, with_it[id(later)]))
    for name, parts in _mixes(found).items():
        score = mix(found, dict.fromkeys(parts, 1 / len(parts)))
        yield name, (kendall(label, score), ndcg_at_5pct(label, score))


def _labelled(stage: CreditStage) -> dict[str, tuple[Rows, Floats, Floats]]:
    return {"train": stage.train, "validation": stage.validation, "everything": stage.everything}


def _asked_of(known: Network, config: Config, stage: CreditStage) -> dict[int, list[Candidates]]:
    """The identity of each set of rows of a stage -> the candidates that they are of, window by window."""
    windows = _windows(known, History.of(known), config.leadership)
    last = 1 - config.leadership.window
    earlier = [w[0] for share, w in windows.items() if share <= last - config.leadership.window + 1e-9]
    latest, everything = [windows[last][0]], [w[0] for w in windows.values()]
    sets = (stage.train, earlier), (stage.validation, latest), (stage.everything, everything)
    assert all(len(rows) == sum(map(len, of)) for (rows, *_), of in sets)
    return {id(rows): of for (rows, *_), of in sets}


def _embedding(network: Network, known: Network, recipe: Recipe) -> Callable[[QuerySet], Matrix] | None:
    """What an encoder that learnt acceptance makes of people, [n, width]; None without invitations."""
    if not len(known.table("invitations")):
        return None
    study, split = Study.of(known), SplitConfig()
    cut = study.split(split)
    stage = study.stage(cut.train, cut.validation, cut.validation_from, cut.test_from)
    forecaster = NetworkForecaster(recipe.encoder, recipe.training, recipe.seeds[:1])
    learnt = mixture.develop(forecaster, stage).forecaster
    assert isinstance(learnt, NetworkForecaster)
    encoder = learnt.members[0].encoder.eval()

    def told(asked: QuerySet) -> Matrix:
        with torch.inference_mode():
            loader = batches(asked, recipe.encoder.fan_out, 2048, describe_pairs=False)
            return torch.cat([encoder.ends(batch)[0] for batch in loader]).numpy()

    return told


def _beside(rows: Rows, told: Matrix) -> Rows:
    """The rows with one block more around them: what is told, padded to the width of a block."""
    block = np.zeros_like(rows.x)
    block[:, : told.shape[1]] = told
    return Rows(rows.x, np.concatenate((rows.neighbours, block), axis=1))


def _mixes(found: Mapping[str, Floats]) -> dict[str, tuple[str, ...]]:
    """Each part by itself, and the mix that ships with other parts in the place of its own."""
    rest = tuple(name for name in MODEL if name != "gnn")
    mixes: dict[str, tuple[str, ...]] = {name: (name,) for name in found}
    mixes |= {"model": MODEL, "model, attention for gnn": ("attention", *rest)}
    mixes["model and attention"] = (*MODEL, "attention")
    if f"gnn {SHARED}" in found:
        both = tuple(
            name if name not in ("gnn", "trees_with_neighbours") else f"{name} {SHARED}" for name in MODEL
        )
        mixes[f"model {SHARED}"] = both
    return mixes


if __name__ == "__main__":
    main()
