"""Random reverse reachable sets: whom a take-up could have come from (Borgs, Brautbar, Chayes & Lucier 2014).

A set holds everyone from whom a random contact can be reached along live edges.  The share of sets that a
choice of people meets, times the number of contacts, estimates their spread without bias.

Three things make it fast and steady.  Contacts whom nobody moves are not drawn: they count for themselves.
Live edges into a contact, sorted by falling probability, are found by geometric jumps instead of one coin for
each (SUBSIM: Guo, Wang, Wei & Chen 2020, "Influence Maximization Revisited").  And the contacts that sets
begin with are dealt like cards, without replacement, deck by deck: the estimate scatters less, and every
bound by moment generating functions holds as it stands (Hoeffding 1963, theorem 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.ambassadors.spread_graph import Floats, Ints, SpreadGraph

JUMP_BELOW = 0.2
"""Less probable edges are jumped over; for others a coin costs less than a logarithm."""


@dataclass
class ReverseReachable:
    """Sets drawn so far, one after the other in one array.

    Attributes
    ----------
    graph, rng : what they are drawn from and with
    """

    graph: SpreadGraph
    rng: np.random.Generator
    _pool: NDArray[np.int32] = field(init=False)
    _ends: Ints = field(init=False)
    _deck: Ints = field(init=False)

    def __post_init__(self) -> None:
        self._pool = np.empty(2 * len(self.graph) + 1024, np.int32)
        self._ends, self._deck = np.zeros(1, np.int64), np.empty(0, np.int64)
        self._seen = np.full(len(self.graph), -1, np.int32)
        self._moved = np.flatnonzero(np.diff(self.graph.incoming.ptr))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def size(self) -> int:
        """Members of all sets together."""
        return int(self._ends[-1])

    def grow(self, n_sets: int) -> None:
        """Draw until there are so many sets; whole decks once there is more than one."""
        n = len(self._moved)
        if n == 0:
            return
        wanted = n_sets if n_sets <= n else -(-n_sets // n) * n
        drawn, missing = len(self), wanted - len(self)
        if missing <= 0:
            return
        decks = [self.rng.permutation(self._moved) for _ in range(-(-(missing - len(self._deck)) // n))]
        roots = np.concatenate((self._deck, *decks))
        roots, self._deck = roots[:missing], roots[missing:]
        self._ends = np.concatenate((self._ends, np.zeros(missing, np.int64)))
        incoming = self.graph.incoming
        while drawn < wanted:
            self._make_room(int(self._ends[drawn]))
            drawn = _draw(
                incoming.ptr, incoming.source, incoming.p, roots, self.rng,
                self._pool, self._ends, self._seen, drawn, wanted - missing,
            )  # fmt: skip

    def _make_room(self, size: int) -> None:
        """Room for a set of everybody, and for twice what there is."""
        if len(self._pool) - size < len(self.graph):
            pool = np.empty(2 * size + 2 * len(self.graph) + 1024, np.int32)
            pool[:size] = self._pool[:size]
            self._pool = pool

    def coverage(self) -> Coverage:
        """How much of the sets a choice of people meets, nobody chosen so far."""
        pool, n = self._pool[: self.size], len(self.graph)
        ptr = np.concatenate(([0], np.bincount(pool, minlength=n).cumsum())).astype(np.int64)
        own = np.ones(n)
        own[self._moved] = 0
        sets = _by_member(pool, self._ends, ptr)
        return Coverage(pool, self._ends, ptr, sets, len(self._moved) / max(len(self), 1), own)


@dataclass
class Coverage:
    """Expected spread of the people taken so far, as the sets estimate it: monotone and submodular.

    All operations together take time linear in the size of the sets: each is opened once, when first met.

    Attributes
    ----------
    members, ends : the sets; int64 [n_sets + 1] where each ends
    ptr, sets : int64 [n + 1], int32 [size]; the sets that hold each contact
    unit : what one set counts for, contacts drawn / sets
    own : [n] 1 for contacts who are not drawn, until they are taken
    """

    members: NDArray[np.int32]
    ends: Ints
    ptr: Ints
    sets: NDArray[np.int32]
    unit: float
    own: Floats

    def __post_init__(self) -> None:
        self._counts = np.diff(self.ptr)
        self._met = np.zeros(len(self.ends) - 1, np.bool_)

    def gains(self) -> Floats:
        """float64 [n]: what each contact would add to those taken."""
        return np.asarray(self._counts * self.unit + self.own)

    def gain(self, contact: int) -> float:
        """What one contact would add."""
        return float(self._counts[contact] * self.unit + self.own[contact])

    def take(self, contact: int) -> None:
        """Count this contact's sets as met."""
        self.own[contact] = 0
        _meet(self.members, self.ends, self.ptr, self.sets, self._counts, self._met, contact)


@njit(cache=True)
def _draw(ptr, source, p, roots, rng, pool, ends, seen, drawn, offset):  # type: ignore[no-untyped-def]
    """Draw the sets from number `drawn` on while the pool has room; the number where it stopped."""
    size = ends[drawn]
    for s in range(drawn, offset + len(roots)):
        if len(pool) - size < len(seen):
            return s
        at = size
        pool[size] = roots[s - offset]
        seen[pool[size]] = s
        size += 1
        while at < size:
            edge, end = ptr[pool[at]], ptr[pool[at] + 1]
            at += 1
            while edge < end:
                most = p[edge]
                if most >= JUMP_BELOW:
                    is_live = most == 1 or rng.random() < most
                else:
                    if most == 0:
                        break
                    jump = rng.standard_exponential() / -np.log1p(-most)
                    if jump >= end - edge:
                        break
                    edge += int(jump)
                    is_live = p[edge] == most or rng.random() * most < p[edge]
                if is_live and seen[source[edge]] != s:
                    seen[source[edge]] = s
                    pool[size] = source[edge]
                    size += 1
                edge += 1
        ends[s + 1] = size
    return offset + len(roots)


@njit(cache=True)
def _by_member(members, ends, ptr):  # type: ignore[no-untyped-def]
    place, out = ptr[:-1].copy(), np.empty(len(members), np.int32)
    for s in range(len(ends) - 1):
        for i in range(ends[s], ends[s + 1]):
            out[place[members[i]]] = s
            place[members[i]] += 1
    return out


@njit(cache=True)
def _meet(members, ends, ptr, sets, counts, met, contact):  # type: ignore[no-untyped-def]
    for i in range(ptr[contact], ptr[contact + 1]):
        s = sets[i]
        if not met[s]:
            met[s] = True
            for j in range(ends[s], ends[s + 1]):
                counts[members[j]] -= 1
