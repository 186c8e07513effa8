"""Communities of people across firms and countries, their leaders, and the bridges between them."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from influence.graph.ties import Ties

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SMALLEST = 3
"""Smaller groups, and people without a tie, belong to no community: code -1."""
NOBODY = -1
FINE = 4.0
"""The resolution for dealing out dates anew: it tells apart the circles of the synthetic world."""


def communities_of(
    ties: Ties, at: int, *, seed: int, resolution: float = 1.0, among: Bools | None = None
) -> Ints:
    """int64 [n_contacts]: each contact's community by the ties of a moment; largest first, -1 for none.

    Louvain's method (Blondel, Guillaume, Lambiotte & Lefebvre 2008, "Fast unfolding of communities in large
    networks").  The same ties and seed give the same communities, whatever order the records stand in.

    Parameters
    ----------
    at
        Microseconds since 1970: ties made strictly before and not ended before count.
    resolution
        Above 1: more and smaller communities.
    among
        bool [n_contacts]: only these people and the ties between them; everybody without.
    """
    owner, neighbour = tied_at(ties, at)
    if among is not None:
        kept = among[owner] & among[neighbour]
        owner, neighbour = owner[kept], neighbour[kept]
    once = owner < neighbour
    graph = nx.Graph()
    graph.add_nodes_from(np.unique(owner).tolist())
    graph.add_edges_from(zip(owner[once].tolist(), neighbour[once].tolist(), strict=True))
    groups = [
        sorted(group) for group in nx.community.louvain_communities(graph, resolution=resolution, seed=seed)
    ]
    groups = sorted(
        (group for group in groups if len(group) >= SMALLEST), key=lambda group: (-len(group), group[0])
    )
    found = np.full(len(ties.ptr) - 1, NOBODY, np.int64)
    for code, group in enumerate(groups):
        found[group] = code
    return found


def tied_at(ties: Ties, at: int) -> tuple[Ints, Ints]:
    """Both ends of every tie that holds at a moment, each tie in both directions."""
    owner = np.repeat(np.arange(len(ties.ptr) - 1), np.diff(ties.ptr))
    holds = (ties.since < at) & (at <= ties.until)
    return owner[holds], ties.neighbour[holds]
