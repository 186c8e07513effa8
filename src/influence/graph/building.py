"""The graph of records larger than memory, built in a folder by two distribution sorts, linear in the edges.

Memory is for the contacts (some hundred bytes each) and for a part of the edges at a time, which are streamed
(a semi-external algorithm: Abello, Buchsbaum & Westbrook 2002, "A functional approach to external graph
algorithms").  First edges are distributed by the week and sorted week by week; then they are distributed by
ranges of contacts, and everything that is known of a range is built as the graph in memory would be, and
appended.  What comes out is, column by column, what memory would hold.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import ConfigError
from influence.files import content_digest, new_folder
from influence.graph.columns import ColumnWriter
from influence.graph.pairs import PAIR_GROUPS, PairFeatures, PairTimeline
from influence.graph.spilling import CONTACT_RECORD, RECORD, Spill, edges_from, records_from
from influence.graph.streams import Streamed, stream
from influence.graph.temporal import GROUPS_HELD, SYMMETRIC, Edges, TemporalGraph, in_content_order
from influence.progress import Tell, silent
from influence.readers.stored import (
    COLUMNS,
    FORMAT,
    IDS,
    RECORDS,
    is_stored,
    read_manifest,
    write_manifest,
)
from influence.readers.tables import SUFFIXES
from influence.schema import TABLES

BYTES_PER_EDGE = 600
"""What building takes for an edge at one of its ends, measured."""
CHUNK = 2**19
"""Edges that are distributed at once."""


def build_graph(records: Path, target: Path, memory_mib: int = 1024, tell: Tell = silent) -> bool:
    """Build the graph of a folder of tables; whole or not at all, the same bytes every time.

    Parameters
    ----------
    records
        A folder of `<table>.csv` or `<table>.parquet`.
    target
        A new folder.
    memory_mib
        Memory for edges, beside what the contacts and the tables that are not streamed take.

    Returns
    -------
    bool
        False if the graph of just these records is there already.

    Raises
    ------
    DataError
        If the records are at fault.
    ConfigError
        If the folder holds something else, such as the graph of other records, or cannot be written.
    """
    if not records.is_dir():
        raise ConfigError(f"{str(records)!r} is no folder. Name one of <table>.csv or <table>.parquet.")
    fingerprint = fingerprint_of(records)
    if is_stored(target):
        if read_manifest(target)["fingerprint"] == fingerprint:
            return False
        raise ConfigError(f"{str(target)!r} is the graph of other records. Name a new folder, or remove it.")
    with new_folder(target) as new:
        spill = new / "spill"
        streamed = stream(records, new / RECORDS, spill, tell)
        _write(streamed, new, spill, max(1, memory_mib * 2**20 // BYTES_PER_EDGE), tell)
        shutil.rmtree(spill)
        _write_manifest(new, fingerprint, streamed)
    return True


def fingerprint_of(records: Path) -> str:
    """SHA-256 over the files that hold tables, by their names."""
    paths = (records / f"{name}{suffix}" for name in sorted(TABLES) for suffix in SUFFIXES)
    told = {path.name: content_digest(path) for path in paths if path.is_file()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _write(streamed: Streamed, new: Path, spill: Path, at_once: int, tell: Tell) -> None:
    ids, held = streamed.contact_ids, in_content_order(streamed.held_edges)
    pd.DataFrame({"contact_id": ids}).to_parquet(new / IDS, index=False)
    with ColumnWriter(new / COLUMNS) as columns:
        degree = _write_edges(streamed.by_week, columns, len(ids), tell)
        _append(columns, "held_edges", held)
        _write_held(TemporalGraph.of(ids, held), columns)
        bounds = _ranges(degree, at_once)
        by_range = _distribute(_mapped_edges(columns), bounds, Spill(spill / "contacts"))
        for i, (low, high) in enumerate(itertools.pairwise(bounds)):
            tell("sorting by contact", i, len(bounds) - 1)
            _write_range(by_range.take(i, CONTACT_RECORD), ids, int(low), int(high), columns)
    tell("done", 1, 1)


def _write_edges(by_week: Spill, columns: ColumnWriter, n_contacts: int, tell: Tell) -> NDArray[np.int64]:
    """All edges in the order of their content, week by week; returns how many each contact has."""
    degree = np.zeros(n_contacts, np.int64)
    weeks = by_week.buckets
    for done, week in enumerate(weeks):
        tell("sorting by time", done, len(weeks))
        edges = in_content_order(edges_from(by_week.take(week, RECORD)))
        for end in (edges.source, edges.target):
            degree += np.bincount(end, minlength=n_contacts)
        _append(columns, "edges", edges)
    if degree.sum() > 2 * np.iinfo(np.int32).max:
        raise ConfigError("A graph holds at most 2,147,483,647 edges. Leave out the oldest interactions.")
    if not weeks:
        _append(columns, "edges", edges_from(np.empty(0, RECORD)))
    return degree


def _append(columns: ColumnWriter, prefix: str, edges: Edges) -> None:
    for field in fields(edges):
        columns.append(f"{prefix}.{field.name}", getattr(edges, field.name))


def _write_held(graph: TemporalGraph, columns: ColumnWriter) -> None:
    """The histories that are small enough to be built at once."""
    for (group, role), timeline in graph.timelines.items():
        if group in GROUPS_HELD:
            columns.append_rows(f"timelines.{group}.{role}", timeline, 0, graph.n_contacts)
    for group, pairs in PairFeatures.of(graph).pair_timelines.items():
        if group in GROUPS_HELD:
            _append_pairs(columns, group, pairs, 0, graph.n_contacts)


def _ranges(degree: NDArray[np.int64], at_once: int) -> NDArray[np.int64]:
    """Where ranges of contacts begin and the last one ends, each with about so many edges."""
    until = np.cumsum(degree)
    total = int(until[-1]) if len(until) else 0
    cuts = np.searchsorted(until, np.arange(at_once, total, at_once)) + 1
    return np.unique(np.concatenate(([0], cuts, [len(degree)]))).astype(np.int64)


def _mapped_edges(columns: ColumnWriter) -> Edges:
    """The edges just written; their headers do not tell their number yet."""
    return Edges(*(columns.open[f"edges.{field.name}"].mapped() for field in fields(Edges)))


def _distribute(edges: Edges, bounds: NDArray[np.int64], spill: Spill) -> Spill:
    """Every edge to the range of either end, once where they share it, in the order of time."""
    for begin in range(0, len(edges), CHUNK):
        rows = slice(begin, begin + CHUNK)
        records = records_from(edges.where(rows), begin)  # type: ignore[arg-type]
        ends = [np.searchsorted(bounds, records[end], side="right") - 1 for end in ("source", "target")]
        apart = np.flatnonzero(ends[0] != ends[1])
        key = np.concatenate((ends[0], ends[1][apart]))
        place = np.concatenate((np.arange(len(records)), apart))
        order = np.lexsort((place, key))
        spill.distribute(key[order], records[place[order]])
    return spill


def _write_range(
    records: NDArray[np.void], ids: pd.Index, low: int, high: int, columns: ColumnWriter
) -> None:
    """What is known of a range of contacts, from all edges that one of them has."""
    graph = TemporalGraph.of(ids, edges_from(records))
    whole = replace(graph.incidence, edge=records["edge"][graph.incidence.edge])
    columns.append_rows("incidence", whole, low, high)
    features = PairFeatures.of(graph)
    for kind, ties in features.ties.items():
        columns.append_rows(f"ties.{kind}", ties, low, high)
    for (group, role), timeline in graph.timelines.items():
        if group not in GROUPS_HELD and not (role == "in" and group in SYMMETRIC):
            columns.append_rows(f"timelines.{group}.{role}", timeline, low, high)
    for group in PAIR_GROUPS:
        if group not in GROUPS_HELD:
            _append_pairs(columns, group, features.pair_timelines[group], low, high)


def _append_pairs(columns: ColumnWriter, group: str, pairs: PairTimeline, low: int, high: int) -> None:
    first, last = np.searchsorted(pairs.pairs, [low * pairs.n_contacts, high * pairs.n_contacts])
    columns.append(f"pair_timelines.{group}.pairs", pairs.pairs[first:last])
    columns.append_rows(f"pair_timelines.{group}.timeline", pairs.timeline, int(first), int(last))


def _write_manifest(new: Path, fingerprint: str, streamed: Streamed) -> None:
    told = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "n_contacts": len(streamed.contact_ids),
        "rows": dict(streamed.rows),
        "last_observed_at": streamed.last_observed_at,
        "notes": list(streamed.notes),
    }
    write_manifest(new, told)
