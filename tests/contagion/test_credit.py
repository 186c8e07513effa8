"""Credit against a hand-worked log, and what holds of every log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.contagion.spreading import day, random_log

from influence.contagion.centrality import k_core, pagerank, voterank
from influence.contagion.credit import Credit
from influence.contagion.position import Position, position_at
from influence.contagion.shrinkage import shrunk_rates
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.data import Network
from influence.graph.temporal import TemporalGraph, microseconds


def standing_of(network: Network, at: pd.Timestamp) -> Position:
    ties = ties_of(TemporalGraph(network))
    return position_at(TakeUps.of(network), ties, int(microseconds(pd.Series([at]))[0]), (0.1, 0.3, 0.6, 1.0))


@pytest.fixture
def small() -> Network:
    """Tied: a-b, a-c, b-c, c-d.  On x: a, then b, then c, then d; on y: d, then c; e is tied to nobody."""
    log = [
        ("a", "x", 1),
        ("b", "x", 2),
        ("c", "x", 3),
        ("d", "x", 4),
        ("d", "y", 5),
        ("c", "y", 6),
        ("e", "x", 7),
    ]
    ties = [("a", "b"), ("c", "a"), ("b", "c"), ("c", "d")]
    return Network.from_tables(
        {
            "adoptions": pd.DataFrame(
                [(who, what, day(at), what + "_topic") for who, what, at in log],
                columns=["contact_id", "item", "at", "topic"],
            ),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]),
        }
    )


def given(credit: Credit, network: Network) -> dict[str, float]:
    return {name: value for name, value in zip(network.contact_ids, credit.given(), strict=True) if value}


def test_credit__small_log__as_worked_by_hand(small: Network) -> None:
    credit = standing_of(small, day(8)).credit
    assert given(credit, small) == {"a": 1.5, "b": 0.5, "c": 1.0, "d": 1.0}  # a: b whole, c half
    since = int(microseconds(pd.Series([day(3)]))[0])
    assert given(credit.between(since, since + 1), small) == {
        "a": 0.5,
        "b": 0.5,
    }  # the moment is in its window
    assert given(credit.between(since + 1, since + 10**12), small) == {"c": 1.0, "d": 1.0}
    assert credit.received().tolist() == [0.0, 1.0, 2.0, 1.0, 0.0]


def test_credit__of_one_topic__equals_that_of_its_log_alone(small: Network) -> None:
    standing = standing_of(small, day(8))
    for code, topic in enumerate(standing.take_ups.topics):
        alone = small.table("adoptions")[small.table("adoptions")["topic"] == topic]
        only = small.with_tables(adoptions=alone.reset_index(drop=True))
        assert given(standing.of_topic(code).credit, small) == given(standing_of(only, day(8)).credit, only)


def test_credit__any_log__sums_to_the_take_ups_that_had_candidates() -> None:
    for seed in range(5):
        network = random_log(seed)
        take_ups = TakeUps.of(network)
        exposures = Exposures.along(take_ups, ties_of(TemporalGraph(network)))
        credit = Credit.of(take_ups, exposures)
        n_exposed = (exposures.n_candidates > 0).sum()
        assert credit.given().sum() == pytest.approx(n_exposed) == credit.received().sum()


def test_standing__pending__as_worked_by_hand(small: Network) -> None:
    standing = standing_of(small, day(5.5))  # y is at d; its neighbour c has not taken it up
    pending = np.exp(standing.reach()["log_pending_all"]) - 1e-3
    # c's one take-up so far, y's one take-up in the lively window, nobody but d stands by: 1 x 1 / 1.
    assert dict(zip(small.contact_ids, pending.round(9), strict=True))["d"] == 1.0


def test_pagerank_and_core__star_with_a_triangle__as_known() -> None:
    from scipy.sparse import csr_matrix

    edges = np.array([(0, 1), (0, 2), (1, 2), (0, 3)])
    both = np.concatenate((edges, edges[:, ::-1]))
    ties = csr_matrix((np.ones(8), both.T), shape=(5, 5))
    assert k_core(ties).tolist() == [2, 2, 2, 1, 0]
    rank = pagerank(ties)
    import networkx as nx

    golden = nx.pagerank(nx.from_scipy_sparse_array(ties), alpha=0.85, tol=1e-12)
    assert rank == pytest.approx([golden[i] for i in range(5)], abs=1e-8)


def test_shrunk__fewer_trials__closer_to_the_overall_rate() -> None:
    successes, trials = np.array([0.0, 100.0, 3.0, 40.0, 0.0]), np.array([50.0, 50.0, 1.0, 40.0, 0.0])
    rate, overall = shrunk_rates(successes, trials), successes.sum() / trials.sum()
    assert 0 < rate[0] < overall < rate[1] < 2
    assert overall < rate[2] < 3
    assert rate[4] == pytest.approx(overall)
    assert np.isnan(shrunk_rates(np.zeros(2), np.zeros(2))).all()


def test_voterank__random_graph__elects_as_networkx_does() -> None:
    import networkx as nx

    graph = nx.barabasi_albert_graph(64, 4, seed=3)  # mean degree 7.5: votes are exact in binary
    graph.add_edges_from([(0, i) for i in range(40, 64)])
    graph.remove_edges_from(list(graph.edges)[: graph.number_of_edges() - 256])  # mean degree 8
    elected = nx.voterank(graph)
    score = voterank(nx.to_scipy_sparse_array(graph, format="csr"))
    assert len(elected) > 20
    assert np.argsort(-score, kind="stable")[: len(elected)].tolist() == elected
    assert (score > 0).sum() == len(elected)
