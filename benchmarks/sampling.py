"""The temporal sampler beside PyG's NeighborLoader: `python -m benchmarks.sampling`.

Asked: 80,000 seeds per second or more at fan-out 15, 10, the temporal filter on.  PyG samples by time only
with pyg-lib or torch-sparse, of which the package depends on neither.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import torch
from torch_geometric.data import Data
from torch_geometric.loader import NeighborLoader, NodeLoader

from benchmarks.turns import Steps, need_memory, print_turns, take_turns
from influence.graph.sampling import TemporalNeighborSampler, sample_trees
from influence.graph.temporal import NEVER, Edges, Incidence

N_CONTACTS, N_EDGES, N_SEEDS, FAN_OUT, ROUNDS = 100_000, 2_000_000, 1_024, (15, 10), 25
SPAN = 540 * 86_400_000_000
"""Length of the records, microseconds."""
NEEDED_MIB = 2_048
OURS = "sample_trees, latest"


def random_edges(rng: np.random.Generator) -> Edges:
    """Edges between random contacts at random times."""
    source, target = rng.integers(N_CONTACTS, size=(2, N_EDGES))
    at, none = np.sort(rng.integers(SPAN, size=N_EDGES)), np.zeros(N_EDGES, np.int64)
    return Edges(
        source, target, at, np.full(N_EDGES, NEVER), none, np.ones(N_EDGES, np.float32), none.astype(float)
    )


def steps() -> Steps:
    """One batch of seeds each, at times of their own."""
    rng = np.random.default_rng(0)
    edges = random_edges(rng)
    incidence = Incidence.build(edges, N_CONTACTS)
    seeds, times = rng.integers(N_CONTACTS, size=N_SEEDS), rng.integers(SPAN, size=N_SEEDS)
    generator = np.random.default_rng(1)
    data = Data(num_nodes=N_CONTACTS, edge_index=torch.empty((2, 0), dtype=torch.long))
    loader = NodeLoader(
        data,
        node_sampler=TemporalNeighborSampler(incidence, FAN_OUT),
        input_nodes=torch.from_numpy(seeds),
        input_time=torch.from_numpy(times),
        batch_size=N_SEEDS,
    )
    return {
        OURS: lambda: sample_trees(incidence, seeds, times, FAN_OUT),
        "sample_trees, uniform": lambda: sample_trees(incidence, seeds, times, FAN_OUT, generator),
        "NodeLoader driving it": lambda: next(iter(loader)),
    } | peer(edges, seeds, times)


def peer(edges: Edges, seeds: np.ndarray, times: np.ndarray) -> Steps:
    """PyG's own loader: by time where pyg-lib is there, without times where only torch-sparse is."""
    by_time = importlib.util.find_spec("pyg_lib") is not None
    if not by_time and importlib.util.find_spec("torch_sparse") is None:
        print("NeighborLoader is left out: neither pyg-lib nor torch-sparse is installed.")
        return {}
    ends = (np.concatenate((edges.source, edges.target)), np.concatenate((edges.target, edges.source)))
    data = Data(num_nodes=N_CONTACTS, edge_index=torch.from_numpy(np.stack(ends)))
    options: dict[str, object] = {}
    if by_time:
        data.edge_time = torch.from_numpy(np.tile(edges.at, 2))
        options = {
            "time_attr": "edge_time",
            "input_time": torch.from_numpy(times),
            "temporal_strategy": "last",
        }
    loader = NeighborLoader(
        data, list(FAN_OUT), torch.from_numpy(seeds), batch_size=N_SEEDS, disjoint=by_time, **options
    )
    name = "NeighborLoader, latest" if by_time else "NeighborLoader, no times"
    return {name: lambda: next(iter(loader))}


def main() -> None:
    """Print seeds per second."""
    need_memory(NEEDED_MIB)
    title = f"{N_SEEDS:,} seeds, fan-out {FAN_OUT}"
    print_turns(title, take_turns(steps(), ROUNDS), beside=OURS, rows=N_SEEDS)


if __name__ == "__main__":
    main()
