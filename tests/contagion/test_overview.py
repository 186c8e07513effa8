"""Questions about people: each answered by the table made for it, all of it as text and numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.contagion.test_communities import SECOND, cliques

from influence.contagion.expertise import experts
from influence.contagion.overview import EXPERTS_NAMED, QUESTIONS, Asked, about_people
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.synthesis import synthesize


@pytest.fixture(scope="module")
def world() -> Network:
    return synthesize(500, seed=2)


@pytest.mark.parametrize("about", [name for name in QUESTIONS if name != "competitors"])
def test_about_people__world__rows_without_tuples(world: Network, about: str) -> None:
    found = about_people(world, about)
    assert len(found)
    assert not found.map(lambda cell: isinstance(cell, (tuple, list))).any(axis=None)


def test_about_people__communities__leaders_by_credit_as_text() -> None:
    """Only `a1` took anything up, nobody followed: leaders are those with most ties inside."""
    found = about_people(cliques(), "communities")
    assert found["leaders"].tolist() == ["a0; a1; a2", "b0; b1; b2"]
    followed = cliques().table("adoptions").to_dict("records")
    later = [{"contact_id": "a3", "item": "x", "at": pd.Timestamp("2026-01-01", tz="UTC"), "topic": None}]
    moved = cliques().with_tables(adoptions=pd.DataFrame([*followed, *later]))
    assert about_people(moved, "communities")["leaders"][0] == "a1; a0; a2"
    assert about_people(cliques(), "bridges")["contact_id"].tolist() == ["a0", *SECOND[:3]]


def test_about_people__experts__of_one_topic_or_the_first_of_each(world: Network) -> None:
    every = about_people(world, "experts")
    assert every.groupby("topic").size().max() == EXPERTS_NAMED
    topic = every["topic"][0]
    one = about_people(world, "experts", Asked(topic=topic))
    pd.testing.assert_frame_equal(one, experts(world, topic))
    named = every.loc[every["topic"] == topic, "contact_id"].tolist()
    assert named == one["contact_id"][:EXPERTS_NAMED].tolist()


def test_about_people__habits__those_asked_in_their_order_or_all_who_responded(world: Network) -> None:
    found = about_people(world, "habits")
    assert (found["n_own"] > 0).all() and (found["n_own"].diff().dropna() <= 0).all()
    asked = found["contact_id"].tolist()[4:1:-1]
    some = about_people(world, "habits", Asked(contact_ids=asked))
    assert some["contact_id"].tolist() == asked
    expected = found.set_index("contact_id").loc[asked].reset_index()
    pd.testing.assert_frame_equal(some, expected, check_dtype=False)


def test_about_people__question_unknown__names_the_nearest(world: Network) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'experts'"):
        about_people(world, "expert")


def test_about_people__nothing_to_tell_it_from__says_what_is_missing() -> None:
    bare = Network.from_tables({"contacts": pd.DataFrame({"contact_id": ["a", "b"]})})
    with pytest.raises(DataError, match="names a topic"):
        about_people(bare, "experts")
    assert not len(about_people(bare, "communities"))
