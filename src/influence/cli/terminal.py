"""What commands print: results to standard output, complaints to standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from influence.errors import counted
from influence.progress import Tell

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Column, Table

    from influence.data import Network


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
        return f"{counted(n_rows, 'row')} in {seconds:,.1f} s, {n_rows / seconds:,.0f} rows/s{before}."


def say(message: str, style: str = "dim") -> None:
    """A line on standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text(message, style=style))


def say_notes(network: Network) -> None:
    """What the reader has to say of records, on standard error."""
    from influence.readers.notes import gathered

    for note in gathered(network.notes):
        say(note)


def in_place(target: Path | str) -> str:
    """What the line that ends a command says of an earlier file there, asked before it is written over."""
    return ", in place of the earlier file" if Path(target).is_file() else ""


def show_rows(
    rows: pd.DataFrame, output: Path | None, *, separator: str | None = None, network: Network | None = None
) -> None:
    """Rows on standard output, or into a file for people.

    Parameters
    ----------
    separator
        Of cells in CSV; by default the one that goes with the language.
    network
        Knows the names of people: a file holds them beside the ids, a terminal in their place.
    """
    from influence.texts import list_separator
    from influence.writing import write_list

    if output is None:
        told = rows if network is None else called(network, rows)
        typer.echo(told.to_string(index=False) if len(told) else "Nothing is found.")
        return
    named = rows if network is None or not len(network.names) else network.with_names(rows)
    earlier = in_place(output)
    write_list(named, output, separator or list_separator())
    typer.echo(f"{counted(len(rows), 'row')} in {output}{earlier}.")


def called(network: Network, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with people's names in the place of their ids, as far as they are known."""
    from influence.data.network import WORDED_COLUMNS

    if not len(network.names):
        return rows
    ids = network.contact_columns(rows)
    words = [name for name in WORDED_COLUMNS if name in rows]
    names = {name: rows[name].map(network.names).fillna(rows[name]) for name in ids}
    told = {name: rows[name].map(network.told, na_action="ignore") for name in words}
    return rows.assign(**names, **told).rename(
        columns={name: f"{name.removesuffix('id')}name" for name in ids}
    )


def print_table(table: Table) -> None:
    """A table on standard output: whole where no terminal limits its width, else in blocks of columns."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    for block in _blocks(table, console):
        console.print(block)


def _blocks(table: Table, console: Console) -> Iterator[Table]:
    """The table, or tables of as many of its columns as fit, each behind the first one: no cell is cut."""
    wide = console.options.update(width=10_000)

    def fits(columns: Sequence[Column]) -> bool:
        return console.measure(_part(table, columns), options=wide).maximum <= console.width

    key, *others = table.columns
    title, is_last = table.title, False
    while not is_last:
        n = next((n for n in range(len(others), 1, -1) if fits([key, *others[:n]])), 1)
        block, others = _part(table, [key, *others[:n]]), others[n:]
        is_last = not others
        block.title, title = title, None
        block.caption = table.caption if is_last else None
        yield block


def _part(table: Table, columns: Sequence[Column]) -> Table:
    """The table with these columns alone."""
    part = copy(table)
    part.columns = [replace(column, _index=place) for place, column in enumerate(columns)]
    return part
