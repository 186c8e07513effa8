"""Who stands between two entities: common partners, walks from one to the other, places in the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.nearby import nearby
from influence.graph.partner_columns.standing import low_rank_tie
from influence.graph.partner_columns.walks import RESTART, Rows, in_blocks, pageranks, transition
from influence.graph.partners import Ints, PartnerGraph

LEAST = 1e-9
"""Stands for no walk at all on the log scale."""
LEAST_SHARE = 1e-4
"""The same for walks of two and three steps, which lead to few."""
RANKS = (16, 64)
"""Leading directions of the ties by which two places are compared."""
PAIRS_AT_A_TIME = 200_000
LARGE = 100_000
"""Entities from which on a row over everybody costs more than a search of a source's surroundings."""
TOLERANCE = 1e-5
"""Of that search's walks: what is not pushed on, per tie."""
RESTARTS = {
    "log_pagerank": RESTART,
    "log_pagerank_far": 0.05,
    "log_pagerank_close": 0.3,
    "log_pagerank_near": 0.5,
}
"""Column -> chance that its walks return to their source at each step: the rarer, the farther they get."""


def indirect_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """Who stands between: common partners, walks from one end to the other, places in the whole graph."""
    found: dict[str, NDArray[np.floating]] = {"low_rank_tie": low_rank_tie(graph, source, target)}
    found |= _in_whole_rows(graph, source, target) if len(graph) <= LARGE else _nearby(graph, source, target)
    found |= _of_old(graph, source, target)
    found |= _partners_abroad(graph, source, target)
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
    told = nearby(graph.ties, source, target, graph.country, tuple(RESTARTS.values()), TOLERANCE)
    common, rare, shared, at_home, paths, by_degrees, to_country, *walks = told.T
    degree = np.maximum(graph.degree, 1)
    hops = np.select([graph.are_linked(source, target), common > 0, paths > 0], [1, 2, 3], 4)
    shares = dict(zip(RESTARTS, walks, strict=True))
    return {
        "log_common": np.log1p(common),
        "common_by_degrees": common / np.sqrt(degree[source] * degree[target]),
        "adamic_adar": rare,
        "resource_allocation": shared,
        "resource_allocation_at_home": at_home,
        "log_paths_3": np.log1p(paths),
        "log_paths_3_by_degree": np.log(LEAST_SHARE + by_degrees),
        "hops": hops.astype(np.float32),
        **{name: np.log(LEAST + share) for name, share in shares.items()},
        "log_pagerank_back": np.log(LEAST + shares["log_pagerank"] * degree[source] / degree[target]),
        "log_pagerank_of_country": np.log(LEAST + to_country),
    }


def _between(graph: PartnerGraph, walk: csr_matrix, sources: Ints) -> dict[str, Rows]:
    """Common partners, and paths by two intermediaries; a pair that is not tied has no other 3-walks."""
    known = graph.ties[:, sources]
    degree = np.maximum(graph.degree, 1)
    common = (graph.ties @ known).toarray()
    shared = (walk @ known).toarray()
    paths = graph.ties @ common
    hops = np.select([common > 0, paths > 0], [2, 3], 4).astype(np.float32)
    hops[known.nonzero()] = 1
    at_home = known.multiply(graph.country[:, None] == graph.country[sources][None, :]).tocsr()
    return {
        "log_common": np.log1p(common),
        "common_by_degrees": common / np.sqrt(degree[:, None] * degree[sources][None, :]),
        "adamic_adar": (graph.ties @ (_scaled(1 / np.log1p(degree)) @ known)).toarray(),
        "resource_allocation": shared,
        "resource_allocation_at_home": (walk @ at_home).toarray(),
        "log_paths_3": np.log1p(paths),
        "log_paths_3_by_degree": np.log(LEAST_SHARE + walk @ shared),
        "hops": hops,
    }


