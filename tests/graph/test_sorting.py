"""Counting sorts against NumPy's own, and what they leave out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from influence.graph.sorting import both_sides, by_key_and_time, counting_sort, incident

KEYS = st.lists(st.integers(-1, 6), max_size=40)


@given(KEYS)
def test_counting_sort__any_keys__stable_and_without_negative_ones(keys: list[int]) -> None:
    key = np.array(keys, np.int64)
    ptr, order = counting_sort(key, 7)
    kept = np.flatnonzero(key >= 0)
    np.testing.assert_array_equal(order, kept[np.argsort(key[kept], kind="stable")])
    np.testing.assert_array_equal(np.diff(ptr), np.bincount(key[kept], minlength=7))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(-2, 2)), max_size=40))
def test_by_key_and_time__any_order__as_a_sort_by_all(rows: list[tuple[int, int, int]]) -> None:
    key, at, value = np.array(rows, np.int64).reshape(-1, 3).T
    _, order = by_key_and_time(key, at, 4, value.astype(np.float64))
    np.testing.assert_array_equal(order, np.lexsort((value, at, key)))
    _, order = by_key_and_time(key, at, 4)
    np.testing.assert_array_equal(order, np.lexsort((at, key)))


def test_incident__same_moment__in_before_out_then_by_edge() -> None:
    # 0 -> 1 at 5, 1 -> 0 at 5, 1 -> 1 at 6
    source, target, at = np.array([0, 1, 1]), np.array([1, 0, 1]), np.array([5, 5, 6])
    ptr, edge, outgoing = incident(source, target, at, np.arange(3), 3)
    assert ptr.tolist() == [0, 2, 6, 6]
    assert edge.tolist() == [1, 0, 0, 1, 2, 2]
    assert outgoing.tolist() == [False, True, False, True, False, True]


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda p: p[0] < p[1])))
def test_both_sides__pairs_in_order__neighbours_ascend(pairs: set[tuple[int, int]]) -> None:
    low, high = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    ptr, place = both_sides(low, high, 5)
    neighbour = np.concatenate((low, high))[place]
    for contact in range(5):
        theirs = sorted({a + b - contact for a, b in pairs if contact in (a, b)})
        assert neighbour[ptr[contact] : ptr[contact + 1]].tolist() == theirs
