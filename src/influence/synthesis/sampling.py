"""Draws that stay linear in size: members of groups by weight, neighbour lists, unique pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

Ints = np.ndarray
Floats = np.ndarray


@dataclass(frozen=True)
class Groups:
    """Members of disjoint groups, ready to be drawn by weight."""

    order: Ints
    """[members] member positions, sorted by group."""
    start: Ints
    """[groups + 1] where each group begins in `order`."""
    cumulated: Floats
    """[members + 1] cumulated weights along `order`."""

    @classmethod
    def of(cls, group: Ints, weight: Floats, n_groups: int) -> Groups:
        """Groups from the group and the positive weight of every member."""
        order = np.argsort(group, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n_groups))])
        return cls(order, start, np.concatenate([[0.0], np.cumsum(weight[order])]))

    def total(self) -> Floats:
        """[groups] summed weight."""
        return self.cumulated[self.start[1:]] - self.cumulated[self.start[:-1]]

    def draw(self, group: Ints, rng: np.random.Generator) -> Ints:
        """One member of each named group, by weight; -1 where the group is empty."""
        first, last = self.start[group], self.start[group + 1]
        low, high = self.cumulated[first], self.cumulated[last]
        point = low + rng.random(len(group)) * (high - low)
        slot = np.searchsorted(self.cumulated, point, side="right") - 1
        slot = np.clip(slot, first, np.maximum(last - 1, first))
        return np.where(last > first, self.order[np.minimum(slot, len(self.order) - 1)], -1)


def draw_weighted(weight: Floats, size: int, rng: np.random.Generator) -> Ints:
    """`size` positions by weight, with replacement."""
    cumulated = np.cumsum(weight)
    slot = np.searchsorted(cumulated, rng.random(size) * cumulated[-1], side="right")
    return np.minimum(slot, len(weight) - 1)


def unique_pairs(source: Ints, target: Ints, n: int) -> Ints:
    """Positions of the first occurrence of every unordered pair of two different ends, ascending."""
    valid = np.flatnonzero((source != target) & (source >= 0) & (target >= 0))
    a, b = source[valid], target[valid]
    _, first = np.unique(np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b), return_index=True)
    return np.sort(valid[first])


@dataclass(frozen=True)
class Adjacency:
    """Undirected ties as neighbour lists."""

    start: Ints
    """[n + 1] where each person's list begins."""
    neighbour: Ints
    """[2 ties] the other end, sorted by person and other end."""
    tie: Ints
    """[2 ties] position of the tie."""

    @classmethod
    def of(cls, source: Ints, target: Ints, n: int) -> Adjacency:
        """Neighbour lists of the ties source - target among `n` people."""
        start, neighbour, tie = _lists(source.astype(np.int64), target.astype(np.int64), n)
        return cls(start, neighbour, tie)

    @property
    def degree(self) -> Ints:
        """[n] length of each list."""
        return np.diff(self.start)


@numba.njit(cache=True)
def _lists(source: Ints, target: Ints, n: int) -> tuple[Ints, Ints, Ints]:  # pragma: no cover - compiled
    """Counting sort twice, by other end and then by person, so that every list is sorted."""
    ties = len(source)
    ends = np.concatenate((source, target))
    others = np.concatenate((target, source))
    by_other = _counting_order(others, n)
    start = np.zeros(n + 1, np.int64)
    for end in ends:
        start[end + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    neighbour = np.empty(2 * ties, np.int64)
    tie = np.empty(2 * ties, np.int64)
    for slot in by_other:
        place = fill[ends[slot]]
        fill[ends[slot]] += 1
        neighbour[place] = others[slot]
        tie[place] = slot % ties
    return start, neighbour, tie


@numba.njit(cache=True)
def _counting_order(keys: Ints, n: int) -> Ints:  # pragma: no cover - compiled
    start = np.zeros(n + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    start = np.cumsum(start)
    order = np.empty(len(keys), np.int64)
    for slot in range(len(keys)):
        order[start[keys[slot]]] = slot
        start[keys[slot]] += 1
    return order
