"""Where an entity stands among all: how many partners it won of late, and what its place lets expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.graph.partners import Ints, PartnerGraph
from influence.graph.timeline import MICROSECONDS_PER_DAY

GAINED_DAYS = 366
"""The time before the graph's moment in which partners were won of late."""


def gained(graph: PartnerGraph) -> NDArray[np.float64]:
    """[n] others with whom each was first linked within `GAINED_DAYS`; undated links are none of them."""
    n, links = len(graph), graph.links
    ends = np.sort(np.stack((links.source, links.target)), axis=0)
    # Links stand oldest first, so that the first row of a pair is its first link.
    pairs, first = np.unique(ends[0] * n + ends[1], return_index=True)
    new = links.at[first] >= graph.at - GAINED_DAYS * MICROSECONDS_PER_DAY
    counts = np.bincount(pairs[new] // n, minlength=n) + np.bincount(pairs[new] % n, minlength=n)
    return counts.astype(np.float64)


def low_rank_tie(graph: PartnerGraph, source: Ints, target: Ints) -> NDArray[np.float64]:
    """What the matrix of low rank that is nearest to all ties holds for each pair, [pairs].

    A tie that is missing where the whole pattern of ties expects one has a high value.
    """
    values, vectors = graph.leading
    return np.asarray((vectors[source] * values * vectors[target]).sum(1))
