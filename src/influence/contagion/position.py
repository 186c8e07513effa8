"""What the log and the ties known before a moment say of each contact: what one knows, and whom one knows.

The parting of opinion leadership into who one is, what one knows and whom one knows is Katz's (1957, "The
two-step flow of communication").  Windows are shares of the take-ups known, so that nothing here depends on
the unit of time or on how busy a source is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.contagion.centrality import degrees, k_core, neighbour_degrees, pagerank
from influence.contagion.credit import Credit
from influence.contagion.shrinkage import shrunk_rates
from influence.contagion.takeups import Exposures, TakeUps
from influence.graph.temporal import NEVER
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC

Floats = NDArray[np.float64]
Columns = dict[str, Floats]
"""Name -> float64 [n_contacts]; NaN where not known."""

LIVELY = 1
"""The place among the windows of the one that tells who and what is active now."""


@dataclass(frozen=True)
class Position:
    """The take-ups and ties strictly before a moment; all of them must be.

    Attributes
    ----------
    take_ups, exposures : the log, and who had gone before each of its take-ups
    ties : bool CSR [n_contacts, n_contacts], who is tied to whom at the moment
    at : the moment, microseconds since 1970
    windows : shares of the latest take-ups, ascending, the last one 1
    begins : when each window begins, microseconds
    """

    take_ups: TakeUps
    exposures: Exposures
    ties: csr_matrix
    at: int
    windows: tuple[float, ...]
    begins: tuple[int, ...]

    @cached_property
    def credit(self) -> Credit:
        """The equal split of every take-up."""
        return Credit.of(self.take_ups, self.exposures)

    @property
    def n_contacts(self) -> int:
        """How many contacts the records know."""
        return self.take_ups.n_contacts

    def of_topic(self, topic: int) -> Position:
        """The same moment, windows and ties, with the take-ups of one topic alone."""
        kept = self.take_ups.topic == topic
        return replace(self, take_ups=self.take_ups.where(kept), exposures=self.exposures.where(kept))

    def counted(self, rows: NDArray[np.bool_] | None = None, worth: Floats | None = None) -> Floats:
        """How many take-ups each contact has, of those that a mask selects; or the sum of what they weigh."""
        kept = np.ones(len(self.take_ups), np.bool_) if rows is None else rows
        weight = None if worth is None else worth[kept]
        return np.bincount(self.take_ups.contact[kept], weight, minlength=self.n_contacts).astype(np.float64)

    @cached_property
    def recent(self) -> Floats:
        """Take-ups of each contact in the lively window."""
        return self.counted(self.take_ups.at >= self.begins[LIVELY])

    def knowledge(self) -> Columns:
        """What one knows: own take-ups, how many, how early, how concentrated, how lately."""
        log = self.take_ups
        n = self.counted()
        size = np.diff(log.ptr)[log.item]
        rank = np.arange(len(log)) - log.ptr[log.item]
        later = size - rank - 1.0
        life = np.bincount(log.item[log.at >= self.begins[LIVELY]], minlength=len(log.items))[log.item]
        last = np.full(self.n_contacts, STATIC)
        np.maximum.at(last, log.contact, log.at)
        per_window = {
            f"log_take_ups_{share:g}": np.log1p(self.counted(log.at >= begin))
            for share, begin in zip(self.windows, self.begins, strict=True)
        }
        return per_window | {
            "mean_earliness": _ratio(self.counted(worth=later / np.maximum(size - 1, 1)), n),
            "log_items_started": np.log1p(self.counted(rank == 0)),
            "mean_log_item_size": _ratio(self.counted(worth=np.log1p(size)), n),
            "mean_log_rank": _ratio(self.counted(worth=np.log1p(rank)), n),
            "log_later_take_ups": np.log1p(self.counted(worth=later)),
            "log_life_of_items": np.log1p(self.counted(worth=life.astype(np.float64))),
            "log_days_since_last": self._log_days_since(last, n),
            "topic_concentration": self._concentration(),
        }

    def tenure(self) -> Floats:
        """Log-days since each contact's first take-up."""
        first = np.full(self.n_contacts, NEVER)
        np.minimum.at(first, self.take_ups.contact, self.take_ups.at)
        return self._log_days_since(first, self.counted())

    def _log_days_since(self, moment: NDArray[np.int64], n: Floats) -> Floats:
        days = (self.at - np.where(n > 0, moment, self.at)) / MICROSECONDS_PER_DAY
        return np.where(n > 0, np.log1p(days), np.nan)

    def _concentration(self) -> Floats:
        """Herfindahl index of each contact's take-ups over topics; NaN where no topic is known."""
        log, known = self.take_ups, self.take_ups.topic >= 0
        shape = (self.n_contacts, max(len(log.topics), 1))
        counts = csr_matrix((np.ones(known.sum()), (log.contact[known], log.topic[known])), shape=shape)
        total = np.asarray(counts.sum(1)).ravel()
        return _ratio(np.asarray(counts.multiply(counts).sum(1)).ravel(), total**2)

    def ties_alone(self) -> Columns:
        """Whom one knows, whatever the topic: the place among the ties."""
        degree, active = degrees(self.ties), (self.counted() > 0).astype(np.float64)
        n_active = self.ties @ active
        return {
            "log_degree": np.log1p(degree),
            "log_neighbour_degree": np.log1p(neighbour_degrees(self.ties)),
            "log_pagerank": np.log(pagerank(self.ties)),
            "k_core": k_core(self.ties),
            "share_active": _ratio(n_active, degree),
            "log_active_neighbours": np.log1p(n_active),
            "log_inactive_neighbours": np.log1p(degree - n_active),
        }

    def reach(self) -> Columns:
        """Whom one knows, and moves: credit, own and of those one moved, and the neighbours' activity."""
        credit, tied = self.credit, self.ties
        n, past, received = self.counted(), self.credit.given(), self.credit.received()
        pairs = np.unique(credit.giver * self.n_contacts + credit.receiver) // self.n_contacts
        per_window = {
            f"log_credit_{share:g}": np.log1p(credit.between(begin, self.at).given())
            for share, begin in zip(self.windows, self.begins, strict=True)
        }
        return per_window | {
            "credit_per_take_up": shrunk_rates(past, n),
            "second_order_credit": np.log1p(credit.given(past[credit.receiver])),
            "log_followers": np.log1p(np.bincount(pairs, minlength=self.n_contacts)),
            "log_received": np.log1p(received),
            "share_received": _ratio(received, n),
            "log_neighbours_take_ups": np.log1p(tied @ n),
            "log_neighbours_recent": np.log1p(tied @ self.recent),
            "log_neighbours_credit": np.log1p(tied @ past),
            **self._expected(n),
        }

    def _expected(self, n: Floats) -> Columns:
        """What activity as it is would bring: of items on their way, and of items to come."""
        log, recent = self.take_ups, self.recent
        lively = np.bincount(log.item[log.at >= self.begins[LIVELY]], minlength=len(log.items))
        tied = (self.ties.indptr, self.ties.indices)
        received = self.credit.between(self.begins[LIVELY], self.at).received()
        found = {}
        for name, rate in (("recent", recent), ("all", n), ("following", received)):
            weight = lively.astype(np.float64)
            found[f"log_pending_{name}"] = _log(_pending(log.ptr, log.contact, *tied, rate, weight))
        for name, own, rate in (("recent", recent, recent), ("all", n, n), ("following", recent, received)):
            share = _ratio(rate, self.ties @ own)
            found[f"log_coming_{name}"] = _log(own * (self.ties @ np.nan_to_num(share)))
        return found


