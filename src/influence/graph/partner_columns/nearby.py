"""Who stands between a source and its targets, looked up in the source's surroundings alone.

What is asked of few targets in a large graph must not cost a row over everybody: common partners are counted
from the source outwards, and the personalised PageRank is pushed from it until nothing worth pushing is left
(Andersen, Chung & Lang 2006, "Local graph partitioning using PageRank vectors").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.partners import Ints

TOLERANCE = 1e-6
"""Nothing is pushed from where less than this, per tie, is left to push."""
COMMON, RARE, SHARED, SHARED_AT_HOME, PATHS, PATHS_BY_DEGREES, WALK_TO_GROUP, WALKS = range(8)
"""Columns of `nearby`; from `WALKS` on there is one for each restart."""


def nearby(
    ties: csr_matrix, source: Ints, target: Ints, group: Ints, restarts: Sequence[float],
    tolerance: float = TOLERANCE,
) -> NDArray[np.float64]:  # fmt: skip
    """What the surroundings of each source tell of its targets.

    Parameters
    ----------
    ties : CSR [n, n], 1 for each pair that is linked, symmetric
    source, target : int64 [pairs]
    group : int64 [n], codes from 0, or -1
    restarts : chances that a walk returns to its source at each step

    Returns
    -------
    float64 [pairs, 7 + restarts], by the names above: common partners; the same, each weighted by
    1 / log(1 + degree) (Adamic & Adar 2003), by 1 / degree (resource allocation: Zhou, Lü & Zhang 2009), and
    so for those of the source's group; walks of three steps, counted, and weighted by 1 / degree of both in
    between; the personalised PageRank of the first restart summed over the target's group; and that of each
    restart, short of the exact one by at most `tolerance` x degree.
    """
    order = np.argsort(source, kind="stable").astype(np.int64)
    distinct, starts = np.unique(source[order], return_index=True)
    ends = np.append(starts[1:], len(source)).astype(np.int64)
    found = np.zeros((len(source), WALKS + len(restarts)))
    ptr, neighbour = ties.indptr.astype(np.int64), ties.indices.astype(np.int64)
    own = distinct.astype(np.int64), starts.astype(np.int64), ends
    to, of = target.astype(np.int64), group.astype(np.int64)
    _nearby(ptr, neighbour, *own, order, to, of, np.array(restarts, np.float64), tolerance, found)
    return found


@njit(cache=True)
def _nearby(
    ptr: Ints, neighbour: Ints, sources: Ints, starts: Ints, ends: Ints, order: Ints, target: Ints,
    group: Ints, restarts: NDArray[np.float64], tolerance: float, found: NDArray[np.float64],
) -> None:  # fmt: skip
    n = len(ptr) - 1
    between = np.zeros((4, n))
    share, rest = np.zeros(n), np.zeros(n)
    queue, queued = np.empty(n, np.int64), np.zeros(n, np.bool_)
    seen = np.empty(n, np.int64)
    of_group = np.zeros(group.max() + 2)  # the last one is nobody's
    for i in range(len(sources)):
        u = sources[i]
        n_seen = _count_between(ptr, neighbour, u, group, between, seen)
        for row in order[starts[i] : ends[i]]:
            for way in range(4):  # assigned as a slice they take seconds more to compile
                found[row, way] = between[way, target[row]]
            found[row, 4], found[row, 5] = _paths(ptr, neighbour, target[row], between)
        for place in range(n_seen):
            between[:, seen[place]] = 0.0
        for k in range(len(restarts)):
            n_seen = _push(ptr, neighbour, u, restarts[k], tolerance, share, rest, queue, queued, seen)
            for row in order[starts[i] : ends[i]]:
                found[row, 7 + k] = share[target[row]]
            if k == 0:
                _add_up(
                    order[starts[i] : ends[i]], target, group, share, seen[:n_seen], of_group, found[:, 6]
                )
            for place in range(n_seen):
                share[seen[place]] = rest[seen[place]] = 0.0


@njit(cache=True)
def _add_up(
    rows: Ints, target: Ints, group: Ints, share: NDArray[np.float64], seen: Ints,
    of_group: NDArray[np.float64], found: NDArray[np.float64],
) -> None:  # fmt: skip
    """The share of each row's target's group."""
    of_group[:] = 0.0
    for place in seen:
        of_group[group[place]] += share[place]
    for row in rows:
        found[row] = of_group[group[target[row]]]


@njit(cache=True)
def _count_between(
    ptr: Ints, neighbour: Ints, u: int, group: Ints, between: NDArray[np.float64], seen: Ints
) -> int:
    """Add up what every second step from u passes through; returns how many entities were `seen`."""
    n_seen = 0
    for w in neighbour[ptr[u] : ptr[u + 1]]:
        degree = ptr[w + 1] - ptr[w]
        for v in neighbour[ptr[w] : ptr[w + 1]]:
            if between[0, v] == 0:
                seen[n_seen] = v
                n_seen += 1
            between[0, v] += 1.0
            between[1, v] += 1.0 / np.log1p(degree)
            between[2, v] += 1.0 / degree
            if group[w] == group[u]:
                between[3, v] += 1.0 / degree
    return n_seen


@njit(cache=True)
def _paths(ptr: Ints, neighbour: Ints, v: int, between: NDArray[np.float64]) -> tuple[float, float]:
    """Walks of three steps that end at v, counted, and weighted by 1 / degree of both in between."""
    count = weighted = 0.0
    for w in neighbour[ptr[v] : ptr[v + 1]]:
        count += between[0, w]
        weighted += between[2, w] / (ptr[w + 1] - ptr[w])
    return count, weighted


@njit(cache=True)
def _push(
    ptr: Ints, neighbour: Ints, u: int, restart: float, tolerance: float, share: NDArray[np.float64],
    rest: NDArray[np.float64], queue: Ints, queued: Any, seen: Ints,
) -> int:  # fmt: skip
    """Push from u; `queue` is a ring.  Returns how many entities were `seen`."""
    n = len(ptr) - 1
    seen[0], n_seen = u, 1
    rest[u] = 1.0
    queue[0], queued[u] = u, True
    head, size = 0, 1
    while size > 0:
        x = queue[head]
        head, size = (head + 1) % n, size - 1
        queued[x] = False
        degree = ptr[x + 1] - ptr[x]
        left, rest[x] = rest[x], 0.0
        share[x] += left if degree == 0 else restart * left
        for y in neighbour[ptr[x] : ptr[x + 1]]:
            if rest[y] == 0 and share[y] == 0:
                seen[n_seen] = y
                n_seen += 1
            rest[y] += (1 - restart) * left / degree
            if not queued[y] and rest[y] > tolerance * (ptr[y + 1] - ptr[y]):
                queue[(head + size) % n], queued[y] = y, True
                size += 1
    return n_seen
