"""The graph as it stood before each time window: contacts' states averaged over neighbours, per relation.

Cheap, since all who are asked about in one window share its graph; blind to the future, since the graph
is the one before the window began.  Windows lie on a grid fixed since 1970: no record can move them.
Propagating once, ahead of training, follows SIGN (Frasca et al. 2020, "SIGN: scalable inception
graph neural networks").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from influence.graph.pairs import PairFeatures
from influence.graph.propagation import SparseAdjacency, propagate
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.temporal import Edges
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY

SNAPSHOT_RELATIONS: tuple[str, ...] = ("ties", "invited", "interactions")
"""What is propagated along, both ways: connections and acceptances together, invitations, interactions."""


def snapshot_columns(hops: int) -> tuple[str, ...]:
    """Names of what is propagated up to so many hops: blocks of state columns, by relation, then hop."""
    return tuple(
        f"{relation}.hop_{hop}.{name}"
        for relation in SNAPSHOT_RELATIONS
        for hop in range(1, hops + 1)
        for name in STATE_COLUMNS
    )


class Snapshots:
    """Answers queries from the graph before the latest beginning of a window at or before each moment.

    Parameters
    ----------
    features
        The graph and its ties.
    days
        Length of a window.
    hops
        How often to propagate.
    """

    def __init__(self, features: PairFeatures, days: float, hops: int) -> None:
        self.graph, self.days, self.hops = features.graph, days, hops
        self._edges = {
            "ties": _of_ties(features.ties["connection"]),
            "invited": _both_ways(features.graph.group("invited")),
            "interactions": _both_ways(features.graph.group("interactions")),
        }

    def __call__(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float32]:
        """Mean states of the contacts 1 to `hops` steps away along each relation.

        Parameters
        ----------
        contact : int64 [n], positions, -1 where never met;  at : int64 [n], microseconds

        Returns
        -------
        float32 [n, len(snapshot_columns(hops))]; NaN where no neighbour is known
        """
        out = np.full((len(contact), len(snapshot_columns(self.hops))), np.nan, dtype=np.float32)
        width = round(self.days * MICROSECONDS_PER_DAY)
        met = np.flatnonzero(contact >= 0)
        beginning = at[met] // width * width
        order = np.argsort(beginning, kind="stable")
        moments, first = np.unique(beginning[order], return_index=True)
        parts = np.split(met[order], first[1:]) if len(moments) else []
        for moment, rows in zip(moments, parts, strict=True):
            out[rows] = np.concatenate(list(self._blocks(moment, contact[rows])), axis=1)
        return out

    def _blocks(self, moment: np.int64, wanted: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
        """The blocks of `snapshot_columns` before a moment, each [n_wanted, len(STATE_COLUMNS)]."""
        n = self.graph.n_contacts
        state = torch.from_numpy(states(self.graph, np.arange(n), np.full(n, moment)))
        for relation in SNAPSHOT_RELATIONS:
            adjacency, x = self._edges[relation].before(moment, n), state
            for _ in range(self.hops):
                x = mean_over_known(adjacency, x)
                yield x[wanted].numpy()


def mean_over_known(adjacency: SparseAdjacency, x: Tensor) -> Tensor:
    """Weighted means over each target's sources that are not missing, column by column.

    Parameters
    ----------
    x : float32 [n_sources, columns], NaN where missing

    Returns
    -------
    float32 [n_targets, columns], NaN where nothing is known
    """
    known = ~x.isnan()
    told = propagate(adjacency, torch.cat((x.nan_to_num(0.0), known.float()), dim=1))
    total, weight = told.chunk(2, dim=1)
    return total / weight


@dataclass(frozen=True)
class _Walk:
    """Edges of one relation to walk along, both ways, each int64 or float32 [n]."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float32]
    since: NDArray[np.int64]
    until: NDArray[np.int64]

    def before(self, moment: np.int64, n_contacts: int) -> SparseAdjacency:
        """The edges since strictly before a moment that have not ended before it."""
        there = (self.since < moment) & (self.until >= moment)
        edges = self.source[there], self.target[there], self.weight[there]
        return SparseAdjacency.build(*edges, n_contacts, n_contacts)


def _of_ties(ties: Ties) -> _Walk:
    node = np.repeat(np.arange(len(ties.ptr) - 1), np.diff(ties.ptr))
    return _Walk(ties.neighbour, node, np.ones(len(node), np.float32), ties.since, ties.until)


def _both_ways(edges: Edges) -> _Walk:
    ends = np.concatenate((edges.source, edges.target)), np.concatenate((edges.target, edges.source))
    return _Walk(*ends, *(np.tile(column, 2) for column in (edges.weight, edges.at, edges.until)))
