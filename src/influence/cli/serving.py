"""The command that opens the app: app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.options import AnsweringRecords, Language


@app.command("app")
def open_app(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Folder of a model, or models:/NAME@ALIAS.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where on this machine it listens.")] = 8501,
    marks: Annotated[
        Path, typer.Option(help="File of those invited and those to be left alone (CSV).")
    ] = Path("marks.csv"),
    data: AnsweringRecords = None,
    language: Language = "en",
) -> None:
    """Open the app in a browser on this machine: lists with reasons, marks, the map."""
    from influence.app import Marks, serve

    file = Marks(marks).file
    typer.echo(f"The app will be at http://localhost:{port} in some seconds. Stop it with Ctrl-C.")
    serve("influence.cli.app_script", port, [language, str(file), data or "", *([model] if model else [])])
