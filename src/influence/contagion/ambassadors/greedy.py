"""Lazy greedy choice under limits, for any monotone submodular objective.

Lazy: what a person adds only falls as others are chosen, so that an old figure is an upper bound and most
need no second look (Minoux 1978; "CELF", Leskovec et al. 2007).  How good the choice is:

- with a number of people only, at least 1 - 1/e of the best (Nemhauser, Wolsey & Fisher 1978);
- with a cap per company, at least 1/2 (Fisher, Nemhauser & Wolsey 1978);
- with a budget, the better of the greedy choices by worth and by worth per cost is at least (1 - 1/e) / 2
  (Khuller, Moss & Naor 1999; Leskovec et al. 2007); the first begins with the best single person;
- with a budget and further limits no constant is claimed.

In every case `Choice.bound` limits what any choice could reach, from the figures at hand.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.ambassadors.spread_graph import Floats, Ints

NO_GROUP = -1
"""The company of those who have none: no cap applies to them."""


class Objective(Protocol):
    """A monotone submodular worth of sets of people, and the people taken so far."""

    def gains(self) -> Floats:
        """float64 [n]: what each contact would add to those taken."""
        ...

    def gain(self, contact: int) -> float:
        """What one contact would add."""
        ...

    def take(self, contact: int) -> None:
        """Add a contact to those taken."""
        ...


@dataclass(frozen=True)
class Ground:
    """Whom to choose from, and within which limits.

    Attributes
    ----------
    eligible : int64 [m], positions of those who may be chosen, rising
    k : at most so many
    cost : [n] above 0, in the units of `budget`
    budget : at most so much; infinite without one
    groups : ((codes int64 [n] from 0 or NO_GROUP, caps int64 [n_groups]), ...), such as companies
    include : int64, positions of those who must be chosen, within the limits
    """

    eligible: Ints
    k: int
    cost: Floats
    budget: float = np.inf
    groups: tuple[tuple[Ints, Ints], ...] = ()
    include: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def optional(self) -> Ints:
        """Those who may be chosen and need not be, rising."""
        if not len(self.include):
            return self.eligible
        return np.setdiff1d(self.eligible, self.include, assume_unique=True)

    @classmethod
    def of(cls, n: int, k: int) -> Ground:
        """Any `k` of `n`."""
        return cls(np.arange(n), k, np.ones(n))


@dataclass(frozen=True)
class Choice:
    """People in the order chosen, those who had to be first.

    Attributes
    ----------
    chosen : int64 [at most k]
    gain : [at most k] what each added, by the objective
    objective : with the people taken
    """

    chosen: Ints
    gain: Floats
    objective: Objective

    @property
    def worth(self) -> float:
        """What all are worth together."""
        return float(self.gain.sum())

    def bound(self, ground: Ground) -> float:
        """No choice within the limits is worth more, by the objective."""
        return self.worth + most(self.objective, ground)


def choose(fresh: Callable[[], Objective], ground: Ground) -> Choice:
    """The greedy choice; with a budget, the better of those by worth and by worth per cost.

    Parameters
    ----------
    fresh
        Gives the objective, nobody taken.
    """
    prices = [np.ones_like(ground.cost)]
    if np.isfinite(ground.budget):
        prices.append(ground.cost)
    found = []
    for price in prices:
        objective = fresh()
        found.append(Choice(*_lazy(objective, ground, price), objective))
    return max(found, key=lambda choice: choice.worth)


class _Room:
    """What the limits still allow."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.k, self.budget = ground, ground.k, ground.budget
        self.caps = [caps.copy() for _, caps in ground.groups]
        self.is_bounded = np.isfinite(ground.budget) or bool(ground.groups)

    def fit(self, contacts: Ints) -> NDArray[np.bool_]:
        """Which of them may be taken next; whoever may not now never will."""
        # A sum of costs that meets the budget in decimals must do so in floating point.
        fit: NDArray[np.bool_] = self.ground.cost[contacts] <= self.budget * (1 + 1e-12) + 1e-12
        for (codes, _), caps in zip(self.ground.groups, self.caps, strict=True):
            code = codes[contacts]
            fit = fit & ((code == NO_GROUP) | (np.append(caps, 1)[code] > 0))
        return fit

    def fill(self, contact: int) -> None:
        self.k -= 1
        self.budget -= float(self.ground.cost[contact])
        for (codes, _), caps in zip(self.ground.groups, self.caps, strict=True):
            if codes[contact] != NO_GROUP:
                caps[codes[contact]] -= 1


