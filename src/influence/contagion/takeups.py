"""The log of take-ups, and who had gone before each of them.

A take-up is one row of `adoptions`: a contact resharing, buying or adopting an item.  Its candidates are the
contact's neighbours who had taken up the same item strictly earlier: "earlier active neighbours" (Goyal,
Bonchi & Lakshmanan 2010, "Learning influence probabilities in social networks").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from influence.data import Network
from influence.errors import DataError
from influence.graph.temporal import TemporalGraph, microseconds
from influence.graph.ties import Ties

NO_TOPIC = -1
"""The code of take-ups whose topic is not known."""


@dataclass(frozen=True)
class TakeUps:
    """Take-ups in the order of item, time and contact; only the first of a contact and item counts.

    Attributes
    ----------
    contact_ids : the contacts, whose positions `contact` holds
    items, topics : names of the codes in `item` and `topic`, sorted
    contact, item, at, topic : int64 [n]; `at` in microseconds since 1970, `topic` NO_TOPIC where not known
    """

    contact_ids: pd.Index
    items: pd.Index
    topics: pd.Index
    contact: NDArray[np.int64]
    item: NDArray[np.int64]
    at: NDArray[np.int64]
    topic: NDArray[np.int64]

    @classmethod
    def of(cls, network: Network) -> TakeUps:
        """The take-ups of a network's records.

        Raises
        ------
        DataError
            If there are none with a time.
        """
        rows = network.table("adoptions")
        rows = rows[rows["at"].notna()]
        if not len(rows):
            raise DataError("adoptions: there are no take-ups to learn from. Give a table with times.")
        item, items = pd.factorize(rows["item"], sort=True)
        topic, topics = pd.factorize(rows["topic"], sort=True, use_na_sentinel=True)
        contact = network.contact_ids.get_indexer(pd.Index(rows["contact_id"]))
        at = microseconds(rows["at"])
        order = np.lexsort((contact, at, item))
        once = pd.DataFrame({"item": item[order], "contact": contact[order]}).duplicated().to_numpy()
        order = order[~once]
        return cls(
            network.contact_ids, pd.Index(items), pd.Index(topics),
            *(values[order].astype(np.int64) for values in (contact, item, at, topic)),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.at)

    @property
    def n_contacts(self) -> int:
        """How many contacts the records know, active or not."""
        return len(self.contact_ids)

    @property
    def ptr(self) -> NDArray[np.int64]:
        """int64 [n_items + 1]: where each item's take-ups begin and end."""
        return np.searchsorted(self.item, np.arange(len(self.items) + 1)).astype(np.int64)

    @cached_property
    def n_before(self) -> NDArray[np.int64]:
        """int64 [n]: how many had taken up the same item strictly earlier."""
        tied = pd.Series(self.at).groupby([self.item, self.at]).cumcount().to_numpy(np.int64)
        return np.arange(len(self)) - self.ptr[self.item] - tied

    def where(self, rows: NDArray[np.bool_]) -> TakeUps:
        """The take-ups that a mask selects, under the same codes."""
        kept = (self.contact[rows], self.item[rows], self.at[rows], self.topic[rows])
        return TakeUps(self.contact_ids, self.items, self.topics, *kept)

    def before(self, moment: int) -> TakeUps:
        """The take-ups strictly before a moment, microseconds since 1970."""
        return self.where(self.at < moment)


