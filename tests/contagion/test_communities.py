"""Communities, bridges, experts, reactions and competitors, small enough to be worked by hand."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.contagion.logs import day, network_of, parts_of
from tests.contagion.test_standing import acts

from influence.contagion.communities import communities_of, find_communities
from influence.contagion.competitors import TIED, WORKS_THERE, competitors_of, tied_to_competitors
from influence.contagion.expertise import experts, reactions_earned
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.graph.temporal import NEVER
from influence.synthesis import synthesize

FIRST, SECOND = [f"a{i}" for i in range(6)], [f"b{i}" for i in range(5)]


def cliques() -> Network:
    """Two cliques; a0 is tied to three of the other; z knows nobody."""
    ties = [*combinations(FIRST, 2), *combinations(SECOND, 2), *(("a0", b) for b in SECOND[:3])]
    people = [*FIRST, *SECOND, "z"]
    contacts = pd.DataFrame(
        {
            "contact_id": people,
            "company_id": ["k1", "k1", "k2", "k2", "k2", "k3", *["k4"] * 5, None],
            "country": ["DE"] * 4 + ["FR"] * 2 + ["PL"] * 5 + [None],
        }
    )
    return network_of([("a1", "x", 0)], ties, contacts=contacts)


def test_communities__two_cliques_and_a_bridge__told_apart() -> None:
    found = find_communities(cliques())
    members = found.members.set_index("contact_id")["community"]
    assert members[FIRST].eq(0).all()
    assert members[SECOND].eq(1).all()
    assert members["z"] == -1
    first, second = found.table.to_dict("records")
    assert (first["n_people"], first["n_companies"], first["n_countries"]) == (6, 3, 2)
    assert (first["largest_company"], first["largest_country"]) == ("k2", "DE")
    assert (second["n_people"], second["largest_company"]) == (5, "k4")
    # a0: 5 ties in its own community, 3 in the other: 15 pairs; 1 - (25 + 9) / 64.
    best = found.bridges.iloc[0]
    assert (best["contact_id"], best["n_communities"], best["n_pairs"]) == ("a0", 2, 15)
    assert best["participation"] == pytest.approx(1 - 34 / 64)
    assert found.bridges["contact_id"].tolist() == ["a0", "b0", "b1", "b2"]


def test_bridges__requests_not_accepted__make_nobody_known() -> None:
    asked = pd.DataFrame(
        {
            "invitation_id": ["i", "j", "k"],
            "sender_id": ["a1", "a2", "a3"],
            "recipient_id": ["b0", "b1", "b2"],
            "sent_at": [day(1)] * 3,
            "responded_at": [day(2), day(2), pd.NaT],
            "outcome": ["accepted", "declined", "pending"],
        }
    )
    found = find_communities(cliques().with_tables(invitations=asked))
    assert found.members.set_index("contact_id")["n_ties"][["a1", "a2", "a3"]].tolist() == [6, 6, 6]
    bridges = found.bridges.set_index("contact_id")
    assert set(bridges.index) == {"a0", "a1", "b0", "b1", "b2"}
    assert bridges.loc["a1", ["n_communities", "n_countries", "n_pairs"]].tolist() == [2, 3, 5]


@pytest.mark.parametrize("resolution", [1.0, 4.0])
def test_communities__planted_groups__modularity_as_networkx_finds(resolution: float) -> None:
    graph = nx.planted_partition_graph(12, 25, 0.4, 0.01, seed=3)
    names = {node: f"p{node:03d}" for node in graph}
    ties = [(names[a], names[b]) for a, b in graph.edges]
    network = network_of([("p000", "x", 0)], ties, sorted(names.values()))
    members = find_communities(network, resolution=resolution).members
    assert members["contact_id"].tolist() == sorted(names.values())  # rows are nodes
    own = [set(rows.index) for code, rows in members.groupby("community") if code >= 0]
    own += [{node} for node in members.index[members["community"] < 0]]
    foreign = nx.community.louvain_communities(graph, resolution=resolution, seed=0)
    quality = [nx.community.modularity(graph, each, resolution=resolution) for each in (own, foreign)]
    assert quality[0] > quality[1] - 0.005


def test_communities__leaders__by_credit_else_by_ties_inside() -> None:
    network = cliques()
    credit = np.zeros(12)
    credit[network.contact_ids.get_loc("a4")] = 2.0
    led = find_communities(network, credit=credit, n_leaders=2).table["leaders"]
    assert led.tolist() == [("a4", "a0"), ("b0", "b1")]


def test_communities__rows_in_another_order_and_ends_swapped__same() -> None:
    network = synthesize(600, seed=4)
    turned = network.table("connections").rename(columns={"source_id": "target_id", "target_id": "source_id"})
    other = Network.from_tables(
        {
            **{name: rows.sample(frac=1, random_state=1) for name, rows in network.tables.items()},
            "connections": turned.sample(frac=1, random_state=2),
        }
    )
    at = network.last_observed_at
    one, two = find_communities(network, at), find_communities(other, at)
    for name in ("members", "table", "bridges"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert len(one.table) > 3
    again = find_communities(network, at, seed=0)
    pd.testing.assert_frame_equal(one.members, again.members)


def test_communities__ties_at_the_moment_or_later__do_not_count() -> None:
    network = cliques()
    ties = network.table("connections")
    across = (ties["source_id"] == "a0") & ties["target_id"].isin(SECOND)
    dated = network.with_tables(
        connections=ties.assign(connected_at=pd.Series([day(5) if late else pd.NaT for late in across]))
    )
    assert len(find_communities(dated, day(5)).bridges) == 0
    assert len(find_communities(dated, day(6)).bridges) == 4


def test_communities__nobody_tied_or_only_some__clear() -> None:
    take_ups, ties, _ = parts_of(cliques())
    among = np.isin(take_ups.contact_ids, SECOND)
    assert communities_of(ties, NEVER, seed=0, among=among).tolist() == [*[-1] * 6, *[0] * 5, -1]
    none = find_communities(network_of([("a", "x", 0)], [("a", "b")]))
    assert none.members["community"].tolist() == [-1, -1]  # two are no community
    assert len(none.table) == len(none.bridges) == 0


# Experts and reactions


def writing() -> Network:
    """Ann takes items of t up first and writes on t; cat, tied to her, likes it; others vouch for bob."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["ann", "bob", "cat", "dan"],
            "seniority": ["director", "junior", "junior", "junior"],
            "industry": ["food", "food", "media", "food"],
        }
    )
    contents = pd.DataFrame(
        {
            "content_id": [f"c{i}" for i in range(6)],
            "author_id": ["ann"] * 5 + ["bob"],
            "at": [day(float(i)) for i in range(6)],
            "topic": ["t"] * 5 + ["u"],
        }
    )
    likes = acts(
        [("cat", "ann", "like", i + 0.5) for i in range(4)]
        + [("dan", "bob", "endorse", 9.0), ("cat", "bob", "endorse", 9.5), ("dan", "bob", "endorse", 10.0)]
        + [("dan", "ann", "view", 80.0)],
        content_id=["c0", "c1", "c2", "c3", None, None, None, None],
        topic=["t"] * 8,
    )
    log = [(who, item, i) for item in ("x", "y") for i, who in enumerate(["ann", "bob", "cat", "dan"])]
    ties = [("ann", "cat"), ("ann", "dan"), ("bob", "cat")]
    return network_of(log, ties, contacts=contacts, contents=contents, interactions=likes)


