"""Neighbour sampling: the latest edges strictly before each seed's own time."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graph.worlds import random_network

from influence.graph.loading import QuerySet, batches
from influence.graph.pairs import PairFeatures
from influence.graph.sampling import sample_trees
from influence.graph.temporal import TemporalGraph
from influence.tasks.acceptance import queries_of


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), uniform=st.booleans())
def test_sample__any_seeds__edges_strictly_before_and_of_the_parent(seed: int, uniform: bool) -> None:
    graph = TemporalGraph(random_network(seed))
    rng = np.random.default_rng(seed)
    seeds = rng.integers(graph.n_contacts, size=7)
    times = rng.choice(graph.incidence.at[graph.incidence.at > 0], size=7)
    generator = np.random.default_rng(seed) if uniform else None
    node, row, col, edge, tree, n_nodes, n_edges = sample_trees(
        graph.incidence, seeds, times, (4, 3), generator
    )
    assert n_nodes.sum() == len(node)
    assert n_edges.sum() == len(edge)
    moment = times[tree[row]]
    assert (graph.incidence.at[edge] < moment).all()
    assert (graph.incidence.until[edge] >= moment).all()
    assert (graph.incidence.neighbour[edge] == node[row]).all()
    owner = np.searchsorted(graph.incidence.ptr, edge, side="right") - 1
    assert (owner == node[col]).all()
    assert (tree[row] == tree[col]).all()
    assert np.bincount(col, minlength=len(node)).max() <= 4


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_sample__latest__no_later_edge_left_out(seed: int) -> None:
    graph = TemporalGraph(random_network(seed))
    incidence = graph.incidence
    contact = int(np.argmax(np.diff(incidence.ptr)))
    mine = np.arange(incidence.ptr[contact], incidence.ptr[contact + 1])
    moment = int(np.quantile(incidence.at[mine][incidence.at[mine] > 0], 0.7))
    open_then = mine[(incidence.at[mine] < moment) & (incidence.until[mine] >= moment)]
    edge = sample_trees(incidence, np.array([contact]), np.array([moment]), (5,))[3]
    assert sorted(edge) == sorted(open_then[-5:])


def test_sample__unknown_seed__a_tree_of_its_own_alone() -> None:
    graph = TemporalGraph(random_network(0))
    node, row, *_ = sample_trees(
        graph.incidence, np.array([graph.n_contacts, -1]), np.array([2**62] * 2), (3,)
    )
    assert len(node) == 2
    assert len(row) == 0


def test_batches__shuffled__every_query_once_with_its_own_features() -> None:
    network = random_network(3)
    features = PairFeatures(network)
    queries = QuerySet(features, queries_of(network.table("invitations"), features.graph))
    seen = []
    for batch in batches(queries, (5, 2), 16, torch.Generator().manual_seed(0)):
        seen.extend(batch.query.tolist())
        n = len(batch.query)
        np.testing.assert_array_equal(batch.n_id[:n], queries.queries.sender[batch.query.numpy()])
        np.testing.assert_array_equal(batch.n_id[n : 2 * n], queries.queries.recipient[batch.query.numpy()])
        np.testing.assert_array_equal(batch.pair, queries.pair[batch.query.numpy()])
        assert batch.num_sampled_nodes[0] == 2 * n
        assert sum(batch.num_sampled_edges) == batch.edge_index.shape[1]
    assert sorted(seen) == list(range(len(queries)))
