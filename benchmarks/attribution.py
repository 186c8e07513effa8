"""Who moved whom in synthetic worlds, where the parents are known: `python -m benchmarks.attribution`.

Of the take-ups with a candidate: how often the highest share, the outside's among them, is the true cause
(top1), the mean share of the outside, and the correlation of the share given to the true cause with its
chance under the laws of the world.  Of people and topics whose take-ups exposed anybody: Spearman's
correlation with planted influence.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from influence.contagion.attribution import Attribution, AttributionConfig, Log
from influence.contagion.covariates import Covariates
from influence.contagion.risk import AtRisk
from influence.contagion.shares import RULES, Shares
from influence.contagion.takeups import Exposures, TakeUps
from influence.contagion.transmission import Transmission, TransmissionConfig
from influence.graph.temporal import CODES, TemporalGraph, microseconds
from influence.graph.ties import Ties
from influence.synthesis.config import WorldConfig
from influence.synthesis.world import World, simulate


@dataclass(frozen=True)
class Fitted:
    """What was fitted to a world's records, ties alone counting, and the truth about each take-up."""

    take_ups: TakeUps
    ties: Ties
    exposures: Exposures
    at_risk: AtRisk
    covariates: Covariates
    attribution: Attribution
    transmission: Transmission
    parent: NDArray[np.int64]
    """Position of the true cause of each take-up; -1 for the outside."""
    p_parent: NDArray[np.float64]
    """Its chance under the laws of the world."""


def fitted(world: World) -> Fitted:
    """Attribution and transmission of a world."""
    network = world.network
    take_ups = TakeUps.of(network)
    edges = TemporalGraph(network).edges
    ties = Ties.build(edges.where(edges.relation == CODES["connected"]), take_ups.n_contacts)
    until = int(microseconds(pd.Series([network.last_observed_at]))[0])
    exposures, at_risk = Exposures.along(take_ups, ties), AtRisk.along(take_ups, ties, until)
    covariates, config = Covariates.of(network, take_ups), AttributionConfig()
    log = Log.of(take_ups, exposures, at_risk, covariates, until, config)
    attribution = Attribution.fit(log, config, len(take_ups.topics))
    given = (take_ups, exposures, at_risk, covariates, attribution)
    found = Transmission.fit(*given, until, TransmissionConfig())
    key = pd.MultiIndex.from_arrays([take_ups.contact_ids[take_ups.contact], take_ups.items[take_ups.item]])
    truth = world.truth["parents"].set_index(["contact_id", "item"]).loc[key]
    parent = take_ups.contact_ids.get_indexer(pd.Index(truth["parent_id"]))
    p_parent = truth["p_parent"].to_numpy()
    return Fitted(take_ups, ties, exposures, at_risk, covariates, attribution, found, parent, p_parent)


def planted(world: World, take_ups: TakeUps, what: str) -> NDArray[np.float64]:
    """[n_contacts, n_topics] planted influence or susceptibility."""
    table = world.truth["influence"].pivot(index="contact_id", columns="topic", values=what)
    return table.loc[take_ups.contact_ids, take_ups.topics].to_numpy()


def measure(world: World) -> Iterator[str]:
    """Lines of the report of one world."""
    found = fitted(world)
    take_ups, exposures, at_risk = found.take_ups, found.exposures, found.at_risk
    yield f"{len(take_ups):,} take-ups, {len(exposures):,} pairs, {len(at_risk):,} exposures"
    methods = {
        "transmission": found.transmission.shares,
        "attribution": found.attribution.shares(take_ups, exposures, found.covariates),
    }
    for name, rules in RULES.items():
        for rule in rules:
            methods[f"{name} {getattr(rule, 'keywords', {}).get('half_life_days', '')}"] = rule(
                take_ups, exposures
            )
    for name, shares in methods.items():
        yield f"  {name:26s} " + told(shares, take_ups, found.parent, found.p_parent)
    yield from ranked(world, take_ups, at_risk, found.ties, found.transmission)


def told(shares: Shares, take_ups: TakeUps, parent: NDArray[np.int64], chance: NDArray[np.float64]) -> str:
    """How shares compare with the true causes."""
    exposures = shares.exposures
    some = np.flatnonzero(exposures.n_candidates > 0)
    hit, given = np.zeros(len(some)), np.zeros(len(some))
    for place, i in enumerate(some):
        a, b = exposures.ptr[i : i + 2]
        every = np.append(shares.share[a:b], shares.outside[i])
        is_cause = np.append(take_ups.contact[exposures.row[a:b]] == parent[i], parent[i] < 0)
        is_top = every == every.max()
        hit[place], given[place] = (is_cause & is_top).sum() / is_top.sum(), every[is_cause].sum()
    related = np.corrcoef(given, chance[some])[0, 1] if np.ptp(given) and np.ptp(chance[some]) else np.nan
    true = (parent[some] < 0).mean()
    outside = shares.outside[some].mean()
    return f"top1 {hit.mean():.3f}  outside {outside:.3f} (true {true:.3f})  correlation {related:.3f}"


def ranked(
    world: World, take_ups: TakeUps, at_risk: AtRisk, ties: Ties, found: Transmission
) -> Iterator[str]:
    """How well influence is told, beside degree and PageRank."""
    true = planted(world, take_ups, "influence")
    if not true.any():
        return
    seen = np.zeros(true.shape, bool)
    seen[take_ups.contact[at_risk.row], take_ups.topic[at_risk.row]] = True
    graph = nx.Graph(
        list(zip(np.repeat(np.arange(len(true)), np.diff(ties.ptr)), ties.neighbour, strict=True))
    )
    rank = nx.pagerank(graph)
    scores = {
        "transmission": found.influence[:, 1:],
        "degree": np.broadcast_to(np.diff(ties.ptr)[:, None], true.shape),
        "pagerank": np.broadcast_to([[rank.get(i, 0.0)] for i in range(len(true))], true.shape),
    }
    for name, score in scores.items():
        of_seen = spearmanr(score[seen], true[seen]).statistic
        of_all = spearmanr(score.ravel(), true.ravel()).statistic
        pairs = f"{of_seen:.3f} of {seen.sum():,} seen, {of_all:.3f} of all {true.size:,}"
        yield f"  influence by {name:13s} {pairs}"


def main() -> None:
    """Report on worlds of several seeds, with contagion and without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    given = parser.parse_args()
    for effect in (True, False):
        for seed in given.seeds:
            print(f"seed {seed}, {'contagion' if effect else 'no contagion'}:", end=" ")
            print(
                *measure(simulate(WorldConfig(n_contacts=given.contacts, seed=seed, effect=effect))), sep="\n"
            )


if __name__ == "__main__":
    main()