def test_experts__each_kind_of_evidence__counted_by_hand() -> None:
    found = experts(writing(), "t").set_index("contact_id")
    assert found.loc["ann", ["n_early", "n_contents", "n_vouched", "n_evidence"]].tolist() == [2, 5, 0, 7]
    assert found.loc["bob", ["n_early", "n_contents", "n_vouched"]].tolist() == [0, 0, 2]
    assert found.index.tolist() == ["ann", "bob"]
    assert np.isnan(found.loc["bob", "credibility"])
    assert found.loc["ann", "credibility"] > 0.5
    # Of two people: ranks .75, .75, .75 and .25 against .25, .25, .25 and .75.
    assert found["score"].tolist() == pytest.approx([2.5 / 4, 1.5 / 4])


def test_experts__a_topic_never_seen__clear_error() -> None:
    with pytest.raises(ConfigError, match="No record names the topic 'tt'"):
        experts(writing(), "tt")


def test_reactions_earned__who_could_and_who_did__by_hand() -> None:
    found = reactions_earned(writing()).set_index(["topic", "author", "reader"])
    assert found["n_could"].to_dict() == {
        ("t", "director", "media"): 5, ("t", "director", "food"): 5, ("u", "junior", "media"): 1,
    }  # fmt: skip
    assert found["n_reacted"].to_dict() == {
        ("t", "director", "media"): 4, ("t", "director", "food"): 0, ("u", "junior", "media"): 0,
    }  # fmt: skip
    assert found.index[0] == ("t", "director", "media")
    assert found["rate"].is_monotonic_decreasing
    with pytest.raises(ConfigError, match="no role 'senority'"):
        reactions_earned(writing(), author="senority")


# Competitors


def market() -> Network:
    """Own firm k0 with ann; k1 competes with it, k2 too from day 5 on, k3 supplies it."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["ann", "bob", "cat", "dan", "eve", "fay"],
            "company_id": ["k0", "k1", "k2", "k3", "k3", None],
            "is_own_team": [True, False, False, False, None, None],
        }
    )
    links = pd.DataFrame(
        {
            "source_id": ["k0", "k2", "k3"],
            "target_id": ["k1", "k0", "k0"],
            "kind": ["competitor", "competitor", "supplier"],
            "at": [None, day(5), None],
        }
    )
    ties = [("ann", "bob"), ("bob", "dan"), ("cat", "eve"), ("ann", "fay"), ("bob", "cat")]
    return network_of([("ann", "x", 0)], ties, contacts=contacts, company_links=links)


def test_competitors__their_people_and_those_tied_to_them__listed() -> None:
    found = tied_to_competitors(market()).set_index("contact_id")
    assert found["reason"].to_dict() == {"bob": WORKS_THERE, "cat": WORKS_THERE, "dan": TIED, "eve": TIED}
    assert found["n_ties"].to_dict() == {"bob": 1, "cat": 1, "dan": 1, "eve": 1}
    before = tied_to_competitors(market(), day(5)).set_index("contact_id")
    assert before["reason"].to_dict() == {"bob": WORKS_THERE, "cat": TIED, "dan": TIED}


def test_competitors__own_company_given_or_missing__used_or_clear_error() -> None:
    assert competitors_of(market(), {"k1"}) == {"k0"}
    assert tied_to_competitors(market(), own=["k3"]).empty
    with pytest.raises(ConfigError, match="no company 'k9'"):
        tied_to_competitors(market(), own=["k9"])
    nobody = market().table("contacts").assign(is_own_team=None)
    with pytest.raises(DataError, match="is_own_team"):
        tied_to_competitors(market().with_tables(contacts=nobody))
