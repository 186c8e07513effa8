"""Snapshots: worked by hand, from before the window alone, the same one by one and all at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graph.worlds import at, random_network, small_network

from influence.evaluation.audit import alterations
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.propagation import SparseAdjacency
from influence.graph.snapshots import Snapshots, mean_over_known, snapshot_columns
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.temporal import microseconds
from influence.tasks.acceptance import queries_of


def moment(day: float) -> np.ndarray:
    return microseconds(pd.Series([at(day)]))


def seen(features: PairFeatures, contact: str, day: float, days: float = 1.0) -> dict[str, float]:
    found = Snapshots(features, days, 2)(features.graph.positions([contact]), moment(day))
    return dict(zip(snapshot_columns(2), found[0], strict=True))


def state_of(features: PairFeatures, contact: str, day: float) -> dict[str, float]:
    found = states(features.graph, features.graph.positions([contact]), moment(day))
    return dict(zip(STATE_COLUMNS, found[0], strict=True))


@pytest.fixture(scope="module")
def small() -> PairFeatures:
    return PairFeatures(small_network())


def test_ties__ann_knows_cat_and_dan__mean_of_their_states_by_hand(small: PairFeatures) -> None:
    # On day 5.7 the window began on day 5: bob and dan met only then, and are not tied yet.
    name = "connected_out.log_count"
    found, (cat, dan) = seen(small, "ann", 5.7), (state_of(small, c, 5)[name] for c in ("cat", "dan"))
    assert (cat, dan) == pytest.approx((np.log(4), np.log(2)), rel=1e-6)
    assert found[f"ties.hop_1.{name}"] == pytest.approx((cat + dan) / 2, rel=1e-6)
    # Two steps: over cat (ann, bob, eve) and over dan (ann).
    ann, bob, eve = (state_of(small, c, 5)[name] for c in ("ann", "bob", "eve"))
    assert found[f"ties.hop_2.{name}"] == pytest.approx(((ann + bob + eve) / 3 + ann) / 2, rel=1e-6)


def test_interactions__two_messages_one_partner__partners_state(small: PairFeatures) -> None:
    name = "interactions_in.log_count"
    assert seen(small, "ann", 9.5)[f"interactions.hop_1.{name}"] == pytest.approx(np.log(3), rel=1e-6)
    assert np.isnan(seen(small, "eve", 9.5)[f"interactions.hop_1.{name}"])


@pytest.mark.parametrize(("day", "invited"), [(6.2, False), (6.99, False), (7.0, True), (8.0, True)])
def test_window__edge_within_it__seen_from_the_next_one(
    small: PairFeatures, day: float, invited: bool
) -> None:
    found = seen(small, "eve", day)["invited.hop_1.invited_in.log_count"]
    assert bool(np.isfinite(found)) == invited


@pytest.mark.parametrize(("day", "tied"), [(8.5, True), (9.0, False)])
def test_window__tie_ended__gone_from_the_next_one(small: PairFeatures, day: float, tied: bool) -> None:
    # dan knows ann all along, and bob until day 8; only ann has invited anybody.
    found = seen(small, "dan", day)["ties.hop_1.invited_out.log_count"]
    assert found == pytest.approx(np.log(2) / (2 if tied else 1), rel=1e-6)


def test_window__grid__counted_from_1970_whatever_the_records(small: PairFeatures) -> None:
    # 2025-01-01, the start, is day 20,089 since 1970, the last of its week: weeks begin on days 1 and 8.
    name = "ties.hop_1.connected_out.log_count"
    assert np.isnan(seen(small, "ann", 7.99, days=7.0)[name])
    assert np.isfinite(seen(small, "ann", 8.0, days=7.0)[name])


def test_mean_over_known__one_neighbour_missing__the_others_mean() -> None:
    source, target, weight = np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([1.0, 3.0, 5.0], np.float32)
    x = torch.tensor([[1.0, torch.nan], [2.0, torch.nan], [torch.nan, torch.nan]])
    found = mean_over_known(SparseAdjacency.build(source, target, weight, 3, 2), x)
    assert found[0, 0] == pytest.approx((1 * 1 + 3 * 2) / 4)
    assert found[:, 1].isnan().all()
    assert found[1].isnan().all()


def test_snapshots__contact_never_met_or_no_query__missing_or_nothing(small: PairFeatures) -> None:
    snapshots = Snapshots(small, 7.0, 2)
    assert np.isnan(snapshots(np.array([-1]), moment(9))).all()
    none = np.empty(0, np.int64)
    assert snapshots(none, none).shape == (0, len(snapshot_columns(2)))


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), share=st.floats(0.3, 0.9), days=st.sampled_from([0.5, 7.0]))
def test_snapshots__future_altered__nothing_moves_at_the_cut(seed: int, share: float, days: float) -> None:
    network = random_network(seed)
    invitations = network.table("invitations")
    cut = invitations["sent_at"].quantile(share, interpolation="nearest")
    pairs = invitations.assign(sent_at=invitations["sent_at"].clip(upper=cut))

    def described(records: object) -> np.ndarray:
        features = PairFeatures(records)  # type: ignore[arg-type]
        return QuerySet(features, queries_of(pairs, features.graph)).snapshot(days, 2)

    expected = described(network)
    assert np.isfinite(expected).any()
    for name, altered in alterations(network, cut, np.random.default_rng(seed)):
        np.testing.assert_array_equal(described(altered), expected, err_msg=name)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_snapshots__asked_one_by_one_or_shuffled__the_same(seed: int) -> None:
    network = random_network(seed)
    features = PairFeatures(network)
    queries = queries_of(network.table("invitations"), features.graph)
    together = QuerySet(features, queries).snapshot(7.0, 2)
    order = np.random.default_rng(seed).permutation(len(queries))
    np.testing.assert_array_equal(QuerySet(features, queries[order]).snapshot(7.0, 2), together[order])
    np.testing.assert_array_equal(
        QuerySet(features, queries[order[:1]]).snapshot(7.0, 2), together[order[:1]]
    )


def test_query_set__subset_of_known_snapshots__handed_down(small: PairFeatures) -> None:
    network = small_network()
    queries = QuerySet(small, queries_of(network.table("invitations"), small.graph))
    whole = queries.snapshot(7.0, 1)
    part = queries[np.array([2, 0])]
    np.testing.assert_array_equal(part.snapshot(7.0, 1), whole[[2, 0]])
    assert part.snapshot(7.0, 2).shape == (2, 2, len(snapshot_columns(2)))
