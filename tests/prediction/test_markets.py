"""Markets: what is expected of each country, and how often the network was the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import START, market, quick_partners

from influence import experiment
from influence.data import Network
from influence.errors import ConfigError
from influence.graph.partners import PartnerGraph
from influence.prediction import Model
from influence.prediction.markets import has_between, network_multiplier, precedents

AT = START + pd.Timedelta(days=600)


@pytest.fixture(scope="module")
def model() -> Model:
    return experiment.fit(market(), quick_partners(), at=AT).with_network(market())


def graph(links: list[tuple[str, str, int]], countries: str) -> PartnerGraph:
    """Companies a, b, c, ... of countries D, E, ..., linked on days."""
    names = "abcdefgh"[: len(countries)]
    industries = ["x|y", "x", "y", "z", "x|y", "x"]
    companies = pd.DataFrame(
        {
            "company_id": list(names),
            "country": [{"E": "DE", "K": "DK", "L": "LT"}[letter] for letter in countries],
            "industry": industries[: len(names)],
        }
    )
    rows = pd.DataFrame(links, columns=["source_id", "target_id", "day"])
    rows["at"] = START + pd.to_timedelta(rows.pop("day"), unit="D")
    network = Network.from_tables({"companies": companies, "company_links": rows.assign(kind="partner")})
    return PartnerGraph.of_network(network, "companies", START + pd.Timedelta(days=99))


def test_markets__expectations__are_those_of_the_candidates(model: Model) -> None:
    found = model.markets(company_id="c03", at=AT)
    every = model.recommend("partners", company_id="c03", k=60, at=AT)
    by_country = every.groupby("country")["p_partner"].agg(["sum", "size"])
    assert set(found["country"]) == set(by_country.index)
    told = found.set_index("country")
    np.testing.assert_allclose(told["expected"], by_country["sum"].reindex(told.index))
    assert (told["n_candidates"] == by_country["size"].reindex(told.index)).all()
    np.testing.assert_allclose(told["expected_direct"] + told["expected_indirect"], told["expected"])
    assert told["share"].sum() == pytest.approx(1)
    assert found["share"].is_monotonic_decreasing
    assert (every["via"] != "").sum() == told["n_between"].sum()
    assert any("somebody in between" in sentence for sentence in found.attrs["sentences"])


def test_markets__bad_questions__say_so(model: Model) -> None:
    with pytest.raises(ConfigError, match="k is 0"):
        model.markets(company_id="c03", k=0)
    with pytest.raises(ConfigError, match="Give `company_id`"):
        model.markets()


def test_has_between__worked_by_hand__thirds_with_both() -> None:
    known = graph([("a", "b", 1), ("b", "c", 2), ("d", "a", 3)], "EKKLE")
    assert has_between(known, 0, np.arange(5)).tolist() == [True, False, True, False, False]


def test_network_multiplier__worked_by_hand__counts_triangles_as_they_closed() -> None:
    # a-b and b-c come first; a-c then closes a triangle; c-d does not; e-c crosses no border.
    known = graph([("a", "b", 1), ("b", "c", 2), ("a", "c", 3), ("c", "d", 4), ("e", "c", 5)], "EKLEL")
    found = network_multiplier(known, np.random.default_rng(0))
    assert (found["n"], found["value"]) == (4, pytest.approx(1 / 3))
    assert found["low"] <= found["value"] <= found["high"]


def test_network_multiplier__no_links_abroad__not_defined() -> None:
    found = network_multiplier(graph([("a", "b", 1)], "EEK"), np.random.default_rng(0))
    assert (found["n"], np.isnan(found["value"])) == (0, True)


def test_precedents__worked_by_hand__alike_and_at_home_first() -> None:
    # Of the firms with partners in K (code 1), e and b are at home like a, e is more like it; d is not alike.
    known = graph([("b", "c", 1), ("e", "c", 2), ("d", "c", 3), ("f", "c", 4)], "EEKEEL")
    assert precedents(known, 0, np.array([1])) == ["e b f"]
