"""The people and events named, on a history that can be worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at, random_network, small_network

from influence.data import Network
from influence.explanation.people import introducers, latest_dealing, latest_event
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import microseconds
from influence.tasks.acceptance import queries_of


def asked(features: PairFeatures, sender: str, recipient: str, days: float) -> Queries:
    pair = pd.DataFrame({"sender_id": [sender], "recipient_id": [recipient], "sent_at": [at(days)]})
    return queries_of(pair.assign(has_note=pd.array([None], dtype="boolean")), features.graph)


def dealing(*events: tuple[str, str, str, float]) -> Network:
    """The small network with other dealings: who, with whom, what, on which day."""
    rows = pd.DataFrame(events, columns=["actor_id", "target_id", "kind", "at"])
    rows = rows.assign(event_id=[f"e{place}" for place in rows.index], at=rows["at"].map(at))
    return small_network().with_tables(interactions=rows)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2.0, []), (2.001, ["cat"]), (5.001, ["cat", "dan"]), (8.0, ["cat", "dan"]), (8.001, ["cat"])],
)
def test_introducers__ties_come_and_go__those_that_hold_strictly_before(
    days: float, expected: list[str]
) -> None:
    # Cat is tied to three, dan to two: dan's tie is the rarer one, so dan goes first.
    features = PairFeatures(small_network())
    found = introducers(features, asked(features, "ann", "bob", days), 0)
    assert sorted(found) == expected
    if len(expected) == 2:
        assert found[0] == "dan"


def test_introducers__one_who_deals_with_both__before_one_with_fewer_ties() -> None:
    features = PairFeatures(dealing(("cat", "ann", "message", 5.6), ("bob", "cat", "meeting", 6)))
    assert introducers(features, asked(features, "ann", "bob", 5.5), 0)[0] == "dan"
    assert introducers(features, asked(features, "ann", "bob", 6.5), 0)[0] == "cat"


def test_introducers__tied_to_one_end_by_an_unanswered_request__not_before_they_dealt() -> None:
    # Eve wrote to ann, and asked bob on day 6.5, who answered with a message on day 13 alone.
    features = PairFeatures(dealing(("eve", "ann", "message", 5), ("bob", "eve", "message", 13)))
    for days, is_named in ((12, False), (14, True)):
        queries = asked(features, "ann", "bob", days)
        counted = features(queries)[0, features.columns.index("contact.mutual")]
        found = introducers(features, queries, 0, "contact")
        assert ("eve" in found) == is_named and counted > len(found) - is_named
        assert "cat" in found, "connected with both"


def test_introducers__stranger__nobody() -> None:
    features = PairFeatures(small_network())
    assert introducers(features, asked(features, "ann", "unheard of", 7), 0) == []


def test_introducers__many_random_pairs__as_many_as_the_feature_counts() -> None:
    network = random_network(3)
    features = PairFeatures(network)
    queries = queries_of(network.table("invitations"), features.graph)
    counted = features(queries)[:, features.columns.index("connection.mutual")]
    found = [len(introducers(features, queries, row)) for row in range(len(queries))]
    np.testing.assert_array_equal(found, np.minimum(counted, 3))
    assert max(found) == 3


@pytest.mark.parametrize(
    ("days", "outgoing", "days_ago"),
    [(6.5, True, 0.5), (7.0, True, 1.0), (7.5, True, 0.5), (9.0, False, 1.0)],
)
def test_latest_dealing__messages_both_ways__the_last_one_before(
    days: float, outgoing: bool, days_ago: float
) -> None:
    features = PairFeatures(small_network())
    event = latest_dealing(features, asked(features, "ann", "bob", days), 0)
    assert event is not None
    assert (event.relation, event.other, event.outgoing) == ("message", "bob", outgoing)
    assert event.days_ago == pytest.approx(days_ago)


def test_latest_dealing__nothing_yet_or_nobody__none() -> None:
    features = PairFeatures(small_network())
    for recipient, days in (("bob", 6.0), ("eve", 20.0), ("unheard of", 20.0)):
        assert latest_dealing(features, asked(features, "ann", recipient, days), 0) is None


def test_latest_event__acceptance__of_the_recipient_only() -> None:
    features = PairFeatures(small_network())
    ann, bob = features.graph.positions(["ann", "bob"]).tolist()
    moment = int(microseconds(pd.Series([at(8)]))[0])
    event = latest_event(features, bob, moment, ("accepted",), outgoing=True)
    assert event is not None
    assert event.other == "ann"
    assert event.days_ago == pytest.approx(1.0)
    assert latest_event(features, ann, moment, ("accepted",), outgoing=True) is None
