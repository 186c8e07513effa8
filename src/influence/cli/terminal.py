"""What commands print: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


class Report(Protocol):
    """Told how far a piece of work has come."""

    def __call__(self, description: str, done: int, total: int) -> None:
        """`done` of `total` steps of what `description` names."""
        ...


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


@contextmanager
def progress() -> Iterator[Report]:
    """Bars with the time left on standard error.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    reached: dict[int, tuple[TaskID, int]] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(description: str, done: int, total: int) -> None:
            bar, before = reached[total] if total in reached else (bars.add_task(description), 0)
            if done < before:
                bars.reset(bar)
            bars.update(bar, description=description, completed=done, total=total)
            reached[total] = bar, done

        yield report
