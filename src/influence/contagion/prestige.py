"""Prestige: how sought after people are, read from nominations (Wasserman & Faust 1994, chapter 5).

Everything is computed over the relations that are given: leave one out, and nothing of it is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.contagion import centrality
from influence.contagion.nominations import Floats, Nominations, mean_within

STEPS = 100
"""Power iterations; communities are small and their walks mix fast."""
SEVERAL = 2
"""Being named for so many topics by one person makes a tie a strong one."""


def degree(asks: csr_matrix, community: NDArray[np.int64]) -> Floats:
    """[n] nominations received, summed over relations."""
    return np.asarray(asks.sum(axis=0)).ravel()


def pagerank(asks: csr_matrix, community: NDArray[np.int64]) -> Floats:
    """[n] PageRank within each community (Brin & Page 1998), 1 on average.

    Walkers start anew anywhere in the community that they are in.
    """
    given = np.asarray(asks.sum(axis=1)).ravel()
    step = (diags(np.divide(1.0, given, out=np.zeros(len(given)), where=given > 0)) @ asks).T.tocsr()
    rank = np.ones(len(given))
    for _ in range(STEPS):
        lost = mean_within(rank * (given == 0), community)
        rank = (1 - centrality.DAMPING) + centrality.DAMPING * (step @ rank + lost)
    return np.asarray(rank)


def eigenvector_centrality(asks: csr_matrix, community: NDArray[np.int64]) -> Floats:
    """[n] eigenvector centrality of the undirected ties (Bonacich 1972), root mean square 1."""
    # With half of one's own value kept, the iteration cannot swing between the sides of a bipartite graph.
    ties, value = asks.maximum(asks.T), np.ones(asks.shape[0])
    for _ in range(STEPS):
        value = ties @ value + value
        size = np.sqrt(mean_within(value**2, community))
        value = np.divide(value, size, out=np.zeros(len(value)), where=size > 0)
    return np.asarray(value)


def k_core(asks: csr_matrix, community: NDArray[np.int64]) -> Floats:
    """[n] the core number of the undirected ties (Seidman 1983)."""
    return centrality.k_core(asks.maximum(asks.T))


def neighbour_degree(asks: csr_matrix, community: NDArray[np.int64]) -> Floats:
    """[n] sum over those who name a person of the nominations that they receive themselves."""
    return np.asarray(asks.T @ degree(asks, community))


MEASURES: dict[str, Callable[[csr_matrix, NDArray[np.int64]], Floats]] = {
    "degree": degree,
    "pagerank": pagerank,
    "k_core": k_core,
    "eigenvector_centrality": eigenvector_centrality,
    "neighbour_degree": neighbour_degree,
}
"""Baseline -> its measure of (who asks whom [n, n], community [n])."""


def standing(nominations: Nominations, visible: Sequence[int]) -> pd.DataFrame:
    """How people stand in the visible relations, one row per person.

    Columns of a topic that is not visible are NaN, so that every topic's rows have the same columns.  Counts
    come as logarithms, absolute and relative to the community's mean.
    """
    group, n = nominations.community, nominations.n_people
    total = _union(nominations, visible)
    named = np.asarray(degree(total, group))
    own = _relative(named, group)
    columns: dict[str, Floats] = {}
    for code, topic in enumerate(nominations.topics):
        asks = nominations.matrices[code] if code in visible else None
        received = np.full(n, np.nan) if asks is None else degree(asks, group)
        given = np.full(n, np.nan) if asks is None else np.asarray(asks.sum(axis=1)).ravel()
        # Being named by those whom many name counts more.
        votes = np.full(n, np.nan) if asks is None else np.asarray(asks.T @ np.log1p(own))
        columns |= {
            f"{topic}.named": np.log1p(received),
            f"{topic}.named_relative": np.log1p(_relative(received, group)),
            f"{topic}.rank": _rank(received, group),
            f"{topic}.names": np.log1p(given),
            f"{topic}.votes": np.log1p(votes),
        }
    return pd.DataFrame(columns | _over_all(total, group) | _breadth(nominations, visible, total))


def _union(nominations: Nominations, visible: Sequence[int]) -> csr_matrix:
    """In how many visible relations the row names the column."""
    empty = csr_matrix((nominations.n_people, nominations.n_people))
    return csr_matrix(sum((nominations.matrices[code] for code in visible), empty))


def _over_all(total: csr_matrix, group: NDArray[np.int64]) -> dict[str, Floats]:
    """Over all visible relations: nominations, distinct people, and what follows from whom they are."""
    once = (total > 0).astype(np.float64)
    columns: dict[str, Floats] = {}
    for name, asks in (("all", total), ("people", once)):
        received, given = degree(asks, group), np.asarray(asks.sum(axis=1)).ravel()
        columns |= {
            f"{name}.named": np.log1p(received),
            f"{name}.named_relative": np.log1p(_relative(received, group)),
            f"{name}.rank": _rank(received, group),
            f"{name}.names": np.log1p(given),
            f"{name}.names_relative": np.log1p(_relative(given, group)),
            f"{name}.pagerank": np.log1p(pagerank(asks, group)),
            f"{name}.neighbour_degree": np.log1p(neighbour_degree(asks, group)),
            f"{name}.votes": np.log1p(np.asarray(asks.T @ np.log1p(_relative(received, group)))),
        }
    mutual = np.asarray(once.multiply(once.T).sum(axis=0)).ravel()
    return columns | {
        "people.mutual": np.log1p(mutual),
        "people.k_core": np.log1p(k_core(once, group)),
        "people.eigenvector_centrality": eigenvector_centrality(once, group),
        "community.people": np.log1p(np.bincount(group)[group].astype(np.float64)),
        "community.named": np.log1p(mean_within(degree(total, group), group)),
    }


def _breadth(nominations: Nominations, visible: Sequence[int], total: csr_matrix) -> dict[str, Floats]:
    """Whether the relations overlap: named for many things by the same people, or by many for one."""
    received = nominations.received[:, list(visible)]
    people = np.asarray((total > 0).sum(axis=0), dtype=np.float64).ravel()
    strong = np.asarray((total >= SEVERAL).sum(axis=0), dtype=np.float64).ravel()
    of = np.maximum(people, 1.0)
    return {
        "breadth.topics": (received > 0).sum(axis=1).astype(np.float64),
        "breadth.most": np.log1p(received.max(axis=1, initial=0.0)),
        "breadth.topics_per_person": received.sum(axis=1) / of,
        "breadth.strong": np.log1p(strong),
        "breadth.strong_share": strong / of,
    }


def _relative(values: Floats, group: NDArray[np.int64]) -> Floats:
    """Values against their community's mean; 0 where that is 0."""
    mean = mean_within(values, group)
    return np.divide(values, mean, out=np.where(np.isnan(values), np.nan, 0.0), where=mean > 0)


def _rank(values: Floats, group: NDArray[np.int64]) -> Floats:
    return np.asarray(pd.Series(values).groupby(group).rank(pct=True), dtype=np.float64)
