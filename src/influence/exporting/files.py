"""The one function that exports, by the ending of the name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from influence.errors import ConfigError
from influence.exporting.graph import Graph
from influence.exporting.xml import write_gexf, write_graphml
from influence.files import atomic
from influence.writing import FORMATS as TABLES
from influence.writing import write_list

GRAPHS: dict[str, Callable[[Graph, Path], None]] = {".gexf": write_gexf, ".graphml": write_graphml}
FORMATS = (*GRAPHS, *TABLES)


def check_output(target: Path) -> None:
    """See that the ending of a name tells a known format.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if target.suffix.lower() not in FORMATS:
        raise ConfigError(
            f"{str(target)!r}: unknown format. Use a name that ends in .gexf, .graphml, .csv or .parquet."
        )


def export(graph: Graph, target: str | Path, *, separator: str = ",") -> None:
    """Write a graph for Gephi (.gexf, .graphml), or its rows (.csv, .parquet); whole or not at all.

    Rows are the contacts, or the pairs where the scores are of pairs; `separator` as in `writing.write_list`.

    Raises
    ------
    ConfigError
        If the ending is not known, or the place cannot be written to.
    """
    target = Path(target)
    check_output(target)
    if target.suffix.lower() in GRAPHS:
        with atomic(target) as temporary:
            GRAPHS[target.suffix.lower()](graph, temporary)
    else:
        write_list(graph.edges if graph.of_pairs else graph.nodes, target, separator)
