"""Encoders side by side, rehearsed on the validation window: what is tried, and what is not shipped.

`python -m benchmarks.encoders FOLDER ... --rows FILE`; a folder may be `world:CONTACTS:SEED`.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Data

import influence
from benchmarks.rehearsal import figures, stages
from influence.evaluation.baselines import BASELINES
from influence.evaluation.protocol import Study
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import ACCEPT, BIN_ENDS_DAYS, NONE, Outcomes
from influence.model.scaling import Standardizer
from influence.training.forecaster import Forecaster
from influence.training.loop import TrainingConfig
from influence.training.mixture import Stage, develop
from influence.training.networks import HazardNetwork, NetworkForecaster
from influence.training.parts import Recipe

N_MUTUAL = 16
PRETRAINING_EPOCHS = 6


@dataclass(frozen=True)
class Rehearsal:
    """One source, its stage one step earlier, and what the other sources offer to learn from."""

    name: str
    study: Study
    stage: Stage
    later: QuerySet
    known: Outcomes
    others: Sequence[tuple[QuerySet, Outcomes]] = ()


class MutualContacts(TemporalEncoder):
    """The states of mutual contacts pooled beside both ends (NCN; Wang, Yang & Zhang 2024)."""

    def __init__(self, config: EncoderConfig, features: PairFeatures) -> None:
        super().__init__(config)
        self.features = features
        self.mutual_scaler = Standardizer(len(STATE_COLUMNS))
        self.mutual = nn.Linear(self.mutual_scaler.n_outputs, config.width)
        self.joined = nn.Linear(2 * config.width, config.width)

    def fit_scalers(self, batch: Data) -> None:
        """Take the column statistics of a batch of training queries."""
        super().fit_scalers(batch)
        self.mutual_scaler.fit(batch.x)

    def forward(self, batch: Data) -> Tensor:
        """[queries, width]."""
        n = batch.num_sampled_nodes[0] // 2
        contact, at = batch.n_id[: 2 * n].numpy(), batch.edge_label_time[:, 0].numpy()
        query, shared = mutual_contacts(self.features.ties["contact"], contact[:n], contact[n:], at)
        told = torch.from_numpy(states(self.features.graph, shared, at[query]))
        h = self.mutual(self.input_dropout(self.mutual_scaler(told))).relu()
        pooled = torch.zeros(n, h.size(1)).index_add(0, torch.from_numpy(query), h) / N_MUTUAL**0.5
        return self.joined(torch.cat((super().forward(batch), pooled), 1)).relu()


def mutual_contacts(
    ties: Ties, source: np.ndarray, target: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(Row of the query, mutual contact), the latest `N_MUTUAL` of each query strictly before its moment."""
    rows, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    n_contacts = len(ties.ptr) - 1
    for i, (u, v, t) in enumerate(zip(source, target, at, strict=True)):
        if max(u, v) >= n_contacts:
            continue
        near = [slice(ties.ptr[c], ties.ptr[c + 1]) for c in (u, v)]
        tied = [(ties.since[s] < t) & (t <= ties.until[s]) for s in near]
        sides = [(ties.neighbour[s][k], ties.since[s][k]) for s, k in zip(near, tied, strict=True)]
        both, a, b = np.intersect1d(sides[0][0], sides[1][0], return_indices=True)
        latest = np.argsort(-np.maximum(sides[0][1][a], sides[1][1][b]), kind="stable")[:N_MUTUAL]
        rows.append(np.full(len(latest), i))
        found.append(both[latest])
    return np.concatenate(rows), np.concatenate(found)


