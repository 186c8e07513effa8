"""Rows of the scores that walks over ties give: from a source to everybody, some sources at a time."""

from __future__ import annotations

from collections.abc import Iterator

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
    """Where walks from each source that restart there stand in the long run (Page et al. 1999).

    By power iteration: each step costs one product of the sparse [n, n] `walk` with a dense
    [n, len(sources)], and no more memory than two of the latter.
    """
    share = np.zeros((walk.shape[0], len(sources)), np.float32)
    start = (sources, np.arange(len(sources)))
    share[start] = 1.0
    for _ in range(STEPS):
        share = walk @ share
        share *= 1 - restart
        share[start] += restart
    return share


def personalised_pagerank(ties: csr_matrix, source: Ints, target: Ints) -> NDArray[np.float64]:
    """The personalised PageRank of each target from its source.

    Parameters
    ----------
    ties : CSR [n, n]
    source, target : int64 [pairs]

    Returns
    -------
    float64 [pairs]
    """
    walk = transition(ties)
    found = np.zeros(len(source))
    for sources, pairs, place in in_blocks(source, ties.shape[0]):
        found[pairs] = pagerank_rows(walk, sources)[target[pairs], place]
    return found
