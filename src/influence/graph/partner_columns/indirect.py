"""Who stands between two entities: common partners, and walks from one to the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.standing import low_rank_tie
from influence.graph.partners import Ints, PartnerGraph

RESTART = 0.15
"""Chance that a walk of the personalised PageRank returns to its source at each step."""
STEPS = 20
CELLS_AT_A_TIME = 20_000_000
"""Cells of dense rows that are held at once."""


def indirect_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """Who stands between: common partners, and walks from one end to the other."""
    degree = np.maximum(graph.degree, 1)
    between = graph.ties[source].multiply(graph.ties[target]).tocsr()
    return {
        "low_rank_tie": low_rank_tie(graph, source, target),
        "log_common": np.log1p(np.asarray(between.sum(1)).ravel()),
        "adamic_adar": between @ (1 / np.log1p(degree)),
        "resource_allocation": between @ (1 / degree),
        "log_pagerank": np.log(1e-9 + personalised_pagerank(graph.ties, source, target)),
        "log_pagerank_back": np.log(1e-9 + personalised_pagerank(graph.ties, target, source)),
    }


def personalised_pagerank(ties: csr_matrix, source: Ints, target: Ints) -> NDArray[np.float64]:
    """Where walks from each source that restart there stand in the long run: their share at the target.

    Page et al. 1999; by power iteration over the distinct sources, some at a time.

    Parameters
    ----------
    ties : CSR [n, n]
    source, target : int64 [pairs]

    Returns
    -------
    float64 [pairs]
    """
    n = ties.shape[0]
    degree = np.maximum(np.asarray(ties.sum(1)).ravel(), 1)
    walk = (diags(1 / degree) @ ties).T.tocsr().astype(np.float32)
    distinct, place = np.unique(source, return_inverse=True)
    found = np.zeros(len(source))
    for some in np.array_split(np.arange(len(distinct)), -(-len(distinct) * n // CELLS_AT_A_TIME) or 1):
        start = np.zeros((n, len(some)), np.float32)
        start[distinct[some], np.arange(len(some))] = 1.0
        share = start.copy()
        for _ in range(STEPS):
            share = RESTART * start + (1 - RESTART) * (walk @ share)
        own = (place >= some[0]) & (place <= some[-1]) if len(some) else np.zeros(0, bool)
        found[own] = share[target[own], place[own] - some[0]]
    return found
