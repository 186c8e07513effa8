"""Neighbour sampling strictly before t, as a sampler for PyTorch Geometric's loaders.

Each seed grows a tree of its own (disjoint sampling): the same contact is seen differently at
different moments.  PyG's temporal sampling needs pyg-lib, which has no wheel for every platform, and
its fallback is slow; this one is compiled by numba and needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.sampler import BaseSampler, EdgeSamplerInput, NodeSamplerInput, SamplerOutput

from influence.graph.temporal import Incidence
from influence.graph.timeline import position_before


class TemporalNeighborSampler(BaseSampler):
    """The latest edges of every seed strictly before its own time, hop by hop.

    Parameters
    ----------
    incidence
        The graph, each contact's edges in the order of time.
    fan_out
        Edges to follow per contact, one number per hop.
    generator
        Draw uniformly among the earlier edges with this generator; without one, take the latest.
    """

    def __init__(
        self, incidence: Incidence, fan_out: Sequence[int], generator: np.random.Generator | None = None
    ) -> None:
        self.incidence = incidence
        self.fan_out = tuple(fan_out)
        self.generator = generator

    def sample_from_nodes(self, index: NodeSamplerInput, **_: object) -> SamplerOutput:
        """Trees of seeds with their times; `metadata` is (input ids, times)."""
        assert index.time is not None, "temporal sampling needs the seeds' times"
        return self._sample(index.node, index.time, (index.input_id, index.time))

    def sample_from_edges(self, index: EdgeSamplerInput, neg_sampling: object = None) -> SamplerOutput:
        """Trees of both ends of each pair: seeds are all sources, then all targets; times are [pairs, 2]."""
        assert neg_sampling is None, "pairs are given, none is invented"
        assert index.time is not None, "temporal sampling needs the pairs' times"
        n = len(index.row)
        ends = torch.arange(2 * n).view(2, n)
        metadata = (index.input_id, ends, index.label, index.time)
        return self._sample(torch.cat((index.row, index.col)), index.time.T.reshape(-1), metadata)

    def _sample(self, seeds: Tensor, times: Tensor, metadata: tuple[object, ...]) -> SamplerOutput:
        trees = sample_trees(self.incidence, seeds.numpy(), times.numpy(), self.fan_out, self.generator)
        node, row, col, edge, batch, n_nodes, n_edges = trees
        return SamplerOutput(
            node=torch.from_numpy(node),
            row=torch.from_numpy(row),
            col=torch.from_numpy(col),
            edge=torch.from_numpy(edge),
            batch=torch.from_numpy(batch),
            num_sampled_nodes=n_nodes.tolist(),
            num_sampled_edges=n_edges.tolist(),
            metadata=metadata,
        )


def sample_trees(
    incidence: Incidence,
    seeds: NDArray[np.int64],
    times: NDArray[np.int64],
    fan_out: Sequence[int],
    generator: np.random.Generator | None = None,
) -> tuple[NDArray[np.int64], ...]:
    """Sample one tree per seed.

    Returns
    -------
    node : int64 [n], contact of each sampled node; the seeds come first, then hop by hop
    row, col : int64 [m], local nodes: an edge runs from the sampled neighbour `row` to `col`
    edge : int64 [m], rows of `incidence`
    batch : int64 [n], the seed each node belongs to
    n_nodes : int64 [hops + 1];  n_edges : int64 [hops]
    """
    random_seed = -1 if generator is None else int(generator.integers(2**31))
    return _grow(
        incidence.ptr, incidence.neighbour, incidence.at, incidence.until,
        seeds, times, np.asarray(fan_out, dtype=np.int64), random_seed,
    )  # fmt: skip


@njit(cache=True)
def _grow(ptr, neighbour, at, until, seeds, times, fan_out, random_seed):  # type: ignore[no-untyped-def]
    if random_seed >= 0:
        np.random.seed(random_seed)
    width, capacity = len(seeds), len(seeds)
    for f in fan_out:
        width *= f
        capacity += width
    node = np.empty(capacity, dtype=np.int64)
    batch = np.empty(capacity, dtype=np.int64)
    col = np.empty(capacity, dtype=np.int64)
    edge = np.empty(capacity, dtype=np.int64)
    n_nodes = np.zeros(len(fan_out) + 1, dtype=np.int64)
    n = len(seeds)
    for i in range(n):  # assigned as slices they take seconds more to compile
        node[i], batch[i] = seeds[i], i
    n_nodes[0] = n
    low, n_contacts = 0, len(ptr) - 1
    for hop in range(len(fan_out)):
        high = n
        for parent in range(low, high):
            contact, moment = node[parent], times[batch[parent]]
            if contact < 0 or contact >= n_contacts:
                continue
            start = ptr[contact]
            end = position_before(at, start, ptr[contact + 1], moment)
            taken, candidate = 0, end - 1
            while taken < fan_out[hop] and candidate >= start:
                chosen = candidate
                if random_seed >= 0:
                    if end - start > fan_out[hop]:
                        chosen = np.random.randint(start, end)
                candidate -= 1
                if until[chosen] >= moment:
                    node[n], batch[n], col[n], edge[n] = neighbour[chosen], batch[parent], parent, chosen
                    n += 1
                    taken += 1
        low = high
        n_nodes[hop + 1] = n - high
    first = n_nodes[0]
    return (
        node[:n].copy(),
        np.arange(first, n),
        col[first:n].copy(),
        edge[first:n].copy(),
        batch[:n].copy(),
        n_nodes,
        n_nodes[1:].copy(),
    )
