"""Are the reasons right?  `python -m benchmarks.explanations CONFIG --contacts 4000`, or `--data FOLDER`.

On a synthetic world: sign and order of contributions beside the planted worth.  On any records: scores after
taking named reasons away, beside random ones; as features, and as records.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import influence
from benchmarks.deletion import REMOVALS, Request, without
from influence.config import Config, load_config
from influence.data import Network
from influence.evaluation.protocol import Study
from influence.evaluation.reasons import (
    deletion_effects,
    mean_with_interval,
    order_agreement,
    rankings,
    sign_agreement,
)
from influence.explanation import Explainer
from influence.explanation.explainer import CONTRIBUTION_COLUMNS
from influence.explanation.groups import NAMES
from influence.explanation.people import mutual_contacts
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.prediction import Model
from influence.synthesis import WorldConfig, simulate
from influence.tasks.acceptance import queries_of

N_REMOVED = (1, 2, 4)
FRESH_BACKGROUNDS = 15
"""Of the explainer that takes away; another number than the explanations', hence other requests."""


class Trial:
    """A model fitted as of the test's first moment, and the test requests that it explains."""

    def __init__(self, network: Network, config: Config, seed: int, n_requests: int) -> None:
        study = Study.of(network)
        split = study.split(config.split)
        chosen = config.model_copy(update={"seeds": (seed,)})
        self.model: Model = influence.fit(network, chosen, at=split.test_from).with_network(network)
        rows = np.unique(np.linspace(0, len(split.test) - 1, n_requests).astype(np.int64))
        self.requests = study.invitations.iloc[split.test[rows]].reset_index(drop=True)
        self.features = PairFeatures(network)
        self.queries = queries_of(self.requests, self.features.graph)
        self.rng = np.random.default_rng(seed)
        told = self.model.explain("acceptance", self.requests)
        self.told = told[list(CONTRIBUTION_COLUMNS)].set_axis(list(NAMES), axis=1)
        self.combination = self.model.acceptance_face.calibrated

    def truth(self, worth: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.float64]]:
        """Signs per group; order within each request, of its own reasons and of another request's."""
        rows = worth.set_index("invitation_id").loc[self.requests["invitation_id"]].reset_index(drop=True)
        swapped = self.told.iloc[np.roll(np.arange(len(self.told)), 1)].reset_index(drop=True)
        return (
            sign_agreement(self.told, rows),
            order_agreement(self.told, rows),
            order_agreement(swapped, rows),
        )

    def features_removed(self) -> dict[tuple[str, int], NDArray[np.float64]]:
        """Moves [requests] when groups are as in other requests, by the way to choose and their number."""
        invitations = self.model.network.table("invitations")
        fresh = Explainer(self.features, self.combination, invitations, FRESH_BACKGROUNDS, seed=1)
        ways = rankings(self.told.to_numpy(), self.rng)
        return {
            (way, n): deletion_effects(fresh, self.queries, ranking, n)
            for way, ranking in ways.items()
            for n in N_REMOVED
        }

    def records_removed(self, n_requests: int) -> Iterator[tuple[float, float, float]]:
        """Move by the records behind the first reason, mean move by those behind others, rank correlation."""
        rows = np.linspace(0, len(self.requests) - 1, n_requests).astype(int)
        for row in np.unique(rows):
            moved, size = self._moves(int(row)), self.told.iloc[row].abs()
            groups = list(moved)
            if len(groups) < 2:  # nothing to compare the first reason with
                continue
            first = max(groups, key=lambda name: size[name])
            others = [moved[name] for name in groups if name != first]
            order = pd.Series({name: moved[name] for name in groups}).corr(size[groups], method="spearman")
            yield moved[first], float(np.mean(others)), order

    def _moves(self, row: int) -> dict[str, float]:
        one, network = self.requests.iloc[[row]], self.model.network
        u, v, at = (int(x[row]) for x in (self.queries.sender, self.queries.recipient, self.queries.at))
        mutual = self.features.graph.contact_ids[mutual_contacts(self.features.ties["connection"], u, v, at)]
        sender, recipient, sent_at = one[["sender_id", "recipient_id", "sent_at"]].iloc[0]
        request = Request(sender, recipient, sent_at, frozenset(mutual))
        before, found = self._score(self.features, one), {}
        for group, (table, _) in REMOVALS.items():
            altered = without(network, request, group)
            if not altered.table(table).equals(network.table(table)):
                found[group] = abs(self._score(PairFeatures(altered), one) - before)
        return found

    def _score(self, features: PairFeatures, one: pd.DataFrame) -> float:
        queries = queries_of(one, features.graph)
        forecast = self.combination.forecast(self.combination.logits(QuerySet(features, queries)), queries.at)
        p = forecast.p_within_3_weeks[0]
        return float(np.log(p / (1 - p)))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations")
    parser.add_argument("config", type=Path)
    parser.add_argument("--contacts", type=int, default=4000, help="size of the synthetic worlds")
    parser.add_argument("--data", type=Path, help="records instead of synthetic worlds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--record-requests", type=int, default=0, help="of these, whose records are removed")
    asked = parser.parse_args()
    config, rng = load_config(asked.config), np.random.default_rng(0)
    signs, orders, features, records = [], [], [], []
    for seed in asked.seeds:
        world = None if asked.data else simulate(WorldConfig(n_contacts=asked.contacts, seed=seed))
        network = influence.read(asked.data) if world is None else world.network
        trial = Trial(network, config, seed, asked.requests)
        print(f"seed {seed}: {len(trial.requests)} requests explained", flush=True)
        if world is not None:
            sign, own, swapped = trial.truth(world.truth["worth"])
            signs.append(sign)
            orders.append(np.stack((own, swapped)))
        features.append(pd.DataFrame(trial.features_removed()))
        records += list(trial.records_removed(asked.record_requests))
    report(signs, orders, features, np.array(records), rng)


