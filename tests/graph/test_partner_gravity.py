"""Gravity columns of possible partners: from what is shipped, and from what a user gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.graph.partner_columns.gravity import gravity_columns
from influence.graph.partners import PartnerGraph

AT = pd.Timestamp("2024-01-01", tz="UTC")


def _columns(**more: pd.DataFrame) -> dict[str, list[float]]:
    """Of the pairs Vienna - Bratislava, Vienna - Tokyo and Vienna - nowhere."""
    companies = pd.DataFrame({"company_id": ["a", "j", "n", "s"], "country": ["AT", "JP", None, "SK"]})
    links = pd.DataFrame({"source_id": ["a"], "target_id": ["s"], "kind": "partner"})
    network = Network.from_tables({"companies": companies, "company_links": links, **more})
    graph = PartnerGraph.of_network(network, "companies", AT)
    found = gravity_columns(graph, graph.positions(["a"] * 3), graph.positions(["s", "j", "n"]))
    return {name: np.asarray(values, np.float64).tolist() for name, values in found.items()}


def test_gravity__two_capitals__distance_border_and_what_is_unknown() -> None:
    found = _columns()
    near, far, nowhere = found["log_distance_km"]
    assert near == pytest.approx(np.log(100))  # 55 km: none is nearer than 100
    assert np.exp(far) == pytest.approx(9_140, rel=0.02)
    assert np.isnan(nowhere)
    assert found["shares_border"][:2] == [1.0, 0.0]
    assert found["shares_bloc"][:2] == [1.0, 0.0]


def test_gravity__pairs_given_by_the_user__go_over_what_is_shipped() -> None:
    given = {
        "source_country": ["AT"],
        "target_country": ["JP"],
        "distance_km": [1_000.0],
        "cultural_distance": [2.5],
    }
    found = _columns(country_pairs=pd.DataFrame(given))
    assert found["log_distance_km"][1] == pytest.approx(np.log(1_000), rel=1e-6)
    assert found["cultural_distance"][1] == 2.5
    assert np.isnan(found["cultural_distance"][0])
