"""Who moves whom, and with which probability: the graph that ambassadors are chosen on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from influence.errors import DataError, nearest
from influence.texts import first_few

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Incoming:
    """The edges by their target, the most probable first.

    Attributes
    ----------
    ptr : int64 [n + 1]
    source : int32 [m]
    p : float64 [m], falling within each target
    """

    ptr: Ints
    source: NDArray[np.int32]
    p: Floats


@dataclass(frozen=True)
class SpreadGraph:
    """Directed edges along which a take-up spreads, as compressed rows by source.

    Attributes
    ----------
    contact_ids : the contacts, whose positions the arrays hold
    ptr : int64 [n + 1]
    target : int64 [m], rising within each source
    p : float64 [m], the probability that the source's take-up brings the target's, in [0, 1]
    n_loops : edges given from a contact to itself, which were dropped
    n_parallel : edges given that were merged into another between the same two contacts
    """

    contact_ids: pd.Index
    ptr: Ints
    target: Ints
    p: Floats
    n_loops: int = 0
    n_parallel: int = 0

    @classmethod
    def build(
        cls, source_ids: ArrayLike, target_ids: ArrayLike, p: ArrayLike, contact_ids: ArrayLike | None = None
    ) -> SpreadGraph:
        """The graph of edges given one by one, in any order.

        Edges from a contact to itself are dropped; parallel ones become one with 1 - (1 - p)(1 - q).

        Parameters
        ----------
        source_ids, target_ids
            [m] ids of contacts.
        p
            [m] probabilities, or one for all.
        contact_ids
            All contacts, those without an edge included; left out, the ends of the edges, sorted.

        Raises
        ------
        DataError
            If the arrays differ in length, an id is not known or given twice, or a probability lies outside
            [0, 1].
        """
        begins, ends = pd.Index(np.asarray(source_ids)), pd.Index(np.asarray(target_ids))
        if len(begins) != len(ends):
            raise DataError(f"There are {len(begins):,} sources and {len(ends):,} targets of edges.")
        known = _contacts(begins, ends, contact_ids)
        source, target = _positions(known, begins), _positions(known, ends)
        return cls._of(known, source, target, _probabilities(p, len(source)))

    @classmethod
    def weighted_cascade(
        cls, source_ids: ArrayLike, target_ids: ArrayLike, contact_ids: ArrayLike | None = None
    ) -> SpreadGraph:
        """Every edge has probability 1 / in-degree of its target (Kempe, Kleinberg & Tardos 2003).

        Raises
        ------
        DataError
            As `build` does.
        """
        graph = cls.build(source_ids, target_ids, 1.0, contact_ids)
        p = 1 / np.bincount(graph.target, minlength=len(graph))[graph.target]
        return cls(graph.contact_ids, graph.ptr, graph.target, p, graph.n_loops, graph.n_parallel)

    @classmethod
    def _of(cls, contact_ids: pd.Index, source: Ints, target: Ints, p: Floats) -> SpreadGraph:
        n = len(contact_ids)
        kept = source != target
        order = np.argsort(source[kept] * n + target[kept], kind="stable")
        source, target, p = (values[kept][order] for values in (source, target, p))
        first = np.ones(len(source), bool)
        first[1:] = (np.diff(source) != 0) | (np.diff(target) != 0)
        if len(source):
            p = 1 - np.multiply.reduceat(1 - p, np.flatnonzero(first)) if not first.all() else p
        ptr = np.searchsorted(source[first], np.arange(n + 1)).astype(np.int64)
        return cls(contact_ids, ptr, target[first], p, int((~kept).sum()), int((~first).sum()))

    def __len__(self) -> int:
        return len(self.contact_ids)

    @property
    def n_edges(self) -> int:
        """Edges left after dropping and merging."""
        return len(self.target)

    @property
    def source(self) -> Ints:
        """int64 [m]."""
        return np.repeat(np.arange(len(self)), np.diff(self.ptr))

    @cached_property
    def incoming(self) -> Incoming:
        """The same edges by target."""
        order = np.lexsort((self.source, -self.p, self.target))
        ptr = np.searchsorted(self.target[order], np.arange(len(self) + 1)).astype(np.int64)
        return Incoming(ptr, self.source[order].astype(np.int32), self.p[order])

    def positions(self, ids: ArrayLike) -> Ints:
        """int64 [n], where the contacts stand.

        Raises
        ------
        DataError
            If one is not known.
        """
        return _positions(self.contact_ids, pd.Index(np.asarray(ids)))


def _contacts(source_ids: pd.Index, target_ids: pd.Index, contact_ids: ArrayLike | None) -> pd.Index:
    if contact_ids is None:
        return pd.Index(np.unique(np.concatenate((source_ids.to_numpy(), target_ids.to_numpy()))))
    known = pd.Index(np.asarray(contact_ids))
    if not known.is_unique:
        twice = known[known.duplicated()].unique()
        raise DataError(f"Contacts are given more than once: {first_few(twice)}. Give each contact once.")
    return known


def _positions(known: pd.Index, ids: pd.Index) -> Ints:
    found = known.get_indexer(ids).astype(np.int64)
    if (found < 0).any():
        strangers = ids[found < 0].unique()
        hint = nearest(str(strangers[0]), map(str, known))
        raise DataError(f"The graph holds no contacts {first_few(strangers)}. {hint}")
    return found


def _probabilities(p: ArrayLike, n: int) -> Floats:
    given = np.asarray(p, dtype=np.float64)
    if given.ndim == 0:
        given = np.full(n, float(given))
    if len(given) != n:
        raise DataError(f"There are {n:,} edges and {len(given):,} probabilities. Give one for each edge.")
    wrong = np.flatnonzero(~((given >= 0) & (given <= 1)))
    if len(wrong):
        raise DataError(
            f"Probabilities of spread lie outside [0, 1] in {len(wrong):,} edges (rows {first_few(wrong)}; "
            f"the first is {given[wrong[0]]}). Correct or drop them."
        )
    return given
