"""Whether the ambassadors' expected take-ups come true, in worlds whose laws are known.

For each topic: what `by="spread"` expects of the ten people it names, what the planted chances give for
them, and for as many people drawn by lot.  `python -m benchmarks.ambassadors_world`
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from influence.contagion.ambassadors import AmbassadorLimits, SpreadGraph, choose_ambassadors
from influence.contagion.ambassadors.cascades import draw_worlds, simulate
from influence.prediction.influencers import Influencers
from influence.synthesis import World, WorldConfig
from influence.synthesis import simulate as make_world
from influence.synthesis.leaders import MOST

N_LOTS, N_SIMULATIONS = 20, 1_000


def main() -> None:
    """Print one line per world and topic, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=2_000, help="people in each world")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the worlds")
    parser.add_argument("-k", type=int, default=10, help="people to choose")
    asked = parser.parse_args()
    found = []
    for seed in asked.seeds:
        world = make_world(WorldConfig(n_contacts=asked.contacts, seed=seed))
        view = Influencers.of(world.network, world.network.last_observed_at)
        for topic in view.take_ups.topics:
            found.append({"seed": seed, "topic": topic} | compared(view, world, str(topic), asked.k, seed))
            print(" ".join(f"{name} {shown(value)}" for name, value in found[-1].items()), flush=True)
    table = pd.DataFrame(found)
    ratios = pd.DataFrame(
        {
            "expected / true": table["expected"] / table["true"],
            "true / by lot": table["true"] / table["by_lot"],
        }
    )
    print(ratios.describe().loc[["min", "50%", "max"]].round(2).to_string())


def compared(view: Influencers, world: World, topic: str, k: int, seed: int) -> dict[str, float]:
    """Take-ups expected, true of the same people, and true of people drawn by lot."""
    rng = np.random.default_rng(seed)
    graph = view.spread_graph(topic)
    candidates = pd.DataFrame({"contact_id": graph.contact_ids})
    answer = choose_ambassadors(graph, candidates, AmbassadorLimits(k=k), rng)
    true, worlds = planted(graph, world.truth["influence"], topic), draw_worlds(rng)

    def spread(chosen: np.ndarray) -> float:
        return float(simulate(true, chosen, worlds, N_SIMULATIONS).value[-1])

    lots = [spread(rng.choice(len(graph), k, replace=False)) for _ in range(N_LOTS)]
    chosen = graph.contact_ids.get_indexer(pd.Index(answer.people["contact_id"]))
    return {"expected": answer.expected, "true": spread(chosen), "by_lot": float(np.mean(lots))}


def planted(graph: SpreadGraph, laws: pd.DataFrame, topic: str) -> SpreadGraph:
    """The same ties, with the chances that the world was made with."""
    of = laws[laws["topic"] == topic].set_index("contact_id").reindex(graph.contact_ids)
    source, target = graph.source, graph.target
    p = of["influence"].to_numpy()[source] * of["susceptibility"].to_numpy()[target]
    ids = graph.contact_ids
    return SpreadGraph.build(ids[source], ids[target], np.minimum(p, MOST), ids)


def shown(value: object) -> str:
    """One decimal where it is a number of take-ups."""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
