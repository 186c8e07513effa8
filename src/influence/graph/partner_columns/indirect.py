"""Who stands between two entities: common partners, walks from one to the other, places in the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.nearby import nearby
from influence.graph.partner_columns.standing import low_rank_tie
from influence.graph.partner_columns.walks import Rows, in_blocks, pagerank_rows, transition
from influence.graph.partners import Ints, PartnerGraph

LEAST = 1e-9
"""Stands for no walk at all on the log scale."""
RANKS = (16, 64)
"""Leading directions of the ties by which two places are compared."""
PAIRS_AT_A_TIME = 200_000
LARGE = 100_000
"""Entities from which on a row over everybody costs more than a search of a source's surroundings."""
TOLERANCE = 1e-5
"""Of that search's walks: what is not pushed on, per tie."""


def indirect_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """Who stands between: common partners, walks from one end to the other, places in the whole graph."""
    found: dict[str, NDArray[np.floating]] = {"low_rank_tie": low_rank_tie(graph, source, target)}
    found |= _in_whole_rows(graph, source, target) if len(graph) <= LARGE else _nearby(graph, source, target)
    for rank in RANKS:
        found[f"spectral_{rank}"] = spectral_cosine(graph, rank, source, target)
    return found


def _in_whole_rows(graph: PartnerGraph, source: Ints, target: Ints) -> dict[str, NDArray[np.floating]]:
    """From each source to everybody, then looked up: exact, and cheap where the graph is small."""
    walk = transition(graph.ties)
    found: dict[str, NDArray[np.floating]] = {}
    for sources, pairs, place in in_blocks(source, len(graph)):
        at = (target[pairs], place)
        for name, rows in (_between(graph, walk, sources) | _walks(graph, walk, sources)).items():
            found.setdefault(name, np.zeros(len(source), np.float32))[pairs] = rows[at]
    return found


def _nearby(graph: PartnerGraph, source: Ints, target: Ints) -> dict[str, NDArray[np.floating]]:
    """The same columns from the sources' surroundings alone, walks short of the exact ones by a tolerance."""
    told = nearby(graph.ties, source, target, graph.country, TOLERANCE)
    common, rare, shared, paths, by_degree, walk, near, to_country = told.T
    degree = np.maximum(graph.degree, 1)
    hops = np.select([graph.are_linked(source, target), common > 0, paths > 0], [1, 2, 3], 4)
    partners, of = _partners_by_country(graph), np.maximum(graph.country, 0)
    return {
        "log_common": np.log1p(common),
        "adamic_adar": rare,
        "resource_allocation": shared,
        "log_paths_3": np.log1p(paths),
        "log_paths_3_by_degree": np.log(1e-4 + by_degree),
        "hops": hops.astype(np.float32),
        "log_pagerank": np.log(LEAST + walk),
        "log_pagerank_back": np.log(LEAST + walk * degree[source] / degree[target]),
        "log_pagerank_near": np.log(LEAST + near),
        "log_pagerank_of_country": np.log(LEAST + to_country),
        "partners_in_target_country": np.asarray(partners[of[target], source]).ravel(),
        "target_partners_in_country": np.asarray(partners[of[source], target]).ravel(),
    }


def _between(graph: PartnerGraph, walk: csr_matrix, sources: Ints) -> dict[str, Rows]:
    """Common partners, and paths by two intermediaries; a pair that is not tied has no other 3-walks."""
    known = graph.ties[:, sources]
    rarity = diags(1 / np.log1p(np.maximum(graph.degree, 1))).astype(np.float32)
    common = (graph.ties @ known).toarray()
    shared = (walk @ known).toarray()
    paths = graph.ties @ common
    hops = np.select([common > 0, paths > 0], [2, 3], 4).astype(np.float32)
    hops[known.nonzero()] = 1
    return {
        "log_common": np.log1p(common),
        "adamic_adar": (graph.ties @ (rarity @ known)).toarray(),
        "resource_allocation": shared,
        "log_paths_3": np.log1p(paths),
        "log_paths_3_by_degree": np.log(1e-4 + walk @ shared),
        "hops": hops,
    }


def _walks(graph: PartnerGraph, walk: csr_matrix, sources: Ints) -> dict[str, Rows]:
    degree = np.maximum(graph.degree, 1)
    share = pagerank_rows(walk, sources)
    log_share = np.log(LEAST + share)
    near = np.log(LEAST + pagerank_rows(walk, sources, 0.5))
    # Ties have no direction: deg(u) pr_u(v) = deg(v) pr_v(u), step by step.
    back = np.log(LEAST + share * (degree[sources][None, :] / degree[:, None]))
    return {
        "log_pagerank": log_share,
        "log_pagerank_back": back.astype(np.float32),
        "log_pagerank_near": near,
        **_countries(graph, sources, share),
    }


def _countries(graph: PartnerGraph, sources: Ints, share: Rows) -> dict[str, Rows]:
    """How far walks and partners of either end lie in the other's country."""
    of, partners = np.maximum(graph.country, 0), _partners_by_country(graph)
    return {
        "log_pagerank_of_country": np.log(LEAST + _members(graph) @ share)[of],
        "partners_in_target_country": partners[:, sources].toarray()[of],
        "target_partners_in_country": partners[of[sources]].toarray().T,
    }


def _members(graph: PartnerGraph) -> csr_matrix:
    """float32 [countries, n]: 1 where an entity is of a country."""
    known = np.flatnonzero(graph.country >= 0)
    shape = (max(len(graph.countries), 1), len(graph))
    return csr_matrix((np.ones(len(known), np.float32), (graph.country[known], known)), shape)


def _partners_by_country(graph: PartnerGraph) -> csr_matrix:
    """float32 [countries, n]: which share of each entity's partners is of each country."""
    share = _members(graph) @ graph.ties @ diags(1 / np.maximum(graph.degree, 1))
    return csr_matrix(share).astype(np.float32)


def spectral_cosine(graph: PartnerGraph, rank: int, source: Ints, target: Ints) -> NDArray[np.float32]:
    """Cosine of two places along the leading directions of the ties, [pairs]; 0 for those without ties."""
    z = graph.spectrum[:, :rank]
    z = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), LEAST)
    found = np.empty(len(source), np.float32)
    for first in range(0, len(source), PAIRS_AT_A_TIME):
        some = slice(first, first + PAIRS_AT_A_TIME)
        found[some] = np.einsum("ij,ij->i", z[source[some]], z[target[some]])
    return found
