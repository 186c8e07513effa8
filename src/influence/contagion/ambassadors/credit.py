"""Credit for take-ups that happened, flowing back along chains of attribution.

Each take-up's attribution gives shares to those who had gone before and the rest to the outside; their own
take-ups were attributed in turn.  So credit is multiplied along every chain, and a take-up is due to a set
of people as far as its chains meet one of them (credit distribution: Goyal, Bonchi & Lakshmanan 2011, "A
data-based approach to social influence maximization").  A chain is a random walk back in time, so that this
worth is a weighted coverage: monotone and submodular.

Other than there, a person's own take-up is no credit of theirs, and what a person adds is found from two sums
for each take-up instead of one for each pair of people: of credit that would flow to it from later ones, and
of credit from it that nobody chosen before has earned.  Both cost one pass over the pairs of an item.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from scipy.stats import t

from influence.contagion.ambassadors.spread_graph import Floats, Ints
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import DataError
from influence.texts import first_few

TOLERANCE = 1e-6
"""By so much the shares of a take-up may miss 1 in sum."""


@dataclass(frozen=True)
class AttributedLog:
    """Take-ups, their candidates, and the share of each in them.

    Attributes
    ----------
    take_ups, exposures : n take-ups with m pairs of take-up and candidate
    share : [m] in [0, 1]
    outside : [n] in [0, 1]; with the shares of a take-up it sums to 1

    Raises
    ------
    DataError
        If shares lie outside [0, 1], or do not sum to 1.
    """

    take_ups: TakeUps
    exposures: Exposures
    share: Floats
    outside: Floats

    def __post_init__(self) -> None:
        n, m = len(self.take_ups), len(self.exposures)
        if len(self.share) != m or len(self.outside) != n:
            raise DataError(
                f"There are {m:,} pairs of take-up and candidate and {len(self.share):,} shares, {n:,} "
                f"take-ups and {len(self.outside):,} outside shares. Give one for each."
            )
        for name, values in (("Shares", self.share), ("Outside shares", self.outside)):
            wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
            if len(wrong):
                raise DataError(f"{name} of take-ups lie outside [0, 1] in rows {first_few(wrong)}.")
        total = self.outside + np.bincount(self.exposures.take_up, self.share, minlength=n)
        wrong = np.flatnonzero(np.abs(total - 1) > TOLERANCE)
        if len(wrong):
            raise DataError(
                "The shares and the outside share of a take-up must sum to 1; in rows "
                f"{first_few(wrong)} they do not (the first: {total[wrong[0]]:.6g})."
            )

    def __len__(self) -> int:
        return self.take_ups.n_contacts

    @cached_property
    def rows_of(self) -> tuple[Ints, Ints]:
        """int64 [n_contacts + 1] and [n_take_ups]: where each contact's take-ups stand, and these."""
        contact = self.take_ups.contact
        order = np.argsort(contact, kind="stable")
        return np.searchsorted(contact[order], np.arange(len(self) + 1)).astype(np.int64), order

    @property
    def arrays(self) -> tuple[Ints, Ints, Floats, Floats]:
        """Pairs by take-up, the candidate's row, shares and outside shares, as the kernels want them."""
        return self.exposures.ptr, self.exposures.row, self.share, self.outside

    def credit(self) -> Credit:
        """The worth of people, nobody taken so far."""
        return Credit(self)


