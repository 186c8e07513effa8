from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.data import Network
from influence.graph.partner_columns import pair_columns, walks
from influence.graph.partner_columns.indirect import indirect_columns, spectral_cosine
from influence.graph.partner_columns.walks import in_blocks, pagerank_rows, transition
from influence.graph.partners import PartnerGraph

N = 23


def graph_of(ties: NDArray[np.int64], n: int = N, n_countries: int = 3) -> PartnerGraph:
    """Contacts whose ids sort as their numbers, with countries in turn, and undated ties."""
    ids = np.array([f"c{i:02d}" for i in range(n)])
    country = np.array([f"X{chr(65 + i % n_countries)}" for i in range(n)])
    tables = {
        "contacts": pd.DataFrame({"contact_id": ids, "country": country}),
        "connections": pd.DataFrame({"source_id": ids[ties[:, 0]], "target_id": ids[ties[:, 1]]}),
    }
    return PartnerGraph.of_network(
        Network.from_tables(tables), "contacts", pd.Timestamp("2020-01-01", tz="UTC")
    )


def random_ties(seed: int, n: int = N, n_ties: int = 50) -> NDArray[np.int64]:
    low, high = np.triu_indices(n - 1, 1)  # the last one stays without ties
    some = np.random.default_rng(seed).choice(len(low), n_ties, replace=False)
    return np.column_stack((low[some], high[some]))


def every_pair(n: int = N) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    source, target = np.divmod(np.arange(n * n), n)
    return source[source != target], target[source != target]


def peers(ties: NDArray[np.int64]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(N))
    graph.add_edges_from(ties.tolist())
    return graph


@pytest.mark.parametrize("seed", range(3))
def test_pagerank_rows__random_ties__as_networkx(seed: int) -> None:
    ties = random_ties(seed)
    found = pagerank_rows(transition(graph_of(ties).ties), np.arange(N))
    for u in range(N - 1):
        wanted = nx.pagerank(peers(ties), alpha=0.85, personalization={u: 1.0}, tol=1e-12)
        # What is left after `STEPS` steps is .85 ** 20 = .04 of the walks at most, spread as they were.
        np.testing.assert_allclose(found[:, u], [wanted[v] for v in range(N)], atol=0.01)


def test_pagerank_rows__two_steps_by_hand__path_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "STEPS", 2)
    ties = csr_matrix(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32))
    # From the end: (1, 0, 0) -> (.5, .5, 0) -> .5 (1, 0, 0) + .5 (.25, .5, .25)
    found = pagerank_rows(transition(ties), np.array([0]), restart=0.5)
    np.testing.assert_allclose(found.ravel(), [0.625, 0.25, 0.125])


def test_indirect_columns__few_cells_at_a_time__the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(random_ties(4))
    source, target = every_pair()
    mixed = np.random.default_rng(0).permutation(len(source))
    whole = indirect_columns(graph, source, target)
    monkeypatch.setattr(walks, "CELLS_AT_A_TIME", 2 * N)
    for name, values in indirect_columns(graph, source[mixed], target[mixed]).items():
        np.testing.assert_array_equal(values, whole[name][mixed])


def test_in_blocks__any_order__every_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "CELLS_AT_A_TIME", 3 * 10)
    source = np.random.default_rng(1).integers(0, 10, 47)
    seen = np.zeros(len(source), np.int64)
    for sources, pairs, place in in_blocks(source, 10):
        assert len(sources) <= 3
        np.testing.assert_array_equal(sources[place], source[pairs])
        seen[pairs] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize("seed", range(3))
def test_indirect_columns__random_ties__as_networkx(seed: int) -> None:
    ties = random_ties(seed)
    source, target = every_pair()
    found = indirect_columns(graph_of(ties), source, target)
    peer, pairs = peers(ties), list(zip(source.tolist(), target.tolist(), strict=True))
    common = [len(list(nx.common_neighbors(peer, u, v))) for u, v in pairs]
    np.testing.assert_allclose(np.expm1(found["log_common"]), common, atol=1e-5)
    shared = [score for _, _, score in nx.resource_allocation_index(peer, pairs)]
    np.testing.assert_allclose(found["resource_allocation"], shared, atol=1e-6)
    # Adamic-Adar by 1 / log(1 + degree), which a partner with one tie cannot break.
    rare = [sum(1 / np.log1p(peer.degree[w]) for w in nx.common_neighbors(peer, u, v)) for u, v in pairs]
    np.testing.assert_allclose(found["adamic_adar"], rare, atol=1e-5)
    apart = dict(nx.all_pairs_shortest_path_length(peer))
    np.testing.assert_array_equal(found["hops"], [min(apart[u].get(v, 9), 4) for u, v in pairs])


