"""Ties between contacts and the contacts that two of them share, strictly before t.

Sources: Adamic & Adar (2003), "Friends and neighbors on the Web"; Zhou, Lü & Zhang (2009), resource
allocation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.sorting import both_sides, by_key_and_time, counting_sort
from influence.graph.temporal import NEVER, Edges
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC, Moments, position_before

MUTUAL_COLUMNS = (
    "mutual",
    "adamic_adar",
    "resource_allocation",
    "jaccard",
    "log_days_since_mutual",
    "log_degree_source",
    "log_degree_target",
)


@dataclass(frozen=True)
class Ties:
    """Who is tied to whom and since when: undirected, one entry per pair and end, sorted by neighbour.

    Attributes
    ----------
    ptr : int64 [n_contacts + 1]
    neighbour, since, until : int64 [2 n_ties]; a tie counts at t if since < t <= until
    formed, ended : the ties' beginnings and ends, for exact degrees at t
    """

    ptr: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    formed: Moments
    ended: Moments

    @classmethod
    def build(cls, edges: Edges, n_contacts: int) -> Ties:
        """Fold edges into ties: edges of a pair that overlap in time are one tie, others follow each other.

        Folding only what overlaps keeps the past apart from the future: a tie that ended does not come
        back to life because the two will meet again.
        """
        pair, since, until = _fold(*_by_pair(edges, n_contacts))
        low, high = pair // n_contacts, pair % n_contacts
        ptr, place = both_sides(low, high, n_contacts)
        neighbour = np.concatenate((low, high))[place]
        node = np.repeat(np.arange(n_contacts), np.diff(ptr))
        since, until = np.tile(since, 2)[place], np.tile(until, 2)[place]
        ends = until < NEVER
        return cls(
            ptr,
            neighbour,
            since,
            until,
            Moments.build(node, since, n_contacts),
            Moments.build(node[ends], until[ends], n_contacts),
        )

    def degree(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ties of each contact at each moment."""
        return self.formed.count_before(contact, at) - self.ended.count_before(contact, at)

    def mutual(
        self, source: NDArray[np.int64], target: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """What the contacts tied to both ends amount to at each moment.

        The tie between the two themselves never counts, so a training edge is out of its own features.

        Returns
        -------
        float32 [n, len(MUTUAL_COLUMNS)]; days since the latest mutual tie formed are NaN without one.
        """
        return _mutual(
            self.ptr, self.neighbour, self.since, self.until,
            self.formed.ptr, self.formed.at, self.ended.ptr, self.ended.at,
            source, target, at,
        )  # fmt: skip

    def neighbours(self, contact: NDArray[np.int64], at: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Everybody tied to each contact at one moment.

        Returns
        -------
        row, neighbour : int64 [n_ties], positions in `contact` and those of the tied, in the order of both
        """
        known = np.maximum(contact, 0)
        size = np.where(contact >= 0, self.ptr[known + 1] - self.ptr[known], 0)
        row, slot = runs(self.ptr[known], size)
        holds = (self.since[slot] < at) & (at <= self.until[slot])
        return row[holds], self.neighbour[slot[holds]]

    def exists(
        self, source: NDArray[np.int64], target: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether each pair is tied at each moment."""
        return _exists(self.ptr, self.neighbour, self.since, self.until, source, target, at)

    def ever(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each pair is tied at any moment, past or future."""
        return _ever(self.ptr, self.neighbour, source, target)


def _by_pair(edges: Edges, n_contacts: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(Pair as one number, since, until) of edges between two, by pair, then beginning."""
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    by_high = by_key_and_time(high, edges.at, n_contacts)[1]
    order = by_high[counting_sort(low[by_high], n_contacts)[1]]
    order = order[(low != high)[order]]
    return (low.astype(np.int64) * n_contacts + high)[order], edges.at[order], edges.until[order]


def runs(start: NDArray[np.int64], size: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(Which run, place) of every place in runs of places that begin at `start`, one run after another."""
    row = np.repeat(np.arange(len(size)), size)
    within = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    return row, np.repeat(start, size) + within


@njit(cache=True)
def _fold(pair, at, until):  # type: ignore[no-untyped-def]
    """Union of overlapping intervals per pair; the input is sorted by pair and beginning."""
    out_pair, out_since, out_until = np.empty_like(pair), np.empty_like(at), np.empty_like(until)
    n = 0
    for i in range(len(pair)):
        if n > 0 and out_pair[n - 1] == pair[i] and at[i] <= out_until[n - 1]:
            out_until[n - 1] = max(out_until[n - 1], until[i])
        else:
            out_pair[n], out_since[n], out_until[n] = pair[i], at[i], until[i]
            n += 1
    return out_pair[:n].copy(), out_since[:n].copy(), out_until[:n].copy()


@njit(cache=True)
def _next_active(place, end, since, until, moment):  # type: ignore[no-untyped-def]
    """The first tie from `place` on that holds at the moment; `end` if none does."""
    while place < end and not (since[place] < moment <= until[place]):
        place += 1
    return place


@njit(cache=True)
def _degree(formed_ptr, formed_at, ended_ptr, ended_at, node, moment):  # type: ignore[no-untyped-def]
    formed = position_before(formed_at, formed_ptr[node], formed_ptr[node + 1], moment) - formed_ptr[node]
    ended = position_before(ended_at, ended_ptr[node], ended_ptr[node + 1], moment) - ended_ptr[node]
    return formed - ended


@njit(cache=True, parallel=True)
def _mutual(  # type: ignore[no-untyped-def]
    ptr, neighbour, since, until, formed_ptr, formed_at, ended_ptr, ended_at, source, target, at
):
    out = np.zeros((len(source), 7), dtype=np.float32)
    for i in prange(len(source)):
        u, v, moment = source[i], target[i], at[i]
        out[i, 4] = np.nan
        degree_u, degree_v = 0, 0
        if u >= 0:
            degree_u = _degree(formed_ptr, formed_at, ended_ptr, ended_at, u, moment)
        if v >= 0:
            degree_v = _degree(formed_ptr, formed_at, ended_ptr, ended_at, v, moment)
        if u >= 0 and v >= 0:
            # At one moment a pair has one tie at most, so both walks meet every neighbour once, in order.
            end_a, end_b = ptr[u + 1], ptr[v + 1]
            a = _next_active(ptr[u], end_a, since, until, moment)
            b = _next_active(ptr[v], end_b, since, until, moment)
            latest = STATIC
            while a < end_a and b < end_b:
                if neighbour[a] == neighbour[b]:
                    degree = _degree(formed_ptr, formed_at, ended_ptr, ended_at, neighbour[a], moment)
                    out[i, 0] += 1
                    out[i, 1] += 1.0 / np.log(max(degree, 2))
                    out[i, 2] += 1.0 / max(degree, 1)
                    latest = max(latest, max(since[a], since[b]))
                in_a, in_b = neighbour[a], neighbour[b]
                if in_a <= in_b:
                    a = _next_active(a + 1, end_a, since, until, moment)
                if in_b <= in_a:
                    b = _next_active(b + 1, end_b, since, until, moment)
            tied = _is_tied(ptr, neighbour, since, until, u, v, moment)
            degree_u, degree_v = degree_u - tied, degree_v - tied
            out[i, 3] = out[i, 0] / max(degree_u + degree_v - out[i, 0], 1)
            if latest != STATIC:
                out[i, 4] = np.log1p((moment - latest) / MICROSECONDS_PER_DAY)
        out[i, 5], out[i, 6] = np.log1p(degree_u), np.log1p(degree_v)
    return out


@njit(cache=True)
def _is_tied(ptr, neighbour, since, until, u, v, moment):  # type: ignore[no-untyped-def]
    place = position_before(neighbour, ptr[u], ptr[u + 1], v)
    while place < ptr[u + 1] and neighbour[place] == v:
        if since[place] < moment <= until[place]:
            return 1
        place += 1
    return 0


@njit(cache=True)
def _exists(ptr, neighbour, since, until, source, target, at):  # type: ignore[no-untyped-def]
    out = np.zeros(len(source), dtype=np.bool_)
    for i in range(len(source)):
        if source[i] >= 0 and target[i] >= 0:
            out[i] = _is_tied(ptr, neighbour, since, until, source[i], target[i], at[i]) == 1
    return out


@njit(cache=True, parallel=True)
def _ever(ptr, neighbour, source, target):  # type: ignore[no-untyped-def]
    out = np.zeros(len(source), dtype=np.bool_)
    for i in prange(len(source)):
        u, v = source[i], target[i]
        if u >= 0 and v >= 0:
            place = position_before(neighbour, ptr[u], ptr[u + 1], v)
            out[i] = place < ptr[u + 1] and neighbour[place] == v
    return out
