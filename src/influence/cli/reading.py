"""The command that reads sources into tables: read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.completion import complete_reader
from influence.cli.options import Overrides, SetAside
from influence.cli.places import now, read_told, reading_settings
from influence.cli.terminal import say_notes
from influence.errors import ConfigError


@app.command()
def read(
    places: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Folders, files, databases; several become one network."),
    ],
    output: Annotated[Path | None, typer.Option(help="Write the tables into this new folder.")] = None,
    reader: Annotated[
        str | None,
        typer.Option(help="Read them as this, instead of recognising them.", autocompletion=complete_reader),
    ] = None,
    set_aside: SetAside = None,
    overrides: Overrides = None,
) -> None:
    """Tell what sources hold and what cannot be used of them; with --output, keep it as tables."""
    from influence import readers

    if output is not None and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigError(f"{str(output)!r} exists already. Name a new folder, or empty it.")
    asked = reading_settings(overrides)
    asked = asked if asked.at is not None else asked.model_copy(update={"at": now()})
    network = read_told(places, reader, set_aside, asked)
    say_notes(network)
    for name in network.tables:
        typer.echo(f"{name:<16}{network.n_rows(name):>12,}")
    if output is not None:
        readers.write_tables(network, output)
        typer.echo(f"The tables are in {output}.")
