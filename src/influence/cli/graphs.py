"""The command that builds the graph of records larger than memory: build-graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.progress import bars


@app.command("build-graph")
def build_graph(
    records: Annotated[
        Path, typer.Argument(metavar="RECORDS", help="A folder of <table>.csv or <table>.parquet.")
    ],
    graph: Annotated[Path, typer.Argument(metavar="GRAPH", help="A new folder for the graph.")],
    memory_mib: Annotated[
        int, typer.Option(min=1, help="Memory for connections and interactions, MiB.")
    ] = 1024,
) -> None:
    """Build the graph of tables larger than memory on disk; give it to others in place of the records."""
    from influence.graph import building
    from influence.readers.stored import read_manifest

    with bars() as report:
        is_new = building.build_graph(records, graph, memory_mib, report)
    told = read_manifest(graph)
    for name, rows in sorted(told["rows"].items()):
        typer.echo(f"{name:<16}{rows:>12,}")
    beginning = "The graph is in" if is_new else "The graph of these records is already in"
    typer.echo(f"{beginning} {graph}. Next: influence train CONFIG --data {graph}")
