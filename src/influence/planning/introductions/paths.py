"""Every path of at most three hops from those who may ask to a target, and the best of them under a cap.

With three hops at most, the layers of a path meet in the middle: whom the senders know on one side, whom
those know who know the target on the other.  Joining the two lists every simple path, so that the best k are
exact whatever a path is worth; no heuristic search (such as Yen's 1971 algorithm) is called for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.graph.ties import Ties, runs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_HOPS = 3
"""Who is asked to ask somebody to ask somebody will not."""
NOBODY = -1


@dataclass(frozen=True)
class Paths:
    """Paths from a sender to a target, positions in the graph.

    Attributes
    ----------
    sender, first, second, target : int64 [n]; `first` is asked by the sender, `second` by the first; `NOBODY`
        where a path has no such step
    """

    sender: Ints
    first: Ints
    second: Ints
    target: Ints

    def __len__(self) -> int:
        return len(self.sender)

    def __getitem__(self, rows: Ints | NDArray[np.bool_]) -> Paths:
        return Paths(self.sender[rows], self.first[rows], self.second[rows], self.target[rows])

    @property
    def hops(self) -> Ints:
        """Ties that each path runs along, were the target tied to the endorser's word: 1 to 3."""
        return 1 + (self.first >= 0) + (self.second >= 0).astype(np.int64)

    @property
    def endorser(self) -> Ints:
        """Who speaks to the target; `NOBODY` where the sender does."""
        return np.where(self.second >= 0, self.second, self.first)

    @property
    def opens_with(self) -> Ints:
        """Who is spoken to first, or the sender who knows the target: what tells two ways in apart."""
        return np.where(self.first >= 0, self.first, self.sender)

    @classmethod
    def joined(cls, parts: Sequence[Paths]) -> Paths:
        """All paths, one part after another."""
        empty = np.empty(0, np.int64)
        return cls(*(np.concatenate([empty, *(getattr(p, name) for p in parts)]) for name in _COLUMNS))


_COLUMNS = ("sender", "first", "second", "target")


class Search:
    """Finds the paths from some senders, at one moment.

    Parameters
    ----------
    ties
        Who is tied to whom; only ties that hold at the moment are walked.
    senders : int64 [n_senders], positions, each once
    barred : bool [n_contacts], who must not be asked to introduce anybody; senders never are
    at
        The moment, microseconds.
    """

    def __init__(self, ties: Ties, senders: Ints, barred: NDArray[np.bool_], at: int) -> None:
        self.ties, self.senders, self.at = ties, senders, at
        self.open = ~barred
        self.open[senders] = False
        row, known = ties.neighbours(senders, at)
        kept = self.open[known]
        sender, known = senders[row[kept]], known[kept]
        order = np.lexsort((sender, known))
        self._sender, self._known = sender[order], known[order]

    def to(self, target: int, max_hops: int = MOST_HOPS) -> Paths:
        """Every simple path to a target of at most `max_hops` hops, but none around a tie that exists.

        Where senders are tied to the target themselves, nobody needs an introduction: these alone are told.
        """
        _, near = self.ties.neighbours(np.array([target]), self.at)
        direct = np.intersect1d(near, self.senders)
        if len(direct) or max_hops < 2:
            nobody = np.full(len(direct), NOBODY)
            return Paths(direct, nobody, nobody, np.full(len(direct), target))
        ends = near[self.open[near]]
        parts = [self._asking(ends, np.full(len(ends), NOBODY), target)]
        if max_hops >= MOST_HOPS:
            row, middle = self.ties.neighbours(ends, self.at)
            kept = self.open[middle] & (middle != target)
            parts.append(self._asking(middle[kept], ends[row[kept]], target))
        return Paths.joined(parts)

    def _asking(self, first: Ints, second: Ints, target: int) -> Paths:
        """The senders who know each of the first."""
        low, high = (np.searchsorted(self._known, first, side) for side in ("left", "right"))
        row, place = runs(low, high - low)
        return Paths(self._sender[place], first[row], second[row], np.full(len(row), target))


def choose(
    paths: Paths, worth: Floats, k: int, max_asks: int | None = None, per_target: int | None = None
) -> Ints:
    """Rows of the best paths, best first, none of which asks anybody more than `max_asks` times in all.

    Best first, without regard to the sum: the ways in to one target are tried in turn, so that the best one
    must not give way for two good ones.  One path for each target and each person spoken to first, as asking
    the same person for the same thing again is no further way in.

    Parameters
    ----------
    worth
        (n,) what each path is worth; of equals the shorter, then the one whose ids come first.
    per_target
        Paths to the same target; None: any number.
    """
    hops = paths.hops
    order = np.lexsort((paths.second, paths.first, paths.sender, paths.target, hops, -worth))
    asked, reached = Counter[int](), Counter[int]()
    met, chosen = set[tuple[int, int]](), list[int]()
    columns = (paths.target, paths.opens_with, paths.first, paths.second)
    for row, target, opener, *steps in zip(
        order.tolist(), *(column[order].tolist() for column in columns), strict=True
    ):
        people = [one for one in steps if one >= 0]
        if (
            (target, opener) in met
            or reached[target] == per_target
            or any(asked[one] == max_asks for one in people)
        ):
            continue
        met.add((target, opener))
        asked.update(people)
        reached[target] += 1
        chosen.append(row)
        if len(chosen) == k:
            break
    return np.array(chosen, np.int64)


def n_ways(paths: Paths, rows: Ints) -> Ints:
    """For each of some rows, how many people could be spoken to first on the way to its target."""
    ways = np.unique(np.column_stack((paths.target, paths.opens_with)), axis=0)[:, 0]
    low, high = (np.searchsorted(ways, paths.target[rows], side) for side in ("left", "right"))
    return high - low
