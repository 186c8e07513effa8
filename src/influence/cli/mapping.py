"""The command that proposes how a foreign file is read: map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.terminal import in_place, print_table, say
from influence.errors import ConfigError

if TYPE_CHECKING:
    from influence.readers.mapping import Proposal


@app.command(name="map")
def map_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of any system.")],
    output: Annotated[Path | None, typer.Option(help="Write the mapping here (YAML).")] = None,
    table: Annotated[str | None, typer.Option(help="The table to map into; by default the best fit.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier mapping.")] = False,
) -> None:
    """Propose which columns of a CSV file are which, and show the first rows under it."""
    from influence.files import atomic
    from influence.readers.mapping import propose

    if output is not None and output.exists() and not overwrite:
        raise ConfigError(f"{str(output)!r} exists already. Name another file, or add --overwrite.")
    proposal = propose(file, table)
    _show(proposal)
    if output is None:
        typer.echo(proposal.as_yaml(), nl=False)
        return
    earlier = in_place(output)
    with atomic(output) as target:
        target.write_text(proposal.as_yaml(), encoding="utf-8")
    typer.echo(
        f"The mapping is in {output}{earlier}. Read with it: influence read {file} --set mapping={output}"
    )


def _show(proposal: Proposal) -> None:
    """The first rows under the mapping; what it leaves open on standard error."""
    from rich.table import Table

    title = f"{proposal.file} as {proposal.mapping.table}"
    shown = Table(*(f"{ours}\n({header})" for ours, header in proposal.mapping.columns.items()), title=title)
    for _, row in proposal.rows.iterrows():
        shown.add_row(*("" if cell != cell or cell is None else str(cell) for cell in row.astype("object")))
    print_table(shown)
    for note in proposal.notes:
        say(note)
    if proposal.unmapped:
        say(f"Not mapped: {', '.join(proposal.unmapped)}.")
    if proposal.missing:
        say(f"To be told, by a column or under constants: {', '.join(proposal.missing)}.")
    if proposal.unknown_values:
        say(f"Values without a meaning, to be told under values: {', '.join(proposal.unknown_values[:20])}.")
