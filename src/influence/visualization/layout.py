"""Where things stand on the map: communities as discs that never overlap, people evenly within them."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
SPREAD = 3.0
"""Area of the square in which communities are first laid out, for each unit of their own area."""
STRETCH = 1.25
"""Screens are wider than high: so much wider, and less high, the layout begins."""
GAP = 1.25
"""Centres stay apart by so many times the sum of their radii, which leaves room for labels."""
ROUNDS = 500
INSIDE = 0.86
"""People stand within this part of their community's radius."""


def disc_layout(radius: Floats, source: Ints, target: Ints, weight: Floats, seed: int) -> Floats:
    """Centres of discs, [n, 2]: those with many ties between them are near each other, and none overlap.

    A spring layout (Fruchterman & Reingold 1991, "Graph drawing by force-directed placement"), then discs
    that overlap push each other apart.

    Parameters
    ----------
    radius : float64 [n]
    source, target : int64 [n_ties], positions of discs;  weight : float64 [n_ties], positive
    seed
        Of the layout's beginning: the same discs and ties give the same picture.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(radius)))
    graph.add_weighted_edges_from(zip(source.tolist(), target.tolist(), weight.tolist(), strict=True))
    # Sizes are counted in small numbers only: with more nodes networkx takes another way, to the same end.
    found = nx.spring_layout(graph, seed=seed, iterations=100)
    centre = np.array([found[node] for node in range(len(radius))]).reshape(-1, 2)
    centre *= np.sqrt(SPREAD * np.pi * (radius**2).sum()) / 2
    return _apart(centre * np.array([STRETCH, 1 / STRETCH]), radius)


def _apart(centre: Floats, radius: Floats) -> Floats:
    """Centres moved, each pair by what it overlaps, until none do; the rounds are bounded."""
    centre = centre.copy()
    least = GAP * (radius[:, None] + radius[None, :])
    np.fill_diagonal(least, 0.0)
    for _ in range(ROUNDS):
        away = centre[:, None] - centre[None, :]
        distance = np.linalg.norm(away, axis=2)
        missing = np.maximum(least - distance, 0.0)
        if not (missing > 1e-9).any():
            break
        # Two at one point part along a direction of their own.
        angle = GOLDEN_ANGLE * np.arange(len(radius))
        alone = np.where(np.tri(len(radius), dtype=bool), 1.0, -1.0)[..., None] * np.stack(
            (np.cos(angle), np.sin(angle)), 1
        )
        unit = np.where(distance[..., None] > 0, away / np.maximum(distance, 1e-12)[..., None], alone)
        centre += 0.51 * (missing[..., None] * unit).sum(1) / np.maximum((missing > 0).sum(1), 1)[:, None]
    return centre


def sunflower(n: int) -> Floats:
    """`n` points spread evenly over the unit disc, [n, 2], the first in the middle.

    Source: Vogel (1979), "A better way to construct the sunflower head".
    """
    place = np.arange(n)
    distance = INSIDE * np.sqrt((place + 0.5) / max(n, 1)) if n > 1 else np.zeros(n)
    return np.stack((distance * np.cos(place * GOLDEN_ANGLE), distance * np.sin(place * GOLDEN_ANGLE)), 1)