def position_at(take_ups: TakeUps, ties: Ties, at: int, windows: Sequence[float]) -> Position:
    """The standing strictly before a moment, microseconds since 1970; there must be a take-up before it."""
    known = take_ups.before(at)
    node = np.repeat(np.arange(len(ties.ptr) - 1), np.diff(ties.ptr))
    held = (ties.since < at) & (ties.until >= at)
    shape = (take_ups.n_contacts, take_ups.n_contacts)
    tied = csr_matrix((np.ones(held.sum()), (node[held], ties.neighbour[held])), shape=shape)
    moments = np.sort(known.at)
    begins = (int(moments[min(int(len(moments) * (1 - share)), len(moments) - 1)]) for share in windows)
    return Position(known, Exposures.along(known, ties), tied, at, tuple(windows), tuple(begins))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full(len(bottom), np.nan), where=bottom > 0)


def _log(values: Floats) -> Floats:
    return np.log(values + 1e-3)


@njit(cache=True)
def _pending(ptr, contact, tie_ptr, neighbour, rate, life):  # type: ignore[no-untyped-def]
    """Over own items and the neighbours without them: the sum of life x rate / (who else stands by)."""
    out = np.zeros(len(tie_ptr) - 1)
    taken, n_before = np.zeros(len(out), np.bool_), np.zeros(len(out))
    for item in range(len(ptr) - 1):
        if life[item] == 0:
            continue
        who = contact[ptr[item] : ptr[item + 1]]
        for u in who:
            taken[u] = True
            for v in neighbour[tie_ptr[u] : tie_ptr[u + 1]]:
                n_before[v] += 1
        for u in who:
            for v in neighbour[tie_ptr[u] : tie_ptr[u + 1]]:
                if not taken[v]:
                    out[u] += life[item] * rate[v] / n_before[v]
        for u in who:
            taken[u] = False
            n_before[neighbour[tie_ptr[u] : tie_ptr[u + 1]]] = 0
    return out
