"""The temporal graph of contacts: every timed relation of a network, walked both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network, to_utc
from influence.graph.columns import Columns
from influence.graph.sorting import incident
from influence.graph.timeline import STATIC, Timeline, position_before_each
from influence.readers.stored import COLUMNS
from influence.schema import RELATIONS, TABLES, Relation

_END_BITS = 32
"""Bits that a contact's position may take."""

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


SYMMETRIC = frozenset(name for name, relation in CONTACT_RELATIONS.items() if relation.symmetric)
"""Groups that are walked both ways alike."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(group_of(relation) for relation in CONTACT_RELATIONS.values()))


def microseconds(times: pd.Series | pd.DatetimeIndex, missing: int = STATIC) -> NDArray[np.int64]:
    """UTC timestamps as microseconds since 1970; `missing` stands for NA."""
    series = pd.Series(times)
    values = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)
    return np.where(series.isna().to_numpy(), missing, values)


def moment_code(at: pd.Timestamp) -> int:
    """A moment in microseconds since 1970."""
    return int(microseconds(pd.Series([at]))[0])


def end_code(at: str | pd.Timestamp | None) -> int:
    """The end of what may be seen, in microseconds since 1970; without a moment everything may."""
    return NEVER if at is None else moment_code(to_utc(at))


GROUPS_HELD = tuple(g for g in GROUPS if g not in ("connected", "interactions"))
"""Groups that grow with the contacts; the others grow without end."""


@dataclass(frozen=True)
class Edges:
    """Timed edges between contacts as columns of equal length, in an order that depends on content alone.

    A graph keeps millions of them: positions as int32, relations as int8.
    """

    source: NDArray[Any]
    target: NDArray[Any]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    relation: NDArray[Any]
    weight: NDArray[np.float32]
    value: NDArray[np.float64]
    """Log-seconds that an answer took; 0 for every other relation."""

    def __len__(self) -> int:
        return len(self.at)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Edges:
        """The edges that a mask or an order selects."""
        return Edges(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def widened(self) -> Edges:
        """The same with positions that two of them can be multiplied in."""
        return replace(self, source=self.source.astype(np.int64), target=self.target.astype(np.int64))


class TemporalGraph:
    """Contacts as nodes, every row of a relation as a timed edge.

    Whatever is asked of the graph is asked about a moment and answered from edges strictly before it.
    Undated edges (`at` missing) were always there, by declaration.

    Parameters
    ----------
    network
        The records.  Hide the future with `network.as_of(t)` first when fitting anything.  Where their graph
        was built before, it is mapped from its folder.
    """

    def __init__(self, network: Network) -> None:
        self.contact_ids = network.contact_ids
        self.stored = Columns(network.graph / COLUMNS) if network.graph is not None else None
        if self.stored is None:
            self.edges = _edges(network, self.contact_ids)
        else:
            self.edges = self.stored.rows(Edges, "edges")

    @classmethod
    def of(cls, contact_ids: pd.Index, edges: Edges) -> TemporalGraph:
        """The graph of edges in the order of their content."""
        graph = cls.__new__(cls)
        graph.contact_ids, graph.edges, graph.stored = contact_ids, edges, None
        return graph

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
        if self.stored is not None:
            return self.stored.rows(Incidence, "incidence")
        return Incidence.build(self.edges, self.n_contacts)

    @cached_property
    def timelines(self) -> dict[tuple[str, str], Timeline]:
        """(group, "out" or "in") -> the history of each contact in that role; symmetric groups both alike."""
        found = {}
        for group in GROUPS:
            if self.stored is not None:
                for role in ("out", "in"):
                    kept = "out" if group in SYMMETRIC else role
                    found[group, role] = self.stored.rows(Timeline, f"timelines.{group}.{kept}")
                continue
            edges = self.group(group)
            value = edges.value if edges.value.any() else None
            found[group, "out"] = Timeline.build(edges.source, edges.at, self.n_contacts, value)
            found[group, "in"] = (
                found[group, "out"]
                if group in SYMMETRIC
                else Timeline.build(edges.target, edges.at, self.n_contacts, value)
            )
        return found

    def group(self, name: str) -> Edges:
        """The edges of a group of relations, symmetric ones in both directions."""
        codes = [CODES[r.name] for r in CONTACT_RELATIONS.values() if group_of(r) == name]
        edges = self.edges
        if self.stored is not None and name in GROUPS_HELD:
            edges = self.stored.rows(Edges, "held_edges")  # so that not all have to be looked at
        edges = edges.where(np.isin(edges.relation, codes)).widened()
        return _both_ways(edges) if name in SYMMETRIC else edges


@dataclass(frozen=True)
class Incidence:
    """Each contact's edges in the order of time, compressed rows over contacts.

    Attributes
    ----------
    ptr : int64 [n_contacts + 1]
    neighbour : int32 [2 n_edges];  at, until : int64 [2 n_edges];  relation : int8 [2 n_edges]
    outgoing : bool [2 n_edges]
    edge : int32 [2 n_edges], the row of `TemporalGraph.edges`
    """

    ptr: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    relation: NDArray[np.int8]
    outgoing: NDArray[np.bool_]
    edge: NDArray[np.int32]

    @classmethod
    def build(cls, edges: Edges, n_contacts: int) -> Incidence:
        """Sort every edge under both of its ends; at one moment, what comes in before what goes out."""
        in_order = not (edges.at[1:] < edges.at[:-1]).any()
        by_time = np.arange(len(edges)) if in_order else np.argsort(edges.at, kind="stable")
        ptr, edge, outgoing = incident(edges.source, edges.target, edges.at, by_time, n_contacts)
        return cls(
            ptr,
            np.where(outgoing, edges.target[edge], edges.source[edge]).astype(np.int32),
            edges.at[edge],
            edges.until[edge],
            edges.relation[edge].astype(np.int8),
            outgoing,
            edge,
        )

    def met(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each contact had any edge strictly before each moment; -1 never had."""
        return position_before_each(self.ptr, self.at, contact, at) >= 0


