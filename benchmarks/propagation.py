"""Propagation beside its peers, forward and backward: `python -m benchmarks.propagation`.

Asked: at most 1.5 times two raw products.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch_geometric.nn import SAGEConv

from benchmarks.turns import Steps, need_memory, print_turns, take_turns
from influence.graph.propagation import SparseAdjacency, propagate

N_CONTACTS, N_EDGES, WIDTH, ROUNDS = 100_000, 2_000_000, 64, 7
NEEDED_MIB = 4096
"""SAGEConv lays out a message per edge, forward and backward."""

FLOOR = "two raw products"


def steps() -> Steps:
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
    need_memory(NEEDED_MIB)
    print_turns("forward and backward", take_turns(steps(), ROUNDS), beside=FLOOR)


if __name__ == "__main__":
    main()
