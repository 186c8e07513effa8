"""Nominations, prestige and pairs against hand-worked answers, and what must never be seen."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from influence.contagion.asking import components, pairs
from influence.contagion.attributes import attributes
from influence.contagion.nominations import Nominations
from influence.contagion.prestige import MEASURES, pagerank, standing
from influence.data import Network
from influence.errors import ConfigError, DataError

HOME = {"a": "x", "b": "x", "c": "x", "d": "x", "e": "y", "f": "y", "g": "y"}


def network_of(asks: list[tuple[str, str, str]], home: dict[str, str] = HOME) -> Network:
    """(who asks, whom, on what)."""
    return Network.from_tables(
        {
            "contacts": pd.DataFrame({"contact_id": home.keys(), "company_id": home.values()}),
            "nominations": pd.DataFrame(asks, columns=["source_id", "target_id", "topic"]),
        }
    )


ASKS = [
    ("a", "b", "t"), ("c", "b", "t"), ("d", "b", "t"), ("a", "c", "t"),
    ("e", "f", "t"), ("f", "e", "t"),
    ("a", "d", "u"), ("b", "d", "u"), ("g", "f", "u"),
]  # fmt: skip


def drawn(seed: int, n: int = 36, n_asks: int = 200, topics: str = "tuv") -> Network:
    """Random nominations within three communities of unequal size."""
    rng = np.random.default_rng(seed)
    home = {f"p{i:02d}": "xxxxyyyzz"[i % 9] for i in range(n)}
    names, asks = list(home), set()
    while len(asks) < n_asks:
        one, other = rng.choice(names, 2, replace=False)
        if home[one] == home[other]:
            asks.add((str(one), str(other), str(rng.choice(list(topics)))))
    return network_of(sorted(asks), home)


def test_nominations__direction__the_target_is_named() -> None:
    found = Nominations.of(network_of(ASKS))
    received = dict(zip(found.people, found.received[:, found.code("t")], strict=True))
    assert received == {"a": 0, "b": 3, "c": 1, "d": 0, "e": 1, "f": 1, "g": 0}


def test_leaders__ties_with_the_last__are_in_and_the_never_named_out() -> None:
    found = Nominations.of(network_of(ASKS))
    leads = pd.DataFrame(found.leaders(), found.people, found.topics)
    assert leads.index[leads["t"]].tolist() == ["b", "e", "f"]
    assert leads.index[leads["u"]].tolist() == ["d", "f"]


def test_leaders__among_everyone__only_the_most_named_of_all() -> None:
    found = Nominations.of(network_of(ASKS))
    assert found.people[found.leaders("everyone")[:, found.code("t")]].tolist() == ["b"]


def test_overlap__of_leaders__jaccard() -> None:
    found = Nominations.of(network_of(ASKS)).overlap()
    assert found["t"] == {"t": 1.0, "u": 0.25}  # f leads on both, b, e, d on one


def test_of__an_end_without_community__dropped_and_counted() -> None:
    network = network_of([*ASKS, ("h", "a", "t")], {**HOME, "h": None})  # type: ignore[dict-item]
    found = Nominations.of(network)
    assert (found.n_dropped, found.n_people, found.received.sum()) == (1, 7, len(ASKS))


def test_of__no_nominations_or_no_community__error_says_what_to_give() -> None:
    nobody = Network.from_tables({"contacts": pd.DataFrame({"contact_id": ["a"], "company_id": ["x"]})})
    with pytest.raises(DataError, match="nobody is named"):
        Nominations.of(nobody)
    with pytest.raises(DataError, match="company_id"):
        Nominations.of(network_of(ASKS, dict.fromkeys(HOME)))  # type: ignore[arg-type]


def test_tables__a_nomination_of_oneself__refused_by_name() -> None:
    with pytest.raises(DataError, match=r"nominations.target_id is the source in 1 row"):
        network_of([*ASKS, ("a", "a", "t")])


def test_code__a_topic_never_seen__error_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="advice"):
        Nominations.of(network_of([("a", "b", "advice")])).code("advise")


def test_as_of__a_nomination_at_the_moment__not_yet_visible() -> None:
    at = pd.to_datetime(["2024-01-01", "2024-02-01", None], utc=True)
    rows = pd.DataFrame({"source_id": ["a"] * 3, "target_id": ["b", "c", "d"], "topic": "t", "at": at})
    network = Network.from_tables({"nominations": rows}).as_of("2024-02-01")
    assert network.table("nominations")["target_id"].tolist() == ["b", "d"]


def test_pagerank__one_community__agrees_with_networkx() -> None:
    graph = nx.gnp_random_graph(23, 0.15, seed=4, directed=True)
    asks = csr_matrix(nx.to_scipy_sparse_array(graph, dtype=float))
    expected = nx.pagerank(graph, alpha=0.85, tol=1e-12, max_iter=500)
    found = pagerank(asks, np.zeros(23, np.int64)) / 23
    np.testing.assert_allclose(found, [expected[i] for i in range(23)], atol=1e-6)


def test_eigenvector_centrality__ties_both_ways__agrees_with_networkx() -> None:
    graph = nx.connected_watts_strogatz_graph(19, 4, 0.3, seed=2)
    found = MEASURES["eigenvector_centrality"](
        csr_matrix(nx.to_scipy_sparse_array(graph, dtype=float)), np.zeros(19, np.int64)
    )
    expected = nx.eigenvector_centrality(graph, max_iter=1000, tol=1e-10)
    np.testing.assert_allclose(found / np.sqrt(19), [expected[i] for i in range(19)], atol=1e-4)


@pytest.mark.parametrize("name", MEASURES)
def test_measures__another_community_altered__own_values_stay(name: str) -> None:
    """What is measured within a community depends on nothing outside it."""
    found = Nominations.of(drawn(1))
    asks, group = found.matrices[0], found.community
    other = asks.tolil()
    inside = np.flatnonzero(group == 2)
    other[np.ix_(inside, inside)] = 0
    other[inside[0], inside[1]] = 1
    kept = group != 2
    before, after = (MEASURES[name](csr_matrix(m), group) for m in (asks, other))
    np.testing.assert_allclose(before[kept], after[kept], atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_standing_and_pairs__hidden_topic_altered__nothing_moves(seed: int) -> None:
    """The nominations to be found are never read."""
    network = drawn(seed)
    rows = network.table("nominations")
    kept = rows[rows["topic"] != "t"]
    turned = rows[rows["topic"] == "t"].rename(columns={"source_id": "target_id", "target_id": "source_id"})
    thinned = pd.concat((kept, turned.iloc[::2][rows.columns]), ignore_index=True)
    one, other = Nominations.of(network), Nominations.of(network.with_tables(nominations=thinned))
    visible = [one.code("u"), one.code("v")]
    pd.testing.assert_frame_equal(standing(one, visible), standing(other, visible))
    who = np.random.default_rng(seed).normal(size=(one.n_people, 2))
    first, second = (pairs(each, each.code("t"), visible, who) for each in (one, other))
    np.testing.assert_array_equal(first.columns, second.columns)
    assert first.asks.any() and not np.array_equal(first.asks, second.asks)


def test_pairs__a_tie_either_way__each_pair_once_with_what_is_learned() -> None:
    found = Nominations.of(network_of(ASKS))
    own = pairs(found, found.code("t"), [found.code("u")], np.zeros((7, 0)))
    names = zip(found.people[own.asker], found.people[own.asked], own.asks.tolist(), strict=True)
    assert sorted(names) == [
        ("a", "d", False), ("b", "d", False), ("d", "a", False), ("d", "b", True),
        ("f", "g", False), ("g", "f", False),
    ]  # fmt: skip


def test_pairs__nothing_visible__all_of_a_community_none_of_the_ties_seen() -> None:
    found = Nominations.of(network_of(ASKS))
    own = pairs(found, found.code("t"), [], np.arange(7.0)[:, None])
    assert len(own.asker) == 4 * 3 + 3 * 2
    assert (found.community[own.asker] == found.community[own.asked]).all()
    assert own.columns.shape[1] == 4  # who both are, and how alike


def test_attributes__latest_known__absolute_and_within_the_community() -> None:
    observed = pd.to_datetime(["2020-01-01", "2021-01-01", None, None, None], utc=True)
    traits = pd.DataFrame(
        {"contact_id": ["a", "a", "b", "e", "f"], "name": "age", "observed_at": observed,
         "value": [1.0, 30.0, 50.0, 20.0, 40.0]}
    )  # fmt: skip
    network = network_of(ASKS).with_tables(traits=traits)
    table = attributes(network, Nominations.of(network))
    assert table["age"].round(1).tolist()[:2] == [30.0, 50.0]
    within = table["age.within"]
    assert within[0] < 0 < within[1] and within[4] < 0 < within[5]
    assert components(table.to_numpy(float)).shape[0] == 7
