"""The two ways of looking up who stands between tell the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import START, market

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
