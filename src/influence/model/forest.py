"""LightGBM's trees laid out for many rows: the same sums, to the last bit, in a fraction of the time.

Instead of walking each tree row by row, each split is asked of a block of rows at once, without a branch:
a row keeps one bit per leaf, and a split that it fails takes the bits of the leaves to its left away.  The
leaf that it reaches is the lowest bit left.  Source: Lucchese et al. (2015), "QuickScorer".  Hazard trees
ask every row once per time bin; here a bin is a mask over the leaves, and all bins are answered in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

MOST_LEAVES = 32
"""A bit each."""

_ROWS = 64
"""Rows that a split is asked of at once."""

_DE_BRUIJN = np.uint32(0x077CB531)
"""Its products with single bits differ in their five highest bits: the place of a leaf.

Source: Leiserson, Prokop & Randall (1998), "Using de Bruijn sequences to index a 1 in a computer word".
"""
_PLACES = (_DE_BRUIJN << np.arange(MOST_LEAVES, dtype=np.uint32)) >> np.uint32(27)


@dataclass(frozen=True)
class Forest:
    """Trees with few leaves over float32 rows.

    Attributes
    ----------
    ptr : int64 [n_trees + 1], each tree's splits
    column : int64 [n_splits], places in `columns`;  threshold : float32 [n_splits]
    nan_is_left : bool [n_splits]
    kept : uint32 [n_splits], the leaves left to a row that goes right
    reachable : uint32 [n_trees, n_periods], the leaves left to each value of the last column
    leaves : float64 [n_trees, MOST_LEAVES], each in the place that its bit tells
    columns : int64 [n_columns], those that any split asks about
    """

    ptr: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    nan_is_left: NDArray[np.bool_]
    kept: NDArray[np.uint32]
    reachable: NDArray[np.uint32]
    leaves: NDArray[np.float64]
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, booster: lgb.Booster, n_rounds: int | None, n_periods: int = 0) -> Forest | None:
        """The first `n_rounds` trees of a booster, or all; None where they are of another kind.

        Parameters
        ----------
        n_periods
            If not 0: rows to come lack the booster's last column, which takes the values 0 to n_periods - 1.
        """
        dumped = booster.dump_model(num_iteration=n_rounds)
        period = dumped["max_feature_idx"] if n_periods else -1
        trees = [_Tree(info["tree_structure"], period, max(n_periods, 1)) for info in dumped["tree_info"]]
        if not all(tree.is_simple for tree in trees):
            return None
        splits = [split for tree in trees for split in tree.splits]
        column = np.array([split[0] for split in splits], np.int64)
        columns, place = np.unique(column, return_inverse=True)
        return cls(
            np.cumsum([0, *(len(tree.splits) for tree in trees)]),
            place.astype(np.int64),
            np.array([split[1] for split in splits], np.float32),
            np.array([split[2] for split in splits], np.bool_),
            np.array([split[3] for split in splits], np.uint32),
            np.array([tree.reachable for tree in trees], np.uint32).reshape(len(trees), -1),
            np.array([tree.placed for tree in trees]).reshape(-1, MOST_LEAVES),
            columns,
        )

    def __call__(self, *parts: NDArray[np.float32]) -> NDArray[np.float64]:
        """Sums of the leaves that rows reach, [n, n_periods]; [n, 1] without periods.

        Parameters
        ----------
        parts : float32 [n, ...] each, together the columns of the rows
        """
        out = np.zeros((len(parts[0]), max(self.reachable.shape[1], 1)))
        parts = (*parts, np.empty((len(out), 0)))[: max(len(parts), 2)]  # each number has code of its own
        parts = tuple(np.require(part, np.float32, "CW") for part in parts)  # of one type, as kernels ask
        begin = np.cumsum([0, *(part.shape[1] for part in parts)])
        _add(
            parts, begin, np.searchsorted(self.columns, begin), self.columns, self.ptr, self.column,
            self.threshold, self.nan_is_left, self.kept, self.reachable, self.leaves, out,
        )  # fmt: skip
        return out


class _Tree:
    """One tree's leaves from left to right, and its splits as masks over them."""

    def __init__(self, root: dict[str, Any], period: int, n_periods: int) -> None:
        self.period, self.is_simple = period, True
        self.leaves: list[float] = []
        self.splits: list[tuple[int, np.float32, bool, int]] = []
        self.reachable = np.full(n_periods, 0xFFFFFFFF, np.uint32)
        self._walk(root)
        self.is_simple &= len(self.leaves) <= MOST_LEAVES

    @property
    def placed(self) -> NDArray[np.float64]:
        """The leaves [MOST_LEAVES], each in its place."""
        out = np.zeros(MOST_LEAVES)
        out[_PLACES[: len(self.leaves)]] = self.leaves
        return out

    def _walk(self, node: dict[str, Any]) -> None:
        if "leaf_value" in node:
            self.leaves.append(node["leaf_value"])
            return
        first = len(self.leaves)
        self._walk(node["left_child"])
        left = (1 << len(self.leaves)) - (1 << first)
        self._walk(node["right_child"])
        self.is_simple &= node["decision_type"] == "<=" and node["missing_type"] in ("None", "NaN")
        kept, threshold = 0xFFFFFFFF & ~left, float(node["threshold"])
        if node["split_feature"] == self.period:
            self.reachable[np.arange(len(self.reachable)) > threshold] &= np.uint32(kept)
            return
        # LightGBM takes NaN for 0 where training knew of none.
        nan_is_left = node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0
        self.splits.append((node["split_feature"], _below(threshold), nan_is_left, kept))


def _below(threshold: float) -> np.float32:
    """The largest float32 that does not pass a threshold: splits float32 rows as the threshold does."""
    with np.errstate(over="ignore"):  # splits on what is missing have thresholds beyond float32
        near = np.float32(threshold)
        return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


@njit(cache=True, parallel=True)
def _add(  # type: ignore[no-untyped-def]
    parts, begin, asked_from, columns, ptr, column, threshold, nan_is_left, kept, reachable, leaves, out
):
    n_periods = reachable.shape[1]
    everything = np.uint32(0xFFFFFFFF)
    for block in prange((len(out) + _ROWS - 1) // _ROWS):
        first = block * _ROWS
        n = min(_ROWS, len(out) - first)
        told = np.zeros((len(columns), _ROWS), dtype=np.float32)
        bits = np.empty(_ROWS, dtype=np.uint32)
        values, total = np.empty(_ROWS), np.zeros((n_periods, _ROWS))
        for part in range(len(parts)):
            x = parts[part]
            for row in range(n):
                for c in range(asked_from[part], asked_from[part + 1]):
                    told[c, row] = x[first + row, columns[c] - begin[part]]
        for tree in range(len(ptr) - 1):
            bits[:] = everything
            for split in range(ptr[tree], ptr[tree + 1]):
                asked, limit, left = told[column[split]], threshold[split], kept[split]
                if nan_is_left[split]:
                    for row in range(_ROWS):
                        bits[row] &= left if asked[row] > limit else everything
                else:
                    for row in range(_ROWS):
                        bits[row] &= everything if asked[row] <= limit else left
            for period in range(n_periods):
                within = reachable[tree, period]
                if period == 0 or within != reachable[tree, period - 1]:  # most trees ask for no period
                    for row in range(_ROWS):
                        left = bits[row] & within
                        values[row] = leaves[tree, np.uint32((left & -left) * _DE_BRUIJN) >> np.uint32(27)]
                for row in range(_ROWS):
                    total[period, row] += values[row]
        for row in range(n):
            for period in range(n_periods):
                out[first + row, period] = total[period, row]
