"""The command that writes a data sheet: describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.places import records_or_model
from influence.cli.terminal import in_place


@app.command()
def describe(
    records: Annotated[
        str, typer.Argument(metavar="RECORDS", help="A folder or a database of records, or a model's folder.")
    ],
    output: Annotated[Path | None, typer.Option(help="Write the sheet here instead (Markdown).")] = None,
) -> None:
    """Tell what records hold and lack: rows, periods, gaps, outcomes, sources, and what can be learnt."""
    network = records_or_model(records)
    sheet = network.describe().markdown()
    if output is None:
        typer.echo(sheet, nl=False)
        return
    from influence.files import atomic

    earlier = in_place(output)
    with atomic(output) as target:
        target.write_text(sheet, encoding="utf-8")
    typer.echo(f"The data sheet is in {output}{earlier}.")
