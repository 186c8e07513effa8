"""What commands print: results to standard output, complaints to standard error."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from influence.progress import Tell

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


class Pace:
    """How much was done since the first report, and how quickly: for logs, where no bar is seen."""

    def __init__(self, report: Tell) -> None:
        self.report, self.first, self.last, self.began = report, -1, 0, 0.0

    def __call__(self, description: str, done: int, total: int) -> None:
        """Pass a report on."""
        if self.first < 0:
            self.first, self.began = done, time.perf_counter()
        self.last = done
        self.report(description, done, total)

    @property
    def told(self) -> str:
        """The pace in words."""
        n_rows, seconds = self.last - self.first, time.perf_counter() - self.began
        before = f", {self.first:,} were done before" if self.first else ""
        return f"{n_rows:,} rows in {seconds:,.1f} s, {n_rows / seconds:,.0f} rows/s{before}."


def say(message: str, style: str = "dim") -> None:
    """A line on standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text(message, style=style))


def in_place(target: Path | str) -> str:
    """What the line that ends a command says of an earlier file there, asked before it is written over."""
    return ", in place of the earlier file" if Path(target).is_file() else ""


def show_rows(rows: pd.DataFrame, output: Path | None) -> None:
    """Rows on standard output, or into a file."""
    from influence import batch

    if output is None:
        typer.echo(rows.to_string(index=False))
    else:
        earlier = in_place(output)
        batch.write_table(rows, output)
        typer.echo(f"{len(rows):,} rows in {output}{earlier}.")


def print_table(table: Table) -> None:
    """A table on standard output, unsqueezed where no terminal limits its width."""
    from rich.console import Console

    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)
