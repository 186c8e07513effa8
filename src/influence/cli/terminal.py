"""What commands print: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.progress import ProgressColumn
    from rich.table import Table


class Report(Protocol):
    """Told how far a piece of work has come."""

    def __call__(self, description: str, done: int, total: int) -> None:
        """`done` of `total` steps of what `description` names."""
        ...


class Pace:
    """How much was done since the first report, and how quickly: for logs, where no bar is seen."""

    def __init__(self, report: Report) -> None:
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
def progress(unit: str | None = None) -> Iterator[Report]:
    """Bars with the time left on standard error, and how many of a `unit` are done each second.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    rate = (_rate_column(unit),) if unit is not None else ()
    columns = (
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(), *rate
    )  # fmt: skip
    reached: dict[int, tuple[TaskID, int]] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(description: str, done: int, total: int) -> None:
            # What was done before the first report was not done now: it tells nothing of the pace.
            bar, before = (
                reached[total] if total in reached else (bars.add_task(description, completed=done), 0)
            )
            if done < before:
                bars.reset(bar)
            bars.update(bar, description=description, completed=done, total=total)
            reached[total] = bar, done

        yield report


def _rate_column(unit: str) -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Steps done each second, of late."""

        def render(self, task: Task) -> Text:
            """The column's cell."""
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} {unit}/s")

    return RateColumn()