def _edges(network: Network, contact_ids: pd.Index) -> Edges:
    tables = dict.fromkeys(relation.table for relation in CONTACT_RELATIONS.values())
    return in_content_order(join(edges_of(name, network.table(name), contact_ids) for name in tables))


def join(parts: Iterable[Edges]) -> Edges:
    """Edges one part after the other."""
    several = list(parts)
    return Edges(*(np.concatenate([getattr(p, n) for p in several]) for n in Edges.__dataclass_fields__))


def in_content_order(edges: Edges) -> Edges:
    """The edges by time, then by everything else that they hold: no order of rows in a source matters."""
    # Relation, source and target in one number: most moments have few edges, and three sorts less are done.
    what = (edges.relation.astype(np.int64) << _END_BITS) + edges.source
    order = np.lexsort((edges.target, what, edges.at))
    alike = [getattr(edges, name)[order] for name in ("at", "relation", "source", "target")]
    if np.logical_and.reduce([column[1:] == column[:-1] for column in alike]).any():
        order = np.lexsort((edges.value, edges.weight, edges.target, what, edges.at))
    return edges.where(order)


def edges_of(table: str, rows: pd.DataFrame, contact_ids: pd.Index) -> Edges:
    """The edges of all relations in some rows of a table."""
    found: dict[tuple[object, ...], list[Relation]] = {}
    for relation in CONTACT_RELATIONS.values():
        if relation.table == table:
            found.setdefault(_read_from(relation, found), []).append(relation)
    return join(_edges_alike(rows, relations, contact_ids) for relations in found.values())


def _read_from(
    relation: Relation, found: Mapping[tuple[object, ...], Sequence[Relation]]
) -> tuple[object, ...]:
    """What relations have in common whose edges are read at one go: the columns, and never a row."""
    columns = (relation.source, relation.target, relation.at, relation.until, relation.weight)
    key = (*columns, *sorted(relation.where))
    overlaps = any(other.where == relation.where for other in found.get(key, ()))
    return (*key, relation.name) if overlaps else key


def _edges_alike(rows: pd.DataFrame, relations: Sequence[Relation], contact_ids: pd.Index) -> Edges:
    """The edges of relations that are read from the same columns, told apart by values of others."""
    first = relations[0]
    code = _codes(rows, relations)
    keep = rows[first.source].notna().to_numpy() & rows[first.target].notna().to_numpy() & (code >= 0)
    rows = rows[keep]
    at = microseconds(rows[first.at])
    until = microseconds(rows[first.until], missing=NEVER) if first.until else np.full(len(rows), NEVER)
    weight = rows[first.weight].fillna(1.0).to_numpy(np.float32) if first.weight else np.ones(len(rows))
    return Edges(
        contact_ids.get_indexer(rows[first.source]).astype(np.int32),
        contact_ids.get_indexer(rows[first.target]).astype(np.int32),
        at,
        until,
        code[keep],
        weight.astype(np.float32),
        _log_seconds_to_answer(rows, at) if first.table == "invitations" else np.zeros(len(rows)),
    )


def _codes(rows: pd.DataFrame, relations: Sequence[Relation]) -> NDArray[np.int8]:
    """The code of each row's relation; -1 where it gives none of these."""
    code = np.full(len(rows), -1, np.int8)
    for relation in relations:
        holds = np.ones(len(rows), np.bool_)
        for column, value in relation.where.items():
            holds &= (rows[column] == value).to_numpy(np.bool_, na_value=False)
        code[holds] = CODES[relation.name]
    return code


def _log_seconds_to_answer(rows: pd.DataFrame, at: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log1p((at - microseconds(rows["sent_at"])) / 1e6)


def _both_ways(edges: Edges) -> Edges:
    return Edges(
        np.concatenate((edges.source, edges.target)),
        np.concatenate((edges.target, edges.source)),
        *(np.tile(getattr(edges, name), 2) for name in ("at", "until", "relation", "weight", "value")),
    )