class Pretrained(NetworkForecaster):
    """Begins where a training on other queries with outcomes ended."""

    def __init__(self, sources: Sequence[tuple[QuerySet, Outcomes]], seeds: Sequence[int]) -> None:
        super().__init__(EncoderConfig(), TrainingConfig(), seeds)
        self.sources = sources
        self.start: nn.Module | None = None

    def _network(self, seed: int) -> HazardNetwork:
        network = super()._network(seed)
        if self.start is None:
            earlier = NetworkForecaster(EncoderConfig(), TrainingConfig(), (seed,))
            for queries, outcomes in self.sources:
                trainer = earlier._trainer(queries, outcomes, seed, "pretraining")
                if self.start is not None:
                    learned = {k: v for k, v in self.start.state_dict().items() if "scaler" not in k}
                    trainer.module.load_state_dict(learned, strict=False)
                earlier._fit(trainer, queries, None, PRETRAINING_EPOCHS)
                self.start = trainer.best
        if self.start is not None:
            network.load_state_dict(copy.deepcopy(self.start.state_dict()))
        return network

    def refit(self, train: QuerySet, known: Outcomes) -> NetworkForecaster:
        """A new forecaster with the choices made, begun at the same weights."""
        new = Pretrained(self.sources, self.seeds)
        new.start, new.n_epochs = self.start, self.n_epochs
        for seed, n_epochs in zip(self.seeds, self.n_epochs, strict=True):
            trainer = new._trainer(train, known, seed, "refit")
            new._fit(trainer, train, None, n_epochs)
            new.members.append(trainer.best)
        return new


def answers_to_interactions(study: Study, boundary: int) -> tuple[QuerySet, Outcomes]:
    """Every interaction that opens a turn of a pair, after its first, and whether the other end answered."""
    features = study.queries.features
    edges = features.graph.group("interactions")
    n = features.graph.n_contacts
    pair = np.minimum(edges.source, edges.target) * n + np.maximum(edges.source, edges.target)
    order = np.lexsort((edges.source, edges.at, pair))
    order = order[edges.at[order] < boundary]
    source, pair = edges.source[order], pair[order]
    again = np.append(False, pair[1:] == pair[:-1])
    opens = np.flatnonzero(~again | np.append(True, source[1:] != source[:-1]))
    answered = np.append(again[opens[1:]], False)
    answer = np.append(edges.at[order][opens[1:]], 0)
    later = np.flatnonzero(again[opens])
    rows = order[opens[later]]
    at = edges.at[rows]
    ends = np.array(BIN_ENDS_DAYS) * MICROSECONDS_PER_DAY
    watched = (at[:, None] + ends < boundary).sum(1)
    bins = np.searchsorted(ends, np.where(answered[later], answer[later] - at, np.inf))
    accepted = bins < watched
    unknown = np.full(len(rows), np.nan, np.float32)
    return (
        QuerySet(features, Queries(edges.source[rows], edges.target[rows], at, unknown)),
        Outcomes(np.where(accepted, bins + 1, watched), np.where(accepted, ACCEPT, NONE)),
    )


Variant = Callable[[Rehearsal, int], Forecaster]


def _encoder(rehearsal: Rehearsal, seed: int, **settings: object) -> Forecaster:
    return NetworkForecaster(EncoderConfig.model_validate(settings), TrainingConfig(), (seed,))


def _mutual(rehearsal: Rehearsal, seed: int) -> Forecaster:
    build = partial(MutualContacts, features=rehearsal.study.queries.features)
    return NetworkForecaster(EncoderConfig(), TrainingConfig(), (seed,), build=build)


def _pretrained_on_interactions(rehearsal: Rehearsal, seed: int) -> Forecaster:
    boundary = int(rehearsal.stage.validation.queries.at[0])
    source = answers_to_interactions(rehearsal.study, boundary)
    return Pretrained([source] if len(source[0]) else [], (seed,))


def _pretrained_on_others(rehearsal: Rehearsal, seed: int) -> Forecaster:
    return Pretrained(rehearsal.others, (seed,))


def _graphsage(rehearsal: Rehearsal, seed: int) -> Forecaster:
    from influence.model.trees import TreesConfig

    return BASELINES["graphsage"](Recipe(EncoderConfig(), TreesConfig(), TrainingConfig(), (seed,)))


