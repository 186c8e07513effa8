"""Items whose true parents are on record, divided by the time of the item."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.covariates import COLUMNS, Covariates
from influence.contagion.drawing import drawn
from influence.contagion.excitation import Excitation
from influence.contagion.parents import Choices, joined
from influence.contagion.takeups import Exposures, TakeUps
from influence.data import Network
from influence.errors import DataError
from influence.graph.temporal import microseconds

SPREAD = COLUMNS.index("log_spread")
LAST = 0.15
"""Share of the items, the last ones by time, that test, and as many before them that validate."""
N_BLOCKS = 5
"""Training items are divided by time into this many blocks."""


@dataclass(frozen=True)
class ParentLog:
    """Take-ups with their true parents.

    Attributes
    ----------
    network : the records
    take_ups : all of them
    parent : int64 [n], the parent's take-up of the item; -1 where it is not known, not strictly earlier, or
        where several are named
    order : int64 [n_items], each item's place in the order of time, 0 the earliest
    """

    network: Network
    take_ups: TakeUps
    parent: NDArray[np.int64]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, network: Network) -> ParentLog:
        """Read the parents off the shares of each item.

        Raises
        ------
        DataError
            If there are no take-ups, or no parent of one is known.
        """
        take_ups = TakeUps.of(network)
        parent = _parents(network, take_ups)
        if not (parent >= 0).any():
            raise DataError(
                "interactions: no share names the parent of a take-up. Give shares with actor_id, target_id, "
                "content_id (the item) and at (the moment of the take-up)."
            )
        contents = network.table("contents").drop_duplicates("content_id", keep="last")
        at = pd.Series(microseconds(contents["at"]), index=contents["content_id"]).reindex(take_ups.items)
        first = pd.Series(take_ups.at[take_ups.ptr[:-1]], index=at.index)
        posted = at.where(at.notna(), first).to_numpy(np.int64)
        order = np.empty(len(posted), np.int64)
        order[np.lexsort((np.arange(len(posted)), posted))] = np.arange(len(posted))
        return cls(network, take_ups, parent, order)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.order)

    def boundaries(self) -> tuple[int, int]:
        """The places in the order of time where validation and test begin.

        Raises
        ------
        DataError
            If a part would be empty.
        """
        n = math.ceil(LAST * self.n_items)
        begins = self.n_items - 2 * n, self.n_items - n
        for low, high in ((0, begins[0]), begins, (begins[1], self.n_items)):
            if high <= low or not len(self.queries(low, high)):
                raise DataError(
                    f"adoptions: {self.n_items} items with known parents are too few to divide into train, "
                    "validation and test. Give more items."
                )
        return begins

    def queries(self, low: int, high: int) -> NDArray[np.int64]:
        """Take-ups with a known parent of the items from place `low` up to `high`."""
        place = self.order[self.take_ups.item]
        return np.flatnonzero((self.parent >= 0) & (low <= place) & (place < high))

    def covariates(self, known: int) -> Covariates:
        """What is known where parents are hidden from the place `known` in the order of items on."""
        rows = self.network.table("interactions")
        item = self.take_ups.items.get_indexer(pd.Index(rows["content_id"]))
        shown = (item < 0) | (self.order[np.maximum(item, 0)] < known)
        hidden = {**self.network.tables, "interactions": rows[shown]}
        return Covariates.of(Network(hidden), self.take_ups)

    def excitation(self, known: int) -> Excitation:
        """Rates and delays of the items before the place `known`."""
        shown = self.order[self.take_ups.item] < known
        return Excitation.of(self.take_ups, np.where(shown, self.parent, -1))

    def choices(self, covariates: Covariates, excitation: Excitation, of: NDArray[np.int64]) -> Choices:
        """Take-ups with all of their candidates."""
        exposures = Exposures.to_all_before(self.take_ups, of)
        return self._choices(covariates, excitation, exposures, np.zeros(len(exposures), np.float32))

    def training(self, until: int, n_queries: int, n_candidates: int, rng: np.random.Generator) -> Choices:
        """Drawn take-ups of the items before `until`, with drawn candidates.

        The covariates of a block of items holds the parents of earlier blocks only, as at the test, where
        parents are hidden from the boundary on: fresher histories would teach more trust in them than
        stale ones deserve.
        """
        edges = np.linspace(0, until, N_BLOCKS + 1).round().astype(np.int64)
        kept = _drawn_rows(self.queries(0, until), n_queries, rng)
        place = self.order[self.take_ups.item[kept]]
        excitation, parts = self.excitation(until), []
        for low, high in pairwise(edges):
            of = kept[(low <= place) & (place < high)]
            if len(of):
                known = self.covariates(int(low))
                strength = np.exp(known.own[:, SPREAD].astype(np.float64))
                parent = self.parent[of]
                exposures, log_count = drawn(self.take_ups, of, parent, n_candidates, strength, rng)
                parts.append(self._choices(known, excitation, exposures, log_count))
        return joined(parts)

    def _choices(
        self,
        covariates: Covariates,
        excitation: Excitation,
        exposures: Exposures,
        offset: NDArray[np.float32],
    ) -> Choices:
        before = self.take_ups.n_before[exposures.take_up]
        columns = covariates.of_pairs(exposures.row, exposures.take_up, before)
        so_far = excitation.columns(self.take_ups, covariates.own[:, SPREAD], exposures)
        columns = np.concatenate((columns, so_far), axis=1)
        chosen = np.flatnonzero(exposures.row == self.parent[exposures.take_up])
        return Choices(columns, exposures.ptr, offset, chosen)


def _drawn_rows(rows: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rows if len(rows) <= n else np.sort(rng.choice(rows, n, replace=False))


def _parents(network: Network, take_ups: TakeUps) -> NDArray[np.int64]:
    rows = network.table("interactions")
    rows = rows[(rows["kind"] == "share") & rows["content_id"].notna() & rows["target_id"].notna()]
    contact, item = take_ups.contact_ids, take_ups.items.get_indexer(pd.Index(rows["content_id"]))
    key = take_ups.item * take_ups.n_contacts + take_ups.contact
    found = [
        pd.Index(key).get_indexer(item * take_ups.n_contacts + contact.get_indexer(pd.Index(rows[name])))
        for name in ("actor_id", "target_id")
    ]
    child, parent = (np.where(item >= 0, one, -1) for one in found)
    sound = (child >= 0) & (parent >= 0)
    child, parent, at = child[sound], parent[sound], microseconds(rows["at"])[sound]
    named = (take_ups.at[child] == at) & (take_ups.at[parent] < at)
    pairs = np.unique(np.column_stack((child[named], parent[named])), axis=0)
    n_named = np.bincount(pairs[:, 0], minlength=len(take_ups))
    out = np.full(len(take_ups), -1)
    out[pairs[:, 0]] = pairs[:, 1]
    return np.where(n_named == 1, out, -1)
