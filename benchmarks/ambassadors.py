"""Choice of ambassadors beside pynetim: `python -m benchmarks.ambassadors [--million]`.

Reads `seeds/` of the public data under INFLUENCE_DATA.  Spread is simulated 10,000 times by ours, for all
choices in the same worlds.  Jazz and power grid are undirected: both directions, each with 1 / degree of its
target.
pynetim (pip install pynetim; no dependency of ours) is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.turns import need_memory, print_turns, take_turns
from influence.contagion.ambassadors import SpreadGraph
from influence.contagion.ambassadors.cascades import simulate
from influence.contagion.ambassadors.greedy import Ground
from influence.contagion.ambassadors.imm import imm

K, ROUNDS, SEEDS = 50, 20, 10
SHARES = (0.01, 0.05, 0.1, 0.2)
WORLDS = 1
OURS, PEER = "ours", "pynetim"
N_CONTACTS, N_EDGES = 1_000_000, 10_000_000
NEEDED_MIB = 8_192
Choose = Callable[[int, int], np.ndarray]
"""(k, seed) -> positions."""


def choosers(graph: SpreadGraph) -> dict[str, Choose]:
    """Ours, and pynetim's where it is installed; epsilon .5 and l 1 for both, graphs loaded."""

    def ours(k: int, seed: int) -> np.ndarray:
        return imm(graph, Ground.of(len(graph), k), np.random.default_rng(seed)).chosen

    graph.incoming  # noqa: B018
    found: dict[str, Choose] = {OURS: ours}
    try:
        pynetim = import_module("pynetim")
        algorithms = import_module("pynetim.algorithms")
    except ImportError:
        print("pynetim is left out: it is not installed.")
        return found
    edges = list(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    loaded = pynetim.IMGraph(edges, graph.p.tolist(), directed=True, renumber=False)

    def peer(k: int, seed: int) -> np.ndarray:
        search = algorithms.IMMAlgorithm(loaded, "IC", epsilon=0.5, l=1, random_seed=seed)
        return np.array(sorted(search.run(k)), np.int64)

    return found | {PEER: peer}


def seeds_file(name: str) -> pd.DataFrame:
    """Edges of a public graph."""
    root = os.environ.get("INFLUENCE_DATA")
    path = Path(root or ".") / "seeds" / f"{name}_edges.csv"
    if not path.exists():
        raise SystemExit(f"{path} is not there. Set INFLUENCE_DATA to the folder of the public data.")
    return pd.read_csv(path)


def nethept() -> None:
    """Time and spread of 50 people."""
    rows = seeds_file("nethept")
    graph = SpreadGraph.build(rows["source"], rows["target"], rows["p_wc"])
    methods = choosers(graph)
    print(f"nethept, k = {K}, weighted cascade as in the file")
    for name, choose in methods.items():
        spread = [simulate(graph, choose(K, seed), WORLDS).value[-1] for seed in range(SEEDS)]
        shown = f"mean {np.mean(spread):,.1f}, least {min(spread):,.1f}, most {max(spread):,.1f}"
        print(f"  {name:<10}spread over {SEEDS} seeds: {shown}")
    began = time.perf_counter()
    simulate(graph, methods[OURS](K, 0), WORLDS)
    print(f"  10,000 simulations: {time.perf_counter() - began:.2f} s")
    steps = {name: _step(choose) for name, choose in methods.items()}
    print_turns("nethept, 50 people", take_turns(steps, ROUNDS), beside=PEER if PEER in steps else OURS)


def _step(choose: Choose) -> Callable[[], object]:
    seeds = iter(range(10_000))
    return lambda: choose(K, next(seeds))


def shares(name: str) -> None:
    """Share of contacts reached with 1, 5, 10 and 20 % of them chosen."""
    rows = seeds_file(name)
    ends = rows["source"].to_numpy(), rows["target"].to_numpy()
    both = np.concatenate(ends), np.concatenate(ends[::-1])
    graph = SpreadGraph.weighted_cascade(*both)
    n = len(graph)
    print(f"{name}, {n:,} contacts, weighted cascade in both directions; people chosen {SHARES}")
    for label, choose in choosers(graph).items():
        reached = []
        for share in SHARES:
            k = int(np.ceil(share * n))
            spread = [simulate(graph, choose(k, seed), WORLDS).value[-1] / n for seed in range(SEEDS)]
            reached.append(f"{k:,}: {np.mean(spread):.1%}")
        print(f"  {label:<10}{', '.join(reached)}")


def million() -> None:
    """A million contacts of unequal degrees: half of all edges leave a twelfth of them."""
    need_memory(NEEDED_MIB)
    rng = np.random.default_rng(0)
    source = (N_CONTACTS * rng.random(N_EDGES) ** 3.5).astype(np.int64)
    began = time.perf_counter(), time.process_time()
    ends = source, rng.integers(N_CONTACTS, size=N_EDGES)
    graph = SpreadGraph.weighted_cascade(*ends, np.arange(N_CONTACTS))
    graph.incoming  # noqa: B018
    print(f"{N_CONTACTS:,} contacts, {graph.n_edges:,} edges, k = {K}")
    began = _tell("built", began)
    found = imm(graph, Ground.of(N_CONTACTS, K), np.random.default_rng(0))
    _tell("chosen", began)
    spread = simulate(graph, found.chosen, WORLDS, 100)
    print(
        f"  spread {spread.value[-1]:,.0f} [{spread.low[-1]:,.0f}, {spread.high[-1]:,.0f}], 100 simulations"
    )


def _tell(what: str, began: tuple[float, float]) -> tuple[float, float]:
    """Print what the step took; when the next begins."""
    ended = time.perf_counter(), time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, of_processor = (b - a for a, b in zip(began, ended, strict=True))
    print(f"  {what} in {seconds:.1f} s ({of_processor:.1f} s of one core); peak {peak:,.0f} MiB", flush=True)
    return ended


def main() -> None:
    """Print them all; the million only where asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="only the graph of a million contacts")
    if parser.parse_args().million:
        million()
        return
    nethept()
    shares("jazz")
    shares("powergrid")


if __name__ == "__main__":
    main()
