"""How far apart two countries are."""

from __future__ import annotations

import numpy as np

from influence.geography import PAIR_COLUMNS
from influence.graph.partner_columns.columns import Columns
from influence.graph.partners import Ints, PartnerGraph


def gravity_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """What parts and joins two countries, and how many links they have for their sizes, on the log scale."""
    n = max(len(graph.countries), 1)
    a, b = graph.country[graph.links.source], graph.country[graph.links.target]
    known = (a >= 0) & (b >= 0)
    flow = np.bincount(a[known] * n + b[known], minlength=n * n).reshape(n, n).astype(np.float64)
    expected = np.outer(flow.sum(1), flow.sum(0)) / max(flow.sum(), 1.0)
    lift = np.log((flow + 1) / (expected + 1))
    u, v = graph.country[source], graph.country[target]
    both = (u >= 0) & (v >= 0)
    u, v = np.maximum(u, 0), np.maximum(v, 0)
    facts = np.where(both[:, None], graph.apart[u, v], np.nan)
    found = dict(zip(PAIR_COLUMNS, facts.T, strict=True))
    return {**found, "country_lift": np.where(both, lift[u, v], np.nan)}