@dataclass(frozen=True)
class Exposures:
    """The candidates of every take-up as compressed rows, earliest first.

    Attributes
    ----------
    ptr : int64 [n_take_ups + 1]
    row : int64 [n_pairs], the candidate's own take-up of that item, a row of `TakeUps`
    of : int64 [n_take_ups], the take-ups that have these candidates, rows of `TakeUps`; all of them by
    default
    """

    ptr: NDArray[np.int64]
    row: NDArray[np.int64]
    of: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        if len(self.of) != len(self.ptr) - 1:
            object.__setattr__(self, "of", np.arange(len(self.ptr) - 1))

    @classmethod
    def along(cls, take_ups: TakeUps, ties: Ties) -> Exposures:
        """Candidates are tied to the contact, and were so strictly before the contact's take-up.

        Time and memory grow with the pairs found and the ties of those who took something up.
        """
        taken = (take_ups.ptr, take_ups.contact, take_ups.at, take_ups.n_contacts)
        tied = (ties.ptr, ties.neighbour, ties.since, ties.until)
        counts = np.zeros(len(take_ups), np.int64)
        none = np.empty(0, np.int64)
        _along(*taken, *tied, none, counts, False)
        ptr = np.concatenate(([0], counts.cumsum())).astype(np.int64)
        row = np.empty(ptr[-1], np.int64)
        _along(*taken, *tied, row, ptr[:-1].copy(), True)
        return cls(ptr, _earliest_first(ptr, row))

    @classmethod
    def to_all_before(cls, take_ups: TakeUps, of: NDArray[np.int64] | None = None) -> Exposures:
        """Candidates are all who had taken up the item strictly earlier, tied or not.

        `of` names the take-ups to find them for, all by default: there may be very many pairs.
        """
        of = np.arange(len(take_ups)) if of is None else of
        begins, counts = take_ups.ptr[take_ups.item[of]], take_ups.n_before[of]
        ptr = np.concatenate(([0], counts.cumsum())).astype(np.int64)
        row = np.arange(ptr[-1]) - np.repeat(ptr[:-1] - begins, counts)
        return cls(ptr, row.astype(np.int64), of)

    def __len__(self) -> int:
        return len(self.row)

    def where(self, kept: NDArray[np.bool_]) -> Exposures:
        """The candidates among the take-ups that a mask selects, of these alone, as rows among them."""
        pairs = kept[self.take_up] & kept[self.row]
        counts = np.bincount(self.take_up[pairs], minlength=len(kept))[kept]
        place = np.cumsum(kept) - 1
        return Exposures(np.concatenate(([0], counts.cumsum())).astype(np.int64), place[self.row[pairs]])

    @property
    def take_up(self) -> NDArray[np.int64]:
        """int64 [n_pairs]: the take-up that each pair is a candidate of, a row of `TakeUps`."""
        return self.of[self.position]

    @property
    def position(self) -> NDArray[np.int64]:
        """int64 [n_pairs]: the same as a position in `of`."""
        return np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))

    @property
    def n_candidates(self) -> NDArray[np.int64]:
        """int64 [n_take_ups]; 0 where nobody the contact is tied to had gone before."""
        return np.diff(self.ptr)


def ties_of(graph: TemporalGraph) -> Ties:
    """Ties of either direction from every kind of edge between contacts."""
    return Ties.build(graph.edges, graph.n_contacts)


def _earliest_first(ptr: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of one item are in the order of time already."""
    return row[np.lexsort((row, np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))))]


@njit(cache=True)
def _along(ptr, contact, at, n_contacts, tie_ptr, neighbour, since, until, out, place, fill):  # type: ignore[no-untyped-def]
    """Count (into `place`) or write (from `place` on) the candidates of every take-up."""
    row_of = np.full(n_contacts, -1, np.int64)
    for item in range(len(ptr) - 1):
        for i in range(ptr[item], ptr[item + 1]):
            row_of[contact[i]] = i
        for i in range(ptr[item], ptr[item + 1]):
            last = -1
            for slot in range(tie_ptr[contact[i]], tie_ptr[contact[i] + 1]):
                j = row_of[neighbour[slot]]
                held = since[slot] < at[i] and at[i] <= until[slot]
                if j >= 0 and at[j] < at[i] and held and neighbour[slot] != last:
                    last = neighbour[slot]
                    if fill:
                        out[place[i]] = j
                    place[i] += 1
        for i in range(ptr[item], ptr[item + 1]):
            row_of[contact[i]] = -1