class _Bounds:
    """Candidates, rising, by an upper bound of their worth per price: highest first, ties by position.

    Only those looked at twice go through a heap; the rest stay in a sorted array.
    """

    def __init__(self, contacts: Ints, keys: Floats) -> None:
        order = np.argsort(-keys, kind="stable")
        self._sorted = ((-float(keys[i]), int(contacts[i])) for i in order)
        self._next = next(self._sorted, None)
        self._heap: list[tuple[float, int]] = []

    def peek(self) -> tuple[float, int] | None:
        if not self._heap:
            return self._next
        return self._heap[0] if self._next is None else min(self._heap[0], self._next)

    def pop(self) -> tuple[float, int]:
        if self._next is not None and (not self._heap or self._next < self._heap[0]):
            first, self._next = self._next, next(self._sorted, None)
            return first
        return heapq.heappop(self._heap)

    def push(self, key: float, contact: int) -> None:
        heapq.heappush(self._heap, (-key, contact))


def _lazy(objective: Objective, ground: Ground, price: Floats) -> tuple[Ints, Floats]:
    """Whom greedy takes, and what each added, by worth per price."""
    room = _Room(ground)
    chosen, gain = ground.include.tolist(), []
    for contact in chosen:
        gain.append(objective.gain(contact))
        objective.take(contact)
        room.fill(contact)
    for contact, added in _picks(objective, ground.optional, price, room):
        objective.take(contact)
        room.fill(contact)
        chosen.append(contact)
        gain.append(added)
    return np.array(chosen, np.int64), np.array(gain, np.float64)


def _picks(objective: Objective, left: Ints, price: Floats, room: _Room) -> Iterator[tuple[int, float]]:
    """The next person and what they add, while anybody fits and adds anything."""
    bounds = _Bounds(left, objective.gains()[left] / price[left])
    while room.k > 0 and bounds.peek() is not None:
        contact = bounds.pop()[1]
        if room.is_bounded and not room.fit(np.array([contact]))[0]:
            continue
        added = objective.gain(contact)
        if added <= 0:
            continue
        following = bounds.peek()
        if following is not None and (-added / price[contact], contact) > following:
            bounds.push(added / price[contact], contact)
            continue
        yield contact, added


def most(objective: Objective, ground: Ground) -> float:
    """No people within the limits can add more than this to those taken: what each adds only falls.

    The better of two relaxations: the best `k` within the caps of one grouping, and the best for the money
    where the last may be taken in part.
    """
    room, gains = _Room(ground), objective.gains()
    for contact in ground.include.tolist():
        room.fill(contact)
    left = ground.optional[room.fit(ground.optional)]
    order = left[np.argsort(-gains[left], kind="stable")]
    found = [float(gains[order[: room.k]].sum())]
    for (codes, _), caps in zip(ground.groups, room.caps, strict=True):
        place = pd.Series(codes[order]).groupby(codes[order]).cumcount().to_numpy()
        kept = order[(codes[order] == NO_GROUP) | (place < np.append(caps, 0)[codes[order]])]
        found.append(float(gains[kept[: room.k]].sum()))
    if np.isfinite(room.budget):
        rate = order[np.argsort(-gains[order] / ground.cost[order], kind="stable")]
        cost = ground.cost[rate]
        part = np.clip((room.budget - (cost.cumsum() - cost)) / cost, 0, 1)
        found.append(float((gains[rate] * part).sum()))
    return min(found)
