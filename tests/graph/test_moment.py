"""Many queries of one moment: every number as it is found query by query, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at, random_network, small_network

from influence.graph import active_ties, latest
from influence.graph.active_ties import ActiveTies
from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.moment import PAIRWISE, Moment, Rows
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import microseconds
from influence.graph.ties import MUTUAL_COLUMNS


def moment_of(days: float) -> int:
    return int(microseconds(pd.Series([at(days)]))[0])


def every_pair(features: PairFeatures, days: float) -> Queries:
    """Everybody and the never met, as sender and as recipient, themselves included."""
    everyone = np.arange(-1, features.graph.n_contacts)
    u, v = (ends.ravel() for ends in np.meshgrid(everyone, everyone, indexing="ij"))
    note = np.resize(np.array([0, 1, np.nan], np.float32), len(u))
    return Queries(u, v, np.full(len(u), moment_of(days)), note)


@pytest.mark.parametrize("what", ["pair", "surroundings", "neighbours"])
@pytest.mark.parametrize(("seed", "days"), [(0, -200.0), (1, 20.0), (2, 55.5), (3, 500.0)])
def test_moment__every_pair__same_bits_as_query_by_query(what: str, seed: int, days: float) -> None:
    features = PairFeatures(random_network(seed))
    queries = every_pair(features, days)
    found = getattr(QuerySet(features, queries, Moment(features, moment_of(days))), what)
    np.testing.assert_array_equal(found, getattr(QuerySet(features, queries), what))


def test_pairwise__every_pair__columns_of_pair_features() -> None:
    features = PairFeatures(random_network(2))
    queries = every_pair(features, 55.5)
    asked = QuerySet(features, queries, Moment(features, moment_of(55.5)))
    places = [PairFeatures.columns.index(name) for name in PAIRWISE]
    np.testing.assert_array_equal(asked.pairwise, features(queries)[:, places])


def test_pair__never_dealt__each_end_tells_as_beside_nobody() -> None:
    # What scoring at one moment rests on: but for PAIRWISE, a column is one end's or everybody's.
    features = PairFeatures(random_network(3))
    queries = every_pair(features, 70)
    dealt = QuerySet(features, queries, Moment(features, moment_of(70))).dealt
    assert 0.05 < dealt.mean() < 0.95
    never = queries[~dealt]
    nobody = np.full(len(never), -1)
    beside = [replace(never, recipient=nobody), replace(never, sender=nobody)]
    told, *alone = (
        np.concatenate((asked.pair, asked.surroundings), axis=1)
        for asked in (QuerySet(features, each) for each in (never, *beside))
    )
    names = (*PairFeatures.columns, *(name for name in NEIGHBOUR_COLUMNS if ".surroundings." in name))
    for place, name in enumerate(names):
        if name not in PAIRWISE:
            end = alone[0 if name.startswith("sender.") else 1]
            np.testing.assert_array_equal(told[:, place], end[:, place], err_msg=name)


def test_moment__asked_in_parts_and_out_of_order__same_bits() -> None:
    features = PairFeatures(random_network(4))
    queries = every_pair(features, 40)
    whole = QuerySet(features, queries, Moment(features, moment_of(40))).pair
    order = np.random.default_rng(0).permutation(len(queries))
    moment = Moment(features, moment_of(40))
    parts = np.concatenate(
        [QuerySet(features, queries[rows], moment).pair for rows in np.array_split(order, 7)]
    )
    np.testing.assert_array_equal(parts, whole[order])


def test_moment__events_at_it_and_later_removed__nothing_moves() -> None:
    network, days = random_network(5), 45.0
    known, all_of_it = PairFeatures(network.as_of(at(days))), PairFeatures(network)
    queries = every_pair(all_of_it, days)
    assert known.graph.contact_ids.equals(all_of_it.graph.contact_ids)
    for what in ("pair", "surroundings", "neighbours"):
        told = [getattr(QuerySet(f, queries, Moment(f, moment_of(days))), what) for f in (known, all_of_it)]
        np.testing.assert_array_equal(*told)


def test_met__by_hand__only_whom_an_event_touched_before() -> None:
    features = PairFeatures(random_network(6))
    queries = every_pair(features, 10)
    moment = Moment(features, moment_of(10))
    for contact in (queries.sender, queries.recipient):
        found = QuerySet(features, queries, moment).met(contact)
        np.testing.assert_array_equal(found, QuerySet(features, queries).met(contact))
    assert not moment.met.of(np.array([-1]))[0]


def test_active_ties__small_network_on_day_five_and_a_half__worked_by_hand() -> None:
    # Cat is tied to ann, bob and eve by then; dan to ann and bob.
    features = PairFeatures(small_network())
    ties = ActiveTies.of(features.ties["connection"], moment_of(5.5))
    ann, bob = features.graph.positions(["ann"]), features.graph.positions(["bob"])
    found = dict(zip(MUTUAL_COLUMNS, ties.mutual(ann, bob)[0], strict=True))
    assert found["mutual"] == 2
    assert found["adamic_adar"] == pytest.approx(1 / np.log(3) + 1 / np.log(2), rel=1e-6)


def test_active_ties__senders_in_any_order__same_bits() -> None:
    features = PairFeatures(random_network(7, n_people=70))
    queries = every_pair(features, 60)
    ties = ActiveTies.of(features.ties["contact"], moment_of(60))
    order = np.random.default_rng(1).permutation(len(queries))
    u, v = queries.sender, queries.recipient
    expected = features.ties["contact"].mutual(u, v, queries.at)
    np.testing.assert_array_equal(ties.mutual(u, v), expected)
    np.testing.assert_array_equal(ties.mutual(u[order], v[order]), expected[order])


@pytest.mark.parametrize("module", [active_ties, latest])
def test_moment__many_contacts_share_a_mark__same_bits(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = PairFeatures(random_network(8))
    moment, queries = Moment(features, moment_of(50)), every_pair(features, 50)
    told = moment.meetings(queries), moment.pairwise(queries)
    assert (told[0] & latest.IS_OTHER_END).any() and (told[0] & latest.TIED_TO_OTHER_END).any()
    monkeypatch.setattr(module, "N_MARKS", 4)
    np.testing.assert_array_equal(moment.meetings(queries), told[0])
    np.testing.assert_array_equal(moment.pairwise(queries), told[1])


def test_rows__asked_twice__computed_once() -> None:
    asked: list[int] = []

    def squares(keys: np.ndarray) -> np.ndarray:
        asked.extend(keys.tolist())
        return keys[:, None] ** 2

    rows = Rows(9, squares)
    np.testing.assert_array_equal(rows.of(np.array([3, 3, -1, 8])).ravel(), [9, 9, 1, 64])
    np.testing.assert_array_equal(rows.of(np.array([8, 2, -1])).ravel(), [64, 4, 1])
    assert sorted(asked) == [-1, 2, 3, 8]


def test_query_set__part_of_one_moment__keeps_it() -> None:
    features = PairFeatures(random_network(9))
    moment = Moment(features, moment_of(30))
    whole = QuerySet(features, every_pair(features, 30), moment)
    assert whole.pair is whole.pair and whole.meetings.any()
    part = whole[5:11]
    assert part.moment is moment
    np.testing.assert_array_equal(part.meetings, whole.meetings[5:11])
    np.testing.assert_array_equal(part.neighbours, whole.neighbours[5:11])


def test_moment__has_note__told_per_query() -> None:
    features = PairFeatures(random_network(10))
    queries = every_pair(features, 30)
    without = replace(queries, has_note=np.full(len(queries), np.nan, np.float32))
    moment = Moment(features, moment_of(30))
    assert np.isnan(QuerySet(features, without, moment).pair[:, -1]).all()
    np.testing.assert_array_equal(QuerySet(features, queries, moment).pair[:, -1], queries.has_note)
