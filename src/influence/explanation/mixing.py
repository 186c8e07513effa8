"""Requests made of two: some groups of evidence as they are, the others as in another request."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from influence.explanation.groups import CIRCLES, NAMES, groups_of
from influence.graph.loading import ENDS, NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.pairs import PairFeatures

_PAIR = groups_of(PairFeatures.columns)
_NEIGHBOURS = groups_of(NEIGHBOUR_COLUMNS)
_CIRCLES = [NAMES.index(CIRCLES[end]) for end in ENDS]


class MixedQueries(QuerySet):
    """A query set that any forecaster reads like another one.

    Columns come from the one or the other request, group by group; so do the events around each end, which
    are sampled at the moment of the request that they come from.

    Parameters
    ----------
    known
        The requests to mix.
    own, other : int64 [n], rows of `known`
    kept : bool [n, len(NAMES)], the groups that come from `own`
    """

    def __init__(
        self,
        known: QuerySet,
        own: NDArray[np.int64],
        other: NDArray[np.int64],
        kept: NDArray[np.bool_],
    ) -> None:
        super().__init__(known.features, known.queries[own])
        self.known, self.own, self.other, self.kept = known, own, other, kept

    @cached_property
    def pair(self) -> NDArray[np.float32]:
        """Pair features [n, PairFeatures.columns]."""
        return self._mixed(self.known.pair, _PAIR)

    @cached_property
    def neighbours(self) -> NDArray[np.float32]:
        """Means over both ends' neighbours [n, NEIGHBOUR_COLUMNS]."""
        return self._mixed(self.known.neighbours, _NEIGHBOURS)

    @cached_property
    def surroundings(self) -> NDArray[np.float32]:
        """Sums over the ties of both ends [n, 2 SURROUNDING_COLUMNS]."""
        values = self.known.surroundings
        return self._mixed(values, _NEIGHBOURS[-values.shape[1] :])

    @property
    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each end from the request that its circle comes from, at that request's own moment, each [2, n]."""
        contacts, moments = self.known.ends
        rows = np.where(self.kept[:, _CIRCLES].T, self.own, self.other)
        return np.take_along_axis(contacts, rows, 1), np.take_along_axis(moments, rows, 1)

    def snapshot(self, days: float, hops: int) -> NDArray[np.float32]:
        """What snapshots tell of both ends, [n, 2, snapshot columns]."""
        values, kept = self.known.snapshot(days, hops), self.kept[:, _CIRCLES, None]
        return np.where(kept, values[self.own], values[self.other])

    def _mixed(self, values: NDArray[np.float32], groups: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.where(self.kept[:, groups], values[self.own], values[self.other])
