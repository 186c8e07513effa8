"""The command that tells about people: people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.options import Output, Separator
from influence.cli.places import records_or_model
from influence.cli.terminal import show_rows


@app.command()
def people(
    place: Annotated[
        str, typer.Argument(metavar="DATA", help="Folder of records or of a model, or a database.")
    ],
    about: Annotated[
        str,
        typer.Argument(
            metavar="ABOUT",
            help="communities, members, bridges, experts, reactions, habits, standing or competitors.",
        ),
    ],
    topic: Annotated[str | None, typer.Option(help="Of experts; of all topics the first three.")] = None,
    author: Annotated[str, typer.Option(help="What tells the authors of reactions apart.")] = "seniority",
    reader: Annotated[str, typer.Option(help="What tells their readers apart.")] = "industry",
    contacts: Annotated[Path | None, typer.Option(help="File of the contacts whose habits to tell.")] = None,
    k: Annotated[int | None, typer.Option("--k", "-k", min=1, help="Rows at most; 20 on a terminal.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="As known before this moment (UTC).")] = None,
    output: Output = None,
    separator: Separator = None,
) -> None:
    """Tell about people: communities and bridges, who knows what, what earns reactions, who answers when."""
    from influence.contagion.overview import Asked, about_people
    from influence.planning import read_ids

    asked = Asked(topic, author, reader, sorted(read_ids(contacts)) if contacts is not None else None)
    network = records_or_model(place)
    found = about_people(network if at is None else network.as_of(at), about, asked)
    shown = found.head(k or (20 if output is None else len(found)))
    show_rows(shown, output, separator=separator, network=network)
