"""Orders in linear time: counting sorts by contact of what lies in the order of time already.

A million contacts have tens of millions of edges, which are sorted by contact, by pair and by either end
(Cormen et al. 2009, "Introduction to Algorithms", section 8.2).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def by_key_and_time(
    key: NDArray[np.int64], at: NDArray[np.int64], n_keys: int, value: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(Where each key begins [n_keys + 1], the order [n_events] by key, then time, then value).

    Linear where the events come in the order of time, as a graph's edges do: counting by key keeps it.
    """
    if value is not None:
        by_time = np.lexsort((value, at))
    elif (at[1:] < at[:-1]).any():
        by_time = np.argsort(at, kind="stable")
    else:
        return counting_sort(key, n_keys)
    ptr, order = counting_sort(key[by_time], n_keys)
    return ptr, by_time[order]


@njit(cache=True)
def counting_sort(key, n_keys):  # type: ignore[no-untyped-def]
    """(Where each key begins, int64 [n_keys + 1]; the stable order by key, int64 [n]); linear in both.

    What has a negative key is left out.
    """
    ptr = np.zeros(n_keys + 1, dtype=np.int64)
    for k in key:
        if k >= 0:
            ptr[k + 1] += 1
    for k in range(n_keys):
        ptr[k + 1] += ptr[k]
    free = ptr[:-1].copy()
    order = np.empty(ptr[n_keys], dtype=np.int64)
    for i in range(len(key)):
        if key[i] >= 0:
            order[free[key[i]]] = i
            free[key[i]] += 1
    return ptr, order


@njit(cache=True)
def both_sides(low, high, n):  # type: ignore[no-untyped-def]
    """Where each contact's ties begin, and which of (low..., high...) is the neighbour at each place.

    The pairs come by their lower end, then their higher one: a contact's lower neighbours are met first, in
    order, then its higher ones.
    """
    ptr = np.zeros(n + 1, dtype=np.int64)
    for i in range(len(low)):
        ptr[low[i] + 1] += 1
        ptr[high[i] + 1] += 1
    for k in range(n):
        ptr[k + 1] += ptr[k]
    free = ptr[:-1].copy()
    place = np.empty(2 * len(low), dtype=np.int64)
    for i in range(len(low)):
        place[free[high[i]]] = i
        free[high[i]] += 1
    for i in range(len(low)):
        place[free[low[i]]] = len(low) + i
        free[low[i]] += 1
    return ptr, place


@njit(cache=True)
def incident(source, target, at, by_time, n):  # type: ignore[no-untyped-def]
    """(Where each contact's edges begin, which edge lies at each place, whether it goes out), by counting."""
    ptr = np.zeros(n + 1, dtype=np.int64)
    for e in range(len(at)):
        ptr[source[e] + 1] += 1
        ptr[target[e] + 1] += 1
    for k in range(n):
        ptr[k + 1] += ptr[k]
    free = ptr[:-1].copy()
    edge = np.empty(2 * len(at), dtype=np.int32)
    outgoing = np.zeros(2 * len(at), dtype=np.bool_)
    begin = 0
    while begin < len(at):
        end = begin
        while end < len(at) and at[by_time[end]] == at[by_time[begin]]:
            end += 1
        for goes_out in (False, True):
            for e in by_time[begin:end]:
                contact = source[e] if goes_out else target[e]
                edge[free[contact]], outgoing[free[contact]] = e, goes_out
                free[contact] += 1
        begin = end
    return ptr, edge, outgoing
