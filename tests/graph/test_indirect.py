"""The two ways of looking up who stands between tell the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import START, market

from influence.data import Network
from influence.graph.partner_columns import indirect
from influence.graph.partners import PartnerGraph


def test_indirect_columns__large_graph__as_in_whole_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = PartnerGraph.of_network(market(n_links=300), "companies", START + pd.Timedelta(days=400))
    # All but the last, which has no country and no links.
    source, target = np.random.default_rng(0).integers(0, len(graph) - 1, (2, 500))
    whole = indirect.indirect_columns(graph, source, target)
    monkeypatch.setattr(indirect, "LARGE", 0)
    monkeypatch.setattr(indirect, "TOLERANCE", 1e-9)
    nearby = indirect.indirect_columns(graph, source, target)
    assert list(whole) == list(nearby)
    for name in whole:
        # Twenty steps of the one way leave .85 ** 20 = 4 % of a walk's mass where it would go on.
        close = {"atol": 0.05} if name.startswith("log_pagerank") else {"rtol": 1e-4, "atol": 1e-5}
        np.testing.assert_allclose(nearby[name], whole[name], err_msg=name, **close)


def test_of_old__by_hand__partners_of_late_are_left_out() -> None:
    links = pd.DataFrame(
        [
            ("a", "w", 900), ("w", "b", 800), ("w", "c", 700),  # w has stood between a and b for long
            ("a", "x", 900), ("x", "b", 300),  # x came to know b of late
            ("a", "y", 500), ("y", "b", 500),
        ],
        columns=["source_id", "target_id", "days"],
    )  # fmt: skip
    at = START + pd.Timedelta(days=1_000)
    ids = list("abcwxy")
    companies = pd.DataFrame({"company_id": ids, "country": ["DE", "FR", "FR", "PL", "PL", "PL"]})
    dated = links.assign(kind="partner", at=at - pd.to_timedelta(links.pop("days"), unit="D"))
    network = Network.from_tables({"companies": companies, "company_links": dated})
    graph = PartnerGraph.of_network(network, "companies", at)
    found = indirect.indirect_columns(graph, np.array([0, 0, 0]), np.array([1, 2, 4]))
    assert np.expm1(found["log_common"]).round().tolist() == [3, 1, 0]
    assert np.expm1(found["log_common_of_old"]).round().tolist() == [2, 1, 0]
    # From a by w, x or y: a third each; on from w to a, b or c, from y to a or b.  From b by w or y.
    to_b, back = 1 / 3 * (1 / 3 + 1 / 2), 1 / 2 * (1 / 3 + 1 / 2)
    to_c, from_c = 1 / 3 * 1 / 3, 1 / 3
    wanted = [to_b + back, to_c + from_c, 0]
    np.testing.assert_allclose(np.exp(found["log_two_steps_of_old"]) - 1e-4, wanted, atol=1e-6)


def test_of_old__undated__as_old_as_any() -> None:
    network = market(n_links=300)
    links = network.table("company_links")
    graph = PartnerGraph.of_network(
        network.with_tables(company_links=links.assign(at=pd.NaT)), "companies", START
    )
    source, target = np.random.default_rng(1).integers(0, len(graph), (2, 300))
    found = indirect.indirect_columns(graph, source, target)
    np.testing.assert_allclose(found["log_common_of_old"], found["log_common"], atol=1e-6)
