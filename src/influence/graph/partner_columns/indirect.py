"""Who stands between two entities: common partners, walks from one to the other, places in the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.standing import low_rank_tie
from influence.graph.partner_columns.walks import Rows, in_blocks, pagerank_rows, transition
from influence.graph.partners import Ints, PartnerGraph

LEAST = 1e-9
"""Stands for no walk at all on the log scale."""
RANKS = (16, 64)
"""Leading directions of the ties by which two places are compared."""
PAIRS_AT_A_TIME = 200_000


def indirect_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """Who stands between: common partners, walks from one end to the other, places in the whole graph."""
    walk = transition(graph.ties)
    found: dict[str, NDArray[np.floating]] = {"low_rank_tie": low_rank_tie(graph, source, target)}
    for sources, pairs, place in in_blocks(source, len(graph)):
        at = (target[pairs], place)
        for name, rows in (_between(graph, walk, sources) | _walks(graph, walk, sources)).items():
            found.setdefault(name, np.zeros(len(source), np.float32))[pairs] = rows[at]
    for rank in RANKS:
        found[f"spectral_{rank}"] = spectral_cosine(graph, rank, source, target)
    return found


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
    n, known = len(graph), np.flatnonzero(graph.country >= 0)
    shape = (max(len(graph.countries), 1), n)
    member = csr_matrix((np.ones(len(known), np.float32), (graph.country[known], known)), shape)
    of = np.maximum(graph.country, 0)
    partners = (member @ graph.ties @ diags(1 / np.maximum(graph.degree, 1))).tocsr().astype(np.float32)
    return {
        "log_pagerank_of_country": np.log(LEAST + member @ share)[of],
        "partners_in_target_country": partners[:, sources].toarray()[of],
        "target_partners_in_country": partners[of[sources]].toarray().T,
    }


def spectral_cosine(graph: PartnerGraph, rank: int, source: Ints, target: Ints) -> NDArray[np.float32]:
    """Cosine of two places along the leading directions of the ties, [pairs]; 0 for those without ties."""
    z = graph.spectrum[:, :rank]
    z = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), LEAST)
    found = np.empty(len(source), np.float32)
    for first in range(0, len(source), PAIRS_AT_A_TIME):
        some = slice(first, first + PAIRS_AT_A_TIME)
        found[some] = np.einsum("ij,ij->i", z[source[some]], z[target[some]])
    return found
