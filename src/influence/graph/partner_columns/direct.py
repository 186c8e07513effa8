"""How well each end is linked itself, and what it did before."""

from __future__ import annotations

import numpy as np

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.standing import gained
from influence.graph.partners import Ints, PartnerGraph


def direct_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """How well linked each end is, and whether the two were linked before."""
    in_degree = np.asarray(graph.given.sum(0)).ravel()
    won = np.log1p(gained(graph))
    return {
        "log_source_gained": won[source],
        "log_target_gained": won[target],
        "log_source_degree": np.log1p(graph.degree[source]),
        "log_target_degree": np.log1p(graph.degree[target]),
        "log_target_in_degree": np.log1p(in_degree[target]),
        "linked_before": graph.are_linked(source, target).astype(np.float64),
    }
