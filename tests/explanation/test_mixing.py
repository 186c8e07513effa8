"""Mixed requests: what is kept is the request's own, what is not is the other's, and nothing in between."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.experiment.worlds import network

from influence.explanation.groups import NAMES, groups_of
from influence.explanation.mixing import MixedQueries
from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet, batches
from influence.graph.pairs import PairFeatures
from influence.tasks.acceptance import queries_of

OWN, OTHER = np.array([40, 41, 42]), np.array([7, 3, 12])


@pytest.fixture(scope="module")
def known() -> QuerySet:
    features = PairFeatures(network())
    invitations = network().table("invitations").sort_values("sent_at").iloc[::10]
    return QuerySet(features, queries_of(invitations, features.graph))


def mixed(known: QuerySet, *groups: str) -> MixedQueries:
    kept = np.tile(np.isin(NAMES, groups), (3, 1))
    return MixedQueries(known, OWN, OTHER, kept)


@pytest.mark.parametrize(("groups", "rows"), [(NAMES, OWN), ((), OTHER)])
def test_mixed__everything_or_nothing_kept__the_request_itself(
    known: QuerySet, groups: tuple[str, ...], rows: np.ndarray
) -> None:
    found, expected = mixed(known, *groups), known[rows]
    for name in ("pair", "neighbours", "surroundings"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    np.testing.assert_array_equal(found.snapshot(7.0, 1), expected.snapshot(7.0, 1))
    one, two = (next(iter(batches(q, (5, 2), 3, snapshot=(7.0, 1)))) for q in (found, expected))
    for name in ("x", "edge_index", "relation", "edge_attr", "pair", "surroundings", "snapshots"):
        assert torch.equal(one[name].nan_to_num(-9.0), two[name].nan_to_num(-9.0)), name


@pytest.mark.parametrize("group", NAMES)
def test_mixed__one_group_kept__its_columns_and_no_others(known: QuerySet, group: str) -> None:
    found = mixed(known, group)
    for name, columns in (("pair", PairFeatures.columns), ("neighbours", NEIGHBOUR_COLUMNS)):
        is_own = groups_of(columns) == NAMES.index(group)
        values, source = getattr(found, name), getattr(known, name)
        np.testing.assert_array_equal(values[:, is_own], source[OWN][:, is_own])
        np.testing.assert_array_equal(values[:, ~is_own], source[OTHER][:, ~is_own])


def test_mixed__circle_of_the_sender_kept__events_of_each_end_at_its_own_moment(known: QuerySet) -> None:
    contacts, moments = mixed(known, "sender_circle").ends
    queries = known.queries
    np.testing.assert_array_equal(contacts, [queries.sender[OWN], queries.recipient[OTHER]])
    np.testing.assert_array_equal(moments, [queries.at[OWN], queries.at[OTHER]])


def test_mixed__state_of_an_end_kept__the_network_reads_it_too(known: QuerySet) -> None:
    batch = next(iter(batches(mixed(known, "recipient_habit"), (5,), 3)))
    width = batch.x.shape[1]
    recipients = batch.x[3:6].nan_to_num(-9.0)
    assert torch.equal(recipients, batch.pair[:, width : 2 * width].nan_to_num(-9.0))
    assert not torch.equal(
        recipients, torch.from_numpy(known.pair[OTHER, width : 2 * width]).nan_to_num(-9.0)
    )
