"""Draws that stay linear in size: members of groups by weight, neighbour lists, unique pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np

Ints = np.ndarray
Floats = np.ndarray


PART = 2**22
"""Rows that are handled at once where all of them at once would take much memory."""


def parts(size: int) -> Iterator[slice]:
    """Slices of at most `PART` rows that follow one another up to `size`; at least one, if empty."""
    return (slice(low, min(low + PART, size)) for low in range(0, max(size, 1), PART))


def positions(of: Ints) -> Ints:
    """Positions in the one kind of integer that loops are compiled for."""
    return of.astype(np.int32, copy=False)


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
        order = np.argsort(group, kind="stable").astype(np.int32)
        start = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n_groups))])
        return cls(order, start, np.concatenate([[0.0], np.cumsum(weight[order])]))

    def total(self) -> Floats:
        """[groups] summed weight."""
        return self.cumulated[self.start[1:]] - self.cumulated[self.start[:-1]]

    def draw(self, group: Ints, rng: np.random.Generator) -> Ints:
        """One member of each named group, by weight; -1 where the group is empty."""
        found = np.empty(len(group), self.order.dtype)
        for part in parts(len(group)):
            chance = rng.random(part.stop - part.start)
            found[part] = _members(self.order, self.start, self.cumulated, positions(group[part]), chance)
        return found


def draw_weighted(weight: Floats, size: int, rng: np.random.Generator) -> Ints:
    """`size` positions by weight, with replacement."""
    cumulated = np.cumsum(weight)
    # Where each of as many steps of equal weight begins: a guide table (Chen and Asau 1974).
    guide = np.searchsorted(cumulated, np.linspace(0, cumulated[-1], len(cumulated) + 1), side="right")
    found = np.empty(size, np.int64)
    for part in parts(size):
        found[part] = _positions(cumulated, guide, rng.random(part.stop - part.start) * cumulated[-1])
    return found


def unique_pairs(source: Ints, target: Ints, n: int) -> Ints:
    """Positions of the first occurrence of every unordered pair of two different ends, ascending."""
    return np.flatnonzero(_first_of_pairs(positions(source), positions(target), n))


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
        return cls(*_lists(positions(source), positions(target), n))

    @property
    def degree(self) -> Ints:
        """[n] length of each list."""
        return np.diff(self.start)


@numba.njit(cache=True, parallel=True)
def _positions(cumulated: Floats, guide: Ints, point: Floats) -> Ints:  # pragma: no cover - compiled
    """How many entries of the ascending `cumulated` are at most each point, the last entry excepted."""
    found = np.empty(len(point), np.int64)
    last = len(cumulated) - 1
    step = cumulated[last] / len(cumulated)
    for row in numba.prange(len(point)):
        # One step back, so that rounding never starts the search too far ahead.
        slot = guide[max(int(point[row] / step) - 1, 0)]
        while slot < last and cumulated[slot] <= point[row]:
            slot += 1
        found[row] = min(slot, last)
    return found


@numba.njit(cache=True, parallel=True)
def _members(
    order: Ints, start: Ints, cumulated: Floats, group: Ints, chance: Floats
) -> Ints:  # pragma: no cover - compiled
    found = np.full(len(group), -1, order.dtype)
    for row in numba.prange(len(group)):
        low, high = start[group[row]], start[group[row] + 1]
        if low == high:
            continue
        point = cumulated[low] + chance[row] * (cumulated[high] - cumulated[low])
        first, end = low, high
        while first < end:
            middle = (first + end) // 2
            if cumulated[middle] <= point:
                first = middle + 1
            else:
                end = middle
        found[row] = order[max(first - 1, low)]
    return found


@numba.njit(cache=True)
def _first_of_pairs(source: Ints, target: Ints, n: int) -> np.ndarray:  # pragma: no cover - compiled
    """Whether a row is the first of its unordered pair; never where an end is missing or both are one."""
    first = np.zeros(len(source), np.bool_)
    start = np.zeros(n + 1, np.int64)
    for row in range(len(source)):
        if source[row] >= 0 and target[row] >= 0 and source[row] != target[row]:
            start[min(source[row], target[row]) + 1] += 1
    start = np.cumsum(start)
    fill, by_lower = start[:-1].copy(), np.empty(start[-1], np.int32)
    for row in range(len(source)):
        if source[row] >= 0 and target[row] >= 0 and source[row] != target[row]:
            lower = min(source[row], target[row])
            by_lower[fill[lower]] = row
            fill[lower] += 1
    met = np.full(n, -1, np.int32)
    for lower in range(n):
        for row in by_lower[start[lower] : start[lower + 1]]:
            upper = max(source[row], target[row])
            first[row] = met[upper] != lower
            met[upper] = lower
    return first


@numba.njit(cache=True)
def _lists(source: Ints, target: Ints, n: int) -> tuple[Ints, Ints, Ints]:  # pragma: no cover - compiled
    """Lists in any order, then transposed: what is walked through by person comes out sorted by person."""
    start = np.zeros(n + 1, np.int64)
    for tie in range(len(source)):
        start[source[tie] + 1] += 1
        start[target[tie] + 1] += 1
    start = np.cumsum(start)
    loose, loose_tie = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    fill = start[:-1].copy()
    for tie in range(len(source)):
        for one, other in ((source[tie], target[tie]), (target[tie], source[tie])):
            loose[fill[one]], loose_tie[fill[one]] = other, tie
            fill[one] += 1
    neighbour, neighbour_tie = np.empty_like(loose), np.empty_like(loose)
    fill = start[:-1].copy()
    for person in range(n):
        for slot in range(start[person], start[person + 1]):
            place = fill[loose[slot]]
            neighbour[place], neighbour_tie[place] = person, loose_tie[slot]
            fill[loose[slot]] += 1
    return start, neighbour, neighbour_tie
