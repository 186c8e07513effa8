"""Introductions of a fitted model: ids in, ways in out, of the past alone, and why there is none."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.prediction import Model

NAME = "introductions"
MOMENT = at(150)
TEAM = ["p00", "p01"]


def staffed_records() -> Network:
    """The forty people, p00 and p01 ours, ties few enough that introductions are needed; one deal with c3."""
    records = network()
    contacts = records.table("contacts")
    number = contacts["contact_id"].str[1:].astype(int)
    contacts = contacts.assign(
        is_own_team=contacts["contact_id"].isin(TEAM).astype("boolean"),
        company_id=("c" + (number // 10).astype("str")).astype("str"),
    )
    invitations = records.table("invitations")
    few = invitations[invitations.index % 3 == 0]
    deals = pd.DataFrame({"deal_id": ["d1"], "company_id": ["c3"], "opened_at": [at(140)]})
    roles = pd.DataFrame(
        {
            "deal_id": "d1",
            "contact_id": ["p00", "p31", "p32", "p33"],
            "side": ["sell", "buy", "buy", "buy"],
            "role": ["seller", "decider", "user", "payer"],
        }
    )
    return records.with_tables(contacts=contacts, invitations=few, deals=deals, deal_roles=roles)


@pytest.fixture(scope="module")
def staffed(model: Model) -> Model:
    return model.with_network(staffed_records())


@pytest.fixture(scope="module")
def stranger(staffed: Model) -> str:
    """Somebody whom only an introduction reaches, by as many people as possible."""
    found = [
        (len(rows), target)
        for target in (f"p{i}" for i in range(10, 40))
        if len(rows := staffed.recommend(NAME, contact_id=target, at=MOMENT, k=50))
        and rows["hops"].iloc[0] > 1
    ]
    return max(found)[1]


def test_recommend__one_contact__factors_multiply_and_come_in_order(staffed: Model, stranger: str) -> None:
    found = staffed.recommend(NAME, contact_id=stranger, at=MOMENT, k=50)
    assert len(found) > 2
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert found["p_success"].is_monotonic_decreasing
    factors = found[["p_first_answers", "p_second_answers", "p_target"]].fillna(1.0).prod(axis=1)
    np.testing.assert_allclose(found["p_success"], factors)
    steps = found["path"].str.split(" > ")
    assert (steps.str[0] == found["sender_id"]).all() and set(found["sender_id"]) <= set(TEAM)
    assert (steps.str[-1] == stranger).all()
    assert (steps.str[1] == found["introducer_id"]).all()
    assert (steps.str[-2] == found["endorser_id"]).all()
    assert (steps.str.len() - 1 == found["hops"]).all() and found["hops"].between(2, 3).all()
    assert found["introducer_id"].is_unique
    assert (found["n_alternatives"] >= len(found) - 1).all() and found["n_alternatives"].nunique() == 1
    assert (found["company_id"] == f"c{int(stranger[1:]) // 10}").all()
    alone = staffed.predict("acceptance", found[["sender_id"]].assign(recipient_id=stranger), at=MOMENT)
    np.testing.assert_allclose(found["p_target"], alone["p_within_3_weeks"], atol=1e-6)


def test_recommend__every_step__a_tie_that_held_at_the_moment(staffed: Model, stranger: str) -> None:
    found = staffed.recommend(NAME, contact_id=stranger, at=MOMENT, k=50)
    past = staffed.network.as_of(MOMENT)
    rows = past.table("connections")
    held = rows[rows["removed_at"].isna()]
    ties = {frozenset(pair) for pair in held[["source_id", "target_id"]].itertuples(index=False)}
    agreed = past.table("invitations").query("outcome == 'accepted'")
    ties |= {frozenset(pair) for pair in agreed[["sender_id", "recipient_id"]].itertuples(index=False)}
    for path in found["path"].str.split(" > "):
        assert all(frozenset(pair) in ties for pair in itertools.pairwise(path))


def test_recommend__records_cut_at_the_moment__same_list(staffed: Model) -> None:
    words = {"company_id": "c3", "k": 12, "at": MOMENT, "max_asks": 2}
    whole = staffed.recommend(NAME, **words)
    cut = staffed.with_network(staffed.network.as_of(MOMENT)).recommend(NAME, **words)
    assert len(whole) == 12
    pd.testing.assert_frame_equal(whole, cut)
    assert whole.attrs["sentences"] == cut.attrs["sentences"]


def test_recommend__rows_of_the_records_shuffled__same_list(staffed: Model) -> None:
    shuffled = {
        name: rows.sample(frac=1.0, random_state=7).reset_index(drop=True)
        for name, rows in staffed.network.tables.items()
    }
    other = staffed.with_network(Network.from_tables(shuffled))
    words = {"company_id": "c3", "k": 12, "at": MOMENT}
    pd.testing.assert_frame_equal(staffed.recommend(NAME, **words), other.recommend(NAME, **words))


def test_recommend__cap__nobody_asked_more_often(staffed: Model) -> None:
    words = {"company_id": "c3", "k": 200, "at": MOMENT, "sender_id": "p00"}
    free = staffed.recommend(NAME, **words, max_asks=None)
    capped = staffed.recommend(NAME, **words, max_asks=1)

    def most(rows: pd.DataFrame) -> int:
        return int(rows["path"].str.split(" > ").str[1:-1].explode().value_counts().max())

    assert most(free) > 1
    assert most(capped) == 1
    assert len(capped) < len(free)


def test_recommend__suppressed__neither_asked_nor_reached(
    staffed: Model, stranger: str, tmp_path: Path
) -> None:
    first = staffed.recommend(NAME, contact_id=stranger, at=MOMENT)["introducer_id"].iloc[0]
    (tmp_path / "leave.txt").write_text(f"{first}\n", encoding="utf-8")
    found = staffed.recommend(NAME, contact_id=stranger, at=MOMENT, k=50, suppress=tmp_path / "leave.txt")
    assert len(found) and not found["path"].str.contains(first).any()
    assert not len(staffed.recommend(NAME, contact_id=stranger, at=MOMENT, suppress=[stranger]))


def test_recommend__own_team_as_target__told_and_left_out(staffed: Model) -> None:
    found = staffed.recommend(NAME, contact_id="p01", at=MOMENT)
    assert not len(found)
    assert found.attrs["sentences"][0] == "Of our own, not to be introduced to: p01."


def test_recommend__company_unknown_by_then__empty_with_its_reason(staffed: Model) -> None:
    found = staffed.recommend(NAME, company_id="c3", sender_id="p00", at=at(-500))
    assert not len(found)
    assert "Nobody of c3 was on record" in found.attrs["sentences"][0]


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({}, ConfigError, "need one of `contact_id`"),
        ({"contact_id": "p10", "company_id": "c3"}, ConfigError, "need one of `contact_id`"),
        ({"contact_id": "p1O"}, DataError, "no contact 'p1O'"),
        ({"company_id": "c9"}, DataError, "no company 'c9'"),
        ({"deal_id": "d9"}, DataError, "no deal 'd9'"),
        ({"contact_id": "p10", "sender_id": "zz"}, DataError, "no contact 'zz'"),
        ({"contact_id": "p10", "topic": "wood"}, ConfigError, "does not heed `topic`"),
        ({"contact_id": "p10", "max_hops": 5}, ConfigError, "max_hops is 5"),
    ],
)
def test_recommend__wrong_words__says_which(
    staffed: Model, asked: dict[str, object], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        staffed.recommend(NAME, at=MOMENT, **asked)


def test_recommend__nobody_of_the_own_team__asks_for_a_sender(model: Model) -> None:
    with pytest.raises(ConfigError, match="Give `sender_id`"):
        model.recommend(NAME, contact_id="p10", at=MOMENT)


def test_model__not_trained_for_acceptance__says_so(model: Model) -> None:
    without = Model(model.network, model.config, {}, model.trained_until)
    for ask in (lambda: without.recommend(NAME, contact_id="p10"), lambda: without.deal("d1")):
        with pytest.raises(ConfigError, match="not for acceptance"):
            ask()


def test_predict__introductions__are_recommended_instead(model: Model) -> None:
    with pytest.raises(ConfigError, match="recommended"):
        model.predict(NAME, pd.DataFrame())


def test_deal__buying_centre__one_way_in_to_each_and_the_same_by_recommend(staffed: Model) -> None:
    deal = staffed.deal("d1", at=MOMENT)
    assert deal.buying["contact_id"].tolist() == ["p31", "p32", "p33"]
    assert deal.approach["target_id"].is_unique
    assert set(deal.approach["sender_id"]) == {"p00"}
    pd.testing.assert_frame_equal(deal.approach, staffed.recommend(NAME, deal_id="d1", at=MOMENT))
    with pytest.raises(DataError, match="open before"):
        staffed.deal("d1", at=at(140))
