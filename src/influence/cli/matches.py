"""The command that shows who is who in several sources: matches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.completion import complete_reader
from influence.cli.options import Overrides, SetAside
from influence.cli.places import reading_settings
from influence.errors import counted

if TYPE_CHECKING:
    import pandas as pd

SHOWN = (
    "reason",
    "score",
    "names_one",
    "employers_one",
    "source_one",
    "names_two",
    "employers_two",
    "source_two",
)


@app.command()
def matches(
    places: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Folders or files, two or more.")],
    output: Annotated[
        Path | None, typer.Option(help="Write all pairs here (CSV), with a column to decide in.")
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(help="Read them as this, instead of recognising them.", autocompletion=complete_reader),
    ] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Pairs of each kind to show.")] = 20,
    set_aside: SetAside = None,
    overrides: Overrides = None,
) -> None:
    """Show which records of several sources are taken as one person, and which may be and are not."""
    import pandas as pd

    from influence import readers
    from influence.readers.joining import decisions

    if output is not None:
        decisions.refuse_decided(output)
    found = readers.matched(places, reader, set_aside, reading_settings(overrides))
    typer.echo(found.sentence)
    if output is None:
        _show("Joined", found.merged, k)
        _show("Ambiguous, not joined", found.ambiguous, k)
        return
    decisions.write(pd.concat([found.ambiguous, found.merged], ignore_index=True), output)
    typer.echo(
        f"{counted(len(found.ambiguous), 'ambiguous pair')} and {len(found.merged):,} joined are in {output}."
    )
    typer.echo("Write same or apart into its column `decision`, then: --set joining.decisions=FILE.")


def _show(title: str, pairs: pd.DataFrame, k: int) -> None:
    typer.echo(f"\n{title}: {counted(len(pairs), 'pair')}")
    for reason, n in sorted(pairs["reason"].value_counts().items()):
        typer.echo(f"  {n:>9,}  {reason}")
    if len(pairs):
        typer.echo(pairs[list(SHOWN)].head(k).to_string(index=False))
