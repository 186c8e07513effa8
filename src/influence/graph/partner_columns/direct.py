"""How well each end is linked itself, and what it did before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.standing import gained
from influence.graph.partner_columns.words import activity_words, by_rarity, unit_rows
from influence.graph.partners import Ints, PartnerGraph

PRIOR_LINKS = 2.0
"""Links of everybody that a source's own few are mixed with."""


def direct_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """How well linked each end is, whether the two were linked, how like earlier partners the target is."""
    in_degree = np.asarray(graph.given.sum(0)).ravel()
    nearest, mean = likeness_to_partners(graph, source, target)
    won = np.log1p(gained(graph))
    return {
        "log_source_gained": won[source],
        "log_target_gained": won[target],
        "log_source_degree": np.log1p(graph.degree[source]),
        "log_target_degree": np.log1p(graph.degree[target]),
        "log_target_in_degree": np.log1p(in_degree[target]),
        "linked_before": graph.are_linked(source, target).astype(np.float64),
        "persistence": persistence(graph, source, target),
        "like_nearest_partner": nearest,
        "like_all_partners": mean,
    }


def persistence(graph: PartnerGraph, source: Ints, target: Ints) -> NDArray[np.float64]:
    """Log of the share that the target's country has of the source's partners, against its share of all.

    NaN where the country is unknown.
    """
    known = graph.country >= 0
    shape = (len(graph), len(graph.countries))
    where = csr_matrix((np.ones(known.sum()), (np.flatnonzero(known), graph.country[known])), shape=shape)
    distinct, place = np.unique(source, return_inverse=True)
    counts = (graph.ties[distinct] @ where).tocsr()
    total = np.bincount(graph.country[known], graph.degree[known], minlength=len(graph.countries))
    share = (total + 1) / (total.sum() + len(total))
    country = np.maximum(graph.country[target], 0)
    own = np.asarray(counts[place, country]).ravel()
    n_own = np.asarray(counts.sum(1)).ravel()[place]
    lift = (own + PRIOR_LINKS * share[country]) / (n_own + PRIOR_LINKS) / share[country]
    return np.where(known[target], np.log(lift), np.nan)


def likeness_to_partners(
    graph: PartnerGraph, source: Ints, target: Ints
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosine of the target with the source's most alike partner, and with all of them together.

    NaN where there are none.
    """
    alike = unit_rows(by_rarity(activity_words(graph)))
    nearest = np.full(len(source), np.nan)
    if not alike.nnz:
        return nearest, nearest
    distinct, place = np.unique(source, return_inverse=True)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], np.arange(len(distinct) + 1))
    for number, one in enumerate(distinct):
        partners = graph.ties.indices[graph.ties.indptr[one] : graph.ties.indptr[one + 1]]
        if len(partners):
            rows = order[ends[number] : ends[number + 1]]
            nearest[rows] = (alike[target[rows]] @ alike[partners].T).max(1).toarray().ravel()
    together = csr_matrix(graph.ties[distinct] @ alike)
    return nearest, _between(together, alike, place, target)


def _between(a: csr_matrix, b: csr_matrix, source: Ints, target: Ints) -> NDArray[np.float64]:
    """Cosine of row `source` of a with row `target` of b; NaN where the first is empty."""
    left, right = unit_rows(a), unit_rows(b)
    cosines = np.asarray(left[source].multiply(right[target]).sum(1)).ravel()
    return np.where(np.diff(a.indptr)[source] > 0, cosines, np.nan)