def report(
    signs: list[pd.DataFrame],
    orders: list[NDArray[np.float64]],
    features: list[pd.DataFrame],
    records: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Means over the seeds, with the lowest and the highest of them or an interval over requests."""
    if signs:
        print("\n| group | planted sd | told sd | rank correlation (seeds) | clear | right sign (seeds) |")
        for group in NAMES:
            rows = pd.DataFrame([sign.loc[group] for sign in signs])
            mean, low, high = rows.mean(), rows.min(), rows.max()
            print(
                f"| {group} | {mean['planted_sd']:.2f} | {mean['told_sd']:.2f} "
                f"| {mean['spearman']:.2f} ({low['spearman']:.2f} to {high['spearman']:.2f}) "
                f"| {rows['n_clear'].sum():.0f} "
                f"| {mean['right_sign']:.2f} ({low['right_sign']:.2f} to {high['right_sign']:.2f}) |"
            )
        importance = [sign["planted_sd"].corr(sign["told_sd"], method="spearman") for sign in signs]
        print(f"order of the groups by spread, planted and told: {np.round(importance, 2)}")
        own, swapped = np.concatenate(orders, axis=1)
        print(f"order within a request: {_told(own, rng)}; another request's reasons: {_told(swapped, rng)}")
    moved = pd.concat(features)
    print("\n| removed | named | same for all | random | named minus same for all | named minus random |")
    for n in N_REMOVED:
        named, same, drawn = (moved[way, n].to_numpy() for way in ("named", "same_for_all", "random"))
        told = [_told(x, rng) for x in (named, same, drawn, named - same, named - drawn)]
        print(f"| {n} | {' | '.join(told)} |")
    if len(records):
        first, others, order = records.T
        print("\n| requests | first reason's records | another group's | difference | rank correlation |")
        told = [_told(x, rng) for x in (first, others, first - others, order)]
        print(f"| {len(records)} | {' | '.join(told)} |")


def _told(values: NDArray[np.float64], rng: np.random.Generator) -> str:
    mean, low, high = mean_with_interval(values[~np.isnan(values)], rng)
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
