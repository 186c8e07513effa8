"""How far apart two countries are, and how much there is between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.geography import PAIR_COLUMNS
from influence.graph.partner_columns.columns import Columns
from influence.graph.partners import Ints, PartnerGraph


def gravity_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """What two countries share, how many links join them beyond their sizes, the target's size.

    All on the log scale but what is shared; NaN where a country is unknown.
    """
    u, v = graph.country[source], graph.country[target]
    both = (u >= 0) & (v >= 0)
    u, v = np.where(both, u, 0), np.where(both, v, 0)
    flow = _flow(graph)
    expected = np.outer(flow.sum(1), flow.sum(0)) / max(flow.sum(), 1.0)
    lift = np.log((flow + 1) / (expected + 1))
    from_abroad = flow.sum(0) - np.diag(flow)
    found = {name: graph.apart[u, v, place] for place, name in enumerate(PAIR_COLUMNS)}
    found["country_lift"] = lift[u, v]
    found["log_links_from_abroad"] = np.log1p(from_abroad)[v]
    found["share_from_abroad"] = ((from_abroad + 1) / (flow.sum(0) + 2))[v]
    return {name: np.where(both, values, np.nan) for name, values in found.items()}


def _flow(graph: PartnerGraph) -> NDArray[np.float64]:
    """[countries, countries] links from country to country; one row and column where none is known."""
    n = max(len(graph.countries), 1)
    a, b = graph.country[graph.links.source], graph.country[graph.links.target]
    known = (a >= 0) & (b >= 0)
    return np.bincount(a[known] * n + b[known], minlength=n * n).reshape(n, n).astype(np.float64)
