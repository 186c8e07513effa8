"""Propagation beside its peers, forward and backward: `python -m benchmarks.propagation`.

All take turns in one process, so that whatever else the machine does falls on all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch_geometric.nn import SAGEConv

from influence.graph.propagation import SparseAdjacency, propagate

N_CONTACTS, N_EDGES, WIDTH, ROUNDS = 100_000, 2_000_000, 64, 7
NEEDED_MIB = 4096
"""SAGEConv lays out a message per edge, forward and backward."""

FLOOR = "two raw products"


def steps() -> Mapping[str, Callable[[], object]]:
    """What is compared, on one random graph; every step goes forward and backward in the features."""
    rng = np.random.default_rng(0)
    source, target = rng.integers(N_CONTACTS, size=(2, N_EDGES))
    adjacency = SparseAdjacency.build(
        source, target, np.ones(N_EDGES, np.float32), N_CONTACTS, N_CONTACTS, True
    )
    edge_index = torch.from_numpy(np.stack((source, target)))
    x = torch.randn(N_CONTACTS, WIDTH, generator=torch.Generator().manual_seed(0))
    told, leaf, layer = torch.ones_like(x), x.clone().requires_grad_(), SAGEConv(WIDTH, WIDTH)

    def both_ways(forward: Callable[[], Tensor]) -> Callable[[], object]:
        return lambda: torch.autograd.grad(forward(), leaf, told)

    return {
        FLOOR: lambda: (adjacency.matrix @ x, adjacency.transpose @ told),
        "propagate": both_ways(lambda: propagate(adjacency, leaf)),
        "torch's own gradient": both_ways(lambda: adjacency.matrix @ leaf),
        "SAGEConv, edge_index": both_ways(lambda: layer(leaf, edge_index)),
    }


def main() -> None:
    """Print seconds of each step, and its ratio to the two products that nothing can go below."""
    if available_mib() < NEEDED_MIB:
        raise SystemExit(f"Less than {NEEDED_MIB:,} MiB of memory are free. Try again when there are.")
    compared = steps()
    seconds = {name: np.empty(ROUNDS) for name in compared}
    for turn in range(-1, ROUNDS):  # the first turn warms up
        for name, step in compared.items():
            began = time.perf_counter()
            step()
            if turn >= 0:
                seconds[name][turn] = time.perf_counter() - began
    print(f"{'forward and backward':<24}{'seconds':>9}{'ratio':>8}{'lowest':>8}{'highest':>9}")
    for name, taken in seconds.items():
        ratio = taken / seconds[FLOOR]
        middle, low, high = np.median(ratio), ratio.min(), ratio.max()
        print(f"{name:<24}{np.median(taken):>9.3f}{middle:>8.2f}{low:>8.2f}{high:>9.2f}")


def available_mib() -> float:
    """Memory free for use; unlimited where the system does not tell."""
    told = Path("/proc/meminfo")
    if not told.exists():
        return np.inf
    line = next(line for line in told.read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
