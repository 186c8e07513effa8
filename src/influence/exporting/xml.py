"""GEXF 1.2 and GraphML as Gephi opens them, written row by row: memory does not grow with the graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype

from influence.exporting.graph import Graph

ROWS_AT_ONCE = 20_000

_SIGNS = "&<>\"'\t\n\r"
_ILLEGAL = r"[^\t\n\r\x20-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]"
"""What XML 1.0 cannot hold, however written."""

_SPECIAL = r"[^\x20-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]|[&<>\"']"

_GEXF_VALUE = '<attvalue for="{0}" value="{1}"/>'
WRITTEN_HERE = "<!-- written by influence -->"
"""Tells an export, which is forgotten in, from a source of the user's own."""
_HEAD = f"<?xml version='1.0' encoding='UTF-8'?>\n{WRITTEN_HERE}\n"


def write_gexf(graph: Graph, path: Path) -> None:
    """Write GEXF 1.2 (gexf.net/schema.html), which networkx reads too."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'{_HEAD}<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n')
        out.write('<graph defaultedgetype="directed" mode="static">\n')
        nodes = graph.nodes.drop(columns=["contact_id", "label"])
        edges = graph.edges.drop(columns=["source", "target", "weight"])
        for what, rows in (("node", nodes), ("edge", edges)):
            out.write(f'<attributes class="{what}" mode="static">\n')
            for place, name in enumerate(rows.columns):
                kind = _kind(rows[name])
                out.write(f'<attribute id="{place}" title="{escaped(name)}" type="{kind}"/>\n')
            out.write("</attributes>\n")
        out.write("<nodes>\n")
        _write(out, graph.nodes, nodes, _gexf_node, _GEXF_VALUE)
        out.write("</nodes>\n<edges>\n")
        _write(out, graph.edges, edges, _gexf_edge, _GEXF_VALUE)
        out.write("</edges>\n</graph>\n</gexf>\n")


def write_graphml(graph: Graph, path: Path) -> None:
    """Write GraphML (graphml.graphdrawing.org)."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'{_HEAD}<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        nodes = graph.nodes.drop(columns="contact_id")
        edges = graph.edges.drop(columns=["source", "target"])
        for what, rows in (("node", nodes), ("edge", edges)):
            for place, name in enumerate(rows.columns):
                title, kind = escaped(name), _kind(rows[name])
                out.write(f'<key id="{what}{place}" for="{what}" attr.name="{title}" attr.type="{kind}"/>\n')
        out.write('<graph edgedefault="directed">\n')
        _write(out, graph.nodes, nodes, _graphml_node, '<data key="node{0}">{1}</data>')
        _write(out, graph.edges, edges, _graphml_edge, '<data key="edge{0}">{1}</data>')
        out.write("</graph>\n</graphml>\n")


def escaped(text: str) -> str:
    """Text as an attribute or a cell may hold it; what XML cannot hold becomes U+FFFD."""
    return str(_escaped(pa.array([text]))[0])


def _escaped(cells: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(cells, _SPECIAL), min_count=0).as_py():
        return cells
    for sign in _SIGNS:
        cells = pc.replace_substring(cells, sign, f"&#{ord(sign)};")
    return pc.replace_substring_regex(cells, _ILLEGAL, "\ufffd")


Element = Callable[[pa.Array, list[pa.Array], pa.Array], tuple[pa.Array | str, ...]]
"""The parts of the elements of some rows, given their numbers, their first three columns and their values."""


def _gexf_node(_: pa.Array, head: list[pa.Array], values: pa.Array) -> tuple[pa.Array | str, ...]:
    return '<node id="', head[0], '" label="', head[1], '"><attvalues>', values, "</attvalues></node>\n"


def _gexf_edge(number: pa.Array, head: list[pa.Array], values: pa.Array) -> tuple[pa.Array | str, ...]:
    ends = '" source="', head[0], '" target="', head[1], '" weight="', head[2]
    return '<edge id="', number, *ends, '"><attvalues>', values, "</attvalues></edge>\n"


def _graphml_node(_: pa.Array, head: list[pa.Array], values: pa.Array) -> tuple[pa.Array | str, ...]:
    return '<node id="', head[0], '">', values, "</node>\n"


def _graphml_edge(number: pa.Array, head: list[pa.Array], values: pa.Array) -> tuple[pa.Array | str, ...]:
    ends = '" source="', head[0], '" target="', head[1]
    return '<edge id="', number, *ends, '">', values, "</edge>\n"


def _write(out: TextIO, rows: pd.DataFrame, values: pd.DataFrame, element: Element, value: str) -> None:
    """One element per row: its first columns for the element itself, three at most, then its values.

    `value` is how one is written, with the place of its column for `{0}` and itself for `{1}`.
    """
    for first in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        head = [pc.fill_null(_cells(rows.iloc[part, place]), "") for place in range(min(3, rows.shape[1]))]
        number = pa.array(range(first, first + len(head[0]))).cast(pa.string())
        told = [
            _joined(*_around(value.format(place, "\0"), _cells(values.iloc[part, place])))
            for place in range(values.shape[1])
        ]
        lines = _joined(*element(number, head, _joined(*told) if told else pa.array([""] * len(number))))
        out.writelines(lines.to_pylist())


def _around(value: str, cells: pa.Array) -> tuple[str, pa.Array, str]:
    before, after = value.split("\0")
    return before, cells, after


def _joined(*parts: pa.Array | str) -> pa.Array:
    """The parts one behind the other; "" where one is missing."""
    return pc.fill_null(pc.binary_join_element_wise(*parts, ""), "")


def _kind(cells: pd.Series) -> str:
    """The type of an attribute, in the words that both formats share."""
    if is_bool_dtype(cells.dtype):
        return "boolean"
    if is_integer_dtype(cells.dtype):
        return "long"
    return "double" if is_float_dtype(cells.dtype) else "string"


def _cells(cells: pd.Series) -> pa.Array:
    """Cells as text; null for what is missing."""
    if is_datetime64_any_dtype(cells.dtype):
        cells = cells.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif _kind(cells) == "string":
        cells = cells.astype("str")
    found = pa.array(cells, from_pandas=True).cast(pa.string())
    return _escaped(found) if _kind(cells) == "string" else found
