"""Places in an undirected graph of ties: what is commonly taken for influence."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu
from scipy.sparse.linalg import eigsh

Floats = NDArray[np.float64]
DAMPING = 0.85
"""Page, Brin, Motwani & Winograd (1999), "The PageRank citation ranking"."""


def degrees(ties: csr_matrix) -> Floats:
    """float64 [n]: ties of each contact, from a symmetric matrix [n, n]."""
    return np.diff(ties.indptr).astype(np.float64)


def neighbour_degrees(ties: csr_matrix) -> Floats:
    """float64 [n]: the sum of the neighbours' ties."""
    return np.asarray(ties @ degrees(ties))


def pagerank(ties: csr_matrix, tolerance: float = 1e-12) -> Floats:
    """float64 [n], sums to 1: the stationary walk that jumps with chance 0.15, and from dead ends always."""
    n, degree = ties.shape[0], degrees(ties)
    rank = np.full(n, 1 / max(n, 1))
    for _ in range(200):
        flow = np.divide(rank, degree, out=np.zeros(n), where=degree > 0)
        stranded = rank[degree == 0].sum()
        new = DAMPING * (ties @ flow + stranded / n) + (1 - DAMPING) / n
        if np.abs(new - rank).sum() < tolerance:
            return new
        rank = new
    return rank


def eigenvector_centrality(ties: csr_matrix) -> Floats:
    """float64 [n]: the leading eigenvector (Bonacich 1972); zeros without a tie."""
    n = ties.shape[0]
    if ties.nnz == 0 or n < 3:
        return degrees(ties)
    return np.abs(eigsh(ties, k=1, which="LA", v0=np.ones(n))[1][:, 0])


def k_core(ties: csr_matrix) -> Floats:
    """float64 [n]: the largest k such that one belongs to the k-core (Seidman 1983)."""
    # Each tie one way and without a weight takes a third of the time of reading the matrix.
    once = triu(ties, 1).tocoo()
    graph = nx.empty_graph(ties.shape[0])
    graph.add_edges_from(zip(once.row.tolist(), once.col.tolist(), strict=True))
    found = nx.core_number(graph)
    return np.array([found[i] for i in range(ties.shape[0])], dtype=np.float64)


def voterank(ties: csr_matrix) -> Floats:
    """float64 [n]: higher the earlier elected, 0 if never.

    Zhang et al. (2016), "Identifying a set of influential spreaders in complex networks".  Only the votes
    near the one just elected are counted anew.
    """
    elected = _elect(ties.indptr, ties.indices)
    score = np.zeros(ties.shape[0])
    score[elected] = np.arange(len(elected), 0, -1)
    return score


@njit(cache=True)
def _elect(ptr, neighbour):  # type: ignore[no-untyped-def]
    n = len(ptr) - 1
    votes, ability, elected = np.empty(n), np.ones(n), np.zeros(n, np.bool_)
    for one in range(n):
        votes[one] = ptr[one + 1] - ptr[one]
    loss = n / max(ptr[n] - ptr[0], 1)
    order = np.empty(n, np.int64)
    n_elected = 0
    while n_elected < n:
        most = -1.0
        for one in range(n):
            if not elected[one] and votes[one] > most:
                most = votes[one]
        best = 0
        while elected[best] or votes[best] < most - 1e-9:  # rounding breaks no tie
            best += 1
        if votes[best] < 1e-9:
            break
        order[n_elected] = best
        n_elected += 1
        elected[best] = True
        for slot in range(ptr[best] - 1, ptr[best + 1]):
            voter = best if slot < ptr[best] else neighbour[slot]
            less = ability[voter] if voter == best else min(loss, ability[voter])
            ability[voter] -= less
            for other in neighbour[ptr[voter] : ptr[voter + 1]]:
                votes[other] -= less
    return order[:n_elected]
