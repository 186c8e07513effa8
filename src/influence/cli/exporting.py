"""The command that hands contacts, ties and answers to other programs: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.options import Separator
from influence.cli.places import records_or_model
from influence.cli.terminal import in_place, say


@app.command()
def export(
    place: Annotated[
        str, typer.Argument(metavar="DATA", help="Folder, file or address of records, or a model.")
    ],
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help="For Gephi .gexf or .graphml; rows: .csv or .parquet.")
    ],
    scores: Annotated[
        Path | None, typer.Option(help="Answers about contacts or pairs to add (Parquet or CSV).")
    ] = None,
    communities: Annotated[bool, typer.Option("--communities", help="Find communities.")] = False,
    names: Annotated[bool, typer.Option("--names", help="Label people by their names.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="As known before this moment (UTC).")] = None,
    separator: Separator = None,
) -> None:
    """Write contacts, what passed between them, and answers about them for Gephi or as rows."""
    from influence import exporting
    from influence.writing import read_table

    exporting.check_output(output)
    told = None if scores is None else read_table(scores, ("contact_id", "sender_id", "recipient_id"))
    network = records_or_model(place)
    graph = exporting.graph_of(network, at, scores=told, communities=communities, names=names)
    if names and (graph.nodes["label"] == graph.nodes["contact_id"]).all():
        say("No names are known here: the labels are ids. Models store none; give the records.")
    earlier = in_place(output)
    exporting.export(graph, output, separator=separator or ",")
    typer.echo(f"{len(graph.nodes):,} contacts and {len(graph.edges):,} edges in {output}{earlier}.")
