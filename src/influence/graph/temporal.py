"""The temporal graph of contacts: every timed relation of a network, walked both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.graph.timeline import STATIC, Timeline, position_before_each
from influence.schema import RELATIONS, TABLES, Relation

NEVER = np.iinfo(np.int64).max
"""The end of an edge that has not ended."""

CONTACT_RELATIONS: dict[str, Relation] = {
    name: relation
    for name, relation in RELATIONS.items()
    if TABLES[relation.table].name != "company_links" and relation.ends == ("contacts", "contacts")
}
"""The relations between contacts; a relation's position here is its code in the graph."""

CODES: dict[str, int] = {name: code for code, name in enumerate(CONTACT_RELATIONS)}


def group_of(relation: Relation) -> str:
    """Histories are kept per group: kinds of interaction together, every other relation by itself."""
    return relation.table if relation.table == "interactions" else relation.name


GROUPS: tuple[str, ...] = tuple(dict.fromkeys(group_of(relation) for relation in CONTACT_RELATIONS.values()))


def microseconds(times: pd.Series | pd.DatetimeIndex, missing: int = STATIC) -> NDArray[np.int64]:
    """UTC timestamps as microseconds since 1970; `missing` stands for NA."""
    series = pd.Series(times)
    values = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)
    return np.where(series.isna().to_numpy(), missing, values)


@dataclass(frozen=True)
class Edges:
    """Timed edges between contacts as columns of equal length, in an order that depends on content alone."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    relation: NDArray[np.int64]
    weight: NDArray[np.float32]
    value: NDArray[np.float64]
    """Log-seconds that an answer took; 0 for every other relation."""

    def __len__(self) -> int:
        return len(self.at)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Edges:
        """The edges that a mask or an order selects."""
        return Edges(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class TemporalGraph:
    """Contacts as nodes, every row of a relation as a timed edge.

    Whatever is asked of the graph is asked about a moment and answered from edges strictly before it.
    Undated edges (`at` missing) were always there, by declaration.

    Parameters
    ----------
    network
        The records.  Hide the future with `network.as_of(t)` first when fitting anything.
    """

    def __init__(self, network: Network) -> None:
        self.contact_ids = network.contact_ids
        self.edges = _edges(network, self.contact_ids)

    @property
    def n_contacts(self) -> int:
        """How many contacts the graph knows."""
        return len(self.contact_ids)

    def positions(self, ids: Iterable[str] | pd.Series) -> NDArray[np.int64]:
        """Positions of contact ids; -1 for those the graph has never met."""
        return self.contact_ids.get_indexer(pd.Index(ids, dtype="str")).astype(np.int64)

    @cached_property
    def incidence(self) -> Incidence:
        """Every edge at both of its ends, by contact and time."""
        return Incidence.build(self.edges, self.n_contacts)

    @cached_property
    def timelines(self) -> dict[tuple[str, str], Timeline]:
        """(group, "out" or "in") -> the history of each contact in that role; symmetric groups both alike."""
        found = {}
        for group in GROUPS:
            edges = self.group(group)
            for role, end in (("out", edges.source), ("in", edges.target)):
                found[group, role] = Timeline.build(end, edges.at, self.n_contacts, edges.value)
        return found

    def group(self, name: str) -> Edges:
        """The edges of a group of relations, symmetric ones in both directions."""
        codes = [CODES[r.name] for r in CONTACT_RELATIONS.values() if group_of(r) == name]
        edges = self.edges.where(np.isin(self.edges.relation, codes))
        return _both_ways(edges) if name == "connected" else edges


@dataclass(frozen=True)
class Incidence:
    """Each contact's edges in the order of time, compressed rows over contacts.

    Attributes
    ----------
    ptr : int64 [n_contacts + 1]
    neighbour, at, until, relation, edge : int64 [2 n_edges]; `edge` is the row of `TemporalGraph.edges`
    outgoing : bool [2 n_edges]
    """

    ptr: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    relation: NDArray[np.int64]
    outgoing: NDArray[np.bool_]
    edge: NDArray[np.int64]

    @classmethod
    def build(cls, edges: Edges, n_contacts: int) -> Incidence:
        """Sort every edge under both of its ends."""
        node = np.concatenate((edges.source, edges.target))
        neighbour = np.concatenate((edges.target, edges.source))
        outgoing = np.repeat((True, False), len(edges))
        edge = np.tile(np.arange(len(edges)), 2)
        order = np.lexsort((edge, outgoing, np.tile(edges.at, 2), node))
        return cls(
            np.searchsorted(node[order], np.arange(n_contacts + 1)).astype(np.int64),
            neighbour[order],
            edges.at[edge[order]],
            edges.until[edge[order]],
            edges.relation[edge[order]],
            outgoing[order],
            edge[order],
        )

    def met(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each contact had any edge strictly before each moment; -1 never had."""
        return position_before_each(self.ptr, self.at, contact, at) >= 0


def _edges(network: Network, contact_ids: pd.Index) -> Edges:
    parts = [_edges_of(network, relation, contact_ids) for relation in CONTACT_RELATIONS.values()]
    edges = Edges(*(np.concatenate([getattr(p, name) for p in parts]) for name in Edges.__dataclass_fields__))
    order = np.lexsort((edges.value, edges.weight, edges.target, edges.source, edges.relation, edges.at))
    return edges.where(order)


def _edges_of(network: Network, relation: Relation, contact_ids: pd.Index) -> Edges:
    rows = network.table(relation.table)
    keep = rows[relation.source].notna() & rows[relation.target].notna()
    for column, value in relation.where.items():
        keep &= rows[column] == value
    rows = rows[keep]
    at = microseconds(rows[relation.at])
    until = microseconds(rows[relation.until], missing=NEVER) if relation.until else np.full(len(rows), NEVER)
    weight = rows[relation.weight].fillna(1.0).to_numpy(np.float32) if relation.weight else np.ones(len(rows))
    return Edges(
        contact_ids.get_indexer(rows[relation.source]).astype(np.int64),
        contact_ids.get_indexer(rows[relation.target]).astype(np.int64),
        at,
        until,
        np.full(len(rows), CODES[relation.name]),
        weight.astype(np.float32),
        _log_seconds_to_answer(rows, at) if relation.table == "invitations" else np.zeros(len(rows)),
    )


def _log_seconds_to_answer(rows: pd.DataFrame, at: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log1p((at - microseconds(rows["sent_at"])) / 1e6)


def _both_ways(edges: Edges) -> Edges:
    return Edges(
        np.concatenate((edges.source, edges.target)),
        np.concatenate((edges.target, edges.source)),
        *(np.tile(getattr(edges, name), 2) for name in ("at", "until", "relation", "weight", "value")),
    )