def test_indirect_columns__paths_of_three__third_power_of_the_ties() -> None:
    graph = graph_of(random_ties(5))
    source, target = every_pair()
    found = indirect_columns(graph, source, target)
    dense = graph.ties.toarray()
    apart = dense[source, target] == 0
    cubed = np.linalg.matrix_power(dense, 3)[source, target]
    np.testing.assert_allclose(np.expm1(found["log_paths_3"])[apart], cubed[apart], rtol=1e-4)
    half = np.diag(1 / np.maximum(dense.sum(1), 1))
    by_degree = (dense @ half @ dense @ half @ dense)[source, target]
    np.testing.assert_allclose(np.exp(found["log_paths_3_by_degree"]) - 1e-4, by_degree, atol=1e-5)


def test_indirect_columns__walks_back__walks_from_the_other_end() -> None:
    graph = graph_of(random_ties(6))
    source, target = every_pair()
    there = indirect_columns(graph, source, target)["log_pagerank"]
    back = indirect_columns(graph, target, source)["log_pagerank_back"]
    np.testing.assert_allclose(np.exp(there), np.exp(back), atol=1e-6)


def test_indirect_columns__country_of_walks__sums_over_its_people() -> None:
    graph = graph_of(random_ties(7))
    source, target = every_pair()
    found = indirect_columns(graph, source, target)
    rows = pagerank_rows(transition(graph.ties), np.arange(N))
    ties, degree = graph.ties.toarray(), np.maximum(graph.degree, 1)
    for i in (0, 100, 333):
        u, v = source[i], target[i]
        there, here = graph.country == graph.country[v], graph.country == graph.country[u]
        assert np.exp(found["log_pagerank_of_country"][i]) == pytest.approx(rows[there, u].sum(), abs=1e-6)
        shares = [
            found[f"share_of_{name}"][i]
            for name in ("partners_in_target_country", "target_partners_in_country")
        ]
        assert shares == pytest.approx([ties[u, there].sum() / degree[u], ties[v, here].sum() / degree[v]])
        abroad = [ties[end, graph.country != graph.country[end]].sum() for end in (u, v)]
        counts = [found[f"log_{end}_partners_abroad"][i] for end in ("source", "target")]
        assert counts == pytest.approx(np.log1p(abroad).tolist())
        at_home = ties[u] * ties[v] * here / degree
        assert found["resource_allocation_at_home"][i] == pytest.approx(at_home.sum(), abs=1e-6)


def test_spectral_cosine__two_cliques__one_within_and_none_across() -> None:
    a, b = np.triu_indices(6, 1)
    graph = graph_of(np.concatenate((np.column_stack((a, b)), np.column_stack((a + 6, b + 6)))), n=12)
    found = spectral_cosine(graph, 2, np.array([0, 0, 7]), np.array([5, 8, 11]))
    np.testing.assert_allclose(found, [1, 0, 1], atol=1e-3)


def test_pair_columns__tie_hidden__as_if_it_had_never_been() -> None:
    ties = random_ties(8)
    graph, last = graph_of(ties), len(ties) - 1
    ends = graph.ids.get_indexer([f"c{i:02d}" for i in ties[last]])
    hidden = (graph.links.source == ends[0]) & (graph.links.target == ends[1])
    assert hidden.sum() == 1
    source, target = every_pair()
    seen = pair_columns(graph.without(hidden), source, target)
    never = pair_columns(graph_of(ties[:last]), source, target)
    np.testing.assert_array_equal(seen.values, never.values)
    shown = pair_columns(graph, ends[:1], ends[1:])
    own = (source == ends[0]) & (target == ends[1])
    assert (np.nan_to_num(shown.values[0]) != np.nan_to_num(seen.values[own][0])).any()


def test_pair_columns__no_pair__names_without_rows() -> None:
    graph, none = graph_of(random_ties(9)), np.zeros(0, np.int64)
    found = pair_columns(graph, none, none)
    assert found.values.shape == (0, len(found.names))
    assert found.names == pair_columns(graph, *every_pair()).names
