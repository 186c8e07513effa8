"""What those around a person are like, relation by relation: states propagated once, ahead of training.

As in SIGN (Frasca et al. 2020, "SIGN: scalable inception graph neural networks"): the network that is
trained on the result mixes relations, directions and hops.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.propagation import SparseAdjacency
from influence.graph.snapshots import mean_over_known


def propagated(
    relations: Sequence[csr_matrix | None], state: NDArray[np.float64], hops: int
) -> NDArray[np.float32]:
    """Mean states of those 1 to `hops` steps away, against and along each relation and their union.

    Parameters
    ----------
    relations : for each the edges [n, n], from row to column; None for one that is not visible
    state : float [n, columns], NaN where not known
    hops : how often to propagate

    Returns
    -------
    float32 [n, (n_relations + 1) * 2 * hops * columns], blocks in the order of relation, direction, hop; NaN
    where there is no neighbour, or the relation is not visible
    """
    visible = [edges for edges in relations if edges is not None]
    union = sum(visible[1:], visible[0]) if visible else None
    start = torch.from_numpy(state.astype(np.float32))
    hidden = np.full((len(state), 2 * hops * state.shape[1]), np.nan, np.float32)
    blocks = [hidden if edges is None else _blocks(edges, start, hops) for edges in (*relations, union)]
    return np.concatenate(blocks, axis=1)


def _blocks(edges: csr_matrix, start: torch.Tensor, hops: int) -> NDArray[np.float32]:
    ends = edges.tocoo()
    along = SparseAdjacency.build(
        ends.row.astype(np.int64), ends.col.astype(np.int64), ends.data, *edges.shape
    )
    single = SparseAdjacency(along.matrix.float(), along.transpose.float())
    found = []
    for adjacency in (single, single.transposed):
        x = start
        for _ in range(hops):
            x = mean_over_known(adjacency, x)
            found.append(x.numpy())
    return np.concatenate(found, axis=1)
