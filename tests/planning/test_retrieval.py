"""Proposals along the graph: who is proposed, in which order, and at what cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at, random_network

from influence.contagion.communities import NOBODY, communities_of
from influence.data import Network
from influence.graph.pairs import PairFeatures
from influence.planning.candidates import Past
from influence.planning.retrieval import SOURCES, Retrieval


def retrieval(network: Network, moment: pd.Timestamp, suppress: frozenset[str] = frozenset()) -> Retrieval:
    return Retrieval(Past(network.as_of(moment), PairFeatures(network), (), moment), suppress)


def may_ask(past: Past, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Pair by pair: neither tied nor ever invited, either way."""
    at = np.full(len(source), past.at)
    invited = past.features.pair_timelines["invited"]
    both_ways = invited.history(source, target, at)[:, 0] + invited.history(target, source, at)[:, 0]
    return ~((both_ways > 0) | past.features.ties["connection"].exists(source, target, at))


def circle() -> Network:
    """Sue knows ann and bob.  Both know xan, ann knows yve too; zoe knows nobody, and always accepts.

    Tim is of the own team, una was asked by sue, and vic will be tied to bob only later.
    """
    ties = ["sue ann", "sue bob", "ann xan", "bob xan", "ann yve", "ann tim", "ann una", "bob vic"]
    connections = pd.DataFrame([each.split() for each in ties], columns=["source_id", "target_id"])
    connections["connected_at"] = [at(1)] * 7 + [at(50)]
    asked = ["tim zoe", "tim zoe", "ann yve", "sue una"]
    invitations = pd.DataFrame([each.split() for each in asked], columns=["sender_id", "recipient_id"])
    invitations = invitations.assign(
        invitation_id=[f"i{row}" for row in range(4)],
        sent_at=at(2),
        outcome=["accepted", "accepted", "declined", "pending"],
        responded_at=[at(3), at(3), at(3), pd.NaT],
        observed_until=at(60),
    )
    people = ["ann", "bob", "sue", "tim", "una", "vic", "xan", "yve", "zoe"]
    contacts = pd.DataFrame({"contact_id": people, "observed_at": at(0)})
    contacts["is_own_team"] = contacts["contact_id"] == "tim"
    return Network.from_tables({"contacts": contacts, "connections": connections, "invitations": invitations})


def test_propose__hand_worked__by_mutual_connections_and_rate_in_turn() -> None:
    found = retrieval(circle(), at(10)).propose("sue", 10)
    assert found["sender_id"].unique().tolist() == ["sue"]
    told = dict(zip(found["recipient_id"], found["mutual_connections"], strict=True))
    # Neither tim (own team) nor una (asked), nor ann and bob (tied), nor sue herself.
    assert told == {"xan": 2, "yve": 1, "vic": 0, "zoe": 0}
    assert found.set_index("recipient_id")["proposed_by"].to_dict()["xan"] == "mutual_connections"
    assert found.set_index("recipient_id")["proposed_by"].to_dict()["zoe"] == "acceptance_rate"
    ahead = found["recipient_id"].tolist()
    assert ahead[0] == "xan"
    assert ahead.index("zoe") < ahead.index("vic")


def test_propose__later_tie__seen_only_once_it_is_there() -> None:
    later = retrieval(circle(), at(55)).propose("sue", 10).set_index("recipient_id")
    assert later.loc["vic", "mutual_connections"] == 1


def test_propose__suppressed__never() -> None:
    found = retrieval(circle(), at(10), frozenset({"xan", "zoe"})).propose("sue", 10)
    assert set(found["recipient_id"]) == {"yve", "vic"}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("moment", [20, 85])
def test_propose__all_there_is_room_for__exactly_those_that_may_be_asked(seed: int, moment: int) -> None:
    network = random_network(seed)
    here = retrieval(network, at(moment))
    everyone = here.past.positions
    for sender in ("p03", "p11"):
        own = here.graph.positions([sender])
        free = may_ask(here.past, np.repeat(own, len(everyone)), everyone)
        expected = set(here.past.contacts[free & (here.past.contacts != sender)])
        found = here.propose(sender, 100)
        assert set(found["recipient_id"]) == expected
        assert found["recipient_id"].is_unique
        mutual = here.ties.mutual(
            np.repeat(own, len(found)),
            here.graph.positions(found["recipient_id"]),
            np.full(len(found), here.past.at),
        )
        np.testing.assert_array_equal(found["mutual_connections"], mutual[:, 0])
        for size in (1, 3, 7):
            fewer = here.propose(sender, size)
            assert len(fewer) == min(size, len(expected))
            assert fewer["recipient_id"].is_unique
            assert set(fewer["recipient_id"]) <= expected


@pytest.mark.parametrize("seed", range(4))
def test_propose__each_source__in_its_own_order(seed: int) -> None:
    network = random_network(seed, n_people=60, n_invitations=300)
    here = retrieval(network, at(60))
    own = int(here.graph.positions(["p07"])[0])
    found = here.propose("p07", 100)
    position = here.graph.positions(found["recipient_id"])
    of = communities_of(here.ties, here.past.at, seed=0)
    for name in SOURCES:
        rows = np.flatnonzero(found["proposed_by"] == name)
        value = found["mutual_connections"].to_numpy() if name == SOURCES[0] else here.rate[position]
        assert (np.diff(value[rows]) <= 0).all()
    assert (found.loc[found["proposed_by"] == SOURCES[0], "mutual_connections"] > 0).all()
    circle = position[found["proposed_by"] == SOURCES[1]]
    assert of[own] != NOBODY
    assert (of[circle] == of[own]).all()


def test_propose__altered_future__the_same() -> None:
    network = random_network(3)
    before = retrieval(network, at(40)).propose("p05", 12)
    past = network.as_of(at(40))
    pd.testing.assert_frame_equal(retrieval(past, at(40)).propose("p05", 12), before)


def test_propose__nobody_tied__by_rate_alone() -> None:
    people = [f"p{i}" for i in range(6)]
    network = Network.from_tables({"contacts": pd.DataFrame({"contact_id": people, "observed_at": at(0)})})
    found = retrieval(network, at(1)).propose("p2", 3)
    assert found["recipient_id"].tolist() == ["p0", "p1", "p3"]
    assert set(found["proposed_by"]) == {"acceptance_rate"}


def test_in_groups__any_size__as_one_by_one() -> None:
    here = retrieval(random_network(2), at(60))
    senders = ("p01", "p09", "p04")
    together = pd.concat(here.in_groups(senders, 5, 10), ignore_index=True)
    alone = pd.concat([here.propose(sender, 5) for sender in senders], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)