class Credit:
    """Take-ups due to the people taken so far: monotone and submodular.

    Looking up what a contact would add costs time linear in that contact's take-ups; taking them, time linear
    in the pairs of the items that they took up.
    """

    def __init__(self, log: AttributedLog) -> None:
        self.log = log
        n = len(log.take_ups)
        self._is_taken = np.zeros(n, np.bool_)
        self._free, self._due = np.empty(n), np.zeros(n)
        self._items = log.take_ups.ptr
        for item in range(len(self._items) - 1):
            self._flow(item)

    def gains(self) -> Floats:
        """float64 [n_contacts]: what each contact would add to those taken."""
        contact = self.log.take_ups.contact
        added = np.where(self._is_taken, 0.0, self._free * self._due)
        return np.bincount(contact, added, minlength=len(self.log)).astype(np.float64)

    def gain(self, contact: int) -> float:
        """What one contact would add."""
        rows = self._rows(contact)
        rows = rows[~self._is_taken[rows]]
        return float(self._free[rows] @ self._due[rows])

    def take(self, contact: int) -> None:
        """Let this contact earn all credit that flows to their take-ups."""
        rows = self._rows(contact)
        self._is_taken[rows] = True
        for item in self.log.take_ups.item[rows].tolist():
            self._flow(item)

    @property
    def by_item(self) -> Floats:
        """[n_items] take-ups of each item that are due to those taken."""
        item, n = self.log.take_ups.item, len(self._items) - 1
        return np.bincount(item, 1 - self._free, minlength=n).astype(np.float64)

    def _rows(self, contact: int) -> Ints:
        ptr, rows = self.log.rows_of
        return rows[ptr[contact] : ptr[contact + 1]]

    def _flow(self, item: int) -> None:
        span = self._items[item], self._items[item + 1]
        _flow(*self.log.arrays, self._is_taken, self._free, self._due, *span)


def interval_over_items(by_item: Floats) -> tuple[float, float]:
    """Student's 95 % interval of a sum over items, as if drawn from many; NaN with fewer than two."""
    n, total = len(by_item), float(by_item.sum())
    if n < 2:
        return float("nan"), float("nan")
    half = t.ppf(0.975, n - 1) * np.sqrt(n * by_item.var(ddof=1))
    return max(total - half, 0.0), total + half


def shapley_credit(log: AttributedLog, chosen: Ints) -> Floats:
    """[k] each person's part of what is due to all: a chain that meets c of them counts 1 / c for each.

    These are Shapley values (1953) of the credit as a game among the chosen; they sum to it exactly.
    """
    chosen = np.asarray(chosen, np.int64)
    place = np.full(len(log), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    return np.asarray(_parts(*log.arrays, log.take_ups.ptr, place[log.take_ups.contact], len(chosen)))


@njit(cache=True)
def _flow(ptr, row, share, outside, is_taken, free, due, begin, end):  # type: ignore[no-untyped-def]
    """Rows of an item stand in the order of time, so that candidates come before those whom they moved.

    free : chance that a chain back from a take-up, itself not counted, meets nobody taken
    due : expected number of later take-ups whose chain comes by, nobody taken having been met before
    """
    for i in range(begin, end):
        free[i], due[i] = outside[i], 0.0
        for pair in range(ptr[i], ptr[i + 1]):
            if not is_taken[row[pair]]:
                free[i] += share[pair] * free[row[pair]]
    for i in range(end - 1, begin - 1, -1):
        flow = 1.0 if is_taken[i] else 1.0 + due[i]
        for pair in range(ptr[i], ptr[i + 1]):
            due[row[pair]] += share[pair] * flow


@njit(cache=True)
def _parts(ptr, row, share, outside, items, place, k):  # type: ignore[no-untyped-def]
    """As `_flow`, by the number of chosen people whom a chain meets on each side of a take-up."""
    parts = np.zeros(k)
    for item in range(len(items) - 1):
        begin, end = items[item], items[item + 1]
        most = 0
        for i in range(begin, end):
            most += place[i] >= 0
        if most == 0:
            continue
        before, after = np.zeros((end - begin, most + 1)), np.zeros((end - begin, most + 1))
        for i in range(begin, end):
            before[i - begin, 0] += outside[i]
            for pair in range(ptr[i], ptr[i + 1]):
                met = 1 if place[row[pair]] >= 0 else 0
                for c in range(most + 1 - met):
                    before[i - begin, c + met] += share[pair] * before[row[pair] - begin, c]
        for i in range(end - 1, begin - 1, -1):
            met = 1 if place[i] >= 0 else 0
            for pair in range(ptr[i], ptr[i + 1]):
                after[row[pair] - begin, 0] += share[pair]
                for c in range(most + 1 - met):
                    after[row[pair] - begin, c + met] += share[pair] * after[i - begin, c]
        for i in range(begin, end):
            if place[i] >= 0:
                for c in range(most):
                    for d in range(most - c):
                        parts[place[i]] += after[i - begin, c] * before[i - begin, d] / (c + d + 1)
    return parts