def _walks(graph: PartnerGraph, walk: csr_matrix, sources: Ints) -> dict[str, Rows]:
    degree = np.maximum(graph.degree, 1)
    shares = dict(zip(RESTARTS, pageranks(walk, sources, tuple(RESTARTS.values())), strict=True))
    share = shares["log_pagerank"]
    # Ties have no direction: deg(u) pr_u(v) = deg(v) pr_v(u), step by step.
    back = share * (degree[sources][None, :] / degree[:, None])
    member, of = _members(graph), np.maximum(graph.country, 0)
    return {
        **{name: np.log(LEAST + rows) for name, rows in shares.items()},
        "log_pagerank_back": np.log(LEAST + back).astype(np.float32),
        "log_pagerank_of_country": np.log(LEAST + member @ share)[of],
    }


def _of_old(graph: PartnerGraph, source: Ints, target: Ints) -> dict[str, NDArray[np.floating]]:
    """Common partners by old links alone: who stood between for long need not count as who came of late.

    Their number, and the chance that two steps from one end lead to the other, the two ends' chances added.
    """
    old = graph.of_old
    per_tie = 1 / np.maximum(old.degree, 1)
    step = (old.ties @ _scaled(per_tie)).tocsr()
    common, shared = np.empty(len(source)), np.empty(len(source))
    for first in range(0, len(source), PAIRS_AT_A_TIME):
        some = slice(first, first + PAIRS_AT_A_TIME)
        reached = old.ties[target[some]]
        for found, ties in ((common, old.ties), (shared, step)):
            found[some] = np.asarray(ties[source[some]].multiply(reached).sum(1)).ravel()
    steps = shared * (per_tie[source] + per_tie[target])
    return {"log_common_of_old": np.log1p(common), "log_two_steps_of_old": np.log(LEAST_SHARE + steps)}


def _partners_abroad(graph: PartnerGraph, source: Ints, target: Ints) -> dict[str, NDArray[np.floating]]:
    """How many partners either end has abroad, and how many in the other's country."""
    degree, of = np.maximum(graph.degree, 1), np.maximum(graph.country, 0)
    in_country = (_members(graph) @ graph.ties).toarray()  # [countries, n]
    abroad = in_country.sum(0) - np.where(graph.country >= 0, in_country[of, np.arange(len(graph))], 0)
    there, here = in_country[of[target], source], in_country[of[source], target]
    return {
        "log_source_partners_abroad": np.log1p(abroad)[source],
        "log_target_partners_abroad": np.log1p(abroad)[target],
        "source_share_abroad": (abroad / degree)[source],
        "target_share_abroad": (abroad / degree)[target],
        "log_partners_in_target_country": np.log1p(there),
        "log_target_partners_in_country": np.log1p(here),
        "share_of_partners_in_target_country": there / degree[source],
        "share_of_target_partners_in_country": here / degree[target],
        "log_degree_of_target_partners": np.log1p(graph.ties @ graph.degree / degree)[target],
    }


def _members(graph: PartnerGraph) -> csr_matrix:
    """float32 [countries, n]: 1 where an entity is known to be of a country."""
    known = np.flatnonzero(graph.country >= 0)
    shape = (max(len(graph.countries), 1), len(graph))
    return csr_matrix((np.ones(len(known), np.float32), (graph.country[known], known)), shape)


def _scaled(by: NDArray[np.floating]) -> csr_matrix:
    return diags(by).tocsr().astype(np.float32)


def spectral_cosine(graph: PartnerGraph, rank: int, source: Ints, target: Ints) -> NDArray[np.float32]:
    """Cosine of two places along the leading directions of the ties, [pairs]; 0 for those without ties."""
    z = graph.spectrum[:, :rank]
    z = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), LEAST)
    found = np.empty(len(source), np.float32)
    for first in range(0, len(source), PAIRS_AT_A_TIME):
        some = slice(first, first + PAIRS_AT_A_TIME)
        found[some] = np.einsum("ij,ij->i", z[source[some]], z[target[some]])
    return found
