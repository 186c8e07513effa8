"""Who stands between two entities: common partners, walks from one to the other, places in the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.utils.extmath import randomized_svd

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.standing import low_rank_tie
from influence.graph.partner_columns.walks import Rows, in_blocks, pagerank_rows, transition
from influence.graph.partners import Ints, PartnerGraph

LEAST = 1e-9
"""Stands for no walk at all on the log scale."""
RANKS = (16, 64)
"""Dimensions of the spectral embeddings."""


def indirect_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """Who stands between: common partners, walks from one end to the other, places in the whole graph."""
    walk = transition(graph.ties)
    found: dict[str, NDArray[np.floating]] = {"low_rank_tie": low_rank_tie(graph, source, target)}
    for sources, pairs, place in in_blocks(source, len(graph)):
        at = (target[pairs], place)
        for name, rows in (_between(graph, walk, sources) | _walks(graph, walk, sources)).items():
            found.setdefault(name, np.zeros(len(source), np.float32))[pairs] = rows[at]
    for rank in RANKS:
        found[f"spectral_{rank}"] = _spectral_cosine(graph, rank, source, target)
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
        **_countries(graph, walk, sources, share),
    }


def _countries(graph: PartnerGraph, walk: csr_matrix, sources: Ints, share: Rows) -> dict[str, Rows]:
    n, n_countries = len(graph), len(graph.countries)
    known = np.flatnonzero(graph.country >= 0)
    member = csr_matrix((np.ones(len(known), np.float32), (graph.country[known], known)), (n_countries, n))
    of = np.maximum(graph.country, 0)
    into = member @ share
    # a partner's partners by country, [countries, n]; from any one of them
    degree = np.maximum(graph.degree, 1)
    own = (member @ graph.ties / degree).astype(np.float32)
    own = np.asarray(own.todense()) if hasattr(own, "todense") else own
    return {
        "log_pagerank_of_country": np.log(LEAST + into)[of],
        "partners_in_country": own[of][:, sources],
        "partners_in_source_country": own[of[sources]].T,
    }


def _spectral_cosine(graph: PartnerGraph, rank: int, source: Ints, target: Ints) -> NDArray[np.float32]:
    half = diags(1 / np.sqrt(np.maximum(graph.degree, 1))).astype(np.float32)
    u, s, _ = randomized_svd(
        (half @ graph.ties @ half).tocsr(), min(rank, len(graph)), n_iter=6, random_state=0
    )
    z = u * np.sqrt(s)
    z /= np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    found = np.empty(len(source), np.float32)
    for some in np.array_split(np.arange(len(source)), -(-len(source) // 200_000) or 1):
        found[some] = (z[source[some]] * z[target[some]]).sum(1)
    return found
