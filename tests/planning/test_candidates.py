"""Whom each sender could invite: pair by pair the same, and nobody out of the moment's reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at, random_network

from influence.graph.pairs import PairFeatures
from influence.planning.candidates import Candidates, Past
from influence.planning.limits import Limits

SENDERS = ("p03", "p11")
NO_LIMIT = pd.Series(dtype="float64")


def past(seed: int, moment: int) -> Past:
    network = random_network(seed)
    return Past(network.as_of(at(moment)), PairFeatures(network), SENDERS, at(moment))


def told(past: Past, sender: str) -> tuple[set[str], dict[str, int]]:
    """Whom the tables forbid a sender, and how many connections it shares with each, tie by tie."""
    rows = past.known.table("connections")
    rows = rows[rows["removed_at"].isna() | (rows["removed_at"] >= past.moment)]
    ties = set(map(tuple, rows[["source_id", "target_id"]].to_numpy()))
    asked = past.known.table("invitations")
    accepted = asked[asked["outcome"] == "accepted"]
    ties |= set(map(tuple, accepted[["sender_id", "recipient_id"]].to_numpy()))
    friends: dict[str, set[str]] = {one: set() for one in past.contacts}
    for a, b in ties:
        if a != b:
            friends[a].add(b)
            friends[b].add(a)
    there = set(asked.loc[asked["sender_id"] == sender, "recipient_id"])
    back = set(asked.loc[asked["recipient_id"] == sender, "sender_id"])
    shared = {one: len(friends[sender] & friends[one]) for one in past.contacts}
    return friends[sender] | there | back, shared


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("moment", [20, 85])
def test_candidates__any_world__all_that_the_tables_allow_and_what_they_share(seed: int, moment: int) -> None:
    here = past(seed, moment)
    limits = Limits(suppress=frozenset({"p05"}))
    found = Candidates(here, limits, {"recipient_id": NO_LIMIT}, 100)
    pairs = found.of(SENDERS)
    ours = set(here.contacts[here.is_ours])
    allowed = set()
    for sender in SENDERS:
        off, shared = told(here, sender)
        own = pairs[pairs["sender_id"] == sender].set_index("recipient_id")["mutual_connections"]
        assert set(own.index) == set(here.contacts) - off - ours - {"p05"}
        assert own.index.is_unique
        assert own.to_dict() == {one: shared[one] for one in own.index}
        assert own.is_monotonic_decreasing
        allowed |= set(own.index)
    assert sum(found.out.values()) == len(here.contacts) - len(allowed)
    assert found.out["suppressed"] == 1 and found.out["ours"] == len(ours)


def test_candidates__more_than_wanted__those_with_most_mutual_connections() -> None:
    here = past(0, 60)
    every, few = (Candidates(here, Limits(), {"recipient_id": NO_LIMIT}, n) for n in (100, 4))
    pd.testing.assert_frame_equal(
        few.of(SENDERS), every.of(SENDERS).groupby("sender_id").head(4).reset_index(drop=True)
    )


def test_candidates__recipient_full__left_out_and_counted() -> None:
    here = past(0, 60)
    first = Candidates(here, Limits(), {"recipient_id": NO_LIMIT}, 100).of(SENDERS)["recipient_id"].iloc[0]
    found = Candidates(here, Limits(), {"recipient_id": pd.Series({first: 0})}, 100)
    assert first not in set(found.of(SENDERS)["recipient_id"])
    assert found.out["full"] == 1


def test_candidates__no_sender__no_rows_in_the_same_columns() -> None:
    found = Candidates(past(0, 60), Limits(), {"recipient_id": NO_LIMIT}, 100)
    pd.testing.assert_frame_equal(found.of(()), found.of(SENDERS)[:0])
    assert np.all(found.of(()).columns == ["sender_id", "recipient_id", "company_id", "mutual_connections"])
