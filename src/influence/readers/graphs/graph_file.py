"""GEXF and GraphML files, as Gephi, yEd and networkx write them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from influence.errors import DataError, first_line
from influence.readers.graphs.edges import ROLES, Edges, tables_of
from influence.readers.graphs.moments import moments
from influence.readers.graphs.packed import check_size, opened, suffix_of
from influence.readers.graphs.xml_safety import head_of, refuse_doctype
from influence.readers.source import Reader, Records, Sieve
from influence.schema import TABLES

if TYPE_CHECKING:
    import networkx as nx

SUFFIXES = (".gexf", ".graphml")
LARGEST_BYTES = 512 * 2**20
"""Unpacked; a graph in memory takes twenty times as much."""

COLUMNS = tuple(
    column.name for column in TABLES["contacts"].columns if column.name not in ("contact_id", "observed_at")
)
NAMES = {
    "time": ("time", "timestamp", "date", "at", "start"),
    "end": ("end",),
    "weight": ("weight",),
    "sign": ("sign", "sentiment"),
    "kind": ("kind",),
}
"""Attributes of edges that tell a role, the first one given of each."""

_OF_THE_FORMAT = frozenset({"id", "label", "viz", "networkx_key", "key", "spells", *sum(NAMES.values(), ())})
_BROKEN = (ArithmeticError, AttributeError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError)
"""What networkx and the parser raise over files that break the rules of their format."""


def recognises(place: Path) -> bool:
    """Whether the file, or the only such file of the folder, begins as GEXF or GraphML."""
    return _file(place) is not None


def _file(place: Path) -> Path | None:
    if place.is_file():
        if suffix_of(place) not in SUFFIXES:
            return None
        head = head_of(place)
        return place if head.has_doctype or head.root == suffix_of(place)[1:] else None
    inside = [path for path in sorted(place.iterdir()) if path.is_file() and suffix_of(path) in SUFFIXES]
    return _file(inside[0]) if len(inside) == 1 else None


def read(place: Path, sieve: Sieve) -> Records:
    """Edges as connections, interactions or requests; nodes as contacts, with attributes of known names."""
    path = _file(place)
    assert path is not None, "recognised before"
    graph = _graph(path)
    nodes, of_nodes = _nodes(graph, path.name)
    rows = pd.DataFrame(list(_edges(graph)), columns=list(ROLES), dtype="str")
    tables, of_edges = tables_of(Edges(rows.assign(directed=graph.is_directed()), path.name), sieve)
    unused = {name for *_, data in graph.edges(data=True) for name in data} - _OF_THE_FORMAT
    return Records({**nodes, **tables}, (*of_edges, *of_nodes, *_told(path.name, "edges", unused)))


def _graph(path: Path) -> nx.Graph:
    """The graph in memory.

    Raises
    ------
    DataError
        If the file is too large, declares a document type, or breaks the rules of its format.
    """
    import networkx as nx

    check_size(path, LARGEST_BYTES)
    refuse_doctype(path)
    try:
        with warnings.catch_warnings(), opened(path) as content:
            warnings.simplefilter("ignore")
            return (
                _gexf(content) if suffix_of(path) == ".gexf" else nx.read_graphml(content, edge_key_type=str)
            )
    except (*_BROKEN, nx.NetworkXException) as error:
        raise DataError(
            f"{path.name} cannot be read as a graph: {first_line(error)}. "
            "All edges must be directed, or none; in Gephi, File > Export writes a sound file."
        ) from error


def _gexf(content: Any) -> nx.Graph:
    """Networkx's reader, taught the types of GEXF 1.2 and 1.3 that it lacks; times stay text."""
    from networkx.readwrite.gexf import GEXFReader

    reader = GEXFReader()
    as_text = (None, "date", "datetime", "dateTime", "char", "listboolean", "listinteger", "listdouble")
    reader.python_type |= dict.fromkeys(as_text, str) | dict.fromkeys(("byte", "short", "biginteger"), int)
    reader.python_type["bigdecimal"] = float
    return reader(content)


def _edges(graph: nx.Graph) -> Iterator[tuple[str, ...]]:
    """Every edge by its roles as text, one row for each of its spells."""
    for source, target, data in graph.edges(data=True):
        told = {role: _first(data, names) for role, names in NAMES.items()}
        for time, end in data.get("spells") or [(told["time"], told["end"])]:
            yield (
                str(source),
                str(target),
                *map(_cell, (time, end, told["weight"], told["sign"], told["kind"])),
            )


def _first(data: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first of the attributes that is given; of a dynamic one the latest value."""
    value = next((data[name] for name in names if name in data), None)
    return value[-1][0] if isinstance(value, list) and value else value


def _cell(value: Any) -> str:
    return "" if value is None or value == "None" else str(value)


def _nodes(graph: nx.Graph, file: str) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Contacts with the attributes of known names, dated where they are dynamic; labels as names."""
    found: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for node, data in graph.nodes(data=True):
        found += _observed(str(node), {name: data[name] for name in COLUMNS if name in data})
        if (label := data.get("label")) and str(label) != str(node):
            names[str(node)] = str(label)
    contacts = pd.DataFrame(found)
    if "observed_at" in contacts:
        contacts["observed_at"] = moments(contacts["observed_at"]).at
    tables = {"contacts": contacts}
    if names:
        rows = {"contact_id": list(names), "kind": "name", "value": list(names.values())}
        tables["identities"] = pd.DataFrame(rows)
    unused = {name for _, data in graph.nodes(data=True) for name in data} - {*COLUMNS, "label", "viz"}
    used = ", ".join(name for name in COLUMNS if name in contacts)
    said = f"{file}: {len(graph):,} nodes are taken as contacts{f' with {used}' if used else ''}."
    return tables, (said, *_told(file, "nodes", unused))


def _observed(node: str, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row, or one for each moment at which a dynamic attribute changes."""
    changes = {name: value for name, value in told.items() if isinstance(value, list)}
    fixed = {"contact_id": node, **{name: value for name, value in told.items() if name not in changes}}
    starts = {str(start) for values in changes.values() for _, start, _ in values}
    for start in sorted(starts):
        now = {
            name: value
            for name, values in changes.items()
            for value, since, _ in values
            if str(since) == start
        }
        yield {**fixed, **now, "observed_at": _cell(start)}
    if not starts:
        yield fixed


def _told(file: str, what: str, unused: set[str]) -> tuple[str, ...]:
    listed = ", ".join(sorted(map(str, unused))[:20])
    return (f"{file}: attributes of {what} that are not used: {listed}.",) if unused else ()


GRAPH_FILE = Reader(
    "graph_file",
    "a file .gexf or .graphml, or a folder with one such file, packed (.gz) or not",
    recognises,
    read,
)
