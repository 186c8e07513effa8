"""Rows of the scores that walks over ties give: from a source to everybody, some sources at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partners import Ints

RESTART = 0.15
"""Chance that a walk of the personalised PageRank returns to its source at each step."""
STEPS = 20
CELLS_AT_A_TIME = 4_000_000
"""Cells of one dense block of rows that is held at once."""
Rows = NDArray[np.float32]
"""[n, some]: the rows of some sources, standing as columns."""


def in_blocks(source: Ints, n: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The pairs of some sources at a time, so that a dense block [n, sources] of them fits in memory.

    Yields
    ------
    (the block's distinct sources, the places of its pairs in `source`, each pair's place in the block)
    """
    distinct, place = np.unique(source, return_inverse=True)
    order = np.argsort(place, kind="stable")
    size = max(1, CELLS_AT_A_TIME // max(n, 1))
    # Without any pair there is one empty block, so that its columns still have names.
    for first in range(0, max(len(distinct), 1), size):
        low, high = np.searchsorted(place[order], (first, first + size))
        pairs = order[low:high]
        yield distinct[first : first + size], pairs, place[pairs] - first


def transition(ties: csr_matrix) -> csr_matrix:
    """float32 CSR [n, n], columns summing to 1: where one step from each entity leads."""
    degree = np.maximum(np.asarray(ties.sum(1)).ravel(), 1)
    return (ties.T @ diags(1 / degree)).tocsr().astype(np.float32)


def pagerank_rows(walk: csr_matrix, sources: Ints, restart: float = RESTART) -> Rows:
    """Where walks from each source that restart there stand in the long run (Page et al. 1999)."""
    return pageranks(walk, sources, (restart,))[0]


def pageranks(walk: csr_matrix, sources: Ints, restarts: Sequence[float]) -> list[Rows]:
    """The same for several chances of restarting, all from one walk of `STEPS` steps.

    A walk is as long as it went without a restart, so that one of k steps counts restart (1 - restart)^k;
    what is longer is taken to stand where `STEPS` steps lead.  Each step costs one product of the sparse
    [n, n] `walk` with a dense [n, len(sources)]; no [n, n] is ever held.
    """
    stands = np.zeros((walk.shape[0], len(sources)), np.float32)
    stands[sources, np.arange(len(sources))] = 1.0
    found = [np.float32(restart) * stands for restart in restarts]
    for step in range(1, STEPS + 1):
        stands = walk @ stands
        for restart, share in zip(restarts, found, strict=True):
            share += np.float32((restart if step < STEPS else 1) * (1 - restart) ** step) * stands
    return found
