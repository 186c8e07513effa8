"""The two-network view of a deal, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at
from tests.planning.test_introductions import Fixed, guide

from influence.data import Network
from influence.errors import ConfigError
from influence.planning.deal import Deal, view
from influence.planning.introductions import Guide, Wish


def records() -> Network:
    """Deal d1 is open; of d2 and d3, both won, one had a champion; d4 was lost without a decider."""
    roles = [
        ("d1", "tom", "buy", "payer"), ("d1", "di", "buy", "user"),
        ("d1", "off", "buy", None), ("d1", "ann", "sell", "seller"),
        ("d2", "x", "buy", "decider"), ("d2", "y", "buy", "champion"), ("d3", "x", "buy", "decider"),
        ("d4", "z", "buy", "user"),
    ]  # fmt: skip
    deals = pd.DataFrame({"deal_id": ["d1", "d2", "d3", "d4"], "company_id": "c", "opened_at": at(0)})
    deals = deals.assign(closed_at=[pd.NaT, at(5), at(6), at(7)], won=[None, True, True, False])
    rows = pd.DataFrame(roles, columns=["deal_id", "contact_id", "side", "role"])
    contacts = pd.DataFrame({"contact_id": ["tom", *rows["contact_id"].unique()]}).drop_duplicates()
    is_tom = contacts["contact_id"] == "tom"
    contacts = contacts.assign(seniority=pd.Series("vp", contacts.index).where(is_tom))
    return Network.from_tables({"deals": deals, "deal_roles": rows, "contacts": contacts})


def seen(days: float = 50.0, senders: tuple[str, ...] = (), team: tuple[str, ...] = ("ann", "cas")) -> Deal:
    return view(records().as_of(at(days)), "d1", guide(days=days), Wish(list(senders), []), list(team))


def test_view__buying_and_selling__who_knows_whom() -> None:
    deal = seen()
    assert deal.buying["contact_id"].tolist() == ["di", "off", "tom"]
    assert deal.buying["role"].fillna("-").tolist() == ["user", "-", "payer"]
    assert deal.buying["known_by"].fillna("-").tolist() == ["cas", "-", "-"]
    assert deal.buying["n_known_by"].tolist() == [1, 0, 0]
    assert deal.buying["seniority"].fillna("-").tolist() == ["-", "-", "vp"]
    assert deal.selling.to_dict("list") == {"contact_id": ["ann"], "role": ["seller"], "n_known": [0]}
    assert deal.ties.to_dict("list") == {"seller_id": ["cas"], "buyer_id": ["di"], "p_answers": [0.8]}


def test_view__roles__missing_is_what_won_deals_had() -> None:
    roles = seen().roles.set_index(["side", "role"])
    assert roles.loc[("buy", "champion")].to_dict() == {
        "n_people": 0, "share_of_won": 0.5, "share_of_lost": 0.0, "is_missing": True,
    }  # fmt: skip
    assert roles.loc[("buy", "user")].tolist() == [1, 0.0, 1.0, False]
    assert roles.loc[("buy", "decider")].tolist() == [0, 1.0, 0.0, True]
    assert (
        "Missing on the buy side: decider (in 100 % of the deals won), champion (in 50 %"
        in seen().sentences[1]
    )


def test_view__deals_closed_later__their_result_plays_no_part() -> None:
    roles = seen(days=5.5).roles.set_index(["side", "role"])
    assert roles.loc[("buy", "champion"), "share_of_won"] == 1.0
    assert ("buy", "user") in roles.index
    assert roles.loc[("buy", "user"), "share_of_lost"] == 0.0


def test_view__selling_team_approaches__surest_first_one_path_each() -> None:
    approach = seen().approach
    assert approach["step"].tolist() == [1, 2]
    assert approach["target_id"].tolist() == ["di", "tom"]
    assert approach["path"].tolist() == ["ann > cy > di", "ann > cy > di > tom"]
    assert approach["p_success"].tolist() == pytest.approx([0.9 * 0.5, 0.9 * 0.8 * 0.5])
    assert approach["role"].tolist() == ["user", "payer"]
    assert any("No way in to off" in one for one in approach.attrs["sentences"])


def test_view__senders_named__they_approach() -> None:
    assert seen(senders=("cas",)).approach["path"].tolist() == ["cas > di", "cas > di > tom"]


def test_view__endorser_less_sure_than_the_endorsed__comes_first_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answers(self: Fixed, asker: np.ndarray, asked: np.ndarray, at: int) -> np.ndarray:
        chances = {"bo": 0.01, "cy": 0.9, "di": 0.9, "tom": 0.5}
        return np.array([chances[str(self.histories.features.graph.contact_ids[one])] for one in asked])

    monkeypatch.setattr(Fixed, "__call__", answers)
    ordinary = guide()

    def accepts(pairs: pd.DataFrame) -> pd.Series:
        return pairs["recipient_id"].map({"di": 0.1, "tom": 0.9})

    asked = Guide(ordinary.features, ordinary.answering, ordinary.endorsement, accepts, ordinary.at)
    found = view(records().as_of(at(50)), "d1", asked, Wish(["ann"], []), [])
    assert found.approach["p_success"].iloc[0] < found.approach["p_success"].iloc[1]
    assert found.approach["target_id"].tolist() == ["di", "tom"]


def test_view__nobody_sells_and_no_team__says_so() -> None:
    network = records()
    roles = network.table("deal_roles")
    without = network.with_tables(deal_roles=roles[roles["side"] == "buy"]).as_of(at(50))
    with pytest.raises(ConfigError, match="sender_id"):
        view(without, "d1", guide(), Wish([], []), [])
