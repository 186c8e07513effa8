"""How much of the planted influence is found, where the truth is known.

Simulates worlds, learns from their records as of the export, and prints Spearman's rank correlation of each
method's scores with the planted influence per person and topic.  `python -m benchmarks.leaders_world`
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from influence.config import load_config
from influence.contagion import centrality
from influence.contagion.position import position_at
from influence.contagion.takeups import TakeUps, ties_of
from influence.data import Network
from influence.experiment import recipe_of
from influence.graph.temporal import TemporalGraph, microseconds
from influence.metrics import spearman
from influence.synthesis import WorldConfig, simulate
from influence.training.leaders import Leaders


def main() -> None:
    """Print one line per world and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="the configuration to train with")
    parser.add_argument("--contacts", type=int, default=1_000, help="people in each world")
    parser.add_argument("--items", type=int, default=3_000, help="items whose take-up is followed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the worlds")
    asked = parser.parse_args()
    config = load_config(asked.config)
    found = []
    for seed in asked.seeds:
        world = simulate(WorldConfig(n_contacts=asked.contacts, n_items=asked.items, seed=seed))
        started = time.perf_counter()
        recipe = recipe_of(config, seed, None)
        end = world.network.last_observed_at
        leaders = Leaders.fit(world.network, config.leadership, recipe, end)
        assert leaders.credit is not None, "a world without take-ups teaches nothing"
        rows = leaders.credit.profiles(leaders.credit.candidates(world.network, end))
        rows = rows.merge(world.truth["influence"], on=["contact_id", "topic"], suffixes=("", "_planted"))
        rows = rows.merge(baselines(world.network, end, config.leadership.past_windows), on=["contact_id"])
        truth = rows["influence_planted"].to_numpy()
        names = ("influence", "degree", "pagerank", "k_core", "past_credit")
        values = {name: spearman(truth, rows[name].to_numpy(float)) for name in names}
        susceptibility = spearman(rows["susceptibility_planted"], rows["susceptibility"])
        seconds = time.perf_counter() - started
        found.append(values | {"susceptibility": susceptibility, "rows": len(rows), "seconds": seconds})
        print(seed, " ".join(f"{name} {value:.3f}" for name, value in found[-1].items()), flush=True)
    print("mean", " ".join(f"{name} {value:.3f}" for name, value in pd.DataFrame(found).mean().items()))


def baselines(network: Network, at: pd.Timestamp, windows: tuple[float, ...]) -> pd.DataFrame:
    """Centralities and past credit of every contact, whatever the topic."""
    graph = TemporalGraph(network)
    moment = int(microseconds(pd.Series([at]))[0])
    standing = position_at(TakeUps.of(network), ties_of(graph), moment, windows)
    return pd.DataFrame(
        {
            "contact_id": graph.contact_ids,
            "degree": centrality.degrees(standing.ties),
            "pagerank": centrality.pagerank(standing.ties),
            "k_core": centrality.k_core(standing.ties),
            "past_credit": np.asarray(standing.credit.given()),
        }
    )


if __name__ == "__main__":
    main()
