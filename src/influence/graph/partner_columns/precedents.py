"""Past links between entities like the two: what carries over to partners that nobody met before.

Both columns are logs of how many links there were against what chance would have made of the two sides.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.partners import Ints, PartnerGraph

PRIOR = 1.0
"""Links added to both what happened and what chance would have made."""
LIKENESS_POWERS = (1, 2, 4)
"""The higher, the more alike two entities must be for one's links to tell about the other."""
CELLS_AT_A_TIME = 20_000_000
"""Cells of likeness that are held at once."""


def affinity(graph: PartnerGraph, words: csr_matrix, source: Ints, target: Ints) -> NDArray[np.float64]:
    """Mean over the two ends' words of the smoothed pointwise mutual information of the two in past links.

    Church & Hanks 1990, "Word association norms, mutual information, and lexicography"; NaN where an end
    has no words.

    Parameters
    ----------
    words : [n, n_words]
    source, target : int64 [pairs]
    """
    given = _seen_from_either_end(graph)
    together = (words.T @ given @ words).toarray()
    expected = np.outer(together.sum(1), together.sum(0)) / max(together.sum(), 1.0)
    information = np.log((together + PRIOR) / (expected + PRIOR))
    n_words = np.diff(words.indptr).astype(np.float64)
    distinct, place = np.unique(source, return_inverse=True)
    weight = csr_matrix(words[distinct] @ information)
    total = np.asarray(weight[place].multiply(words[target]).sum(1)).ravel()
    size = n_words[source] * n_words[target]
    return np.divide(total, size, out=np.full(len(source), np.nan), where=size > 0)


def precedents(
    graph: PartnerGraph, alike: csr_matrix, source: Ints, target: Ints, power: int
) -> NDArray[np.float64]:
    """Past links from such as the source to such as the target, against chance.

    A link from a to b counts as far as a is like the source and b like the target: the product of the two
    cosines, each to a power.  NaN where an end has no words.

    Parameters
    ----------
    alike : [n, n_words], rows of length 1
    source, target : int64 [pairs]
    """
    some = np.diff(alike.indptr) > 0
    found = np.full(len(source), np.nan)
    rows = np.flatnonzero(some[source] & some[target])
    given = _seen_from_either_end(graph)
    began, ended = (np.flatnonzero(np.asarray(given.sum(axis)).ravel()) for axis in (1, 0))
    if not len(rows) or not len(began):
        return found
    links = given[began][:, ended]
    n_given, n_received = (np.asarray(links.sum(axis)).ravel() for axis in (1, 0))
    n_links = n_given.sum()
    for own in _blocks(source[rows], max(len(ended), len(began))):
        own = rows[own]
        sources, u = np.unique(source[own], return_inverse=True)
        like_source = (alike[sources] @ alike[began].T).power(power)
        reached = np.asarray((like_source @ links).todense())
        from_like = like_source @ n_given
        targets, v = np.unique(target[own], return_inverse=True)
        like_target = (alike[targets] @ alike[ended].T).power(power)
        to_like = like_target @ n_received
        happened = np.asarray(like_target @ reached.T)[v, u]
        found[own] = np.log((happened + PRIOR) / (from_like[u] * to_like[v] / n_links + PRIOR))
    return found


def _blocks(source: Ints, width: int) -> Iterator[Ints]:
    """Rows of a few sources at a time."""
    distinct, place = np.unique(source, return_inverse=True)
    order = np.argsort(place, kind="stable")
    n_at_a_time = max(1, CELLS_AT_A_TIME // max(width, 1))
    for first in range(0, len(distinct), n_at_a_time):
        yield order[slice(*np.searchsorted(place[order], (first, first + n_at_a_time)))]


def _seen_from_either_end(graph: PartnerGraph) -> csr_matrix:
    """How many links run from each to each; where nobody in particular began them, both ways."""
    return graph.given if graph.of == "companies" else graph.given + graph.given.T
