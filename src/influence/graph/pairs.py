"""Pair features, exact at each query's own time.

A query is a sender, a recipient and a moment.  Everything here is read from edges strictly before
that moment, so an invitation's own answer is never in its own features, in training as in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from influence.data import Network
from influence.graph.attributes import ATTRIBUTE_COLUMNS, Attributes
from influence.graph.columns import Columns
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.temporal import Edges, TemporalGraph, join
from influence.graph.ties import MUTUAL_COLUMNS, Ties
from influence.graph.timeline import HISTORY_COLUMNS, MICROSECONDS_PER_DAY, Timeline

PAIR_GROUPS = ("invited", "accepted", "declined", "interactions")
TIE_KINDS = {
    "connection": ("connected", "accepted"),
    "contact": ("connected", "accepted", "invited", "interactions"),
}
"""Connections: both sides agreed.  Contacts: anything passed between the two."""

CALENDAR = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")


@dataclass(frozen=True)
class Queries:
    """Who asks whom, and when: the rows that a task scores.

    Attributes
    ----------
    sender, recipient : int64 [n], positions in the graph; -1 for a contact it has never met
    at : int64 [n], microseconds
    has_note : float32 [n], 1, 0 or NaN where unknown
    """

    sender: NDArray[np.int64]
    recipient: NDArray[np.int64]
    at: NDArray[np.int64]
    has_note: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Queries:
        return Queries(self.sender[rows], self.recipient[rows], self.at[rows], self.has_note[rows])


class PairFeatures:
    """Computes the features of queries on one graph; `columns` names them in order."""

    columns: tuple[str, ...] = (
        *(f"sender.{name}" for name in STATE_COLUMNS),
        *(f"recipient.{name}" for name in STATE_COLUMNS),
        *(
            f"{way}.{group}.{name}"
            for way in ("there", "back")
            for group in PAIR_GROUPS
            for name in HISTORY_COLUMNS
        ),
        *(f"{kind}.{name}" for kind in TIE_KINDS for name in MUTUAL_COLUMNS),
        *ATTRIBUTE_COLUMNS,
        *CALENDAR,
        "has_note",
    )

    def __init__(self, network: Network) -> None:
        self.graph = TemporalGraph(network)
        self.attributes = Attributes(network, self.graph)

    @classmethod
    def of(cls, graph: TemporalGraph) -> PairFeatures:
        """What the graph alone tells: ties and histories, no attributes."""
        new = cls.__new__(cls)
        new.graph = graph
        return new

    def __call__(self, queries: Queries) -> NDArray[np.float32]:
        """float32 [n, len(columns)]; NaN where a quantity is undefined for want of history."""
        u, v, at = queries.sender, queries.recipient, queries.at
        mutual = {kind: ties.mutual(u, v, at) for kind, ties in self.ties.items()}
        parts = (
            states(self.graph, u, at),
            states(self.graph, v, at),
            self.histories(u, v, at),
            *mutual.values(),
            self.attributes(u, v, at),
            calendar(at),
            queries.has_note[:, None],
        )
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def histories(
        self, u: NDArray[np.int64], v: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """What passed between the two, there and back: [n, 2 PAIR_GROUPS HISTORY_COLUMNS]."""
        ways = ((u, v), (v, u))
        told = [self.pair_timelines[group].history(*way, at) for way in ways for group in PAIR_GROUPS]
        return np.concatenate(told, axis=1)

    @cached_property
    def ties(self) -> dict[str, Ties]:
        """Ties of each kind in `TIE_KINDS`."""
        if self.graph.stored is not None:
            return {kind: self.graph.stored.rows(Ties, f"ties.{kind}") for kind in TIE_KINDS}
        return {
            kind: Ties.build(join(self.graph.group(group) for group in groups), self.graph.n_contacts)
            for kind, groups in TIE_KINDS.items()
        }

    @cached_property
    def pair_timelines(self) -> dict[str, PairTimeline]:
        """The histories of ordered pairs, per group."""
        stored, n = self.graph.stored, self.graph.n_contacts
        if stored is not None:
            return {group: PairTimeline.mapped(stored, f"pair_timelines.{group}", n) for group in PAIR_GROUPS}
        return {group: PairTimeline(self.graph.group(group), n) for group in PAIR_GROUPS}


class PairTimeline:
    """A timeline keyed by ordered pairs of contacts."""

    def __init__(self, edges: Edges, n_contacts: int) -> None:
        self.n_contacts = n_contacts
        self.pairs, key = np.unique(edges.source * n_contacts + edges.target, return_inverse=True)
        value = edges.value if edges.value.any() else None
        self.timeline = Timeline.build(key.astype(np.int64), edges.at, len(self.pairs), value)

    @classmethod
    def mapped(cls, stored: Columns, name: str, n_contacts: int) -> PairTimeline:
        """One that was written before."""
        new = cls.__new__(cls)
        new.n_contacts, new.pairs = n_contacts, stored.column(f"{name}.pairs")
        new.timeline = stored.rows(Timeline, f"{name}.timeline")
        return new

    def history(
        self, source: NDArray[np.int64], target: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """As `Timeline.history`, of each ordered pair."""
        wanted = np.where((source >= 0) & (target >= 0), source * self.n_contacts + target, -1)
        place = np.searchsorted(self.pairs, wanted)
        found = place < len(self.pairs)
        found[found] = self.pairs[place[found]] == wanted[found]
        return self.timeline.history(np.where(found, place, -1), at)


def calendar(at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hour of the day and day of the week as points on circles, [n, 4]."""
    days = at / MICROSECONDS_PER_DAY
    hour, weekday = 2 * np.pi * (days % 1), 2 * np.pi * ((days // 1) % 7) / 7
    return np.stack((np.sin(hour), np.cos(hour), np.sin(weekday), np.cos(weekday)), axis=1)
