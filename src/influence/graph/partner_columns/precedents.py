"""Past links between entities like the two: what carries over to partners that nobody met before.

Both columns are logs of how many links there were against what chance would have made of the two sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.partners import Ints, PartnerGraph

PRIOR = 1.0
"""Links added to both what happened and what chance would have made."""
LIKENESS_POWERS = (1, 2, 4)
"""The higher, the more alike two entities must be for one's links to tell about the other."""
MOST_LINKS = 100_000
"""Past links that are gone through for each pair; of more, the latest."""
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
    graph: PartnerGraph, alike: csr_matrix, source: Ints, target: Ints, powers: Sequence[int]
) -> NDArray[np.float64]:
    """Past links from such as the source to such as the target, against chance.

    A link from a to b counts as far as a is like the source and b like the target: the product of the two
    cosines, each to a power.  NaN where an end has no words.

    Parameters
    ----------
    alike : [n, n_words], rows of length 1, in which the same words have the same weights
    source, target : int64 [pairs]

    Returns
    -------
    float64 [powers, pairs]
    """
    some = np.diff(alike.indptr) > 0
    found = np.full((len(powers), len(source)), np.nan)
    rows = np.flatnonzero(some[source] & some[target])
    past = _seen_from_either_end(_of_late(graph)).tocoo()
    if len(rows) and past.nnz:
        # The same words are as like anybody's: links and pairs are looked at by kinds, of which few exist.
        named = np.unique(np.concatenate((source[rows], target[rows], past.row, past.col)))
        words, kind = _kinds(alike, named)
        ends = kind[np.searchsorted(named, past.row)], kind[np.searchsorted(named, past.col)]
        links = csr_matrix((past.data, ends), shape=(words.shape[0], words.shape[0]))
        u, v = (kind[np.searchsorted(named, end[rows])] for end in (source, target))
        found[:, rows] = _against_chance(words, links, u, v, powers)
    return found


def _kinds(alike: csr_matrix, entities: Ints) -> tuple[csr_matrix, Ints]:
    """The distinct rows of some entities, [kinds, n_words], and which of them each one has, [entities]."""
    own = alike[entities].sorted_indices()
    codes: dict[bytes, int] = {}
    words = np.split(own.indices, own.indptr[1:-1])
    kind = np.array([codes.setdefault(row.tobytes(), len(codes)) for row in words], np.int64)
    return own[np.unique(kind, return_index=True)[1]], kind


def _against_chance(
    alike: csr_matrix, links: csr_matrix, source: Ints, target: Ints, powers: Sequence[int]
) -> NDArray[np.float64]:
    """[powers, pairs] of pairs of kinds; `links` [kinds, kinds] counts those of the past."""
    began, ended = (np.flatnonzero(np.asarray(links.sum(axis)).ravel()) for axis in (1, 0))
    links = links[began][:, ended]
    n_given, n_received = (np.asarray(links.sum(axis)).ravel() for axis in (1, 0))
    width = max(len(began), len(ended))
    found = np.empty((len(powers), len(source)))
    for own in _blocks(source, width):
        sources, u = np.unique(source[own], return_inverse=True)
        cosines = alike[sources] @ alike[began].T
        like_source = [cosines.power(power) for power in powers]
        reached = [(like @ links).toarray().T for like in like_source]
        for some in _blocks(target[own], width):
            targets, v = np.unique(target[own[some]], return_inverse=True)
            cosines = alike[targets] @ alike[ended].T
            for row, power in enumerate(powers):
                like_target = cosines.power(power)
                happened = (like_target @ reached[row])[v, u[some]]
                chance = (like_source[row] @ n_given)[u[some]] * (like_target @ n_received)[v]
                found[row, own[some]] = np.log((happened + PRIOR) / (chance / n_given.sum() + PRIOR))
    return found


def _of_late(graph: PartnerGraph) -> PartnerGraph:
    """The same graph with its latest `MOST_LINKS` links."""
    n = len(graph.links)
    return graph if n <= MOST_LINKS else replace(graph, links=graph.links.where(np.arange(n - MOST_LINKS, n)))


def _blocks(kind: Ints, width: int) -> Iterator[Ints]:
    """Rows of a few kinds at a time."""
    distinct, place = np.unique(kind, return_inverse=True)
    order = np.argsort(place, kind="stable")
    n_at_a_time = max(1, CELLS_AT_A_TIME // max(width, 1))
    for first in range(0, len(distinct), n_at_a_time):
        yield order[slice(*np.searchsorted(place[order], (first, first + n_at_a_time)))]


def _seen_from_either_end(graph: PartnerGraph) -> csr_matrix:
    """How many links run from each to each; where nobody in particular began them, both ways."""
    return graph.given if graph.of == "companies" else graph.given + graph.given.T