VARIANTS: Mapping[str, Variant] = {
    "attention": _encoder,
    "attention_40": partial(_encoder, fan_out=(40,)),
    "two_hops": partial(_encoder, fan_out=(20, 5)),
    "snapshot": partial(_encoder, fan_out=(), snapshot_days=7.0),
    "attention_and_snapshot": partial(_encoder, snapshot_days=7.0),
    "mutual_contacts": _mutual,
    "pretrained_on_interactions": _pretrained_on_interactions,
    "pretrained_on_other_sources": _pretrained_on_others,
    "graphsage": _graphsage,
}


def main() -> None:
    """Add one row per source, variant and seed to a file, and print what the file holds by then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument(
        "--rows", type=Path, required=True, help="rows already in this CSV file are not run again"
    )
    asked = parser.parse_args()
    rehearsals = [_rehearsal(folder) for folder in asked.folders]
    done = {row[:3] for row in _read(asked.rows)}
    for seed, rehearsal, name in itertools.product(asked.seeds, rehearsals, asked.variants):
        if (rehearsal.name, name, str(seed)) in done:
            continue
        others = [(r.stage.train, r.stage.train_outcomes) for r in rehearsals if r is not rehearsal]
        began = time.perf_counter()
        found = _run(rehearsal, others, VARIANTS[name], seed)
        cells = [f"{value:.6f}" for value in found] + [f"{time.perf_counter() - began:.0f}"]
        with asked.rows.open("a", encoding="utf-8") as file:
            file.write(",".join([rehearsal.name, name, str(seed), *cells]) + "\n")
    _print_table(_read(asked.rows))


def _read(path: Path) -> list[tuple[str, ...]]:
    """Rows of source, variant, seed, AUC within a day, loss, level-free loss, seconds."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [tuple(line.split(",")) for line in lines]


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Means and standard deviations over seeds, and each variant less attention, paired by seed."""
    heads = "".join(f"{head:>16}" for head in ("auc_1d", "loss", "level-free"))
    print(f"{'data':<15}{'encoder':<29}{'n':>2}{heads}{'less attention':>18}{'s':>5}")
    by_seed = {row[:3]: np.array(row[3:], float) for row in rows}
    for source, name in dict.fromkeys(row[:2] for row in rows):
        seeds = [row[2] for row in rows if row[:2] == (source, name)]
        found = np.array([by_seed[source, name, seed] for seed in seeds])
        cells = [f"{m:.4f} ± {s:.4f}" for m, s in zip(found.mean(0)[:3], found.std(0)[:3], strict=True)]
        paired = [s for s in seeds if (source, "attention", s) in by_seed]
        less = np.array([(by_seed[source, name, s] - by_seed[source, "attention", s])[2] for s in paired])
        against = f"{less.mean():+.4f} ± {less.std():.4f}" if len(less) else ""
        print(
            f"{source:<15}{name:<29}{len(seeds):>2}" + "".join(f"{cell:>16}" for cell in cells),
            f"{against:>17}{found.mean(0)[3]:>5.0f}",
        )


def _rehearsal(folder: str) -> Rehearsal:
    kind, *numbers = folder.split(":")
    world = kind == "world"
    network = influence.synthesize(int(numbers[0]), seed=int(numbers[1])) if world else influence.read(folder)
    study = Study.of(network)
    return Rehearsal(folder if world else Path(folder).name, study, *stages(study))


def _run(
    rehearsal: Rehearsal, others: Sequence[tuple[QuerySet, Outcomes]], variant: Variant, seed: int
) -> tuple[float, float, float]:
    told = replace(rehearsal, others=others)
    part = develop(variant(told, seed), rehearsal.stage)
    return figures(part.forecaster.logits(rehearsal.later), rehearsal.known, rehearsal.stage.centre)


if __name__ == "__main__":
    main()
