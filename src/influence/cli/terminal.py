"""What commands print: results to standard output, complaints to standard error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


def say(message: str, style: str = "dim") -> None:
    """A line on standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text(message, style=style))


def show_rows(rows: pd.DataFrame, output: Path | None) -> None:
    """Rows on standard output, or into a file."""
    from influence import batch

    if output is None:
        typer.echo(rows.to_string(index=False))
    else:
        batch.write_table(rows, output)
        typer.echo(f"{len(rows):,} rows in {output}.")


def print_table(table: Table) -> None:
    """A table on standard output, unsqueezed where no terminal limits its width."""
    from rich.console import Console

    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)
